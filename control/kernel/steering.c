// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/steering.h"

#include <errno.h>
#include <string.h>

#include "config/config.h"
#include "common/devargs.h"
#include "kernel/xdp_filter.h"
#include "kernel/xdp_place.h"

static int filter_open(const struct steering_port *p, struct diagnostic *d)
{
	char interface[CONFIG_TEXT];
	if (!devargs_argument(p->device, "iface", interface, sizeof(interface)))
		return 0;
	int program = xdp_place_program(p->device);
	int r = program < 0 ? program : xdp_filter_allow(program, &p->service, p->meta_cookie);
	if (r < 0)
		return diagnostic_fail(d, r,
			"port %s: cannot tell the filter on %s the addresses: %s: leave xdp_prog "
			"out, and see that %s is installed",
			p->device, interface, strerror(-r), XDP_FILTER_OBJECT);
	return 0;
}

static int unreach_guard_up(struct steering *k, const struct steering_port *p, struct diagnostic *d)
{
	int r = unreach_guard_open(&k->guard, &p->service);
	if (r < 0)
		return diagnostic_fail(d, r,
			"port %s: cannot keep the kernel from refusing UDP port 123: %s: stop the "
			"other "
			"NTP server on these addresses",
			p->device, strerror(-r));
	return 0;
}

int steering_open(struct steering *k, const struct steering_port *p, struct diagnostic *d)
{
	if (devargs_is_driver(p->device, "net_af_xdp"))
		return filter_open(p, d);
	if (devargs_is_driver(p->device, "net_af_packet"))
		return unreach_guard_up(k, p, d);
	return 0;
}

void steering_close(struct steering *k)
{
	unreach_guard_close(&k->guard);
}

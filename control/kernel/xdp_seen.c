// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/xdp_seen.h"

#include <stdio.h>

enum xdp_verdict xdp_judge(const struct xdp_seen *s, enum xdp_sharing sharing)
{
	if (s->id == 0)
		return XDP_FREE;
	if (s->is_filter)
		return s->holder.pid == 0 ? XDP_OLD : XDP_TAKEN;
	return s->is_dispatched && sharing == XDP_SHARED ? XDP_BESIDE : XDP_TAKEN;
}

// How a person takes it away.
static void removal_write(
	const struct xdp_site *at, const struct xdp_seen *s, char *ret_text, size_t size)
{
	if (s->is_dispatched)
		snprintf(ret_text, size, "xdp-loader unload %s --id %u", at->interface, s->id);
	else
		snprintf(ret_text, size, "ip link set dev %s %s off", at->interface,
			s->is_generic ? "xdpgeneric" : "xdpdrv");
}

static void remedy_write(
	const struct xdp_site *at, const struct xdp_seen *s, char *ret_text, size_t size)
{
	char removal[128];
	removal_write(at, s, removal, sizeof(removal));
	if (s->is_filter && s->holder.pid != 0)
		snprintf(ret_text, size, "stop that server, or give this one another interface");
	else if (s->is_filter)
		snprintf(ret_text, size,
			"no server that is seen here holds it, but the kernel keeps it: see who "
			"attached it, and take it away (%s)",
			removal);
	else if (s->is_dispatched)
		snprintf(ret_text, size,
			"write xdp: shared to serve beside it, or take it away (%s)", removal);
	else if (at->sharing == XDP_SHARED)
		snprintf(ret_text, size,
			"it was attached without libxdp's dispatcher, so nothing can be beside it: "
			"take it away (%s) and attach it with xdp-loader",
			removal);
	else
		snprintf(ret_text, size,
			"take it away (%s), or attach it with xdp-loader and write xdp: shared",
			removal);
}

void xdp_complain(const struct xdp_site *at, const struct xdp_seen *s, struct diagnostic *d)
{
	char holder[64] = "";
	char remedy[256];
	remedy_write(at, s, remedy, sizeof(remedy));
	if (s->holder.pid != 0)
		snprintf(holder, sizeof(holder), ", %sheld by pid %d (%s)",
			s->holder.is_presumed ? "presumably " : "", s->holder.pid,
			s->holder.command);
	diagnostic_note(d, "port %s: another XDP program is on %s, %s (id %u)%s: %s", at->device,
		at->interface, s->name[0] == '\0' ? "without a name" : s->name, s->id, holder,
		remedy);
}

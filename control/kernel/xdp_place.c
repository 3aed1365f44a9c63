// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/xdp_place.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/devargs.h"
#include "common/log.h"
#include "kernel/xdp_filter.h"
#include "kernel/xdp_look.h"
#include "kernel/xdp_seen.h"
#include "kernel/xdp_shared.h"

#define LINE 512

struct place {
	char device[CONFIG_TEXT]; // "": nobody's
	char interface[CONFIG_TEXT];
	int index; // of the interface; 0: not taken
	enum xdp_sharing sharing;
	int program; // both -1: nothing is attached
	int link;
	struct xdp_shared shared;
	struct diagnostic refusal;
};

// The driver's calls tell an interface and nothing else.
static struct place places[CONFIG_PORTS];

static struct place *place_of_index(int index)
{
	for (unsigned i = 0; i < CONFIG_PORTS; i++)
		if (places[i].index == index && index != 0)
			return &places[i];
	return NULL;
}

// An empty one for "".
static struct place *place_of(const char *device)
{
	for (unsigned i = 0; i < CONFIG_PORTS; i++)
		if (strcmp(places[i].device, device) == 0)
			return &places[i];
	return NULL;
}

static struct xdp_site site_of(const struct place *p)
{
	return (struct xdp_site){p->device, p->interface, p->index, p->sharing};
}

// The libraries' words are for who looks for a fault; what an operator needs is said in one
// sentence.
__attribute__((format(printf, 1, 0))) static void words_log(const char *format, va_list list)
{
	char line[LINE];
	vsnprintf(line, sizeof(line), format, list);
	line[strcspn(line, "\n")] = '\0';
	if (line[0] != '\0')
		log_debug("%s", line);
}

__attribute__((format(printf, 2, 0))) static int libbpf_words(
	enum libbpf_print_level level, const char *format, va_list list)
{
	if (level == LIBBPF_WARN)
		words_log(format, list);
	return 0;
}

__attribute__((format(printf, 2, 0))) static int libxdp_words(
	enum libxdp_print_level level, const char *format, va_list list)
{
	if (level == LIBXDP_WARN)
		words_log(format, list);
	return 0;
}

// Whether the place is free; the refusal is written if not.
static int place_look(struct place *p)
{
	struct xdp_seen seen;
	struct xdp_site at = site_of(p);
	int r = xdp_look(&at, &seen);
	if (r < 0)
		xdp_complain(&at, &seen, &p->refusal);
	return r;
}

static int place_make(struct place *p, const char *device, int index, enum xdp_sharing sharing)
{
	const struct place *other = place_of_index(index);
	snprintf(p->device, sizeof(p->device), "%s", device);
	diagnostic_clear(&p->refusal);
	if (other != NULL && other != p)
		return diagnostic_fail(&p->refusal, -EBUSY,
			"port %s: its interface is that of the port %s: give each its own", device,
			other->device);
	p->index = index;
	p->sharing = sharing;
	p->program = -1;
	p->link = -1;
	int r = place_look(p);
	if (r < 0)
		p->index = 0;
	return r;
}

int xdp_place_take(const char *device, enum xdp_sharing sharing, struct diagnostic *d)
{
	char interface[CONFIG_TEXT];
	if (!devargs_is_driver(device, "net_af_xdp") ||
		!devargs_argument(device, "iface", interface, sizeof(interface)))
		return 0;
	int index = (int)if_nametoindex(interface);
	struct place *p = place_of(device);
	if (p == NULL)
		p = place_of("");
	if (index == 0 || p == NULL)
		return 0;
	(void)libbpf_set_print(libbpf_words);
	(void)libxdp_set_print(libxdp_words);
	snprintf(p->interface, sizeof(p->interface), "%s", interface);
	int r = place_make(p, device, index, sharing);
	if (r < 0)
		*d = p->refusal;
	return r;
}

const struct diagnostic *xdp_place_refusal(const char *device)
{
	const struct place *p = place_of(device);
	return p == NULL || p->refusal.sentence[0] == '\0' ? NULL : &p->refusal;
}

int xdp_place_program(const char *device)
{
	const struct place *p = place_of(device);
	return p == NULL || p->index == 0 || p->program < 0 ? -ENOENT : p->program;
}

static void descriptor_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void place_empty(struct place *p)
{
	xdp_shared_detach(&p->shared);
	// The link goes with its last descriptor, and the program with the link.
	descriptor_close(&p->link);
	descriptor_close(&p->program);
}

void xdp_place_leave(const char *device)
{
	struct place *p = place_of(device);
	if (p == NULL || p->index == 0)
		return;
	place_empty(p);
	p->index = 0;
}

static int place_attach_alone(struct place *p, int program)
{
	p->link = bpf_link_create(program, p->index, BPF_XDP, NULL);
	if (p->link >= 0)
		return 0;
	int r = -errno;
	// Somebody came after the look.
	if (r == -EBUSY || r == -EEXIST)
		(void)place_look(p);
	return r;
}

// The object that the driver loaded its program from.
static bool place_object(const struct place *p, char *ret_path, size_t size)
{
	return devargs_argument(p->device, "xdp_prog", ret_path, size) ||
	       xdp_object_find(XDP_FILTER_OBJECT, ret_path, size);
}

static int place_attach_shared(struct place *p, int program)
{
	char object[PATH_MAX];
	int r = place_object(p, object, sizeof(object)) ?
	                xdp_shared_attach(&p->shared, p->index, object, program) :
	                -ENOENT;
	if (r < 0)
		return diagnostic_fail(&p->refusal, r,
			"port %s: libxdp's dispatcher on %s does not take the filter in: %s: %s, "
			"or "
			"write xdp: alone",
			p->device, p->interface, strerror(-r),
			r == -EOPNOTSUPP ? "it needs a kernel with freplace programs" :
					   "see that bpffs is mounted on /sys/fs/bpf");
	return 0;
}

static int place_attach(struct place *p, int program)
{
	place_empty(p);
	p->program = fcntl(program, F_DUPFD_CLOEXEC, 0);
	int r = p->program < 0 ? -errno : 0;
	if (r == 0)
		r = p->sharing == XDP_SHARED ? place_attach_shared(p, program) :
		                               place_attach_alone(p, program);
	if (r < 0)
		descriptor_close(&p->program);
	return r;
}

// Who says which program is to be replaced is not the driver: libxdp does, and xdp_look.
static bool is_drivers(const struct place *p, const struct bpf_xdp_attach_opts *opts)
{
	return p != NULL && opts == NULL;
}

// libbpf's own, which stands behind ours.
static bool library_find(const char *name, void *ret_function)
{
	const void *address = dlsym(RTLD_NEXT, name);
	memcpy(ret_function, &address, sizeof(address));
	return address != NULL;
}

int bpf_xdp_attach(int ifindex, int prog_fd, __u32 flags, const struct bpf_xdp_attach_opts *opts)
{
	int (*attach)(int, int, __u32, const struct bpf_xdp_attach_opts *);
	struct place *p = place_of_index(ifindex);
	if (is_drivers(p, opts) && prog_fd >= 0)
		return place_attach(p, prog_fd);
	if (!library_find("bpf_xdp_attach", &attach))
		return -ENOSYS;
	return attach(ifindex, prog_fd, flags, opts);
}

int bpf_xdp_detach(int ifindex, __u32 flags, const struct bpf_xdp_attach_opts *opts)
{
	int (*detach)(int, __u32, const struct bpf_xdp_attach_opts *);
	struct place *p = place_of_index(ifindex);
	if (is_drivers(p, opts)) {
		place_empty(p);
		return 0;
	}
	if (!library_find("bpf_xdp_detach", &detach))
		return -ENOSYS;
	return detach(ifindex, flags, opts);
}

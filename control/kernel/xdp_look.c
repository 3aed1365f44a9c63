// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/xdp_look.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <xdp/libxdp.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "kernel/xdp_holder.h"

#define FILTER_NAME     "ntp_filter"
#define SERVER_NAME     "ntpwired"
#define DISPATCHER_NAME "xdp_dispatcher"

int xdp_maps_read(int program, struct xdp_maps *ret_maps)
{
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);
	info.nr_map_ids = XDP_PROGRAM_MAPS;
	info.map_ids = (uint64_t)(uintptr_t)ret_maps->id;
	if (bpf_obj_get_info_by_fd(program, &info, &size) < 0)
		return -errno;
	ret_maps->count = info.nr_map_ids < XDP_PROGRAM_MAPS ? info.nr_map_ids : XDP_PROGRAM_MAPS;
	return 0;
}

// A descriptor of the map if it has this name, else -ENOENT.
static int map_open(uint32_t id, const char *name)
{
	struct bpf_map_info info = {0};
	uint32_t size = sizeof(info);
	int fd = bpf_map_get_fd_by_id(id);
	if (fd < 0)
		return -errno;
	if (bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && strcmp(info.name, name) == 0)
		return fd;
	(void)close(fd);
	return -ENOENT;
}

int xdp_maps_open(const struct xdp_maps *maps, const char *name)
{
	int r = -ENOENT;
	for (unsigned i = 0; i < maps->count && r == -ENOENT; i++)
		r = map_open(maps->id[i], name);
	return r;
}

static bool program_has_map(int program, const char *name)
{
	struct xdp_maps maps = {0};
	int fd = xdp_maps_read(program, &maps) < 0 ? -1 : xdp_maps_open(&maps, name);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

// Every revision of the filter has had this name and these maps; its tag changes with each.
static bool program_is_filter(int program, const char *name)
{
	return strcmp(name, FILTER_NAME) == 0 && program_has_map(program, "xsks_map") &&
	       program_has_map(program, "service_ip4") && program_has_map(program, "service_ip6");
}

// What the kernel says of the program with this id.
static void program_see(uint32_t id, struct xdp_seen *s)
{
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);
	s->id = id;
	int fd = bpf_prog_get_fd_by_id(id);
	if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &size) == 0)
		snprintf(s->name, sizeof(s->name), "%s", info.name);
	s->is_filter = fd >= 0 && program_is_filter(fd, s->name);
	if (fd >= 0)
		(void)close(fd);
	xdp_holder_find("/proc", id, s->is_filter ? SERVER_NAME : NULL, &s->holder);
}

// A program that the card runs by itself is left alone: the kernel lets another one run beside it.
static int interface_see(int index, struct xdp_seen *s)
{
	struct bpf_xdp_query_opts query = {.sz = sizeof(query)};
	int r = bpf_xdp_query(index, 0, &query);
	if (r < 0)
		return r;
	s->is_generic = query.skb_prog_id != 0;
	uint32_t id = s->is_generic ? query.skb_prog_id : query.drv_prog_id;
	if (id != 0)
		program_see(id, s);
	s->is_dispatched = strcmp(s->name, DISPATCHER_NAME) == 0;
	return 0;
}

// Nothing but this program: if another has come into its place meanwhile, the kernel refuses. So it
// does for one that a link holds.
static int direct_remove(const struct xdp_site *at, const struct xdp_seen *s)
{
	int fd = bpf_prog_get_fd_by_id(s->id);
	const struct bpf_xdp_attach_opts only = {.sz = sizeof(only), .old_prog_fd = fd};
	if (fd < 0)
		return -errno;
	int r = bpf_xdp_detach(
		at->index, s->is_generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE, &only);
	(void)close(fd);
	return r;
}

static int dispatched_remove(
	const struct xdp_site *at, const struct xdp_seen *s, struct xdp_program *program)
{
	return xdp_program__detach(
		program, at->index, s->is_generic ? XDP_MODE_SKB : XDP_MODE_NATIVE, 0);
}

// What is to be done about the program; `dispatched` is libxdp's view of one that its dispatcher
// runs.
static int program_settle(
	const struct xdp_site *at, const struct xdp_seen *s, struct xdp_program *dispatched)
{
	enum xdp_verdict verdict = xdp_judge(s, at->sharing);
	if (verdict == XDP_FREE || verdict == XDP_BESIDE)
		return 0;
	if (verdict == XDP_TAKEN)
		return -EBUSY;
	int r = dispatched == NULL ? direct_remove(at, s) : dispatched_remove(at, s, dispatched);
	if (r < 0)
		return -EBUSY;
	log_info("port %s: took the XDP program %s (id %u) from %s, which a server that is dead "
		 "left "
		 "there",
		at->device, s->name, s->id, at->interface);
	return 0;
}

// All of them, so that an old one goes also where another is in the way; that of the latter which
// is first is told.
static int dispatched_settle(
	const struct xdp_site *at, struct xdp_multiprog *list, struct xdp_seen *ret_seen)
{
	const struct xdp_seen fresh = {.is_generic = ret_seen->is_generic, .is_dispatched = true};
	int r = 0;
	for (struct xdp_program *p = NULL; (p = xdp_multiprog__next_prog(p, list)) != NULL;) {
		struct xdp_seen s = fresh;
		program_see(xdp_program__id(p), &s);
		if (program_settle(at, &s, p) < 0 && r == 0) {
			*ret_seen = s;
			r = -EBUSY;
		}
	}
	return r;
}

int xdp_look(const struct xdp_site *at, struct xdp_seen *ret_seen)
{
	struct xdp_multiprog *list = NULL;
	*ret_seen = (struct xdp_seen){0};
	// Where the kernel tells nothing, it is not going to let us in the way of anybody either.
	if (interface_see(at->index, ret_seen) < 0)
		return 0;
	if (ret_seen->is_dispatched)
		list = xdp_multiprog__get_from_ifindex(at->index);
	if (list == NULL || libxdp_get_error(list) != 0)
		return program_settle(at, ret_seen, NULL);
	int r = dispatched_settle(at, list, ret_seen);
	xdp_multiprog__close(list);
	return r;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/xdp_shared.h"

#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include "kernel/xdp_look.h"

// Programs say 10 to 50 of themselves and run in that order. What one of them drops is not to come
// to us: a firewall stays one.
#define RUN_LAST 1000

// A map that the twin does not have becomes one of its own.
static int maps_share(struct bpf_object *object, const struct xdp_maps *maps)
{
	struct bpf_map *map;
	int r = 0;
	bpf_object__for_each_map(map, object)
	{
		int fd = xdp_maps_open(maps, bpf_map__name(map));
		if (fd < 0)
			continue;
		if (r == 0)
			r = bpf_map__reuse_fd(map, fd);
		(void)close(fd);
	}
	return r;
}

static void program_close(struct xdp_shared *s)
{
	xdp_program__close(s->program);
	s->program = NULL;
}

static int program_attach(struct xdp_shared *s, const struct xdp_maps *maps)
{
	int r = maps_share(xdp_program__bpf_obj(s->program), maps);
	if (r == 0)
		r = xdp_program__set_run_prio(s->program, RUN_LAST);
	if (r == 0)
		r = xdp_program__attach(s->program, s->index, (enum xdp_attach_mode)s->mode, 0);
	return r;
}

// Where the kernel has no freplace, libxdp attaches the program by itself: then there is nothing to
// share.
static bool is_dispatched(int index)
{
	struct xdp_multiprog *list = xdp_multiprog__get_from_ifindex(index);
	if (list == NULL || libxdp_get_error(list) != 0)
		return false;
	bool is_legacy = xdp_multiprog__is_legacy(list);
	xdp_multiprog__close(list);
	return !is_legacy;
}

static int mode_try(struct xdp_shared *s, const char *object, const struct xdp_maps *maps)
{
	struct xdp_program *program = xdp_program__open_file(object, NULL, NULL);
	int r = (int)libxdp_get_error(program);
	if (r != 0)
		return r;
	s->program = program;
	r = program_attach(s, maps);
	if (r == 0 && is_dispatched(s->index))
		return 0;
	if (r == 0)
		xdp_shared_detach(s);
	else
		program_close(s);
	return r == 0 ? -EOPNOTSUPP : r;
}

// Of those that are there; unspecified: there are none, or they cannot be read.
static enum xdp_attach_mode xdp_shared_mode_of(int index)
{
	enum xdp_attach_mode mode = XDP_MODE_UNSPEC;
	struct xdp_multiprog *list = xdp_multiprog__get_from_ifindex(index);
	if (list == NULL || libxdp_get_error(list) != 0)
		return mode;
	mode = xdp_multiprog__attach_mode(list);
	xdp_multiprog__close(list);
	return mode;
}

int xdp_shared_attach(struct xdp_shared *s, int index, const char *object, int twin)
{
	struct xdp_maps maps = {0};
	enum xdp_attach_mode theirs = xdp_shared_mode_of(index);
	*s = (struct xdp_shared){.index = index, .mode = theirs};
	int r = xdp_maps_read(twin, &maps);
	if (r < 0)
		return r;
	if (theirs != XDP_MODE_UNSPEC)
		return mode_try(s, object, &maps);
	s->mode = XDP_MODE_NATIVE;
	r = mode_try(s, object, &maps);
	if (r == 0)
		return 0;
	s->mode = XDP_MODE_SKB;
	return mode_try(s, object, &maps);
}

void xdp_shared_detach(struct xdp_shared *s)
{
	if (s->program == NULL)
		return;
	(void)xdp_program__detach(s->program, s->index, (enum xdp_attach_mode)s->mode, 0);
	program_close(s);
}

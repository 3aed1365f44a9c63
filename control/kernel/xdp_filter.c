// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/xdp_filter.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/xdp_look.h"

// The folder that the running program lies in.
static bool program_folder(char *ret_folder, size_t size)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (length < 0)
		return false;
	self[length] = '\0';
	int written = snprintf(ret_folder, size, "%s", dirname(self));
	return written > 0 && (size_t)written < size;
}

bool xdp_object_find(const char *object, char *ret_path, size_t size)
{
	static const char *const places[] = {
		"/../dataplane/xdp/",     // the build tree
		"/../" NTPWIRE_LIBDIR "/" // installed
	};
	char folder[PATH_MAX];
	if (!program_folder(folder, sizeof(folder)))
		return false;
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int written = snprintf(ret_path, size, "%s%s%s", folder, places[i], object);
		if (written > 0 && (size_t)written < size && access(ret_path, R_OK) == 0)
			return true;
	}
	return false;
}

// Enters `count` keys of key_size bytes each.
static int map_fill(const struct xdp_maps *maps, const char *name, const void *keys, unsigned count,
	size_t key_size)
{
	const uint8_t present = 1;
	int r = 0;
	int fd = xdp_maps_open(maps, name);
	if (fd < 0)
		return fd;
	for (unsigned i = 0; i < count && r == 0; i++)
		if (bpf_map_update_elem(fd, (const uint8_t *)keys + i * key_size, &present, 0) < 0)
			r = -errno;
	(void)close(fd);
	return r;
}

static int mark_set(const struct xdp_maps *maps, uint64_t mark)
{
	const uint32_t only = 0;
	int fd = xdp_maps_open(maps, "meta_cookie");
	if (fd < 0)
		return fd;
	int r = bpf_map_update_elem(fd, &only, &mark, 0) < 0 ? -errno : 0;
	(void)close(fd);
	return r;
}

int xdp_filter_allow(int program, const struct service *s, uint64_t mark)
{
	struct xdp_maps maps = {0};
	int r = xdp_maps_read(program, &maps);
	if (r == 0)
		r = mark_set(&maps, mark);
	if (r == 0)
		r = map_fill(&maps, "service_ip4", s->ip4, s->ip4_count, sizeof(s->ip4[0]));
	if (r == 0)
		r = map_fill(&maps, "service_ip6", s->ip6, s->ip6_count, sizeof(s->ip6[0]));
	return r;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "xdp_filter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAPS_MAX 16

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

struct filter_maps {
	uint32_t id[MAPS_MAX];
	uint32_t count;
};

static int program_maps(int program, struct filter_maps *ret_maps)
{
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);
	info.nr_map_ids = MAPS_MAX;
	info.map_ids = (uint64_t)(uintptr_t)ret_maps->id;
	if (bpf_obj_get_info_by_fd(program, &info, &size) < 0)
		return -errno;
	ret_maps->count = info.nr_map_ids < MAPS_MAX ? info.nr_map_ids : MAPS_MAX;
	return 0;
}

static int interface_maps(const char *interface, struct filter_maps *ret_maps)
{
	uint32_t id = 0;
	unsigned index = if_nametoindex(interface);
	if (index == 0)
		return -errno;
	int r = bpf_xdp_query_id((int)index, 0, &id);
	if (r < 0)
		return r;
	int program = bpf_prog_get_fd_by_id(id);
	if (program < 0)
		return -errno;
	r = program_maps(program, ret_maps);
	(void)close(program);
	return r;
}

static int map_find(const struct filter_maps *maps, const char *name)
{
	int r = -ENOENT;
	for (unsigned i = 0; i < maps->count && r == -ENOENT; i++)
		r = map_open(maps->id[i], name);
	return r;
}

// Enters `count` keys of key_size bytes each.
static int map_fill(const struct filter_maps *maps, const char *name, const void *keys,
	unsigned count, size_t key_size)
{
	const uint8_t present = 1;
	int r = 0;
	int fd = map_find(maps, name);
	if (fd < 0)
		return fd;
	for (unsigned i = 0; i < count && r == 0; i++)
		if (bpf_map_update_elem(fd, (const uint8_t *)keys + i * key_size, &present, 0) < 0)
			r = -errno;
	(void)close(fd);
	return r;
}

static int mark_set(const struct filter_maps *maps, uint64_t mark)
{
	const uint32_t only = 0;
	int fd = map_find(maps, "stamp_mark");
	if (fd < 0)
		return fd;
	int r = bpf_map_update_elem(fd, &only, &mark, 0) < 0 ? -errno : 0;
	(void)close(fd);
	return r;
}

int xdp_filter_allow(const char *interface, const struct service *s, uint64_t mark)
{
	struct filter_maps maps = {0};
	int r = interface_maps(interface, &maps);
	if (r == 0)
		r = mark_set(&maps, mark);
	if (r == 0)
		r = map_fill(&maps, "service_ip4", s->ip4, s->ip4_count, sizeof(s->ip4[0]));
	if (r == 0)
		r = map_fill(&maps, "service_ip6", s->ip6, s->ip6_count, sizeof(s->ip6[0]));
	return r;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "tx_stamps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <errno.h>
#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>

#include "worker/xdp_stamp.h"
#include "xdp_filter.h"

#define OBJECT "tx_stamp.bpf.o"

// The map as long as there may be CPUs, a number of pages.
static int map_size(struct tx_stamps *t, struct bpf_map *map)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int cpus = libbpf_num_possible_cpus();
	if (cpus < 0)
		return cpus;
	t->size = ((size_t)cpus * sizeof(struct tx_stamp) + page - 1) / page * page;
	return bpf_map__set_max_entries(map, (uint32_t)(t->size / sizeof(struct tx_stamp)));
}

static int object_load(struct tx_stamps *t)
{
	struct bpf_map *map = bpf_object__find_map_by_name(t->object, "tx_stamps");
	int r = map == NULL ? -ENOENT : map_size(t, map);
	if (r == 0)
		r = bpf_object__load(t->object);
	if (r < 0)
		return r;
	void *place = mmap(NULL, t->size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	if (place == MAP_FAILED)
		return -errno;
	t->place = place;
	t->link = bpf_program__attach(bpf_object__next_program(t->object, NULL));
	return t->link == NULL ? -errno : 0;
}

int tx_stamps_open(struct tx_stamps *t)
{
	char path[PATH_MAX];
	*t = (struct tx_stamps){0};
	if (!xdp_object_find(OBJECT, path, sizeof(path)))
		return -ENOENT;
	// What is wrong is told by who asked, in one sentence.
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	t->object = bpf_object__open(path);
	int r = t->object == NULL ? -errno : object_load(t);
	(void)libbpf_set_print(print);
	if (r < 0)
		tx_stamps_close(t);
	return r;
}

_Atomic uint64_t *tx_stamps_place(const struct tx_stamps *t, unsigned cpu)
{
	if (t->place == NULL || cpu >= t->size / sizeof(*t->place))
		return NULL;
	return (_Atomic uint64_t *)&t->place[cpu].ns;
}

void tx_stamps_close(struct tx_stamps *t)
{
	if (t->link != NULL)
		(void)bpf_link__destroy(t->link);
	if (t->place != NULL)
		(void)munmap(t->place, t->size);
	if (t->object != NULL)
		bpf_object__close(t->object);
	*t = (struct tx_stamps){0};
}

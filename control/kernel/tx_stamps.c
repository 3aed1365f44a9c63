// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/tx_stamps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker/xdp_stamp.h"

// The map as long as there may be CPUs.
static int map_size(struct tx_stamps *t, struct bpf_map *map)
{
	int cpus = libbpf_num_possible_cpus();
	if (cpus < 0)
		return cpus;
	t->size = (size_t)cpus * sizeof(struct tx_stamp);
	return bpf_map__set_max_entries(map, (uint32_t)cpus);
}

static int programs_attach(struct tx_stamps *t)
{
	struct bpf_program *program = NULL;
	for (unsigned i = 0; i < TX_STAMPS_LINKS; i++) {
		program = bpf_object__next_program(t->object, program);
		t->link[i] = program == NULL ? NULL : bpf_program__attach(program);
		if (t->link[i] == NULL)
			return program == NULL ? -ENOENT : -errno;
	}
	return 0;
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
	return programs_attach(t);
}

bool tx_stamps_reach(const char *interface)
{
	struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq request = {.ifr_data = (char *)&driver};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	int r = ioctl(fd, SIOCETHTOOL, &request);
	(void)close(fd);
	return r == 0 && strcmp(driver.driver, "veth") == 0;
}

int tx_stamps_open(struct tx_stamps *t, const char *object)
{
	*t = (struct tx_stamps){0};
	// What is wrong is told by who asked, in one sentence.
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	t->object = bpf_object__open(object);
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
	for (unsigned i = 0; i < TX_STAMPS_LINKS; i++)
		if (t->link[i] != NULL)
			(void)bpf_link__destroy(t->link[i]);
	if (t->place != NULL)
		(void)munmap(t->place, t->size);
	if (t->object != NULL)
		bpf_object__close(t->object);
	*t = (struct tx_stamps){0};
}

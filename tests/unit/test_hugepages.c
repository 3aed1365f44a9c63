// SPDX-License-Identifier: BSD-3-Clause
#include "eal/hugepages.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/table.h"

#define POOL  "/sys/kernel/mm/hugepages/hugepages-2048kB"
#define CARDS "/sys/bus/pci/devices"

static char root[] = "/tmp/ntpwire-memory-XXXXXX";
static struct diagnostic diagnostic;

static void path_make(char *path)
{
	for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
		*at = '\0';
		(void)mkdir(path, 0700);
		*at = '/';
	}
}

// Writes a file of the pretended machine.
static void file_put(const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof(path), "%s%s", root, name);
	path_make(path);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int machine_begin(void **state)
{
	(void)state;
	return mkdtemp(root) == NULL ? -1 : 0;
}

static int entry_remove(const char *path, const struct stat *s, int kind, struct FTW *at)
{
	(void)s;
	(void)kind;
	(void)at;
	return remove(path);
}

static int machine_end(void **state)
{
	(void)state;
	return nftw(root, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static void link_put(const char *name, const char *target)
{
	char path[256];
	snprintf(path, sizeof(path), "%s%s", root, name);
	path_make(path);
	(void)unlink(path);
	assert_int_equal(symlink(target, path), 0);
}

// A configuration with one port. The same storage each time.
static struct config *config_of(const char *device, unsigned mib, enum huge_pages huge_pages)
{
	static struct config c;
	memset(&c, 0, sizeof(c));
	c.port_count = 1;
	c.huge_pages = huge_pages;
	c.memory_mib = mib;
	snprintf(c.port[0].device, sizeof(c.port[0].device), "%s", device);
	return &c;
}

static void machine_is(const char *free_pages, const char *mounts, const char *available)
{
	file_put(POOL "/free_hugepages", free_pages);
	file_put("/proc/mounts", mounts);
	file_put("/proc/meminfo", available);
}

#define NO_MOUNT  "tmpfs /run tmpfs rw 0 0\n"
#define A_MOUNT   NO_MOUNT "none /dev/hugepages hugetlbfs rw 0 0\n"
#define AVAILABLE "MemTotal: 9000000 kB\nMemFree: 10 kB\nMemAvailable:    2097152 kB\n"
#define RESERVE   "reserve them, as with sysctl -w vm.nr_hugepages="

struct row {
	const char *name;
	const char *device;
	unsigned mib;
	enum huge_pages says;
	const char *free_pages;
	const char *mounts;
	// Expected.
	int error;
	bool is_huge;
	const char *sentence; // "": silence
};

static const struct row rows[] = {
	{"true, and enough is free", "net_null0", 128, HUGE_PAGES_YES, "64", NO_MOUNT, 0, true, ""},
	{"true, and too little is free", "net_null0", 130, HUGE_PAGES_YES, "64", NO_MOUNT, -ENOMEM,
		false,
		"memory: 130 MiB of huge pages wanted and 128 MiB free: " RESERVE
		"65, or say memory: { huge_pages: false } in the configuration"},
	{"true, shared, and no mount", "net_memif0,role=server", 64, HUGE_PAGES_YES, "512",
		NO_MOUNT, -ENOMEM, false,
		"memory: a port shares huge pages with another process, and no hugetlbfs is mounted: "
		"mount -t hugetlbfs none /dev/hugepages, or say memory: { huge_pages: false } in the "
		"configuration"},
	{"true, shared, with a mount", "net_memif0,role=server", 64, HUGE_PAGES_YES, "512", A_MOUNT,
		0, true, ""},
	{"true without a size", "net_null0", 0, HUGE_PAGES_YES, "63", NO_MOUNT, -ENOMEM, false,
		"memory: 128 MiB of huge pages wanted and 126 MiB free: " RESERVE
		"64, or say memory: { huge_pages: false } in the configuration"},
	{"false needs none", "net_memif0", 1024, HUGE_PAGES_NO, "0", NO_MOUNT, 0, false, ""},
	{"false takes none", "net_null0", 64, HUGE_PAGES_NO, "512", A_MOUNT, 0, false, ""},
	{"false, and less memory than that", "net_null0", 2049, HUGE_PAGES_NO, "0", NO_MOUNT,
		-ENOMEM, false,
		"memory: 2049 MiB wanted and 2048 MiB available: write a smaller memory: { size: ... }"},
	{"auto, and enough is free", "net_null0", 0, HUGE_PAGES_AUTO, "64", NO_MOUNT, 0, true,
		"memory: huge pages, of which 128 MiB are wanted and 128 MiB free"},
	{"auto, and nothing is free", "net_af_xdp0,iface=eth1", 0, HUGE_PAGES_AUTO, "0", NO_MOUNT,
		0, false,
		"memory: ordinary memory, which is slower than huge pages: 128 MiB of huge pages wanted and "
		"0 MiB free: " RESERVE "64, and start again"},
	{"auto, shared, and no mount", "net_virtio_user0,path=/run/v", 64, HUGE_PAGES_AUTO, "512",
		NO_MOUNT, 0, false,
		"memory: ordinary memory, which is slower than huge pages: a port shares huge pages with "
		"another process, and no hugetlbfs is mounted: mount -t hugetlbfs none /dev/hugepages, and "
		"start again"},
	{"auto, shared, with a mount", "net_vhost0,iface=/run/v", 64, HUGE_PAGES_AUTO, "512",
		A_MOUNT, 0, true,
		"memory: huge pages, of which 64 MiB are wanted and 1024 MiB free"},
	{"auto, and too little of either", "net_null0", 4096, HUGE_PAGES_AUTO, "64", NO_MOUNT,
		-ENOMEM, false,
		"memory: 4096 MiB wanted and 2048 MiB available: write a smaller memory: { size: ... }"},
	{"auto, a card behind an IOMMU", "0000:01:00.0", 0, HUGE_PAGES_AUTO, "0", NO_MOUNT, 0,
		false,
		"memory: ordinary memory, which is slower than huge pages: 128 MiB of huge pages wanted and "
		"0 MiB free: " RESERVE "64, and start again"},
	{"auto, a card of the kernel's driver", "04:00.0,tx_pp=500", 0, HUGE_PAGES_AUTO, "0",
		NO_MOUNT, 0, false,
		"memory: ordinary memory, which is slower than huge pages: 128 MiB of huge pages wanted and "
		"0 MiB free: " RESERVE "64, and start again"},
	{"auto, a card without an IOMMU", "02:00.0", 0, HUGE_PAGES_AUTO, "0", NO_MOUNT, -ENOMEM,
		false,
		"memory: no IOMMU is in front of 02:00.0, so its packets must lie in huge pages, and 128 MiB "
		"of them are wanted: " RESERVE "64, or turn the IOMMU on"},
	{"the same with enough", "02:00.0", 0, HUGE_PAGES_AUTO, "64", NO_MOUNT, 0, true,
		"memory: huge pages, of which 128 MiB are wanted and 128 MiB free"},
	{"false, vfio without an IOMMU", "0000:02:00.0", 64, HUGE_PAGES_NO, "512", NO_MOUNT,
		-ENOMEM, false,
		"memory: no IOMMU is in front of 0000:02:00.0, so its packets must lie in huge pages, and 64 "
		"MiB of them are wanted: " RESERVE
		"32, and say memory: { huge_pages: true }, or turn the "
		"IOMMU on"},
	{"false, a card of uio", "03:00.0", 64, HUGE_PAGES_NO, "512", NO_MOUNT, -ENOMEM, false,
		"memory: no IOMMU is in front of 03:00.0, so its packets must lie in huge pages, and 64 MiB "
		"of them are wanted: " RESERVE
		"32, and say memory: { huge_pages: true }, or turn the IOMMU "
		"on"},
};

static void cards_put(void)
{
	link_put(CARDS "/0000:01:00.0/driver", "../../bus/pci/drivers/vfio-pci");
	link_put(CARDS "/0000:01:00.0/iommu_group", "../../kernel/iommu_groups/7");
	link_put(CARDS "/0000:02:00.0/driver", "../../bus/pci/drivers/vfio-pci");
	link_put(CARDS "/0000:02:00.0/iommu_group", "../../kernel/iommu_groups/8");
	file_put("/sys/kernel/iommu_groups/8/name", "vfio-noiommu\n");
	link_put(CARDS "/0000:03:00.0/driver", "../../bus/pci/drivers/uio_pci_generic");
	link_put(CARDS "/0000:04:00.0/driver", "../../bus/pci/drivers/mlx5_core");
}

static int choose(const struct config *c, unsigned workers, struct memory *ret_memory)
{
	diagnostic = (struct diagnostic){"nothing was said"};
	*ret_memory = (struct memory){.mib = hugepages_need(c, workers), .huge_pages = true};
	return hugepages_choose(c, root, ret_memory, &diagnostic);
}

static void run_row(void **state)
{
	const struct row *r = *state;
	const struct config *c = config_of(r->device, r->mib, r->says);
	struct memory m;
	cards_put();
	machine_is(r->free_pages, r->mounts, AVAILABLE);
	assert_int_equal(choose(c, 1, &m), r->error);
	assert_string_equal(diagnostic.sentence, r->sentence);
	assert_int_equal(m.huge_pages, r->is_huge);
}

// Who writes such arguments counts on huge pages; DPDK refuses them without.
static void arguments_for_huge_pages_rule_the_other_out(void **state)
{
	struct config *c = config_of("net_null0", 0, HUGE_PAGES_AUTO);
	struct memory m;
	(void)state;
	c->eal_arg_count = 1;
	snprintf(c->eal_arg[0], sizeof(c->eal_arg[0]), "--socket-mem=256,256");
	machine_is("0", NO_MOUNT, AVAILABLE);
	assert_int_equal(choose(c, 1, &m), -ENOMEM);
	machine_is("64", NO_MOUNT, AVAILABLE);
	assert_int_equal(choose(c, 1, &m), 0);
	assert_true(m.huge_pages);
}

static void many_workers_need_more_than_one(void **state)
{
	struct config *c = config_of("net_af_xdp0,iface=eth1", 0, HUGE_PAGES_AUTO);
	(void)state;
	assert_int_equal(hugepages_need(c, 1), 128);
	assert_int_equal(hugepages_need(c, 4), 128);
	// It has one queue, so there will be one worker.
	assert_int_equal(hugepages_need(c, 64), 128);
	c = config_of("net_af_xdp0,iface=eth1,queue_count=64", 0, HUGE_PAGES_AUTO);
	// 8191 buffers each.
	assert_int_equal(hugepages_need(c, 64), 32 + 64 * 8192 / 400);
	snprintf(c->port[0].device, sizeof(c->port[0].device), "0000:01:00.0");
	assert_int_equal(hugepages_need(c, 64), 32 + 64 * 2048 / 400);
	c->memory_mib = 64;
	assert_int_equal(hugepages_need(c, 64), 64);
}

static void only_sharing_ports_need_files(void **state)
{
	(void)state;
	struct config *c = config_of("net_af_xdp0,iface=eth1", 0, HUGE_PAGES_AUTO);
	assert_false(hugepages_needs_files(c));
	c->port_count = 2;
	snprintf(c->port[1].device, sizeof(c->port[1].device), "net_vhost0,iface=/tmp/x");
	assert_true(hugepages_needs_files(c));
}

static bool file_exists(const char *name)
{
	char path[256];
	snprintf(path, sizeof(path), "%s%s", root, name);
	return access(path, F_OK) == 0;
}

static void only_files_of_the_prefix_are_removed(void **state)
{
	(void)state;
	file_put("/proc/mounts", "none /huge hugetlbfs rw 0 0\nnone /other tmpfs rw 0 0\n");
	file_put("/huge/ntpwiremap_0", "");
	file_put("/huge/ntpwiremap_1", "");
	file_put("/huge/ntpwire2map_0", "");
	file_put("/other/ntpwiremap_0", "");
	hugepages_remove_files(root, "ntpwire");
	assert_false(file_exists("/huge/ntpwiremap_0"));
	assert_false(file_exists("/huge/ntpwiremap_1"));
	assert_true(file_exists("/huge/ntpwire2map_0"));
	assert_true(file_exists("/other/ntpwiremap_0"));
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++)
		table_add(&t, rows[i].name, run_row, &rows[i]);
	TABLE_ADD(&t, arguments_for_huge_pages_rule_the_other_out);
	TABLE_ADD(&t, many_workers_need_more_than_one);
	TABLE_ADD(&t, only_sharing_ports_need_files);
	TABLE_ADD(&t, only_files_of_the_prefix_are_removed);
	return table_run_between("memory", &t, machine_begin, machine_end);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "eal/hugepages.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/devargs.h"

#define HUGE_FOLDER "/sys/kernel/mm/hugepages"
#define PCI_FOLDER  "/sys/bus/pci/devices"

// What port.c and workers.c ask for: a ring each way, what AF_XDP keeps, a pool's caches and
// bursts.
#define RING         512u
#define AF_XDP_RINGS 4096u
#define WORKER_KEEPS 640u
// Of 2.5 KiB, with what DPDK writes before and behind each.
#define BUFFERS_IN_MIB 400u
// For DPDK itself and its drivers.
#define DPDK_MIB  32u
#define LEAST_MIB 128u

bool hugepages_needs_files(const struct config *c)
{
	for (unsigned i = 0; i < c->port_count; i++)
		if (devargs_needs_files(c->port[i].device))
			return true;
	return false;
}

static unsigned long file_read_number(const char *path)
{
	unsigned long number = 0;
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%lu", &number) != 1)
		number = 0;
	(void)fclose(file);
	return number;
}

// MiB in free huge pages of all sizes.
static unsigned long huge_free_mib(const char *root)
{
	char path[PATH_MAX];
	unsigned long mib = 0;
	snprintf(path, sizeof(path), "%s" HUGE_FOLDER, root);
	DIR *folder = opendir(path);
	if (folder == NULL)
		return 0;
	for (struct dirent *e = readdir(folder); e != NULL; e = readdir(folder)) {
		unsigned long kib;
		if (sscanf(e->d_name, "hugepages-%lukB", &kib) != 1)
			continue;
		snprintf(
			path, sizeof(path), "%s" HUGE_FOLDER "/%s/free_hugepages", root, e->d_name);
		mib += file_read_number(path) * (kib / 1024);
	}
	(void)closedir(folder);
	return mib;
}

// The next hugetlbfs mount of the list; false at its end.
static bool mount_next(FILE *mounts, char *ret_folder, size_t size)
{
	char text[PATH_MAX];
	struct mntent entry;
	while (getmntent_r(mounts, &entry, text, sizeof(text)) != NULL) {
		if (strcmp(entry.mnt_type, "hugetlbfs") != 0)
			continue;
		int length = snprintf(ret_folder, size, "%s", entry.mnt_dir);
		return length > 0 && (size_t)length < size;
	}
	return false;
}

static FILE *mounts_open(const char *root)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/proc/mounts", root);
	return setmntent(path, "re");
}

static bool hugetlbfs_is_mounted(const char *root)
{
	char folder[PATH_MAX];
	FILE *mounts = mounts_open(root);
	bool found = mounts != NULL && mount_next(mounts, folder, sizeof(folder));
	if (mounts != NULL)
		(void)endmntent(mounts);
	return found;
}

static void files_remove(const char *path, const char *name)
{
	DIR *folder = opendir(path);
	if (folder == NULL)
		return;
	for (struct dirent *e = readdir(folder); e != NULL; e = readdir(folder))
		if (strncmp(e->d_name, name, strlen(name)) == 0)
			(void)unlinkat(dirfd(folder), e->d_name, 0);
	(void)closedir(folder);
}

void hugepages_remove_files(const char *root, const char *prefix)
{
	char folder[PATH_MAX / 2];
	char path[PATH_MAX];
	char name[NAME_MAX];
	FILE *mounts = mounts_open(root);
	if (mounts == NULL)
		return;
	snprintf(name, sizeof(name), "%smap_", prefix);
	while (mount_next(mounts, folder, sizeof(folder))) {
		int length = snprintf(path, sizeof(path), "%s%s", root, folder);
		if (length > 0 && (size_t)length < sizeof(path))
			files_remove(path, name);
	}
	(void)endmntent(mounts);
}

unsigned hugepages_queue_buffers(const char *device)
{
	return 2 * RING + (devargs_is_driver(device, "net_af_xdp") ? AF_XDP_RINGS : 0);
}

// The power of two that a pool's ring takes.
static unsigned pool_buffers(const struct config *c)
{
	unsigned n = WORKER_KEEPS;
	unsigned size = 1;
	for (unsigned i = 0; i < c->port_count; i++)
		n += hugepages_queue_buffers(c->port[i].device);
	while (size <= n)
		size *= 2;
	return size;
}

// Of so many, as many as there are queues. Before DPDK starts only some devices' are known.
static unsigned workers_most(const struct config *c, unsigned workers)
{
	unsigned queues = 0;
	for (unsigned i = 0; i < c->port_count; i++) {
		unsigned most = devargs_queues_most(c->port[i].device);
		if (most == 0)
			return workers;
		queues += most;
	}
	return queues < workers ? queues : workers;
}

unsigned hugepages_need(const struct config *c, unsigned workers)
{
	unsigned mib = DPDK_MIB + workers_most(c, workers) * pool_buffers(c) / BUFFERS_IN_MIB;
	if (c->memory_mib > 0)
		return c->memory_mib;
	return mib < LEAST_MIB ? LEAST_MIB : mib;
}

// MiB that programs could still take.
static unsigned long available_mib(const char *root)
{
	char path[PATH_MAX];
	char line[128];
	unsigned long kib = ULONG_MAX;
	snprintf(path, sizeof(path), "%s/proc/meminfo", root);
	FILE *file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "MemAvailable: %lu kB", &kib) == 1)
			break;
	if (file != NULL)
		(void)fclose(file);
	return kib == ULONG_MAX ? kib : kib / 1024;
}

// The last part of what a link says, "" where there is none or it is longer than any name that
// matters here.
static void hugepages_link_read(const char *path, char *ret_name, size_t size)
{
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof(target) - 1);
	target[length < 0 ? 0 : length] = '\0';
	const char *slash = strrchr(target, '/');
	const char *last = slash == NULL ? target : slash + 1;
	if ((size_t)snprintf(ret_name, size, "%s", last) >= size)
		ret_name[0] = '\0';
}

// Whether an IOMMU group is one that vfio made up for a card without.
static bool group_is_feigned(const char *root, const char *group)
{
	char path[PATH_MAX];
	char name[32] = "";
	snprintf(path, sizeof(path), "%s/sys/kernel/iommu_groups/%s/name", root, group);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return false;
	bool is_read = fgets(name, sizeof(name), file) != NULL;
	(void)fclose(file);
	return is_read && strncmp(name, "vfio-noiommu", strlen("vfio-noiommu")) == 0;
}

// Whether a port's card reaches memory by physical addresses, which only huge pages have for DPDK:
// by uio, or by vfio without an IOMMU.
static bool device_needs_huge_pages(const char *device, const char *root)
{
	char name[NAME_MAX];
	char path[PATH_MAX];
	char driver[64];
	char group[32];
	if (!devargs_is_pci(device) || !devargs_name(device, name, sizeof(name)))
		return false;
	const char *domain = strlen(name) == strlen("00:00.0") ? "0000:" : "";
	snprintf(path, sizeof(path), "%s" PCI_FOLDER "/%s%s/driver", root, domain, name);
	hugepages_link_read(path, driver, sizeof(driver));
	snprintf(path, sizeof(path), "%s" PCI_FOLDER "/%s%s/iommu_group", root, domain, name);
	hugepages_link_read(path, group, sizeof(group));
	if (strcmp(driver, "vfio-pci") == 0)
		return group[0] == '\0' || group_is_feigned(root, group);
	return strcmp(driver, "uio_pci_generic") == 0 || strcmp(driver, "igb_uio") == 0;
}

// The first such port; NULL: none.
static const char *physical_port(const struct config *c, const char *root)
{
	for (unsigned i = 0; i < c->port_count; i++)
		if (device_needs_huge_pages(c->port[i].device, root))
			return c->port[i].device;
	return NULL;
}

// Why m->mib of huge pages are not to be had, and what would make them. False: they are.
static bool huge_pages_lack(const struct config *c, const char *root, const struct memory *m,
	char *why, size_t why_size)
{
	unsigned long have = huge_free_mib(root);
	if (have < m->mib)
		snprintf(why, why_size,
			"%u MiB of huge pages wanted and %lu MiB free: reserve them, as with "
			"sysctl -w vm.nr_hugepages=%u",
			m->mib, have, (m->mib + 1) / 2);
	else if (hugepages_needs_files(c) && !hugetlbfs_is_mounted(root))
		snprintf(why, why_size,
			"a port shares huge pages with another process, and no hugetlbfs is "
			"mounted: mount -t hugetlbfs none /dev/hugepages");
	else
		return false;
	return true;
}

// Ordinary memory, where it can do: DPDK itself would crash for want of it, or refuse a card.
static int ordinary_take(
	const struct config *c, const char *root, const struct memory *m, struct diagnostic *d)
{
	const char *card = physical_port(c, root);
	unsigned long have = available_mib(root);
	if (card != NULL)
		return diagnostic_fail(d, -ENOMEM,
			"memory: no IOMMU is in front of %s, so its packets must lie in huge "
			"pages, and %u MiB of them are wanted: reserve them, as with sysctl -w "
			"vm.nr_hugepages=%u%s, or turn the IOMMU on",
			card, m->mib, (m->mib + 1) / 2,
			c->huge_pages == HUGE_PAGES_NO ? ", and say memory: { huge_pages: true }" :
							 "");
	if (have < m->mib)
		return diagnostic_fail(d, -ENOMEM,
			"memory: %u MiB wanted and %lu MiB available: write a smaller memory: { "
			"size: ... }%s",
			m->mib, have,
			c->memory_mib > 0 ? "" : " than the default, or list fewer workers");
	return 0;
}

// Arguments of the operator's own for DPDK that make sense with huge pages alone.
static bool has_huge_arguments(const struct config *c)
{
	static const char *const options[] = {"--huge-dir", "--socket-mem"};
	for (unsigned i = 0; i < c->eal_arg_count; i++)
		for (unsigned j = 0; j < sizeof(options) / sizeof(options[0]); j++)
			if (strncmp(c->eal_arg[i], options[j], strlen(options[j])) == 0)
				return true;
	return false;
}

int hugepages_choose(
	const struct config *c, const char *root, struct memory *m, struct diagnostic *d)
{
	char why[256];
	bool is_auto = c->huge_pages == HUGE_PAGES_AUTO && !has_huge_arguments(c);
	diagnostic_clear(d);
	m->huge_pages = false;
	if (c->huge_pages == HUGE_PAGES_NO)
		return ordinary_take(c, root, m, d);
	m->huge_pages = !huge_pages_lack(c, root, m, why, sizeof(why));
	if (m->huge_pages && is_auto)
		diagnostic_note(d,
			"memory: huge pages, of which %u MiB are wanted and %lu MiB free", m->mib,
			huge_free_mib(root));
	if (m->huge_pages)
		return 0;
	if (!is_auto)
		return diagnostic_fail(d, -ENOMEM,
			"memory: %s, or say memory: { huge_pages: false } in the configuration",
			why);
	int r = ordinary_take(c, root, m, d);
	if (r == 0)
		diagnostic_note(d,
			"memory: ordinary memory, which is slower than huge pages: %s, and start "
			"again",
			why);
	return r;
}

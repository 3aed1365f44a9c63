// SPDX-License-Identifier: BSD-3-Clause
#include "memory.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "device.h"

#define HUGE_FOLDER "/sys/kernel/mm/hugepages"

bool memory_needs_files(const struct config *c)
{
	for (unsigned i = 0; i < c->port_count; i++)
		if (device_needs_files(c->port[i].device))
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

void memory_remove_files(const char *root, const char *prefix)
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

#define REMEDY "or say memory: { huge_pages: false } in the configuration"

int memory_check(const struct config *c, const char *root, char *message, size_t message_size)
{
	if (!c->huge_pages)
		return 0;
	unsigned long have = huge_free_mib(root);
	unsigned long want = c->memory_mib > 0 ? c->memory_mib : MEMORY_DEFAULT_MIB;
	if (have < want) {
		snprintf(message, message_size,
			"memory: %lu MiB of huge pages wanted and %lu MiB free: reserve them, as "
			"with "
			"sysctl -w vm.nr_hugepages=%lu, " REMEDY,
			want, have, (want + 1) / 2);
		return -ENOMEM;
	}
	if (memory_needs_files(c) && !hugetlbfs_is_mounted(root)) {
		snprintf(message, message_size,
			"memory: a port shares huge pages with another process, and no hugetlbfs "
			"is "
			"mounted: mount -t hugetlbfs none /dev/hugepages, " REMEDY);
		return -ENOMEM;
	}
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/table.h"

#define POOL "/sys/kernel/mm/hugepages/hugepages-2048kB"

static char root[] = "/tmp/ntpwire-memory-XXXXXX";
static char sentence[512];

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

static int machine_end(void **state)
{
	char path[256];
	(void)state;
	static const char *const names[] = {POOL "/free_hugepages", POOL,
		"/sys/kernel/mm/hugepages", "/sys/kernel/mm", "/sys/kernel", "/sys", "/proc/mounts",
		"/proc", "/huge/ntpwire2map_0", "/huge", "/other/ntpwiremap_0", "/other", ""};
	for (unsigned i = 0; i < TABLE_LENGTH(names); i++) {
		snprintf(path, sizeof(path), "%s%s", root, names[i]);
		if (remove(path) != 0)
			return -1;
	}
	return 0;
}

// A configuration with one port. The same storage each time.
static struct config *config_of(const char *device, unsigned mib)
{
	static struct config c;
	memset(&c, 0, sizeof(c));
	c.port_count = 1;
	c.huge_pages = true;
	c.memory_mib = mib;
	snprintf(c.port[0].device, sizeof(c.port[0].device), "%s", device);
	return &c;
}

static int check(const struct config *c)
{
	sentence[0] = '\0';
	return memory_check(c, root, sentence, sizeof(sentence));
}

static void enough_huge_pages_are_enough(void **state)
{
	(void)state;
	struct config *c = config_of("net_null0", 128);
	file_put(POOL "/free_hugepages", "64\n");
	assert_int_equal(check(c), 0);
	assert_string_equal(sentence, "");
}

static void too_few_huge_pages_are_said_with_the_remedy(void **state)
{
	(void)state;
	struct config *c = config_of("net_null0", 130);
	file_put(POOL "/free_hugepages", "64\n");
	assert_int_equal(check(c), -ENOMEM);
	assert_non_null(strstr(sentence, "130 MiB of huge pages wanted and 128 MiB free"));
	assert_non_null(strstr(sentence, "vm.nr_hugepages=65"));
	assert_non_null(strstr(sentence, "huge_pages: false"));
}

static void a_default_is_wanted_where_no_size_is_named(void **state)
{
	(void)state;
	struct config *c = config_of("net_null0", 0);
	file_put(POOL "/free_hugepages", "0\n");
	assert_int_equal(check(c), -ENOMEM);
	file_put(POOL "/free_hugepages", "64\n");
	assert_int_equal(check(c), 0);
}

static void without_huge_pages_nothing_is_needed(void **state)
{
	(void)state;
	struct config *c = config_of("net_memif0", 1024);
	c->huge_pages = false;
	file_put(POOL "/free_hugepages", "0\n");
	assert_int_equal(check(c), 0);
}

static void shared_memory_needs_a_mount(void **state)
{
	(void)state;
	struct config *c = config_of("net_memif0,role=server", 64);
	file_put(POOL "/free_hugepages", "512\n");
	file_put("/proc/mounts", "tmpfs /run tmpfs rw 0 0\n");
	assert_int_equal(check(c), -ENOMEM);
	assert_non_null(strstr(sentence, "mount -t hugetlbfs"));
	file_put("/proc/mounts", "tmpfs /run tmpfs rw 0 0\nnone /dev/hugepages hugetlbfs rw 0 0\n");
	assert_int_equal(check(c), 0);
}

static void only_sharing_ports_need_files(void **state)
{
	(void)state;
	struct config *c = config_of("net_af_xdp0,iface=eth1", 0);
	assert_false(memory_needs_files(c));
	c->port_count = 2;
	snprintf(c->port[1].device, sizeof(c->port[1].device), "net_vhost0,iface=/tmp/x");
	assert_true(memory_needs_files(c));
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
	memory_remove_files(root, "ntpwire");
	assert_false(file_exists("/huge/ntpwiremap_0"));
	assert_false(file_exists("/huge/ntpwiremap_1"));
	assert_true(file_exists("/huge/ntpwire2map_0"));
	assert_true(file_exists("/other/ntpwiremap_0"));
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, enough_huge_pages_are_enough);
	TABLE_ADD(&t, too_few_huge_pages_are_said_with_the_remedy);
	TABLE_ADD(&t, a_default_is_wanted_where_no_size_is_named);
	TABLE_ADD(&t, without_huge_pages_nothing_is_needed);
	TABLE_ADD(&t, shared_memory_needs_a_mount);
	TABLE_ADD(&t, only_sharing_ports_need_files);
	TABLE_ADD(&t, only_files_of_the_prefix_are_removed);
	return table_run_between("memory", &t, machine_begin, machine_end);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "eal/eal_args.h"

#include <stdio.h>
#include <string.h>

#include "harness/table.h"

static struct eal_args args;
static struct memory memory;

// A configuration with one port. The same storage each time.
static struct config *config_of(const char *device)
{
	static struct config c;
	memset(&c, 0, sizeof(c));
	memory = (struct memory){.mib = 128};
	c.port_count = 1;
	c.log_level = LOG_LEVEL_INFO;
	snprintf(c.port[0].device, sizeof(c.port[0].device), "%s", device);
	snprintf(c.run_dir, sizeof(c.run_dir), "/run/ntpwire");
	return &c;
}

// For workers on cores 2 and 2, main core 1.
static int make(const struct config *c, bool telemetry)
{
	static struct topology t = {.main_core = 1, .worker_count = 2};
	const struct eal_facts facts = {.telemetry = telemetry, .memory = memory};
	t.worker[0].core = 2;
	t.worker[1].core = 2;
	t.worker[0].lcore = 1;
	t.worker[1].lcore = 2;
	return eal_args_make(c, &t, &facts, &args);
}

static bool has(const char *argument)
{
	for (int i = 1; i < args.argc; i++)
		if (strcmp(args.argv[i], argument) == 0)
			return true;
	return false;
}

static void cores_become_lcores_several_on_one_core(void **state)
{
	(void)state;
	struct config *c = config_of("net_null0");
	assert_int_equal(make(c, true), 0);
	assert_string_equal(args.argv[0], "ntpwired");
	assert_null(args.argv[args.argc]);
	assert_true(has("--lcores=0@1,1@2,2@2"));
	assert_true(has("--main-lcore=0"));
	assert_true(has("--file-prefix=ntpwire"));
}

static void virtual_ports_touch_no_pci_device(void **state)
{
	(void)state;
	struct config *c = config_of("net_af_xdp0,iface=eth1");
	assert_int_equal(make(c, true), 0);
	assert_true(has("--no-pci"));
	assert_true(has("--iova-mode=va"));
	for (int i = 0; i < args.argc; i++)
		assert_null(strstr(args.argv[i], "net_af_xdp"));
}

static void only_the_listed_pci_devices_are_touched(void **state)
{
	(void)state;
	struct config *c = config_of("0000:3b:00.0,tx_pp=500");
	assert_int_equal(make(c, true), 0);
	assert_true(has("--allow=0000:3b:00.0,tx_pp=500"));
	assert_false(has("--no-pci"));
	assert_false(has("--iova-mode=va"));
}

// DPDK 22.11 refuses --no-huge with --in-memory.
static void memory_without_huge_pages(void **state)
{
	(void)state;
	struct config *c = config_of("net_null0");
	assert_int_equal(make(c, true), 0);
	assert_true(has("--no-huge"));
	assert_true(has("--no-shconf"));
	assert_true(has("-m128"));
	assert_false(has("--in-memory"));
	memory.mib = 300;
	assert_int_equal(make(c, true), 0);
	assert_true(has("-m300"));
}

static void huge_pages_have_files_only_where_they_are_shared(void **state)
{
	(void)state;
	struct config *c = config_of("net_null0");
	memory.huge_pages = true;
	assert_int_equal(make(c, true), 0);
	assert_true(has("--in-memory"));
	assert_false(has("--no-huge"));
	c = config_of("net_memif0,role=server");
	memory.huge_pages = true;
	assert_int_equal(make(c, true), 0);
	assert_false(has("--in-memory"));
	assert_true(has("--single-file-segments"));
	assert_true(has("--no-shconf"));
}

static void huge_pages_are_taken_as_they_are_needed_unless_a_size_is_named(void **state)
{
	(void)state;
	struct config *c = config_of("net_null0");
	memory.huge_pages = true;
	assert_int_equal(make(c, true), 0);
	assert_false(has("-m128"));
	c->memory_mib = 128;
	assert_int_equal(make(c, true), 0);
	assert_true(has("-m128"));
}

static void telemetry_is_wanted_unless_it_cannot_be(void **state)
{
	(void)state;
	struct config *c = config_of("net_null0");
	assert_int_equal(make(c, true), 0);
	assert_false(has("--no-telemetry"));
	assert_int_equal(make(c, false), 0);
	assert_true(has("--no-telemetry"));
}

static void dpdk_is_quiet_unless_debugged(void **state)
{
	(void)state;
	struct config *c = config_of("net_null0");
	assert_int_equal(make(c, true), 0);
	assert_true(has("--log-level=*:error"));
	c->log_level = LOG_LEVEL_DEBUG;
	assert_int_equal(make(c, true), 0);
	assert_false(has("--log-level=*:error"));
}

static void the_users_arguments_come_last(void **state)
{
	(void)state;
	struct config *c = config_of("net_null0");
	c->eal_arg_count = 2;
	snprintf(c->eal_arg[0], sizeof(c->eal_arg[0]), "--single-file-segments");
	snprintf(c->eal_arg[1], sizeof(c->eal_arg[1]), "--match-allocations");
	assert_int_equal(make(c, true), 0);
	assert_string_equal(args.argv[args.argc - 2], "--single-file-segments");
	assert_string_equal(args.argv[args.argc - 1], "--match-allocations");
}

static void the_largest_configuration_fits(void **state)
{
	static struct topology t = {.worker_count = CONFIG_WORKERS};
	const struct eal_facts facts = {.telemetry = false};
	(void)state;
	struct config *c = config_of("0000:3b:00.0");
	c->port_count = CONFIG_PORTS;
	c->eal_arg_count = CONFIG_EAL_ARGS;
	for (unsigned i = 0; i < CONFIG_PORTS; i++) {
		memset(c->port[i].device, 'x', CONFIG_TEXT - 1);
		memcpy(c->port[i].device, "0000:3b:00.0,", 13);
	}
	for (unsigned i = 0; i < CONFIG_EAL_ARGS; i++)
		memset(c->eal_arg[i], 'y', CONFIG_TEXT - 1);
	for (unsigned i = 0; i < CONFIG_WORKERS; i++) {
		t.worker[i].core = 1000 + i % 24;
		t.worker[i].lcore = i + 1;
	}
	assert_int_equal(eal_args_make(c, &t, &facts, &args), 0);
	assert_int_equal(strlen(args.argv[args.argc - 1]), CONFIG_TEXT - 1);
}

struct lcores_row {
	const char *name;
	unsigned cores;
	// Expected.
	const char *begins;
	const char *ends;
};

static const struct lcores_row lcores_rows[] = {
	{"lcores of 1 core", 1, "--lcores=0@0,1@0", "0@0,1@0"},
	{"lcores of 3 cores", 3, "--lcores=0@0,1@1,2@2", ",2@2"},
	{"lcores of 16 cores", 16, "--lcores=0@0,1@1,", ",15@15"},
	{"lcores of 129 cores", 129, "--lcores=0@0,1@1,", ",127@127"},
	{"lcores of 256 cores", 256, "--lcores=0@0,1@1,", ",127@127"},
};

// DPDK's numbers end at 127, as Debian builds it.
static void auto_never_asks_for_more_lcores_than_there_are(void **state)
{
	static struct machine m;
	static struct topology t;
	const struct lcores_row *row = *state;
	const struct eal_facts facts = {false};
	struct diagnostic diagnostic;
	struct config *c = config_of("net_null0");
	c->workers_auto = true;
	m = (struct machine){.core_count = row->cores};
	for (unsigned i = 0; i < row->cores; i++)
		m.core[i] = (uint16_t)i;
	assert_int_equal(topology_plan_cores(c, &m, &t, &diagnostic), 0);
	assert_int_equal(eal_args_make(c, &t, &facts, &args), 0);
	const char *lcores = args.argv[3];
	assert_int_equal(strncmp(lcores, row->begins, strlen(row->begins)), 0);
	assert_true(strlen(lcores) > strlen(row->ends));
	assert_string_equal(lcores + strlen(lcores) - strlen(row->ends), row->ends);
}

// A worker without a queue is left out; the others stay where DPDK put them.
static void lcores_are_the_workers_own(void **state)
{
	static struct topology t = {.worker_count = 2};
	const struct eal_facts facts = {false};
	(void)state;
	t.worker[0] = (struct topology_worker){.core = 5, .lcore = 5};
	t.worker[1] = (struct topology_worker){.core = 9, .lcore = 7};
	assert_int_equal(eal_args_make(config_of("net_null0"), &t, &facts, &args), 0);
	assert_true(has("--lcores=0@0,5@5,7@9"));
}

static void the_prefix_follows_the_run_directory(void **state)
{
	char a[64];
	char b[64];
	(void)state;
	assert_true(eal_args_prefix("/run/ntpwire/", a, sizeof(a)));
	assert_string_equal(a, "ntpwire");
	assert_true(eal_args_prefix("/tmp/one/ntpwire", a, sizeof(a)));
	assert_true(eal_args_prefix("/tmp/two/ntpwire", b, sizeof(b)));
	assert_string_not_equal(a, b);
	assert_int_equal(strncmp(a, "ntpwire-", 8), 0);
	assert_false(eal_args_prefix("/run/ntpwire", a, 7));
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, cores_become_lcores_several_on_one_core);
	TABLE_ADD(&t, virtual_ports_touch_no_pci_device);
	TABLE_ADD(&t, only_the_listed_pci_devices_are_touched);
	TABLE_ADD(&t, memory_without_huge_pages);
	TABLE_ADD(&t, huge_pages_have_files_only_where_they_are_shared);
	TABLE_ADD(&t, huge_pages_are_taken_as_they_are_needed_unless_a_size_is_named);
	TABLE_ADD(&t, telemetry_is_wanted_unless_it_cannot_be);
	TABLE_ADD(&t, dpdk_is_quiet_unless_debugged);
	TABLE_ADD(&t, the_users_arguments_come_last);
	TABLE_ADD(&t, the_largest_configuration_fits);
	for (unsigned i = 0; i < TABLE_LENGTH(lcores_rows); i++)
		table_add(&t, lcores_rows[i].name, auto_never_asks_for_more_lcores_than_there_are,
			&lcores_rows[i]);
	TABLE_ADD(&t, lcores_are_the_workers_own);
	TABLE_ADD(&t, the_prefix_follows_the_run_directory);
	return table_run("eal_args", &t);
}

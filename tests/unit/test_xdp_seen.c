// SPDX-License-Identifier: BSD-3-Clause
// An XDP program that a port finds on its interface: what it means, whose it is, and what is said
// of it.
#include "kernel/xdp_seen.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/scratch.h"
#include "harness/table.h"

// clang-format 14 and 19 differ about such macros.
// clang-format off
#define SOMEBODY {.pid = 7, .command = "somebody"}
#define FOREIGN .id = 5, .name = "wall"
#define FILTER .id = 5, .name = "ntp_filter", .is_filter = true
// clang-format on

struct row {
	const char *name;
	struct xdp_seen seen;
	enum xdp_verdict alone;
	enum xdp_verdict shared;
	const char *sentence; // of a port that wants to be alone; NULL: none
};

static const struct row rows[] = {
	{"nothing", {0}, XDP_FREE, XDP_FREE, NULL},
	{"somebodys", {FOREIGN}, XDP_TAKEN, XDP_TAKEN,
		"port p: another XDP program is on eth1, wall (id 5): take it away (ip link set "
		"dev "
		"eth1 xdpdrv off), or attach it with xdp-loader and write xdp: shared"},
	{"somebodys_generic", {FOREIGN, .is_generic = true}, XDP_TAKEN, XDP_TAKEN,
		"port p: another XDP program is on eth1, wall (id 5): take it away (ip link set "
		"dev "
		"eth1 xdpgeneric off), or attach it with xdp-loader and write xdp: shared"},
	{"somebodys_who_lives", {FOREIGN, .holder = SOMEBODY}, XDP_TAKEN, XDP_TAKEN,
		"port p: another XDP program is on eth1, wall (id 5), held by pid 7 (somebody): "
		"take it away (ip link set dev eth1 xdpdrv off), or attach it with xdp-loader and "
		"write xdp: shared"},
	{"one_of_which_nothing_is_told", {.id = 5}, XDP_TAKEN, XDP_TAKEN,
		"port p: another XDP program is on eth1, without a name (id 5): take it away (ip "
		"link set dev eth1 xdpdrv off), or attach it with xdp-loader and write xdp: "
		"shared"},
	{"somebodys_in_the_dispatcher", {FOREIGN, .is_dispatched = true}, XDP_TAKEN, XDP_BESIDE,
		"port p: another XDP program is on eth1, wall (id 5): write xdp: shared to serve "
		"beside it, or take it away (xdp-loader unload eth1 --id 5)"},
	{"a_dead_servers", {FILTER}, XDP_OLD, XDP_OLD, NULL},
	{"a_dead_servers_in_the_dispatcher", {FILTER, .is_dispatched = true}, XDP_OLD, XDP_OLD,
		NULL},
	{"a_living_servers", {FILTER, .holder = SOMEBODY}, XDP_TAKEN, XDP_TAKEN,
		"port p: another XDP program is on eth1, ntp_filter (id 5), held by pid 7 "
		"(somebody): stop that server, or give this one another interface"},
	{"a_living_servers_in_the_dispatcher", {FILTER, .is_dispatched = true, .holder = SOMEBODY},
		XDP_TAKEN, XDP_TAKEN,
		"port p: another XDP program is on eth1, ntp_filter (id 5), held by pid 7 "
		"(somebody): stop that server, or give this one another interface"},
	{"one_that_a_hidden_server_may_hold",
		{FILTER, .holder = {.pid = 7, .command = "ntpwired", .is_presumed = true}},
		XDP_TAKEN, XDP_TAKEN,
		"port p: another XDP program is on eth1, ntp_filter (id 5), presumably held by pid "
		"7 (ntpwired): stop that server, or give this one another interface"},
};

static void the_program_is_judged(void **state)
{
	const struct row *row = *state;
	const struct xdp_site at = {"p", "eth1", 1, XDP_ALONE};
	struct diagnostic diagnostic;
	assert_int_equal(xdp_judge(&row->seen, XDP_ALONE), row->alone);
	assert_int_equal(xdp_judge(&row->seen, XDP_SHARED), row->shared);
	xdp_complain(&at, &row->seen, &diagnostic);
	if (row->sentence != NULL)
		assert_string_equal(diagnostic.sentence, row->sentence);
}

static void outside_the_dispatcher_nothing_is_shared(void **state)
{
	(void)state;
	const struct xdp_site at = {"p", "eth1", 1, XDP_SHARED};
	const struct xdp_seen seen = {FOREIGN};
	struct diagnostic diagnostic;
	xdp_complain(&at, &seen, &diagnostic);
	assert_non_null(strstr(diagnostic.sentence, "it was attached without libxdp's dispatcher"));
}

static void process_make(const char *pid, const char *command, const char *fdinfo)
{
	char path[64];
	assert_int_equal(mkdir(scratch_path(pid), 0755), 0);
	snprintf(path, sizeof(path), "%s/fdinfo", pid);
	assert_int_equal(mkdir(scratch_path(path), 0755), 0);
	snprintf(path, sizeof(path), "%s/comm", pid);
	(void)scratch_write(path, command, strlen(command));
	snprintf(path, sizeof(path), "%s/fdinfo/3", pid);
	(void)scratch_write(path, fdinfo, strlen(fdinfo));
}

static struct xdp_holder holder_of(uint32_t program)
{
	struct xdp_holder h;
	xdp_holder_find(scratch_path(""), program, "ntpwired", &h);
	return h;
}

static void who_holds_a_program_is_found(void **state)
{
	(void)state;
	char self[16];
	snprintf(self, sizeof(self), "%d", getpid());
	process_make("100", "file\n", "pos:\t0\nflags:\t02\n");
	process_make("101", "loader\n", "pos:\t0\nprog_type:\t6\nprog_id:\t41\nrun_time_ns:\t0\n");
	process_make("102", "ntpwired\n", "pos:\t0\nlink_type:\txdp\nprog_id:\t42\nifindex:\t2\n");
	process_make(self, "self\n", "pos:\t0\nprog_id:\t43\n");
	assert_int_equal(holder_of(41).pid, 101);
	assert_string_equal(holder_of(41).command, "loader");
	assert_int_equal(holder_of(42).pid, 102);
	assert_string_equal(holder_of(42).command, "ntpwired");
	assert_false(holder_of(42).is_presumed);
	assert_int_equal(holder_of(4).pid, 0);
	assert_int_equal(holder_of(43).pid, 0);
}

static void a_missing_proc_tells_of_nobody(void **state)
{
	(void)state;
	struct xdp_holder h;
	xdp_holder_find(scratch_path("none"), 41, NULL, &h);
	assert_int_equal(h.pid, 0);
}

int main(void)
{
	struct table t = {0};
	for (size_t i = 0; i < TABLE_LENGTH(rows); i++)
		table_add(&t, rows[i].name, the_program_is_judged, &rows[i]);
	TABLE_ADD(&t, outside_the_dispatcher_nothing_is_shared);
	TABLE_ADD(&t, who_holds_a_program_is_found);
	TABLE_ADD(&t, a_missing_proc_tells_of_nobody);
	return table_run_between("xdp_seen", &t, scratch_begin, scratch_end);
}

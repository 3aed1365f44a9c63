// SPDX-License-Identifier: BSD-3-Clause
// What a supervisor hears, at a socket of the test's own.
#include "daemon/supervise.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/scratch.h"
#include "harness/table.h"
#include "time/sync_state.h"

#define SECOND CLOCK_RATE

static const unsigned nodes[2] = {0, 0};
static int supervisor = -1;
static struct statseg statseg;
static struct supervise s;
static struct diagnostic diagnostic;

static void socket_bind(const char *name)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	size_t length = strlen(name);
	memcpy(a.sun_path, name, length);
	if (name[0] == '@')
		a.sun_path[0] = '\0';
	supervisor = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_true(supervisor >= 0);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	assert_int_equal(bind(supervisor, (struct sockaddr *)&a, size), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
}

// The next message, "" if there is none. Static storage.
static const char *heard(void)
{
	static char text[1024];
	ssize_t n = recv(supervisor, text, sizeof(text) - 1, 0);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void state_set(enum sync_state state, enum sync_reason reason, enum announce announce)
{
	counters_set(&statseg.head->sync_state, state);
	counters_set(&statseg.head->sync_reason, reason);
	counters_set(&statseg.head->announce, announce);
}

// A ready server with two workers, whose first words were heard.
static void server_begin(void)
{
	assert_int_equal(statseg_create(scratch_path("run"), 1, nodes, 2, &statseg), 0);
	statseg.head->worker[1].core = 5;
	state_set(SYNC_STATE_SYNC, SYNC_REASON_GOOD, ANNOUNCE_UP);
	supervise_begin(&s);
	assert_string_equal(heard(), "STATUS=starting: not synchronised yet");
	supervise_ready(&s, &statseg);
	assert_string_equal(heard(), "READY=1\nSTATUS=sync: the reference and the clock are good; "
				     "announce: up");
}

static void server_end(void)
{
	supervise_end(&s);
	statseg_close(&statseg, scratch_path("run"), true);
	assert_int_equal(close(supervisor), 0);
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
	assert_int_equal(unsetenv("WATCHDOG_PID"), 0);
	(void)unlink(scratch_path("notify"));
}

// Ticks in which workers below `living` give a heartbeat. What the last one came to.
static int ticks(unsigned n, unsigned living)
{
	static uint64_t beat;
	int r = 0;
	beat++;
	for (unsigned i = 0; i < n; i++) {
		for (unsigned w = 0; w < living; w++)
			counters_set(
				&statseg_counters(&statseg, w)->traffic[TRAFFIC_HEARTBEAT], ++beat);
		r = supervise_tick(&s, &statseg, &diagnostic);
	}
	return r;
}

static void r01_signs_of_life_come_where_they_are_waited_for(void **state)
{
	(void)state;
	socket_bind(scratch_path("notify"));
	assert_int_equal(setenv("WATCHDOG_USEC", "5000000", 1), 0);
	server_begin();
	for (unsigned i = 0; i < 3; i++) {
		(void)ticks(SECOND, 2);
		assert_string_equal(heard(), "WATCHDOG=1");
		assert_string_equal(heard(), "");
	}
	server_end();
	socket_bind(scratch_path("notify"));
	server_begin();
	(void)ticks(3 * SECOND, 2);
	assert_string_equal(heard(), "");
	server_end();
}

static void r12_a_hung_worker_is_told_and_ends_the_signs(void **state)
{
	(void)state;
	socket_bind(scratch_path("notify"));
	assert_int_equal(setenv("WATCHDOG_USEC", "5000000", 1), 0);
	server_begin();
	(void)ticks(1, 2);
	assert_string_equal(heard(), "WATCHDOG=1");
	(void)ticks(5 * SECOND, 1);
	assert_string_equal(heard(), "STATUS=workers that hang: 1; sync: the reference and the "
				     "clock are good; announce: up");
	assert_string_equal(heard(), "");
	(void)ticks(1, 2);
	assert_string_equal(heard(), "WATCHDOG=1");
	assert_string_equal(
		heard(), "STATUS=sync: the reference and the clock are good; announce: up");
	server_end();
}

static void r12_a_server_ends_itself_where_no_watchdog_would(void **state)
{
	(void)state;
	for (unsigned has_watchdog = 0; has_watchdog < 2; has_watchdog++) {
		socket_bind(scratch_path("notify"));
		if (has_watchdog)
			assert_int_equal(setenv("WATCHDOG_USEC", "5000000", 1), 0);
		server_begin();
		(void)ticks(1, 2);
		for (unsigned i = 1; i < 10 * SECOND; i++)
			assert_int_equal(ticks(1, 1), 0);
		assert_int_equal(ticks(1, 1), has_watchdog ? 0 : -ETIMEDOUT);
		server_end();
	}
	assert_string_equal(diagnostic.sentence,
		"worker 1 on core 5 hangs for 10 s now, and no supervisor's "
		"watchdog ends the server: it ends itself");
}

static void a_state_is_told_once_and_at_most_once_a_second(void **state)
{
	(void)state;
	socket_bind("@ntpwire-test-supervise");
	server_begin();
	(void)ticks(SECOND, 2);
	for (unsigned i = 0; i < 3 * SECOND; i++) {
		bool is_even = i % 2 == 0;
		state_set(is_even ? SYNC_STATE_HOLDOVER : SYNC_STATE_UNSYNC,
			is_even ? SYNC_REASON_SILENT : SYNC_REASON_DATE, ANNOUNCE_DOWN);
		(void)ticks(1, 2);
	}
	for (unsigned i = 0; i < 3; i++)
		assert_memory_equal(heard(), "STATUS=", 7);
	assert_string_equal(heard(), "");
	state_set(SYNC_STATE_HOLDOVER, SYNC_REASON_SILENT, ANNOUNCE_DEGRADED);
	(void)ticks(5 * SECOND, 2);
	assert_string_equal(heard(), "STATUS=holdover: the reference does not answer; "
				     "announce: degraded");
	assert_string_equal(heard(), "");
	server_end();
}

static void r14_stopping_is_the_last_word(void **state)
{
	(void)state;
	socket_bind(scratch_path("notify"));
	assert_int_equal(setenv("WATCHDOG_USEC", "5000000", 1), 0);
	server_begin();
	supervise_stopping(&s);
	assert_string_equal(heard(), "STOPPING=1\nSTATUS=stopping: answers for a moment more");
	state_set(SYNC_STATE_UNSYNC, SYNC_REASON_DATE, ANNOUNCE_DOWN);
	(void)ticks(3 * SECOND, 2);
	assert_string_equal(heard(), "");
	server_end();
}

// A queue that is full, with nobody who reads: not one call waits.
static void r01_a_supervisor_that_does_not_read_holds_nobody_up(void **state)
{
	(void)state;
	socket_bind(scratch_path("notify"));
	assert_int_equal(setenv("WATCHDOG_USEC", "20000", 1), 0);
	server_begin();
	(void)ticks(100 * SECOND, 2);
	server_end();
}

static void a_supervisor_may_be_started_anew(void **state)
{
	(void)state;
	socket_bind(scratch_path("notify"));
	server_begin();
	assert_int_equal(close(supervisor), 0);
	assert_int_equal(unlink(scratch_path("notify")), 0);
	supervise_ready(&s, &statseg);
	socket_bind(scratch_path("notify"));
	supervise_ready(&s, &statseg);
	assert_memory_equal(heard(), "READY=1", 7);
	server_end();
}

static void a_watchdog_of_another_process_is_not_ours(void **state)
{
	static const struct {
		const char *us;
		const char *pid;
		uint64_t wanted;
	} rows[] = {{"5000000", NULL, 5000000}, {"5000000", "1", 0}, {NULL, NULL, 0}, {"", NULL, 0},
		{"-5", NULL, 0}, {"5s", NULL, 0}, {"99999999999999999999999", NULL, 0},
		{"7", "", 0}};
	char own[16];
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++) {
		assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
		assert_int_equal(unsetenv("WATCHDOG_PID"), 0);
		if (rows[i].us != NULL)
			assert_int_equal(setenv("WATCHDOG_USEC", rows[i].us, 1), 0);
		if (rows[i].pid != NULL)
			assert_int_equal(setenv("WATCHDOG_PID", rows[i].pid, 1), 0);
		assert_int_equal(notify_watchdog_us(), rows[i].wanted);
	}
	snprintf(own, sizeof(own), "%d", (int)getpid());
	assert_int_equal(setenv("WATCHDOG_PID", own, 1), 0);
	assert_int_equal(notify_watchdog_us(), 7);
	assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
	assert_int_equal(unsetenv("WATCHDOG_PID"), 0);
}

static void without_a_usable_socket_nobody_is_told(void **state)
{
	static char long_path[300] = "/";
	(void)state;
	memset(long_path + 1, 'x', sizeof(long_path) - 2);
	static const struct {
		const char *name;
		int r;
	} rows[] = {{NULL, 0}, {"", -EINVAL}, {"@", -EINVAL}, {"run/notify", -EINVAL},
		{"vsock:2:1234", -EINVAL}, {long_path, -ENAMETOOLONG}};
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++) {
		struct notify n;
		if (rows[i].name != NULL)
			assert_int_equal(setenv("NOTIFY_SOCKET", rows[i].name, 1), 0);
		assert_int_equal(notify_open(&n), rows[i].r);
		assert_int_equal(n.fd, -1);
		notify_send(&n, "READY=1");
		notify_close(&n);
	}
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, r01_signs_of_life_come_where_they_are_waited_for);
	TABLE_ADD(&t, r12_a_hung_worker_is_told_and_ends_the_signs);
	TABLE_ADD(&t, r12_a_server_ends_itself_where_no_watchdog_would);
	TABLE_ADD(&t, a_state_is_told_once_and_at_most_once_a_second);
	TABLE_ADD(&t, r14_stopping_is_the_last_word);
	TABLE_ADD(&t, r01_a_supervisor_that_does_not_read_holds_nobody_up);
	TABLE_ADD(&t, a_supervisor_may_be_started_anew);
	TABLE_ADD(&t, a_watchdog_of_another_process_is_not_ours);
	TABLE_ADD(&t, without_a_usable_socket_nobody_is_told);
	return table_run_between("supervise", &t, scratch_begin, scratch_end);
}

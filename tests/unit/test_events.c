// SPDX-License-Identifier: BSD-3-Clause
#include "daemon/events.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "harness/table.h"

static struct events events;

static int begin(void **state)
{
	(void)state;
	return events_open(&events);
}

static int end(void **state)
{
	(void)state;
	events_close(&events);
	return 0;
}

static struct happened wait_once(void)
{
	struct happened h;
	assert_int_equal(events_wait(&events, &h), 0);
	return h;
}

static void stop_signals_are_counted(void **state)
{
	(void)state;
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_int_equal(kill(getpid(), SIGINT), 0);
	struct happened h = wait_once();
	assert_int_equal(h.stops, 2);
	assert_false(h.tick);
	assert_false(h.reload);
	assert_false(h.clock_was_set);
}

static void hangup_is_told_from_stop(void **state)
{
	(void)state;
	assert_int_equal(kill(getpid(), SIGHUP), 0);
	struct happened h = wait_once();
	assert_true(h.reload);
	assert_int_equal(h.stops, 0);
}

static void *kill_process(void *unused)
{
	(void)kill(getpid(), SIGTERM);
	return unused;
}

// Threads made afterwards, such as DPDK's, must not be the ones that die of a signal.
static void threads_made_later_leave_signals_to_us(void **state)
{
	(void)state;
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, kill_process, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(wait_once().stops, 1);
}

static void ticks_come_at_their_rate(void **state)
{
	(void)state;
	struct timespec begun;
	struct timespec ended;
	assert_int_equal(events_start_ticks(&events, 100), 0);
	(void)clock_gettime(CLOCK_MONOTONIC, &begun);
	for (unsigned i = 0; i < 20; i++)
		assert_true(wait_once().tick);
	(void)clock_gettime(CLOCK_MONOTONIC, &ended);
	double seconds = (double)(ended.tv_sec - begun.tv_sec) +
	                 (double)(ended.tv_nsec - begun.tv_nsec) / 1e9;
	// Late ticks are legal on a busy machine, early ones are not.
	assert_true(seconds > 0.17);
	assert_true(seconds < 10);
}

static void closing_twice_is_fine(void **state)
{
	(void)state;
	struct events e;
	struct events zeroed = {0};
	assert_int_equal(events_open(&e), 0);
	events_close(&e);
	events_close(&e);
	events_close(&zeroed);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, stop_signals_are_counted);
	TABLE_ADD(&t, hangup_is_told_from_stop);
	TABLE_ADD(&t, threads_made_later_leave_signals_to_us);
	TABLE_ADD(&t, ticks_come_at_their_rate);
	TABLE_ADD(&t, closing_twice_is_fine);
	return table_run_between("events", &t, begin, end);
}

// SPDX-License-Identifier: BSD-3-Clause
// When the supervisor gets a sign of life, over simulated heartbeats.
#include "daemon/watchdog.h"

#include "harness/table.h"

#define SECOND    CLOCK_RATE
#define FIVE_S_US 5000000u

// Two workers whose heartbeats go on in every tick, unless they stand.
static struct watchdog dog;
static uint64_t beat[2];
static bool stands[2];
static unsigned signs;
static unsigned hangs;
static unsigned goes_on;
static unsigned lost;

static void begin(uint64_t us)
{
	watchdog_init(&dog, us);
	for (unsigned i = 0; i < 2; i++) {
		beat[i] = 1000;
		stands[i] = false;
	}
	signs = hangs = goes_on = lost = 0;
}

static void worker_tick(unsigned i)
{
	beat[i] += stands[i] ? 0 : 12345;
	enum watchdog_news news = watchdog_look(&dog, i, beat[i]);
	hangs += news == WATCHDOG_HANGS;
	goes_on += news == WATCHDOG_GOES_ON;
	lost += news == WATCHDOG_IS_LOST;
}

// Signs of life in so many ticks of the control thread.
static unsigned ticks(unsigned n)
{
	unsigned before = signs;
	for (unsigned t = 0; t < n; t++) {
		worker_tick(0);
		worker_tick(1);
		signs += watchdog_turn(&dog);
	}
	return signs - before;
}

static void r01_a_server_that_lives_says_so_once_a_second(void **state)
{
	(void)state;
	begin(FIVE_S_US);
	assert_int_equal(ticks(1), 1);
	assert_int_equal(ticks(SECOND - 1), 0);
	assert_int_equal(ticks(1), 1);
	assert_int_equal(ticks(10 * SECOND), 10);
	assert_int_equal(hangs, 0);
}

// A sign is a tick's doing: a control thread that hangs gives none, and gives no two afterwards.
static void r01_a_hung_control_thread_makes_up_for_nothing(void **state)
{
	(void)state;
	begin(FIVE_S_US);
	(void)ticks(SECOND);
	for (unsigned i = 0; i < 2; i++)
		beat[i] += UINT64_C(30000000000);
	assert_int_equal(ticks(SECOND), 1);
	assert_int_equal(hangs, 0);
}

static void r01_a_short_wait_gets_two_signs_in_its_time(void **state)
{
	static const struct {
		uint64_t us;
		unsigned in_ten_seconds;
	} rows[] = {{0, 0}, {1, 1000}, {20000, 1000}, {200000, 100}, {2000000, 10}, {3000000, 10},
		{UINT64_MAX, 10}};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++) {
		begin(rows[i].us);
		assert_int_equal(ticks(10 * SECOND), rows[i].in_ten_seconds);
	}
}

static void r12_a_hung_worker_ends_the_signs_within_a_second(void **state)
{
	(void)state;
	begin(FIVE_S_US);
	(void)ticks(SECOND + 1);
	stands[1] = true;
	assert_int_equal(ticks(SECOND - 1), 0);
	assert_int_equal(hangs, 0);
	assert_int_equal(ticks(1), 0);
	assert_int_equal(hangs, 1);
	assert_int_equal(ticks(60 * SECOND), 0);
	assert_int_equal(hangs, 1);
	assert_int_equal(dog.hanging, 1);
}

static void r12_a_worker_that_goes_on_is_a_sign_at_once(void **state)
{
	(void)state;
	begin(FIVE_S_US);
	(void)ticks(SECOND);
	stands[0] = true;
	(void)ticks(4 * SECOND);
	stands[0] = false;
	assert_int_equal(ticks(1), 1);
	assert_int_equal(goes_on, 1);
	assert_int_equal(dog.hanging, 0);
	assert_int_equal(ticks(5 * SECOND), 5);
}

static void r12_one_of_two_hung_workers_that_goes_on_is_not_enough(void **state)
{
	(void)state;
	begin(FIVE_S_US);
	stands[0] = stands[1] = true;
	(void)ticks(4 * SECOND);
	assert_int_equal(hangs, 2);
	stands[0] = false;
	assert_int_equal(ticks(5 * SECOND), 0);
	assert_int_equal(goes_on, 1);
	stands[1] = false;
	assert_int_equal(ticks(5 * SECOND), 5);
}

static void r12_a_short_stall_is_no_hang(void **state)
{
	(void)state;
	begin(FIVE_S_US);
	(void)ticks(SECOND);
	for (unsigned i = 0; i < 20; i++) {
		stands[0] = true;
		(void)ticks(SECOND - 1);
		stands[0] = false;
		(void)ticks(1);
	}
	assert_int_equal(hangs, 0);
	assert_in_range(signs, 20, 21);
}

static void r12_a_worker_that_never_began_hangs(void **state)
{
	(void)state;
	begin(FIVE_S_US);
	beat[1] = 0;
	stands[1] = true;
	(void)ticks(SECOND);
	assert_int_equal(hangs, 1);
}

// Without a supervisor, too.
static void r12_a_hung_worker_is_news_for_the_log_alone(void **state)
{
	(void)state;
	begin(0);
	stands[0] = true;
	assert_int_equal(ticks(3 * SECOND), 0);
	assert_int_equal(hangs, 1);
}

// Told once. Time in which the whole process stood still has no ticks, and does not count.
static void r12_a_worker_that_hangs_for_ten_seconds_is_lost_where_nobody_waits(void **state)
{
	(void)state;
	begin(0);
	stands[0] = true;
	(void)ticks(10 * SECOND - 1);
	stands[0] = false;
	(void)ticks(1);
	stands[0] = true;
	(void)ticks(10 * SECOND - 1);
	assert_int_equal(lost, 0);
	(void)ticks(1);
	assert_int_equal(lost, 1);
	(void)ticks(60 * SECOND);
	assert_int_equal(lost, 1);
	assert_int_equal(hangs, 2);
	begin(FIVE_S_US);
	stands[0] = true;
	(void)ticks(60 * SECOND);
	assert_int_equal(lost, 0);
	assert_int_equal(hangs, 1);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, r01_a_server_that_lives_says_so_once_a_second);
	TABLE_ADD(&t, r01_a_hung_control_thread_makes_up_for_nothing);
	TABLE_ADD(&t, r01_a_short_wait_gets_two_signs_in_its_time);
	TABLE_ADD(&t, r12_a_hung_worker_ends_the_signs_within_a_second);
	TABLE_ADD(&t, r12_a_worker_that_goes_on_is_a_sign_at_once);
	TABLE_ADD(&t, r12_one_of_two_hung_workers_that_goes_on_is_not_enough);
	TABLE_ADD(&t, r12_a_short_stall_is_no_hang);
	TABLE_ADD(&t, r12_a_worker_that_never_began_hangs);
	TABLE_ADD(&t, r12_a_hung_worker_is_news_for_the_log_alone);
	TABLE_ADD(&t, r12_a_worker_that_hangs_for_ten_seconds_is_lost_where_nobody_waits);
	return table_run("watchdog", &t);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "method/soak.h"

#include "harness/table.h"

static struct soak_interval intervals[4];
static struct soak soak;

static void note(double elapsed, uint64_t sent, uint64_t known, uint64_t answered, uint64_t invalid)
{
	const struct soak_reading now = {elapsed, sent, known, answered, invalid};
	soak_note(&soak, &now);
}

static void an_interval_is_the_difference(void **state)
{
	(void)state;
	soak_init(&soak, intervals, TABLE_LENGTH(intervals));
	note(10, 1000, 990, 990, 0);
	note(20, 3000, 2990, 2987, 2);
	assert_int_equal(soak.count, 2);
	assert_true(intervals[0].offered_pps == 100 && intervals[0].answered_pps == 99);
	assert_int_equal(intervals[0].lost, 0);
	assert_true(intervals[1].elapsed_s == 20 && intervals[1].offered_pps == 200);
	assert_int_equal(intervals[1].lost, 3);
	assert_int_equal(intervals[1].invalid, 2);
}

// What is still under way is not lost, and what is lost is counted once.
static void a_loss_stands_in_one_interval(void **state)
{
	(void)state;
	soak_init(&soak, intervals, TABLE_LENGTH(intervals));
	note(1, 500, 400, 395, 0);
	note(2, 1000, 1000, 995, 0);
	assert_int_equal(intervals[0].lost, 5);
	assert_int_equal(intervals[1].lost, 0);
}

static void a_late_reply_makes_no_negative_loss(void **state)
{
	(void)state;
	soak_init(&soak, intervals, TABLE_LENGTH(intervals));
	note(1, 500, 500, 490, 0);
	note(2, 1000, 1000, 999, 0);
	note(3, 1500, 1500, 1485, 0);
	assert_int_equal(intervals[1].lost, 0);
	assert_int_equal(intervals[2].lost, 5);
}

static void a_full_soak_takes_no_more(void **state)
{
	(void)state;
	soak_init(&soak, intervals, 1);
	note(1, 10, 10, 10, 0);
	note(2, 20, 20, 20, 0);
	note(2, 30, 30, 30, 0);
	assert_int_equal(soak.count, 1);
	assert_true(intervals[0].elapsed_s == 1);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, an_interval_is_the_difference);
	TABLE_ADD(&t, a_loss_stands_in_one_interval);
	TABLE_ADD(&t, a_late_reply_makes_no_negative_loss);
	TABLE_ADD(&t, a_full_soak_takes_no_more);
	return table_run("soak", &t);
}

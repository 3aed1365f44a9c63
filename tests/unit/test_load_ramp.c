// SPDX-License-Identifier: BSD-3-Clause
#include "method/ramp.h"

#include "harness/table.h"

static const struct ramp_step good;

static void the_ladder_is_ntpperfs(void **state)
{
	static const uint64_t rates[] = {1000, 1500, 2250, 3375, 5062, 7593, 11389};
	struct ramp r;
	(void)state;
	ramp_init(&r, 0, RAMP_CLIENTS_MAX);
	for (size_t i = 0; i < TABLE_LENGTH(rates); i++) {
		assert_int_equal(r.rate, rates[i]);
		assert_int_equal(r.clients, rates[i] / 10);
		assert_int_equal(ramp_climb(&r, &good), RAMP_GOES_ON);
	}
}

static void clients_are_at_most_what_is_wanted(void **state)
{
	struct ramp r;
	(void)state;
	ramp_init(&r, 0, 120);
	assert_int_equal(r.clients, 100);
	(void)ramp_climb(&r, &good);
	assert_int_equal(r.clients, 120);
}

static void half_lost_is_not_too_much(void **state)
{
	static const struct ramp_step half = {.lost_percent = 50};
	static const struct ramp_step more = {.lost_percent = 50.1};
	struct ramp r;
	(void)state;
	ramp_init(&r, 0, RAMP_CLIENTS_MAX);
	assert_int_equal(ramp_climb(&r, &half), RAMP_GOES_ON);
	assert_int_equal(ramp_climb(&r, &more), RAMP_LOST);
	assert_int_equal(r.rate, 1500);
}

static void what_cannot_be_sent_ends_it(void **state)
{
	static const struct ramp_step late = {.skipped_percent = 2};
	struct ramp r;
	(void)state;
	ramp_init(&r, 0, RAMP_CLIENTS_MAX);
	assert_int_equal(ramp_climb(&r, &late), RAMP_TOO_LATE);
}

static void no_step_is_above_the_top(void **state)
{
	struct ramp r;
	(void)state;
	ramp_init(&r, 2000, RAMP_CLIENTS_MAX);
	assert_int_equal(ramp_climb(&r, &good), RAMP_GOES_ON);
	assert_int_equal(ramp_climb(&r, &good), RAMP_TOP);
	assert_int_equal(r.rate, 1500);
	ramp_init(&r, 5, RAMP_CLIENTS_MAX);
	assert_int_equal(r.rate, 5);
	assert_int_equal(r.clients, 1);
}

static void every_ladder_ends(void **state)
{
	struct ramp r;
	unsigned steps = 1;
	(void)state;
	ramp_init(&r, 0, RAMP_CLIENTS_MAX);
	while (ramp_climb(&r, &good) == RAMP_GOES_ON && steps < 100)
		steps++;
	assert_in_range(steps, 30, 40);
	ramp_init(&r, 1, 1);
	assert_int_equal(ramp_climb(&r, &good), RAMP_TOP);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, the_ladder_is_ntpperfs);
	TABLE_ADD(&t, clients_are_at_most_what_is_wanted);
	TABLE_ADD(&t, half_lost_is_not_too_much);
	TABLE_ADD(&t, what_cannot_be_sent_ends_it);
	TABLE_ADD(&t, no_step_is_above_the_top);
	TABLE_ADD(&t, every_ladder_ends);
	return table_run("ramp", &t);
}

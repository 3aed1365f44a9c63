// SPDX-License-Identifier: BSD-3-Clause
// Cross timestamps on a simulated machine, on which each reading of counter and clock takes time,
// and now and then something else comes between.
#include "core/crosststamp.h"

#include "harness/random.h"
#include "harness/table.h"

// Of the counter, in its cycles: what a reading takes, and what an interruption takes at the most.
#define READING      40
#define INTERRUPTION 1000000
// The clock shows as many units a cycle, from its own beginning on.
#define CLOCK_RATE  3
#define CLOCK_BEGIN 0xfffffffffff00000u

struct machine {
	uint64_t random;
	uint64_t now;    // cycles
	unsigned one_in; // so many readings are interrupted, before or after
};

static void pass(struct machine *m)
{
	m->now += 1 + random_below(&m->random, READING);
	if (random_below(&m->random, m->one_in) == 0)
		m->now += random_below(&m->random, INTERRUPTION);
}

static struct cycles counter(struct machine *m)
{
	pass(m);
	struct cycles c = {m->now};
	pass(m);
	return c;
}

static uint64_t clock_at(uint64_t cycles)
{
	return CLOCK_BEGIN + CLOCK_RATE * cycles;
}

static uint64_t clock_read(struct machine *m)
{
	pass(m);
	uint64_t c = clock_at(m->now);
	pass(m);
	return c;
}

// Takes `tries` readings; the shortest bracket among them.
static uint64_t series(struct machine *m, unsigned tries, struct crosststamp *ret_best)
{
	uint64_t shortest = UINT64_MAX;
	*ret_best = crosststamp_none();
	for (unsigned i = 0; i < tries; i++) {
		struct cycles before = counter(m);
		uint64_t clock = clock_read(m);
		struct cycles after = counter(m);
		crosststamp_take(ret_best, before, clock, after);
		if (after.n - before.n < shortest)
			shortest = after.n - before.n;
	}
	return shortest;
}

// Counters that pass their end meanwhile, too.
static void the_shortest_counts_and_bounds_the_error(void **state)
{
	struct machine m = {.random = random_seed(__func__), .one_in = 4};
	(void)state;
	for (unsigned run = 0; run < 20000; run++) {
		struct crosststamp best;
		m.now = (uint64_t)-1 - random_below(&m.random, 1 + 4 * READING * (run % 64));
		uint64_t shortest = series(&m, 1 + run % 9, &best);
		assert_int_equal(best.bracket, shortest);
		int64_t off = (int64_t)(best.clock - clock_at(best.at.n));
		assert_true(
			(uint64_t)(off < 0 ? -off : off) <= CLOCK_RATE * (best.bracket + 1) / 2);
	}
}

// Of nine readings one is undisturbed nearly always; of one alone, not.
static void interruptions_are_left_out(void **state)
{
	struct machine m = {.random = random_seed(__func__), .one_in = 12};
	unsigned long_ones = 0;
	unsigned long_alone = 0;
	(void)state;
	for (unsigned run = 0; run < 2000; run++) {
		struct crosststamp best;
		(void)series(&m, 9, &best);
		long_ones += best.bracket > 4 * READING;
		(void)series(&m, 1, &best);
		long_alone += best.bracket > 4 * READING;
	}
	assert_true(long_ones < 20);
	assert_true(long_alone > 200);
}

static void the_first_of_equals_stays(void **state)
{
	struct crosststamp best = crosststamp_none();
	(void)state;
	crosststamp_take(&best, (struct cycles){100}, 1, (struct cycles){111});
	crosststamp_take(&best, (struct cycles){200}, 2, (struct cycles){211});
	assert_int_equal(best.clock, 1);
	assert_int_equal(best.at.n, 105);
	assert_int_equal(best.bracket, 11);
	crosststamp_take(&best, (struct cycles){300}, 3, (struct cycles){300});
	assert_int_equal(best.clock, 3);
	assert_int_equal(best.at.n, 300);
	assert_int_equal(best.bracket, 0);
}

static void a_counter_that_went_back_is_the_last_choice(void **state)
{
	struct crosststamp best = crosststamp_none();
	(void)state;
	assert_true(best.bracket == UINT64_MAX);
	crosststamp_take(&best, (struct cycles){100}, 1, (struct cycles){90});
	assert_true(best.bracket > INT64_MAX);
	crosststamp_take(&best, (struct cycles){100}, 2, (struct cycles){1000000});
	assert_int_equal(best.clock, 2);
	crosststamp_take(&best, (struct cycles){100}, 3, (struct cycles){99});
	assert_int_equal(best.clock, 2);
}

int main(void)
{
	static struct table tests;
	TABLE_ADD(&tests, the_shortest_counts_and_bounds_the_error);
	TABLE_ADD(&tests, interruptions_are_left_out);
	TABLE_ADD(&tests, the_first_of_equals_stays);
	TABLE_ADD(&tests, a_counter_that_went_back_is_the_last_choice);
	return table_run("crosststamp", &tests);
}

// SPDX-License-Identifier: BSD-3-Clause
// The clock in simulated time.
#include "time/clock.h"

#include <math.h>
#include <stdlib.h>

#include "harness/table.h"
#include "simulated_clock.h"

static void no_line_is_offered_before_there_are_pairs(void **state)
{
	(void)state;
	struct machine m = machine_make(2600000000);
	struct clock c = clock_on(&m);
	struct clock_line line = {.hz = 7};
	assert_false(clock_line(&c, &line));
	assert_int_equal(line.hz, 7);
	assert_int_equal(ticks(&m, &c, CLOCK_ENOUGH - 1), CLOCK_FITTING);
	assert_int_equal(tick(&m, &c), CLOCK_GOOD);
	assert_true(clock_line(&c, &line));
}

static void the_shortest_bracket_is_taken(void **state)
{
	(void)state;
	struct machine m = machine_make(1000000000);
	m.spike_every = 4;
	m.spike_ns = 50000;
	const struct clock_source source = machine_source(&m);
	for (unsigned i = 0; i < 1000; i++) {
		struct clock_pair p = clock_pair_read(&source);
		assert_in_range(p.bracket, 2 * READ_NS - 1, 2 * READ_NS + 1);
	}
}

// Counters from the slowest arm64 to the fastest x86, system clocks 37 ppm off either way.
static void the_line_is_right_for_every_counter(void **state)
{
	static const uint64_t rates[] = {24000000, 62500000, 1000000000, 2596122000, 5000000000};
	(void)state;
	for (unsigned i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct machine m = machine_make(rates[i]);
		struct clock c = clock_on(&m);
		struct clock_line line;
		m.rate_error = i % 2 == 0 ? 37e-6 : -37e-6;
		assert_int_equal(ticks(&m, &c, 300), CLOCK_GOOD);
		assert_true(clock_line(&c, &line));
		double hz = (double)rates[i] / (1 + m.rate_error);
		assert_true(fabs((double)line.hz - hz) < hz * 1e-6);
		double grain_ns = 1e9 / (double)rates[i];
		assert_true(fabs(line_miss_ns(&m, &c)) < READ_NS + 2 * grain_ns);
	}
}

static void t10_preemption_does_not_bend_the_line(void **state)
{
	(void)state;
	struct machine m = machine_make(2596122000);
	struct clock c = clock_on(&m);
	m.spike_every = 17;
	m.spike_ns = 50000;
	(void)ticks(&m, &c, 300);
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(tick(&m, &c), CLOCK_GOOD);
		assert_true(fabs(line_miss_ns(&m, &c)) <= 30);
	}
	assert_int_equal(c.steps, 0);
}

static void a_small_change_of_rate_stays_within_the_bound(void **state)
{
	(void)state;
	struct machine m = machine_make(2596122000);
	struct clock c = clock_on(&m);
	(void)ticks(&m, &c, 300);
	for (unsigned i = 0; i < 2000; i++) {
		if (i % 100 == 0)
			m.rate_error += i % 200 == 0 ? 0.1e-6 : -0.1e-6;
		assert_int_equal(tick(&m, &c), CLOCK_GOOD);
		assert_true(fabs(line_miss_ns(&m, &c)) <= line_bound_ns(&c));
	}
}

// 500 ppm is as far as adjtimex goes. The line follows: off by one tick's worth at first, and by
// no more than it says from the second tick on.
static void the_fastest_slew_is_followed_and_told(void **state)
{
	(void)state;
	struct machine m = machine_make(2596122000);
	struct clock c = clock_on(&m);
	(void)ticks(&m, &c, 300);
	m.rate_error = 500e-6;
	(void)ticks(&m, &c, 2);
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(tick(&m, &c), CLOCK_GOOD);
		assert_true(fabs(line_miss_ns(&m, &c)) <= line_bound_ns(&c) + 1);
	}
	assert_int_equal(c.steps, 0);
	assert_true(fabs(line_miss_ns(&m, &c)) < 100);
}

static void check_step(double step_ns)
{
	struct machine m = machine_make(2596122000);
	struct clock c = clock_on(&m);
	(void)ticks(&m, &c, 300);
	uint32_t epoch = c.epoch;
	m.realtime_ns += step_ns;
	assert_int_equal(tick(&m, &c), CLOCK_STEPPED);
	assert_int_equal(c.epoch, epoch + 1);
	assert_int_equal(c.steps, 1);
	assert_true(fabs(line_miss_ns(&m, &c)) < 100);
	assert_int_equal(ticks(&m, &c, CLOCK_ENOUGH - 2), CLOCK_FITTING);
	assert_int_equal(tick(&m, &c), CLOCK_GOOD);
	assert_int_equal(c.steps, 1);
}

static void t11_steps_of_every_size_are_seen_at_the_next_tick(void **state)
{
	static const double sizes[] = {25e3, 1e6, 0.2e9, 1e9, 86400e9, 1e16};
	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		check_step(sizes[i]);
		check_step(-sizes[i]);
	}
}

static void t11_a_slew_beyond_the_kernels_is_a_step(void **state)
{
	(void)state;
	struct machine m = machine_make(2596122000);
	struct clock c = clock_on(&m);
	(void)ticks(&m, &c, 300);
	m.rate_error = 83333e-6;
	(void)tick(&m, &c);
	assert_int_equal(tick(&m, &c), CLOCK_STEPPED);
}

static void t11_an_announced_set_is_a_step_though_time_goes_on(void **state)
{
	(void)state;
	struct machine m = machine_make(2596122000);
	struct clock c = clock_on(&m);
	(void)ticks(&m, &c, 300);
	clock_announce_set(&c);
	assert_int_equal(tick(&m, &c), CLOCK_STEPPED);
	assert_int_equal(tick(&m, &c), CLOCK_FITTING);
	assert_int_equal(c.steps, 1);
}

static void late_ticks_do_no_harm(void **state)
{
	(void)state;
	struct machine m = machine_make(2596122000);
	struct clock c = clock_on(&m);
	m.rate_error = 20e-6;
	(void)ticks(&m, &c, 300);
	for (unsigned i = 1; i <= 20; i++) {
		machine_pass(&m, i * NS_PER_S / 3);
		assert_true(fabs(line_miss_ns(&m, &c)) < 100.0 * i);
		assert_int_equal(tick(&m, &c), CLOCK_GOOD);
	}
	assert_int_equal(c.steps, 0);
}

// Whatever the clock did before, two quiet seconds make the line good again.
static void random_histories_end_well(void **state)
{
	(void)state;
	srand(20260823);
	for (unsigned history = 0; history < 200; history++) {
		struct machine m = machine_make(1000000000 + (uint64_t)rand());
		struct clock c = clock_on(&m);
		for (unsigned i = 0; i < 50; i++) {
			m.rate_error = (rand() % 1000 - 500) * 1e-6;
			if (rand() % 8 == 0)
				m.realtime_ns += (rand() % 2000 - 1000) * 1e6;
			(void)ticks(&m, &c, (unsigned)rand() % 20);
		}
		m.rate_error = 1e-6;
		assert_int_equal(ticks(&m, &c, 2 * FIT_PAIRS), CLOCK_GOOD);
		assert_true(fabs(line_miss_ns(&m, &c)) <= line_bound_ns(&c));
		assert_true(fabs(line_miss_ns(&m, &c)) < 100);
	}
}

static void precision_is_the_counters_grain(void **state)
{
	(void)state;
	struct machine m = machine_make(1000000000);
	const struct clock_source source = machine_source(&m);
	// Two readings lie READ_NS apart: 2^-26 s is 14.9 ns, 2^-25 s is 29.8 ns.
	assert_int_equal(clock_precision(&source, m.hz), -25);
}

// Slews as adjtimex makes them are followed without a break; what goes beyond 1000 ppm is a step
// at its beginning and at its end, and is not served in between.
static void t10_slews_are_followed_or_not_served(void **state)
{
	static const double slews[] = {0.1e-6, 1e-6, 10e-6, 100e-6, 500e-6, 83333e-6};
	(void)state;
	for (unsigned i = 0; i < sizeof(slews) / sizeof(slews[0]) * 2; i++) {
		double slew = slews[i / 2] * (i % 2 == 0 ? 1 : -1);
		struct machine m = machine_make(2596122000);
		struct clock c = clock_on(&m);
		(void)ticks(&m, &c, 300);
		m.rate_error = slew;
		(void)ticks(&m, &c, 2);
		for (unsigned t = 0; t < 500; t++) {
			enum clock_event e = tick(&m, &c);
			assert_int_equal(e == CLOCK_GOOD, fabs(slew) < 1e-3);
			assert_true(fabs(line_miss_ns(&m, &c)) <=
				    line_bound_ns(&c) + (e == CLOCK_GOOD ? 1 : 1e6));
		}
		m.rate_error = 0;
		assert_int_equal(ticks(&m, &c, 200), CLOCK_GOOD);
		assert_int_equal(c.steps, fabs(slew) < 1e-3 ? 0 : 2);
		assert_true(fabs(line_miss_ns(&m, &c)) <= 30);
	}
}

static int double_compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;
	return (x > y) - (x < y);
}

// A counter that shows 10 ns, readings that fall anywhere in 20 ns, preemptions of 27 to 50 us, a
// crystal that wanders by 1 ppb a second, and a daemon that changes the rate by up to 0.1 ppm.
static void t10_prediction_at_10_ms_p99_15_ns_max_30_ns(void **state)
{
	enum { PROBES = 100000 };
	static double miss[PROBES];
	(void)state;
	uint64_t random = random_seed(__func__);
	struct machine m = machine_make(2596122000);
	struct clock c = clock_on(&m);
	m.noise = random_u64(&random) | 1;
	m.grain = 26;
	m.rate_error = 12e-6;
	(void)ticks(&m, &c, 300);
	for (unsigned i = 0; i < PROBES; i++) {
		m.spike_every = 50 + (unsigned)random_below(&random, 2000);
		m.spike_ns = 27000 + (int64_t)random_below(&random, 23000);
		m.counter_error += ((double)random_below(&random, 2001) - 1000) / 1000 * 0.17e-9;
		if (i % 6400 == 0)
			m.rate_error = 12e-6 + ((double)random_below(&random, 2001) - 1000) * 1e-10;
		assert_int_equal(tick(&m, &c), CLOCK_GOOD);
		miss[i] = fabs(line_miss_ns(&m, &c));
		assert_true(miss[i] <= line_bound_ns(&c));
	}
	qsort(miss, PROBES, sizeof(miss[0]), double_compare);
	printf("# prediction 10 ms ahead: p50 %.1f ns, p99 %.1f ns, max %.1f ns\n",
		miss[PROBES / 2], miss[PROBES / 100 * 99], miss[PROBES - 1]);
	assert_true(miss[PROBES / 100 * 99] <= 15);
	assert_true(miss[PROBES - 1] <= 30);
	assert_int_equal(c.steps, 0);
}

// Each reading of a tick preempted: its pair is worth nothing, and the line knows better.
static void t10_a_tick_torn_apart_does_not_bend_the_line(void **state)
{
	(void)state;
	struct machine m = machine_make(2596122000);
	struct clock c = clock_on(&m);
	m.noise = 1;
	(void)ticks(&m, &c, 300);
	for (unsigned i = 0; i < 2000; i++) {
		m.spike_every = i % 10 < 3;
		m.spike_ns = 27000 + 1000 * (i % 23);
		assert_int_equal(tick(&m, &c), CLOCK_GOOD);
		assert_true(fabs(line_miss_ns(&m, &c)) <= 30);
	}
	m.spike_every = 1;
	(void)ticks(&m, &c, 200);
	assert_true(c.fit.count > 0 && c.steps == 0);
	assert_true(fabs(line_miss_ns(&m, &c)) <= line_bound_ns(&c));
}

static void t10_a_fit_that_no_line_explains_begins_again(void **state)
{
	(void)state;
	struct machine m = machine_make(2596122000);
	struct clock c = clock_on(&m);
	(void)ticks(&m, &c, 300);
	m.rate_error = 300e-6;
	(void)ticks(&m, &c, 60);
	assert_in_range(c.fit.restarts, 1, 10);
	assert_true(c.fit.count < 100);
	assert_int_equal(c.steps, 0);
	assert_true(fabs(line_miss_ns(&m, &c)) < 100);
}

// whether the counter slept too or not, whatever the machine did meanwhile is not known.
static void r17_a_suspend_is_a_step(void **state)
{
	(void)state;
	for (unsigned stands = 0; stands < 2; stands++) {
		struct machine m = machine_make(2596122000);
		struct clock c = clock_on(&m);
		(void)ticks(&m, &c, 300);
		machine_sleep(&m, 3600 * NS_PER_S, stands != 0);
		assert_int_equal(tick(&m, &c), CLOCK_STEPPED);
		assert_int_equal(c.cause, CLOCK_CAUSE_SUSPEND);
		assert_true(stands ? c.step.n > 3599 * NS_PER_S : llabs(c.step.n) < 100000);
		assert_int_equal(ticks(&m, &c, CLOCK_ENOUGH - 1), CLOCK_GOOD);
		assert_int_equal(c.steps, 1);
		assert_true(fabs(line_miss_ns(&m, &c)) <= 30);
	}
}

static void r17_a_counter_that_goes_back_is_a_step(void **state)
{
	(void)state;
	struct machine m = machine_make(2596122000);
	struct clock c = clock_on(&m);
	(void)ticks(&m, &c, 300);
	m.elapsed_ps = NS_PER_S;
	assert_int_equal(tick(&m, &c), CLOCK_STEPPED);
	assert_int_equal(c.cause, CLOCK_CAUSE_COUNTER);
	assert_int_equal(ticks(&m, &c, CLOCK_ENOUGH - 1), CLOCK_GOOD);
	assert_int_equal(c.steps, 1);
}

static void r17_a_demoted_counter_is_noticed_within_a_second(void **state)
{
	(void)state;
	struct machine m = machine_make(2596122000);
	struct clock c = clock_on(&m);
	(void)ticks(&m, &c, 300);
	assert_false(c.is_demoted);
	m.is_demoted = true;
	(void)ticks(&m, &c, CLOCK_RATE);
	assert_true(c.is_demoted);
}

// a machine that moved has another counter. It is believed only after five minutes.
static void r17_another_counter_is_learned_in_the_end(void **state)
{
	(void)state;
	struct machine m = machine_make(2596122000);
	struct clock c = clock_on(&m);
	(void)ticks(&m, &c, 300);
	m.counter_error = 0.15;
	assert_int_equal(ticks(&m, &c, 290 * CLOCK_RATE), CLOCK_FITTING);
	assert_int_equal(ticks(&m, &c, 20 * CLOCK_RATE), CLOCK_GOOD);
	assert_true(fabs(line_miss_ns(&m, &c)) <= 30);
}

// T-04: a rate that is 1500 ppm wrong, as a library's estimate may be, changes nothing.
static void t04_a_former_servers_rate_is_believed_within_1000_ppm(void **state)
{
	static const struct {
		double error;
		unsigned pairs;
	} cases[] = {{0, 8}, {900e-6, 8}, {-900e-6, 8}, {1500e-6, CLOCK_ENOUGH},
		{-1500e-6, CLOCK_ENOUGH}, {-0.9, CLOCK_ENOUGH}};
	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct machine m = machine_make(2596122000);
		struct clock c = clock_on(&m);
		clock_warm(&c, (uint64_t)(2596122000 * (1 + cases[i].error)));
		unsigned n = 1;
		while (tick(&m, &c) != CLOCK_GOOD)
			assert_true(++n < 100);
		assert_int_equal(n, cases[i].pairs);
		(void)ticks(&m, &c, 300);
		assert_true(fabs(line_miss_ns(&m, &c)) <= 30);
	}
}

// a page may hold any rate.
static void t04_an_absurd_rate_of_a_former_server_does_no_harm(void **state)
{
	static const uint64_t rates[] = {0, 1, UINT64_MAX};
	(void)state;
	for (unsigned i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct machine m = machine_make(2596122000);
		struct clock c = clock_on(&m);
		clock_warm(&c, rates[i]);
		assert_int_equal(ticks(&m, &c, CLOCK_ENOUGH), CLOCK_GOOD);
		assert_true(fabs(line_miss_ns(&m, &c)) <= 30);
	}
}

static void causes_have_words(void **state)
{
	(void)state;
	for (unsigned c = CLOCK_CAUSE_NONE; c <= CLOCK_CAUSE_COUNTER; c++)
		assert_true(*clock_cause_text((enum clock_cause)c) != '\0');
	assert_string_equal(clock_cause_text((enum clock_cause)77), "nothing happened");
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, no_line_is_offered_before_there_are_pairs);
	TABLE_ADD(&t, the_shortest_bracket_is_taken);
	TABLE_ADD(&t, the_line_is_right_for_every_counter);
	TABLE_ADD(&t, t10_preemption_does_not_bend_the_line);
	TABLE_ADD(&t, a_small_change_of_rate_stays_within_the_bound);
	TABLE_ADD(&t, the_fastest_slew_is_followed_and_told);
	TABLE_ADD(&t, t11_steps_of_every_size_are_seen_at_the_next_tick);
	TABLE_ADD(&t, t11_a_slew_beyond_the_kernels_is_a_step);
	TABLE_ADD(&t, t11_an_announced_set_is_a_step_though_time_goes_on);
	TABLE_ADD(&t, late_ticks_do_no_harm);
	TABLE_ADD(&t, random_histories_end_well);
	TABLE_ADD(&t, precision_is_the_counters_grain);
	TABLE_ADD(&t, t10_slews_are_followed_or_not_served);
	TABLE_ADD(&t, t10_prediction_at_10_ms_p99_15_ns_max_30_ns);
	TABLE_ADD(&t, t10_a_tick_torn_apart_does_not_bend_the_line);
	TABLE_ADD(&t, t10_a_fit_that_no_line_explains_begins_again);
	TABLE_ADD(&t, r17_a_suspend_is_a_step);
	TABLE_ADD(&t, r17_a_counter_that_goes_back_is_a_step);
	TABLE_ADD(&t, r17_a_demoted_counter_is_noticed_within_a_second);
	TABLE_ADD(&t, r17_another_counter_is_learned_in_the_end);
	TABLE_ADD(&t, t04_a_former_servers_rate_is_believed_within_1000_ppm);
	TABLE_ADD(&t, t04_an_absurd_rate_of_a_former_server_does_no_harm);
	TABLE_ADD(&t, causes_have_words);
	return table_run("clock", &t);
}

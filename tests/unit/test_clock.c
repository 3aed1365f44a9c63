// SPDX-License-Identifier: BSD-3-Clause
// The clock in simulated time.
#include "clock.h"

#include <math.h>
#include <stdlib.h>

#include "harness/table.h"
#include "simulated_machine.h"

static struct clock clock_on(struct machine *m)
{
	struct clock c;
	const struct clock_source source = machine_source(m);
	clock_init(&c, &source);
	return c;
}

static enum clock_event tick(struct machine *m, struct clock *c)
{
	enum clock_event event = clock_tick(c);
	machine_pass(m, TICK_NS);
	return event;
}

static enum clock_event ticks(struct machine *m, struct clock *c, unsigned n)
{
	enum clock_event event = CLOCK_FITTING;
	for (unsigned i = 0; i < n; i++)
		event = tick(m, c);
	return event;
}

// How far the line is off the system clock now, in nanoseconds: positive when it is ahead.
static double line_miss_ns(const struct machine *m, const struct clock *c)
{
	struct clock_line line;
	assert_true(clock_line(c, &line));
	struct cycles since = {machine_cycles(m) - line.ref_cycles.n};
	struct ntp_time told = ntp_time_add(line.ref_time, ntp_time_from_cycles(since, line.mult));
	struct ntp_time start = ntp_time_from_unix((struct nanos){START_NS});
	double told_ns = ldexp((double)ntp_time_diff(told, start), -32) * 1e9;
	// The difference of two large numbers: whole seconds apart, so that a double keeps the rest.
	return told_ns - m->realtime_ns;
}

static double line_bound_ns(const struct clock *c)
{
	struct clock_line line;
	assert_true(clock_line(c, &line));
	return ldexp((double)line.error_bound, -32) * 1e9;
}

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

static void preemption_does_not_bend_the_line(void **state)
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

static void steps_of_every_size_are_seen_at_the_next_tick(void **state)
{
	static const double sizes[] = {25e3, 1e6, 0.2e9, 1e9, 86400e9, 1e16};
	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		check_step(sizes[i]);
		check_step(-sizes[i]);
	}
}

static void a_slew_beyond_the_kernels_is_a_step(void **state)
{
	(void)state;
	struct machine m = machine_make(2596122000);
	struct clock c = clock_on(&m);
	(void)ticks(&m, &c, 300);
	m.rate_error = 83333e-6;
	(void)tick(&m, &c);
	assert_int_equal(tick(&m, &c), CLOCK_STEPPED);
}

static void an_announced_set_is_a_step_though_time_goes_on(void **state)
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
		assert_int_equal(ticks(&m, &c, 2 * CLOCK_PAIRS), CLOCK_GOOD);
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

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, no_line_is_offered_before_there_are_pairs);
	TABLE_ADD(&t, the_shortest_bracket_is_taken);
	TABLE_ADD(&t, the_line_is_right_for_every_counter);
	TABLE_ADD(&t, preemption_does_not_bend_the_line);
	TABLE_ADD(&t, a_small_change_of_rate_stays_within_the_bound);
	TABLE_ADD(&t, the_fastest_slew_is_followed_and_told);
	TABLE_ADD(&t, steps_of_every_size_are_seen_at_the_next_tick);
	TABLE_ADD(&t, a_slew_beyond_the_kernels_is_a_step);
	TABLE_ADD(&t, an_announced_set_is_a_step_though_time_goes_on);
	TABLE_ADD(&t, late_ticks_do_no_harm);
	TABLE_ADD(&t, random_histories_end_well);
	TABLE_ADD(&t, precision_is_the_counters_grain);
	return table_run("clock", &t);
}

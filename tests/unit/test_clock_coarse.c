// SPDX-License-Identifier: BSD-3-Clause
// The clock by a counter that is the kernel's clock: it advances with the kernel's clock source, by
// 1 ns or by much at once, and reading it may take long. The truth is the clock between its ticks.
#include "time/clock.h"

#include <math.h>

#include "harness/random.h"
#include "harness/table.h"
#include "simulated_clock.h"

#define PROBES 5000

static struct machine machine_coarse(int64_t source_ns)
{
	struct machine m = machine_make(NS_PER_S);
	m.source_ns = source_ns;
	m.may_be_coarse = true;
	return m;
}

struct grain_case {
	const char *name;
	int64_t source_ns;
	int64_t read_ns;
	int8_t precision;
};

static const struct grain_case grains[] = {
	{"every_ns", 0, 20, -25},
	{"100_ns_as_hyper_v", 100, 25, -23},
	{"70_ns_as_hpet_by_system_call", 70, 700, -20},
	{"279_ns_as_acpi_pm", 279, 20, -21},
	{"279_ns_as_acpi_pm_by_exits", 279, 2000, -18},
	{"838_ns_as_pit", 838, 3000, -18},
	{"4_ms_as_jiffies", 4000000, 150, -7},
};

// Whatever lies between two readings that differ is what the counter cannot tell.
static void check_precision(void **state)
{
	const struct grain_case *c = *state;
	struct machine m = machine_coarse(c->source_ns);
	m.read_ns = c->read_ns;
	const struct clock_source source = machine_source(&m);
	assert_int_equal(clock_precision(&source, m.hz), c->precision);
}

// Asked at any moment between two ticks, by a reading of the counter, the time is no further off
// than is told.
static void check_bound(void **state)
{
	const struct grain_case *c = *state;
	uint64_t random = random_seed(c->name);
	struct machine m = machine_coarse(c->source_ns);
	double most = 0;
	m.read_ns = c->read_ns;
	m.noise = random_u64(&random) | 1;
	m.rate_error = 12e-6;
	struct clock clock = clock_on(&m);
	assert_int_equal(ticks(&m, &clock, 300), CLOCK_GOOD);
	for (unsigned i = 0; i < PROBES; i++) {
		m.spike_every = 50 + (unsigned)random_below(&random, 2000);
		m.spike_ns = 27000 + (int64_t)random_below(&random, 23000);
		assert_int_equal(clock_tick(&clock), CLOCK_GOOD);
		int64_t later = (int64_t)random_below(&random, TICK_NS);
		machine_pass(&m, later);
		double miss = line_miss_ns(&m, &clock);
		assert_true(fabs(miss) <= line_bound_ns(&clock));
		most = fmax(most, fabs(miss));
		machine_pass(&m, TICK_NS - later);
	}
	printf("# %s: off by up to %.0f ns, told at the end %.0f ns\n", c->name, most,
		line_bound_ns(&clock));
	assert_true(line_bound_ns(&clock) >= (double)c->source_ns);
	assert_int_equal(clock.steps, 0);
}

// Where each reading takes long, long brackets are no noise: the newest pair is that of this tick.
static void slow_readings_are_taken(void **state)
{
	(void)state;
	struct machine m = machine_coarse(279);
	m.read_ns = 4000;
	struct clock c = clock_on(&m);
	(void)ticks(&m, &c, 300);
	for (unsigned i = 0; i < 100; i++) {
		int64_t began_ns = m.start_ns + (int64_t)m.realtime_ns;
		assert_int_equal(clock_tick(&c), CLOCK_GOOD);
		assert_true(clock_newest(&c).n > began_ns - 279);
		machine_pass(&m, TICK_NS);
	}
}

static void a_source_that_becomes_coarser_is_noticed_within_a_second(void **state)
{
	(void)state;
	struct machine m = machine_coarse(0);
	struct clock c = clock_on(&m);
	(void)ticks(&m, &c, 300);
	assert_true(line_bound_ns(&c) < 100);
	m.source_ns = 838;
	(void)ticks(&m, &c, CLOCK_RATE);
	assert_true(clock_grain_ns(&c) >= 838 && line_bound_ns(&c) >= 838);
	assert_false(c.is_demoted);
	m.source_ns = 4000000;
	(void)ticks(&m, &c, CLOCK_RATE);
	assert_true(clock_grain_ns(&c) > 3e6);
}

// A tick may find the counter where the last one did.
static void a_counter_that_stands_has_not_gone_back(void **state)
{
	(void)state;
	struct machine m = machine_coarse(10000000);
	struct clock c = clock_on(&m);
	(void)ticks(&m, &c, 1);
	for (unsigned i = 0; i < 100; i++) {
		(void)clock_tick(&c);
		machine_pass(&m, TICK_NS / 3);
	}
	assert_int_equal(c.steps, 0);
}

// CLOCK_MONOTONIC_RAW stands while the machine sleeps, however short that is.
static void r17_a_suspend_is_a_step_though_the_counter_stood(void **state)
{
	static const int64_t lengths[] = {20000000, NS_PER_S, 3600 * NS_PER_S};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(lengths); i++) {
		struct machine m = machine_coarse(279);
		struct clock c = clock_on(&m);
		(void)ticks(&m, &c, 300);
		machine_sleep(&m, lengths[i], true);
		assert_int_equal(tick(&m, &c), CLOCK_STEPPED);
		assert_int_equal(c.cause, CLOCK_CAUSE_SUSPEND);
		assert_true(fabs((double)(c.step.n - lengths[i])) < 100000);
		assert_int_equal(ticks(&m, &c, CLOCK_ENOUGH - 1), CLOCK_GOOD);
		assert_int_equal(c.steps, 1);
		assert_true(fabs(line_miss_ns(&m, &c)) <= line_bound_ns(&c));
	}
}

// The processor's counter is never measured for it: what it is told by stays as it was.
static void a_counter_that_cannot_be_coarse_has_the_grain_of_a_cycle(void **state)
{
	(void)state;
	struct machine m = machine_make(2596122000);
	struct clock c = clock_on(&m);
	(void)ticks(&m, &c, 300);
	assert_int_equal(c.fit.grain, 1);
	assert_true(line_bound_ns(&c) < 2 * READ_NS);
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(grains); i++)
		table_add(&t, grains[i].name, check_precision, &grains[i]);
	for (unsigned i = 0; i < TABLE_LENGTH(grains); i++)
		table_add(&t, grains[i].name, check_bound, &grains[i]);
	TABLE_ADD(&t, slow_readings_are_taken);
	TABLE_ADD(&t, a_source_that_becomes_coarser_is_noticed_within_a_second);
	TABLE_ADD(&t, a_counter_that_stands_has_not_gone_back);
	TABLE_ADD(&t, r17_a_suspend_is_a_step_though_the_counter_stood);
	TABLE_ADD(&t, a_counter_that_cannot_be_coarse_has_the_grain_of_a_cycle);
	return table_run("clock, coarse", &t);
}

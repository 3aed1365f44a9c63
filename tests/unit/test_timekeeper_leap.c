// SPDX-License-Identifier: BSD-3-Clause
// T-14: a leap second with the whole time side running, in simulated time: a kernel that steps,
// early and late, a clock that is slewed over it, a control thread that hangs, a false alarm.
#include "time/timekeeper.h"

#include <math.h>
#include <stdlib.h>

#include "core/ntp.h"
#include "harness/random.h"
#include "harness/table.h"
#include "common/log.h"
#include "simulated_timekeeper.h"

#define MIDNIGHT 1814400000ll // the end of June 2027
#define BEFORE_S 15           // the machine begins this long before it
#define MS       1000000ll

// A server, and a worker that sees no more than what was published.
struct house {
	struct machine m;
	struct timekeeper n;
	struct clock_view own; // the worker's copy
	unsigned tick;
	int8_t step;
	bool has_jumped;
	enum leap says;
	bool is_frozen;
};

static void house_open(struct house *h, int8_t step)
{
	log_set_level(LOG_LEVEL_ERROR);
	*h = (struct house){.m = machine_make(2596122000), .step = step};
	h->m.start_ns = (MIDNIGHT - BEFORE_S) * NS_PER_S;
	h->m.rate_error = 3e-6;
	node_on(&h->n, &h->m, START_NS);
	h->says = step > 0 ? LEAP_INSERT : step < 0 ? LEAP_DELETE : LEAP_NONE;
}

// What an even clock of before the leap would say, in ns since 1970.
static double even_ns(const struct house *h)
{
	return (double)(h->m.start_ns - MIDNIGHT * NS_PER_S) + h->m.realtime_ns +
	       (h->has_jumped ? h->step * 1e9 : 0);
}

// In ns from the leap, by the even clock; and what UTC says then, from midnight.
static double past_ns(const struct house *h)
{
	return even_ns(h) + (h->step < 0 ? 1e9 : 0);
}

static double utc_ns(const struct house *h)
{
	return even_ns(h) - (h->step != 0 && past_ns(h) >= 0 ? h->step * 1e9 : 0);
}

static void witnesses_speak(struct house *h)
{
	struct kernel_clock kernel = {.state = TIME_OK};
	bool is_over = h->has_jumped || past_ns(h) >= 0;
	enum leap leap = is_over ? LEAP_NONE : h->says;
	kernel.status = leap == LEAP_INSERT ? STA_INS : leap == LEAP_DELETE ? STA_DEL : 0;
	leap_hear_kernel(&h->n.leap, kernel);
	int64_t now = h->m.start_ns + (int64_t)h->m.realtime_ns;
	struct reference r = {
		.answered = true,
		.leap = leap,
		.stratum = 2,
		.source = REFERENCE_CHRONY,
		.root_dispersion = 1 << 20,
		.as_of = {now},
		.reference_time = {now - NS_PER_S},
		.update_interval = {16 * NS_PER_S},
	};
	const struct reference_word word = reference_word_make(&r, false);
	timekeeper_hear(&h->n, &word);
}

static void house_tick(struct house *h)
{
	struct clock_view view;
	if (!h->is_frozen) {
		if (h->tick++ % CLOCK_RATE == 0)
			witnesses_speak(h);
		if (timekeeper_tick(&h->n, &view))
			h->own = view;
	}
	machine_pass(&h->m, TICK_NS);
}

static struct ntp_time midnight_ntp(void)
{
	return ntp_time_from_unix((struct nanos){MIDNIGHT * NS_PER_S});
}

// What the worker answers now: its time is UTC within 2 us, or it says that it does not know.
static uint8_t worker_check(struct house *h)
{
	struct ntp_answer a;
	struct cycles now = {machine_cycles(&h->m)};
	clock_view_cross(&h->own, now);
	ntp_answer_prepare(&h->own, now, 0, &a);
	struct ntp_time told = clock_view_time(&h->own, now);
	double miss = ldexp((double)ntp_time_diff(told, midnight_ntp()), -32) * 1e9 - utc_ns(h);
	if (a.leap != LEAP_UNKNOWN && fabs(miss) > 2000)
		fail_msg("%.3f ms past the leap: off by %.9f s", past_ns(h) / 1e6, miss / 1e9);
	struct ntp_time reference = {be64_get(a.reference_time)};
	assert_false(a.stratum != 0 && ntp_time_before(told, reference));
	return a.leap;
}

// Runs up to `past` ns after the leap with the worker asked at every tick; the system clock jumps
// `late` ns after it.
static void house_run(struct house *h, double past, double late)
{
	while (past_ns(h) < past) {
		if (h->step != 0 && !h->has_jumped && past_ns(h) >= late) {
			h->m.realtime_ns -= h->step * 1e9;
			h->has_jumped = true;
		}
		house_tick(h);
		if (h->n.judge.state == SYNC_STATE_SYNC)
			(void)worker_check(h);
	}
}

struct way {
	const char *name;
	int8_t step;
	double late;
	bool is_announced; // the kernel says that the clock was set, as of any jump
};

static const struct way ways[] = {
	{"t14_inserted_on_time", 1, 0, true},
	{"t14_inserted_4_ms_late", 1, 4e6, true},
	{"t14_inserted_without_a_word", 1, 10e6, false},
	{"t14_inserted_half_a_second_late", 1, 500e6, false},
	{"t14_left_out_on_time", -1, 0, true},
	{"t14_left_out_4_ms_late", -1, 4e6, true},
	{"t14_left_out_half_a_second_late", -1, 500e6, true},
};

// Never a step, never another state, never a wrong second, and leap 3 only around it.
static void check_way(void **state)
{
	const struct way *w = *state;
	struct house h;
	house_open(&h, w->step);
	house_run(&h, -5e9, w->late);
	assert_int_equal(h.n.judge.state, SYNC_STATE_SYNC);
	assert_int_equal(h.n.leap.step, w->step);
	uint8_t told = w->step > 0 ? LEAP_INSERT : LEAP_DELETE;
	assert_int_equal(worker_check(&h), told);
	house_run(&h, -0.6e9, w->late);
	assert_int_equal(worker_check(&h), told);
	house_run(&h, -0.4e9, w->late);
	assert_int_equal(worker_check(&h), LEAP_UNKNOWN);
	house_run(&h, w->late + 0.02e9, w->late);
	if (w->is_announced)
		clock_announce_set(&h.n.clock);
	house_run(&h, 1.4e9, w->late);
	assert_int_equal(worker_check(&h), LEAP_UNKNOWN);
	house_run(&h, 1.6e9, w->late);
	assert_int_equal(worker_check(&h), LEAP_NONE);
	house_run(&h, 30e9, w->late);
	assert_int_equal(worker_check(&h), LEAP_NONE);
	assert_int_equal(h.n.judge.entered[SYNC_STATE_STEP], 0);
	assert_int_equal(h.n.judge.entered[SYNC_STATE_SYNC], 1);
	assert_int_equal(h.n.clock.steps, 0);
	assert_int_equal(h.own.epoch, 1);
	assert_true(h.n.leap.is_crossed);
}

// Control hangs from 3 s before to `until` after; then it finds the clock jumped.
static void t14_frozen_across_the_leap(void **state)
{
	(void)state;
	for (int8_t step = -1; step <= 1; step += 2) {
		static const double ends[] = {0.1e9, 0.9e9, 3e9, 100e9};
		for (unsigned i = 0; i < TABLE_LENGTH(ends); i++) {
			struct house h;
			house_open(&h, step);
			house_run(&h, -3e9, 2e6);
			assert_int_equal(h.n.judge.state, SYNC_STATE_SYNC);
			h.is_frozen = true;
			house_run(&h, ends[i], 2e6);
			h.is_frozen = false;
			clock_announce_set(&h.n.clock);
			house_run(&h, ends[i] + 5e9, 2e6);
			assert_int_equal(h.n.clock.steps, 0);
			assert_int_equal(h.n.judge.entered[SYNC_STATE_STEP], 0);
			(void)worker_check(&h);
		}
	}
}

// chronyd's slew mode: the clock runs on and is put right over seconds. Not served until it is.
static void t14_a_clock_that_is_slewed_is_a_large_step(void **state)
{
	(void)state;
	struct house h;
	house_open(&h, 1);
	house_run(&h, 0.95e9, 1e18);
	assert_int_equal(h.n.judge.state, SYNC_STATE_SYNC);
	assert_int_equal(worker_check(&h), LEAP_UNKNOWN);
	house_run(&h, 1.1e9, 1e18);
	assert_int_equal(h.n.judge.state, SYNC_STATE_STEP);
	assert_int_equal(h.n.judge.reason, SYNC_REASON_NO_LEAP);
	assert_true(h.n.judge.must_agree);
	assert_int_equal(h.n.judge.announce, ANNOUNCE_DOWN);
	// It is a second ahead of UTC all the time, and leap 3 is told.
	for (unsigned i = 0; i < 200 * CLOCK_RATE; i++) {
		house_tick(&h);
		assert_int_equal(h.n.judge.state, SYNC_STATE_STEP);
	}
}

// A jump of a second where none was armed is what it always was.
static void t14_a_jump_without_a_leap_is_a_step(void **state)
{
	(void)state;
	struct house h;
	house_open(&h, 0);
	house_run(&h, -5e9, 0);
	assert_int_equal(h.n.judge.state, SYNC_STATE_SYNC);
	h.m.realtime_ns -= 1e9;
	house_tick(&h);
	assert_int_equal(h.n.judge.state, SYNC_STATE_STEP);
	assert_true(h.n.judge.must_agree);
}

// So is one before its time, or of another size.
static void t14_a_wrong_jump_of_an_armed_leap_is_a_step(void **state)
{
	static const double jumps[][2] = {
		{-2e9, -1e9}, {-0.1e9, -1e9}, {0.3e9, -0.5e9}, {0.3e9, 1e9}, {0.3e9, -1.01e9}};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(jumps); i++) {
		struct house h;
		house_open(&h, 1);
		house_run(&h, jumps[i][0], 1e18);
		assert_int_equal(h.n.judge.state, SYNC_STATE_SYNC);
		h.m.realtime_ns += jumps[i][1];
		house_tick(&h);
		assert_int_equal(h.n.judge.state, SYNC_STATE_STEP);
	}
}

static void t14_cancelled_a_second_before(void **state)
{
	(void)state;
	struct house h;
	house_open(&h, 1);
	house_run(&h, -3e9, 1e18);
	assert_int_equal(worker_check(&h), LEAP_INSERT);
	h.says = LEAP_NONE;
	house_run(&h, -1.5e9, 1e18);
	assert_int_equal(h.n.leap.step, 0);
	// There is none, so UTC runs on.
	h.step = 0;
	house_run(&h, 5e9, 0);
	assert_int_equal(worker_check(&h), LEAP_NONE);
	assert_int_equal(h.n.clock.steps, 0);
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(ways); i++)
		table_add(&t, ways[i].name, check_way, &ways[i]);
	TABLE_ADD(&t, t14_frozen_across_the_leap);
	TABLE_ADD(&t, t14_a_clock_that_is_slewed_is_a_large_step);
	TABLE_ADD(&t, t14_a_jump_without_a_leap_is_a_step);
	TABLE_ADD(&t, t14_a_wrong_jump_of_an_armed_leap_is_a_step);
	TABLE_ADD(&t, t14_cancelled_a_second_before);
	return table_run("node_leap", &t);
}

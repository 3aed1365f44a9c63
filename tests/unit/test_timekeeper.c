// SPDX-License-Identifier: BSD-3-Clause
// The time side as a whole, in simulated time: from readings and the reference's word to the view
// that workers serve.
#include "time/timekeeper_publish.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/ntp.h"
#include "harness/table.h"
#include "simulated_timekeeper.h"

#define SECOND      CLOCK_RATE // in ticks
#define MS          1e6        // in ns
#define UNITS_PER_S 4294967296.0

// A timekeeper, the machine below it and the reference it listens to.
struct house {
	struct machine m;
	struct timekeeper n;
	struct clock_view view;
	bool has_view;
	bool is_deaf; // polls do not end at all
	double error_s;
	double delay_s;
	bool allows_local;
	struct reference says; // as_of, reference_time and the errors are filled at each poll
	int64_t updated_ns;    // CLOCK_REALTIME of the reference's last update; 0: just now
	unsigned tick;
};

static void house_open(struct house *h)
{
	*h = (struct house){.m = machine_make(2596122000), .error_s = 1e-3, .delay_s = 2e-3};
	h->m.rate_error = -20e-6;
	node_on(&h->n, &h->m, START_NS);
	h->says = (struct reference){
		.answered = true,
		.stratum = 3,
		.reference_id = 0x0a7b0001,
		.update_interval = {16 * NS_PER_S},
		.source = REFERENCE_CHRONY,
	};
}

static int64_t realtime_now(const struct house *h)
{
	return h->m.start_ns + (int64_t)floor(h->m.realtime_ns);
}

static void house_poll(struct house *h)
{
	struct reference r = h->says;
	r.as_of.n = realtime_now(h);
	r.reference_time.n = h->updated_ns != 0 ? h->updated_ns : r.as_of.n - NS_PER_S;
	if (r.reference_time.n > r.as_of.n)
		r.reference_time = r.as_of; // as providers do
	r.root_dispersion = (uint64_t)(h->error_s * UNITS_PER_S);
	r.root_delay = (uint32_t)(h->delay_s * 65536);
	struct reference_word word = reference_word_make(&r, h->allows_local);
	timekeeper_hear(&h->n, &word);
}

static bool house_tick(struct house *h)
{
	if (h->tick++ % SECOND == 0 && !h->is_deaf)
		house_poll(h);
	h->has_view = timekeeper_tick(&h->n, &h->view) || h->has_view;
	machine_pass(&h->m, TICK_NS);
	return h->has_view;
}

static void house_run(struct house *h, unsigned ticks)
{
	for (unsigned i = 0; i < ticks; i++)
		(void)house_tick(h);
}

static void house_sync(struct house *h)
{
	house_open(h);
	house_run(h, 4 * SECOND);
	assert_int_equal(h->n.judge.state, SYNC_STATE_SYNC);
}

// Ticks until the state is `s`; fails after `most`.
static unsigned ticks_until(struct house *h, enum sync_state s, unsigned most)
{
	unsigned ticks = 0;
	while (h->n.judge.state != s) {
		assert_true(ticks++ < most);
		(void)house_tick(h);
	}
	return ticks;
}

static struct cycles now_cycles(const struct house *h)
{
	return (struct cycles){machine_cycles(&h->m)};
}

static struct ntp_answer answer_now(const struct house *h)
{
	struct ntp_answer a;
	ntp_answer_prepare(&h->view, now_cycles(h), 0, &a);
	return a;
}

static void assert_served(const struct house *h, bool is_served)
{
	struct ntp_answer a = answer_now(h);
	assert_int_equal(a.leap, is_served ? h->says.leap : LEAP_UNKNOWN);
	assert_int_equal(a.stratum, is_served ? 3 : 0);
	assert_int_equal(be32_get(a.reference_id), is_served ? 0x0a7b0001 : 0);
	assert_int_equal(clock_view_is_good(&h->view, now_cycles(h)), is_served);
}

static double distance_s(const struct house *h)
{
	return ldexp((double)clock_view_dispersion(&h->view, now_cycles(h)), -32) +
	       ldexp(h->view.root_delay, -17);
}

// Seconds that the view is ahead of the simulated system clock.
static double view_miss(const struct house *h)
{
	struct ntp_time told = clock_view_time(&h->view, now_cycles(h));
	struct ntp_time start = ntp_time_from_unix((struct nanos){h->m.start_ns});
	return ldexp((double)ntp_time_diff(told, start), -32) - h->m.realtime_ns / 1e9;
}

static void start_serves_leap_3_until_three_good_polls(void **state)
{
	(void)state;
	struct house h;
	house_open(&h);
	while (h.n.judge.state == SYNC_STATE_START) {
		assert_true(h.tick < 5 * SECOND);
		if (house_tick(&h) && h.n.judge.state == SYNC_STATE_START)
			assert_served(&h, false);
		assert_int_equal(h.n.judge.announce,
			h.n.judge.state == SYNC_STATE_SYNC ? ANNOUNCE_UP : ANNOUNCE_DOWN);
	}
	// Polls of the first moment, before the line was known, do not count.
	assert_in_range(h.tick, 2 * SECOND, 3 * SECOND + 1);
	assert_int_equal(h.n.judge.state, SYNC_STATE_SYNC);
	assert_int_equal(h.n.judge.reason, SYNC_REASON_GOOD);
	assert_served(&h, true);
	assert_true(fabs(view_miss(&h)) < 100e-9);
	// 15 ppm; and 300 s of this counter.
	assert_in_range(h.view.dispersion_rate, 64425, 64425 + 100000);
	assert_true(llabs((long long)h.view.valid_cycles.n - 300ll * 2596122000) < 300ll * 100000);
}

struct start_case {
	const char *name;
	void (*spoil)(struct house *h);
	enum sync_reason reason;
};

static void spoil_deaf(struct house *h)
{
	h->is_deaf = true;
}
static void spoil_silent(struct house *h)
{
	h->says.answered = false;
}
static void spoil_leap(struct house *h)
{
	h->says.leap = LEAP_UNKNOWN;
}
static void spoil_stratum_0(struct house *h)
{
	h->says.stratum = 0;
}
static void spoil_stratum_16(struct house *h)
{
	h->says.stratum = 16;
}
static void spoil_local(struct house *h)
{
	h->says.is_local = true;
}
static void spoil_far(struct house *h)
{
	h->error_s = 0.0495;
}
static void spoil_delay(struct house *h)
{
	h->delay_s = 0.1;
}
static void spoil_correction(struct house *h)
{
	h->says.correction.n = -1000000;
}
static void spoil_old(struct house *h)
{
	h->updated_ns = START_NS - 129 * NS_PER_S;
}
static void spoil_date(struct house *h)
{
	h->n.settings.earliest.n = START_NS + 3600 * NS_PER_S;
}
static void spoil_demoted(struct house *h)
{
	h->m.is_demoted = true;
}

static void spoil_coarse(struct house *h)
{
	h->n.clock.source.may_be_coarse = true;
	h->m.source_ns = 4000000;
}

static const struct start_case starts[] = {
	{"r03_start_without_any_poll", spoil_deaf, SYNC_REASON_SILENT},
	{"r03_start_with_a_silent_reference", spoil_silent, SYNC_REASON_SILENT},
	{"r03_start_with_leap_3", spoil_leap, SYNC_REASON_LEAP},
	{"r03_start_with_stratum_0", spoil_stratum_0, SYNC_REASON_LEAP},
	{"r03_start_with_stratum_16", spoil_stratum_16, SYNC_REASON_STRATUM},
	{"r03_start_with_a_local_reference", spoil_local, SYNC_REASON_LOCAL},
	{"r03_start_over_50_ms", spoil_far, SYNC_REASON_FAR},
	{"r03_start_over_50_ms_by_delay", spoil_delay, SYNC_REASON_FAR},
	{"r03_start_with_1_ms_to_correct", spoil_correction, SYNC_REASON_CORRECTION},
	{"r04_start_with_an_old_reference", spoil_old, SYNC_REASON_OLD},
	{"r05_start_before_the_build", spoil_date, SYNC_REASON_DATE},
	{"r17_start_on_a_demoted_counter", spoil_demoted, SYNC_REASON_DEMOTED},
	{"start_by_a_clock_of_4_ms", spoil_coarse, SYNC_REASON_COARSE},
};

// Not synchronised within 5 s, with the reason; and well again when what was wrong goes away.
static void check_start(void **state)
{
	const struct start_case *c = *state;
	struct house h;
	house_open(&h);
	c->spoil(&h);
	assert_in_range(ticks_until(&h, SYNC_STATE_UNSYNC, 1000), 4 * SECOND, 5 * SECOND);
	assert_int_equal(h.n.judge.reason, c->reason);
	assert_int_equal(h.n.judge.announce, ANNOUNCE_DOWN);
	house_run(&h, 10 * SECOND);
	assert_int_equal(h.n.judge.state, SYNC_STATE_UNSYNC);
	assert_served(&h, false);
	struct house good;
	house_open(&good);
	h.says = good.says;
	h.error_s = good.error_s;
	h.delay_s = good.delay_s;
	h.n.settings.earliest = good.n.settings.earliest;
	h.is_deaf = h.m.is_demoted = false;
	h.updated_ns = 0;
	h.m.source_ns = 0;
	(void)ticks_until(&h, SYNC_STATE_SYNC, 4 * SECOND + 2);
	assert_served(&h, true);
	assert_int_equal(h.n.judge.entered[SYNC_STATE_UNSYNC], 1);
	assert_int_equal(h.n.judge.entered[SYNC_STATE_SYNC], 1);
}

// P-05, with the server's four polls a second at the start.
static void p05_synchronised_within_2_s_warm_and_cold(void **state)
{
	(void)state;
	for (unsigned is_warm = 0; is_warm < 2; is_warm++) {
		struct house h;
		house_open(&h);
		if (is_warm)
			clock_warm(&h.n.clock, 2596122000);
		for (unsigned i = 0; h.n.judge.state == SYNC_STATE_START; i++) {
			if (i % 25 == 0)
				house_poll(&h);
			h.tick = 1;
			(void)house_tick(&h);
			assert_true(i < (is_warm ? 80 : 105));
		}
		assert_served(&h, true);
	}
}

static void a_local_reference_and_a_demoted_counter_may_be_allowed(void **state)
{
	(void)state;
	struct house h;
	house_open(&h);
	h.says.is_local = true;
	h.m.is_demoted = true;
	h.allows_local = true;
	h.n.settings.trust_counter = true;
	(void)ticks_until(&h, SYNC_STATE_SYNC, 4 * SECOND);
}

// T-12, T-13: what is told of the error holds the error of the line and never shrinks under one
// reference time; the reference time is never in a reply's future.
static void t12_t13_the_view_is_honest_at_every_tick(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	uint64_t random = random_seed(__func__);
	struct clock_view last = h.view;
	h.updated_ns = realtime_now(&h);
	for (unsigned i = 0; i < 40 * SECOND; i++) {
		if (random_below(&random, 50) == 0)
			h.m.rate_error = ((double)random_below(&random, 1001) - 500) * 1e-6;
		h.error_s = 1e-3 + (double)random_below(&random, 1000) * 1e-7;
		(void)house_tick(&h);
		assert_int_equal(h.n.judge.state, SYNC_STATE_SYNC);
		assert_true(h.view.error_bound < h.view.root_dispersion);
		assert_true(
			fabs(view_miss(&h)) <= ldexp((double)h.view.error_bound, -32) + 10.1e-6);
		assert_false(ntp_time_before(h.view.ref_time, h.view.reference_time));
		if (h.view.reference_time.raw == last.reference_time.raw)
			assert_true(h.view.root_dispersion >=
				    clock_view_dispersion(&last, h.view.ref_cycles));
		last = h.view;
	}
}

static void a_settled_correction_is_error(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	double before = distance_s(&h);
	h.says.correction.n = -900000;
	house_run(&h, SECOND);
	assert_true(distance_s(&h) > before + 0.88e-3);
	assert_int_equal(h.n.judge.announce, ANNOUNCE_UP);
	h.says.correction.n = 1000000;
	house_run(&h, SECOND);
	assert_int_equal(h.n.judge.state, SYNC_STATE_SYNC);
	assert_int_equal(h.n.judge.announce, ANNOUNCE_DEGRADED);
}

// Nobody vouches for what the system clock does between two polls.
static void t12_a_slew_since_the_last_word_is_error(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	h.is_deaf = true;
	double before = distance_s(&h);
	h.m.rate_error = 480e-6;
	house_run(&h, 2 * SECOND);
	// 500 ppm more than before, for 2 s.
	assert_true(distance_s(&h) >= before + 0.99e-3);
	assert_int_equal(h.n.judge.state, SYNC_STATE_SYNC);
}

// stopped, killed, talking nonsense.
static void r03_holdover_after_5_s_of_silence_and_back(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	h.says.answered = false;
	unsigned ticks = ticks_until(&h, SYNC_STATE_HOLDOVER, 7 * SECOND);
	assert_in_range(ticks, 4 * SECOND, 6 * SECOND + 1);
	assert_int_equal(h.n.judge.reason, SYNC_REASON_SILENT);
	assert_int_equal(h.n.judge.announce, ANNOUNCE_DEGRADED);
	double before = distance_s(&h);
	house_run(&h, 100 * SECOND);
	assert_true(distance_s(&h) >= before + 100 * 15e-6);
	h.says.answered = true;
	assert_served(&h, true);
	assert_in_range(ticks_until(&h, SYNC_STATE_SYNC, 4 * SECOND), SECOND, 3 * SECOND + 1);
	assert_int_equal(h.n.judge.entered[SYNC_STATE_HOLDOVER], 1);
}

static void r03_one_lost_answer_is_no_loss(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	for (unsigned i = 0; i < 20; i++) {
		h.says.answered = i % 4 == 3;
		house_run(&h, SECOND);
		assert_int_equal(h.n.judge.state, SYNC_STATE_SYNC);
	}
}

// What a chronyd says in its first seconds: an error that could grow by a second a second.
static void r03_a_daemon_started_anew_takes_nothing_away(void **state)
{
	struct house h;
	(void)state;
	house_sync(&h);
	uint64_t usual = h.says.dispersion_rate;
	double held = distance_s(&h);
	h.says.dispersion_rate = (uint64_t)1 << 32;
	assert_true(ticks_until(&h, SYNC_STATE_HOLDOVER, 2 * SECOND) > 0);
	assert_int_equal(h.n.judge.reason, SYNC_REASON_FAR);
	house_run(&h, 10 * SECOND);
	assert_int_equal(h.n.judge.state, SYNC_STATE_HOLDOVER);
	assert_true(distance_s(&h) < held + 1e-3);
	assert_served(&h, true);
	h.says.dispersion_rate = usual;
	assert_true(ticks_until(&h, SYNC_STATE_SYNC, 5 * SECOND) > 0);
}

// But one that knows of an error beyond what was told before is listened to.
static void r03_news_of_an_error_is_heard(void **state)
{
	struct house h;
	(void)state;
	house_sync(&h);
	h.says.dispersion_rate = (uint64_t)1 << 32;
	h.says.correction.n = (int64_t)(20 * MS);
	house_run(&h, SECOND + 2);
	assert_true(distance_s(&h) > 0.02);
}

static void r03_holdover_at_once_when_the_reference_says_so(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct house h;
		house_sync(&h);
		h.says.leap = i == 0 ? LEAP_UNKNOWN : LEAP_NONE;
		h.says.stratum = i == 0 ? 3 : 0;
		(void)ticks_until(&h, SYNC_STATE_HOLDOVER, SECOND + 1);
		assert_int_equal(h.n.judge.reason, SYNC_REASON_LEAP);
		h.says.leap = LEAP_NONE; // what the last good word said
		assert_served(&h, true);
	}
}

// chronyd lives, its sources do not.
static void r04_holdover_when_the_reference_is_not_updated(void **state)
{
	static const struct {
		int64_t interval_s;
		unsigned limit_s;
	} cases[] = {{1, 64}, {8, 64}, {16, 128}, {64, 512}};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(cases); i++) {
		struct house h;
		house_sync(&h);
		h.says.update_interval.n = cases[i].interval_s * NS_PER_S;
		h.updated_ns = realtime_now(&h);
		unsigned ticks = ticks_until(&h, SYNC_STATE_HOLDOVER, 600 * SECOND);
		assert_in_range(ticks, cases[i].limit_s * SECOND - SECOND,
			cases[i].limit_s * SECOND + SECOND);
		assert_int_equal(h.n.judge.reason, SYNC_REASON_OLD);
		assert_served(&h, true);
	}
}

// 15 ppm, from 3 ms: 50 ms after 52 minutes; but no announcement after 30. 1 s after 18
// hours.
static void r04_holdover_is_announced_30_minutes(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	h.is_deaf = true;
	(void)ticks_until(&h, SYNC_STATE_HOLDOVER, 6 * SECOND);
	house_run(&h, 1799 * SECOND);
	assert_int_equal(h.n.judge.announce, ANNOUNCE_DEGRADED);
	house_run(&h, 2 * SECOND);
	assert_int_equal(h.n.judge.announce, ANNOUNCE_DOWN);
	assert_served(&h, true);
}

static void r04_holdover_is_withdrawn_at_50_ms_and_ends_at_1_s(void **state)
{
	(void)state;
	struct house h;
	house_open(&h);
	h.says.dispersion_rate = 4 * 42949673; // 4 % of age
	h.error_s = 1e-3;
	(void)ticks_until(&h, SYNC_STATE_SYNC, 4 * SECOND);
	h.is_deaf = true;
	(void)ticks_until(&h, SYNC_STATE_HOLDOVER, 6 * SECOND);
	assert_int_equal(h.n.judge.announce, ANNOUNCE_DOWN);
	assert_true(distance_s(&h) > 0.05);
	unsigned ticks = ticks_until(&h, SYNC_STATE_UNSYNC, 30 * SECOND);
	assert_in_range(ticks, 18 * SECOND, 21 * SECOND);
	assert_int_equal(h.n.judge.reason, SYNC_REASON_DISTANCE);
	assert_served(&h, false);
}

struct step_case {
	const char *name;
	double step_ns;
	unsigned back_s; // to SYNC; 0: not within 600 s
};

static const struct step_case steps[] = {
	{"r05_step_of_plus_1_ms", 1 * MS, 3},
	{"r05_step_of_minus_1_ms", -1 * MS, 3},
	{"r05_step_of_plus_127_ms", 127 * MS, 3},
	{"r05_step_of_plus_0.2_s", 200 * MS, 301},
	{"r05_step_of_minus_0.2_s", -200 * MS, 301},
	{"r05_step_of_plus_1_s", 1000 * MS, 301},
	{"r05_step_of_minus_1_s", -1000 * MS, 301},
	{"r05_step_of_plus_1_day", 86400e3 * MS, 301},
	{"r05_step_of_minus_1_day", -86400e3 * MS, 301},
	{"r05_step_to_before_the_build", -365 * 86400e3 * MS, 0},
};

// leap 3 in the very tick in which the jump is seen, and until it may be believed. Before the
// tick the old line is served, which the jump did not touch.
static void check_step(void **state)
{
	const struct step_case *c = *state;
	struct house h;
	house_sync(&h);
	if (c->back_s != 0)
		h.n.settings.earliest.n = START_NS - 2 * 86400 * NS_PER_S;
	h.m.realtime_ns += c->step_ns;
	(void)house_tick(&h);
	bool is_large = fabs(c->step_ns) >= 128 * MS;
	assert_int_equal(h.n.judge.state, SYNC_STATE_STEP);
	assert_int_equal(h.n.judge.reason, SYNC_REASON_MISS);
	assert_int_equal(h.n.judge.announce, is_large ? ANNOUNCE_DOWN : ANNOUNCE_UP);
	assert_int_equal(h.view.epoch, 2);
	assert_served(&h, false);
	unsigned ticks = 1;
	for (; h.n.judge.state != SYNC_STATE_SYNC && ticks < 600 * SECOND; ticks++) {
		assert_served(&h, false);
		(void)house_tick(&h);
	}
	if (c->back_s == 0) {
		assert_int_equal(h.n.judge.state, SYNC_STATE_UNSYNC);
		assert_int_equal(h.n.judge.reason, SYNC_REASON_DATE);
		return;
	}
	assert_in_range(ticks, c->back_s * SECOND - SECOND, c->back_s * SECOND + 2 * SECOND);
	assert_served(&h, true);
	assert_int_equal(h.n.judge.announce, ANNOUNCE_UP);
	assert_true(fabs(view_miss(&h)) < 100e-9);
}

static void r05_the_reference_must_agree_for_300_s_without_a_break(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	h.m.realtime_ns += 300 * MS;
	house_run(&h, 250 * SECOND);
	assert_int_equal(h.n.judge.state, SYNC_STATE_STEP);
	h.says.answered = false;
	house_run(&h, SECOND);
	h.says.answered = true;
	house_run(&h, 295 * SECOND);
	assert_int_equal(h.n.judge.state, SYNC_STATE_STEP);
	(void)ticks_until(&h, SYNC_STATE_SYNC, 10 * SECOND);
}

static void r05_a_small_step_that_a_large_one_follows_is_large(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	h.m.realtime_ns += 1 * MS;
	(void)house_tick(&h);
	assert_int_equal(h.n.judge.announce, ANNOUNCE_UP);
	house_run(&h, 20);
	h.m.realtime_ns += 500 * MS;
	(void)house_tick(&h);
	assert_int_equal(h.n.judge.announce, ANNOUNCE_DOWN);
	assert_int_equal(h.n.judge.entered[SYNC_STATE_STEP], 2);
	house_run(&h, 200 * SECOND);
	assert_int_equal(h.n.judge.state, SYNC_STATE_STEP);
}

// The daemon's own step at its start is how the clock gets right.
static void r05_a_step_before_synchronising_costs_nothing(void **state)
{
	(void)state;
	struct house h;
	house_open(&h);
	house_run(&h, SECOND);
	h.m.realtime_ns += 3600e3 * MS;
	(void)ticks_until(&h, SYNC_STATE_SYNC, 5 * SECOND);
	assert_int_equal(h.n.judge.entered[SYNC_STATE_STEP], 0);
}

static void r05_a_step_without_a_reference_ends_in_unsync(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	h.m.realtime_ns += 1 * MS;
	h.says.answered = false;
	(void)ticks_until(&h, SYNC_STATE_UNSYNC, 310 * SECOND);
	assert_int_equal(h.n.judge.reason, SYNC_REASON_AGE);
	h.says.answered = true;
	(void)ticks_until(&h, SYNC_STATE_SYNC, 4 * SECOND);
}

// Someone else sets the clock, and the daemon repeats what it knew until it looks again.
static void r05_what_the_reference_knew_before_a_step_is_not_served(void **state)
{
	static const double by_ms[] = {1, -1, 50, -50, 127, 300, -300, -700, 9000};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(by_ms); i++) {
		struct house h;
		house_sync(&h);
		h.says.update_interval.n = 1024 * NS_PER_S;
		h.updated_ns = realtime_now(&h) + 1;
		house_run(&h, SECOND + SECOND / 2);
		assert_served(&h, true);
		h.m.realtime_ns += by_ms[i] * MS;
		for (unsigned t = 0; t < 700 * SECOND; t++) {
			(void)house_tick(&h);
			assert_served(&h, false);
		}
		assert_int_equal(h.n.judge.state, SYNC_STATE_UNSYNC);
		assert_int_equal(h.n.judge.last_no, SYNC_REASON_UNCONFIRMED);
		h.updated_ns = 0;
		(void)ticks_until(&h, SYNC_STATE_SYNC, 305 * SECOND);
		assert_served(&h, true);
	}
}

// By the clock after a step back it may seem to be of just then.
static void r05_an_update_that_was_not_heard_before_a_step_back_is_not_served(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	h.says.source = REFERENCE_CHRONY;
	h.says.update_interval.n = 1024 * NS_PER_S;
	house_run(&h, SECOND / 2);
	h.updated_ns = realtime_now(&h);
	house_run(&h, 3);
	h.m.realtime_ns -= 60 * MS;
	for (unsigned t = 0; t < 60 * SECOND; t++) {
		(void)house_tick(&h);
		assert_served(&h, false);
	}
	assert_int_equal(h.n.judge.state, SYNC_STATE_STEP);
	h.updated_ns = realtime_now(&h);
	(void)ticks_until(&h, SYNC_STATE_SYNC, 4 * SECOND);
}

// In any century: a word that was heard before a step is known again after it, and after a second
// step too.
static void r05_a_word_from_before_two_steps_is_not_served(void **state)
{
	(void)state;
	struct house h;
	house_open(&h);
	h.m.start_ns = 4102444800 * NS_PER_S;
	house_run(&h, 4 * SECOND);
	assert_int_equal(h.n.judge.state, SYNC_STATE_SYNC);
	h.says.update_interval.n = 1024 * NS_PER_S;
	h.updated_ns = realtime_now(&h);
	house_run(&h, 6);
	for (unsigned i = 0; i < 2; i++) {
		h.m.realtime_ns -= i == 0 ? 100 * MS : -40 * MS;
		for (unsigned t = 0; t < 60 * SECOND; t++) {
			(void)house_tick(&h);
			assert_served(&h, false);
		}
	}
}

// Its own step comes right after an update; others measure at each poll.
static void r05_a_step_that_the_reference_knows_of_is_soon_over(void **state)
{
	static const enum reference_source sources[] = {
		REFERENCE_CHRONY, REFERENCE_KERNEL, REFERENCE_PHC, REFERENCE_FIXED};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(sources); i++) {
		struct house h;
		house_sync(&h);
		h.says.source = sources[i];
		house_run(&h, SECOND / 2);
		h.m.realtime_ns += 20 * MS;
		h.updated_ns = realtime_now(&h) - (i == 0 ? 1 : 60000) * (int64_t)MS;
		(void)house_tick(&h);
		assert_int_equal(h.n.judge.state, SYNC_STATE_STEP);
		(void)ticks_until(&h, SYNC_STATE_SYNC, 3 * SECOND);
	}
}

// From tomorrow back to today: what is updated then is before all that was told.
static void r05_a_reference_that_follows_a_large_step_back_is_believed(void **state)
{
	(void)state;
	struct house h;
	house_open(&h);
	h.n.settings.earliest.n = START_NS - 2 * 86400 * NS_PER_S;
	h.says.leap = LEAP_UNKNOWN;
	house_run(&h, 2 * SECOND);
	h.m.realtime_ns -= 86400e3 * MS;
	house_run(&h, 10 * SECOND);
	h.says.leap = LEAP_NONE;
	h.updated_ns = realtime_now(&h);
	(void)ticks_until(&h, SYNC_STATE_SYNC, 4 * SECOND);
}

// It answers, but has nothing good to say.
static void r05_a_step_that_is_not_over_is_not_announced(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	h.m.realtime_ns += 20 * MS;
	h.says.leap = LEAP_UNKNOWN;
	house_run(&h, 3 * SECOND);
	assert_int_equal(h.n.judge.announce, ANNOUNCE_UP);
	house_run(&h, 2);
	assert_int_equal(h.n.judge.announce, ANNOUNCE_DOWN);
	house_run(&h, 296 * SECOND);
	assert_int_equal(h.n.judge.state, SYNC_STATE_STEP);
	(void)ticks_until(&h, SYNC_STATE_UNSYNC, 2 * SECOND);
	assert_int_equal(h.n.judge.reason, SYNC_REASON_AGE);
	h.says.leap = LEAP_NONE;
	(void)ticks_until(&h, SYNC_STATE_SYNC, 4 * SECOND);
	assert_int_equal(h.n.judge.announce, ANNOUNCE_UP);
}

static void r05_an_announced_set_is_a_step(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	clock_announce_set(&h.n.clock);
	(void)house_tick(&h);
	assert_int_equal(h.n.judge.state, SYNC_STATE_STEP);
	assert_int_equal(h.n.judge.reason, SYNC_REASON_SET);
	assert_served(&h, false);
	(void)ticks_until(&h, SYNC_STATE_SYNC, 4 * SECOND);
}

// as fast as adjtimex slews with another tick: not served while it lasts.
static void r05_a_slew_of_83333_ppm_is_not_served(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	h.m.rate_error = 83333e-6;
	house_run(&h, 1);
	for (unsigned i = 0; i < 10 * SECOND; i++) {
		(void)house_tick(&h);
		assert_served(&h, false);
	}
	assert_int_equal(h.n.judge.announce, ANNOUNCE_DOWN);
	h.m.rate_error = 0;
	(void)ticks_until(&h, SYNC_STATE_SYNC, 5 * SECOND);
	assert_served(&h, true);
}

static void r05_a_slew_of_500_ppm_is_followed(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	h.m.rate_error = 480e-6;
	for (unsigned i = 0; i < 10 * SECOND; i++) {
		(void)house_tick(&h);
		assert_served(&h, true);
	}
	assert_true(fabs(view_miss(&h)) < 100e-9);
	// Should the control thread stop now, the line runs off at this rate.
	assert_true(ldexp((double)h.view.dispersion_rate, -32) > 480e-6);
}

static void r17_a_machine_that_slept_is_not_served(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	machine_sleep(&h.m, 600 * NS_PER_S, true);
	(void)house_tick(&h);
	assert_int_equal(h.n.judge.state, SYNC_STATE_STEP);
	assert_int_equal(h.n.judge.reason, SYNC_REASON_SUSPEND);
	assert_int_equal(h.n.judge.announce, ANNOUNCE_DOWN);
	assert_served(&h, false);
}

static void r17_a_demoted_counter_is_not_served(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	h.m.is_demoted = true;
	(void)ticks_until(&h, SYNC_STATE_UNSYNC, SECOND + 1);
	assert_int_equal(h.n.judge.reason, SYNC_REASON_DEMOTED);
	assert_served(&h, false);
}

// The kernel's clock as the counter: another clock source below it is no loss, but is told.
static void a_coarser_clock_source_is_told_and_one_of_4_ms_is_not_served(void **state)
{
	(void)state;
	struct house h;
	house_open(&h);
	h.n.clock.source.may_be_coarse = true;
	h.n.clock.source.is_demoted = NULL;
	h.m.is_demoted = true;
	(void)ticks_until(&h, SYNC_STATE_SYNC, 4 * SECOND);
	assert_int_equal(h.view.precision, -25);
	h.m.source_ns = 279;
	house_run(&h, 2 * SECOND);
	assert_served(&h, true);
	assert_int_equal(h.view.precision, -21);
	assert_true(h.view.error_bound >= (uint64_t)ntp_time_from_nanos((struct nanos){279}));
	// The noise below the precision is an error too.
	uint64_t all = h.view.error_bound + ntp_time_noise_mask(h.view.precision);
	assert_true(h.view.root_dispersion >= all);
	h.m.source_ns = 4000000;
	(void)ticks_until(&h, SYNC_STATE_UNSYNC, 2 * SECOND);
	assert_int_equal(h.n.judge.reason, SYNC_REASON_COARSE);
	assert_served(&h, false);
}

// the control thread hangs for `age`; then it comes back.
static void r01_a_frozen_control_thread(void **state)
{
	static const unsigned ages[] = {1, 10, 100, 299, 301, 400};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(ages); i++) {
		struct house h;
		house_sync(&h);
		double before = distance_s(&h);
		machine_pass(&h.m, ages[i] * NS_PER_S);
		assert_served(&h, ages[i] < 300);
		// By the system clock, which is slow.
		double age_s = ages[i] * (1 + h.m.rate_error);
		assert_true(distance_s(&h) >= before + age_s * 15e-6);
		(void)house_tick(&h);
		assert_int_equal(h.n.judge.state,
			ages[i] < 300 ? ages[i] < 5 ? SYNC_STATE_SYNC : SYNC_STATE_HOLDOVER :
					SYNC_STATE_UNSYNC);
		(void)ticks_until(&h, SYNC_STATE_SYNC, 5 * SECOND);
	}
}

// T-16: leap, stratum and error at every age up to 400 s, exact.
static void t16_every_age_from_0_to_400_s(void **state)
{
	(void)state;
	struct house h;
	house_sync(&h);
	const struct clock_view *v = &h.view;
	for (uint64_t age_ms = 0; age_ms <= 400000; age_ms += 10) {
		struct cycles at = {v->ref_cycles.n + v->valid_cycles.n / 300000 * age_ms};
		struct ntp_answer a;
		ntp_answer_prepare(v, at, 0, &a);
		struct cycles since = {at.n - v->ref_cycles.n};
		double age_s = ldexp((double)ntp_time_from_cycles(since, v->mult), -32);
		bool is_good = at.n - v->ref_cycles.n <= v->valid_cycles.n;
		if (age_ms < 300000 || age_ms > 300001)
			assert_int_equal(is_good, age_ms <= 300000);
		assert_int_equal(a.leap, is_good ? LEAP_NONE : LEAP_UNKNOWN);
		assert_int_equal(a.stratum, is_good ? 3 : 0);
		double error_s = be32_get(a.root_dispersion) / 65536.0;
		double told_s = ldexp((double)v->root_dispersion, -32) +
		                age_s * ldexp((double)v->dispersion_rate, -32);
		if (!is_good && told_s < 1)
			told_s = 1;
		// Rounded up to the next of 65536 parts of a second.
		assert_true(error_s >= told_s * (1 - 1e-9) && error_s <= told_s + 1.01 / 65536);
	}
	struct cycles last = {v->ref_cycles.n + v->valid_cycles.n};
	assert_true(clock_view_is_good(v, last));
	last.n++;
	assert_false(clock_view_is_good(v, last));
}

static void the_view_is_void_before_its_error_is_1_s(void **state)
{
	(void)state;
	struct house h;
	house_open(&h);
	h.says.dispersion_rate = 42949673; // 1 % of age
	(void)ticks_until(&h, SYNC_STATE_SYNC, 4 * SECOND);
	machine_pass(&h.m, 98 * NS_PER_S);
	assert_served(&h, true);
	machine_pass(&h.m, 2 * NS_PER_S);
	assert_served(&h, false);
}

// T-02: the era ends while the server runs.
static void t02_an_era_ends(void **state)
{
	(void)state;
	struct house h;
	house_open(&h);
	h.m.start_ns = 2085978496 * NS_PER_S - 5 * NS_PER_S;
	h.n.settings.earliest.n = START_NS;
	house_run(&h, 4 * SECOND);
	assert_true(h.view.ref_time.raw > UINT64_MAX / 2);
	for (unsigned i = 0; i < 3 * SECOND; i++) {
		(void)house_tick(&h);
		assert_served(&h, true);
		assert_true(fabs(view_miss(&h)) < 100e-9);
		assert_false(ntp_time_before(h.view.ref_time, h.view.reference_time));
	}
	assert_true(h.view.ref_time.raw < UINT64_MAX / 2);
	assert_int_equal(h.n.judge.entered[SYNC_STATE_SYNC], 1);
}

// T-02: seventy years after this was written.
static void t02_in_2100_the_reference_time_is_of_then(void **state)
{
	(void)state;
	struct house h;
	house_open(&h);
	h.m.start_ns = 4102444800 * NS_PER_S;
	h.n.settings.earliest.n = START_NS;
	house_run(&h, 4 * SECOND);
	assert_served(&h, true);
	int64_t age = ntp_time_diff(h.view.ref_time, h.view.reference_time);
	assert_in_range(age, 0, ntp_time_from_nanos((struct nanos){10 * NS_PER_S}));
}

// A word with any two moments at all: heard before and after a step in either direction, it breaks
// no arithmetic.
static void t02_moments_beyond_all_reckoning(void **state)
{
	(void)state;
	static const int64_t moments[] = {
		INT64_MIN, INT64_MIN / 2, -1, 0, 1, INT64_MAX / 2, INT64_MAX};
	for (size_t i = 0; i < TABLE_LENGTH(moments) * TABLE_LENGTH(moments); i++) {
		struct house h;
		house_sync(&h);
		struct reference r = h.says;
		r.reference_time.n = moments[i % TABLE_LENGTH(moments)];
		r.as_of.n = moments[i / TABLE_LENGTH(moments)];
		const struct reference_word word = reference_word_make(&r, false);
		timekeeper_hear(&h.n, &word);
		(void)house_tick(&h);
		h.m.realtime_ns += (i % 2 == 0 ? 3600e3 : -3600e3) * MS;
		house_run(&h, SECOND / 10);
		timekeeper_hear(&h.n, &word);
		house_run(&h, SECOND / 10);
		assert_served(&h, false);
	}
}

static void every_node_gets_the_view(void **state)
{
	(void)state;
	static const unsigned worker_node[] = {0, 1};
	char folder[] = "/tmp/ntpwire-node-XXXXXX";
	struct statseg p;
	struct house h;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(statseg_create(folder, 2, worker_node, 2, &p), 0);
	house_sync(&h);
	timekeeper_publish(&h.n, &h.view, &p);
	timekeeper_publish(&h.n, &h.view, &p);
	for (unsigned i = 0; i < 2; i++) {
		struct snapshot_cache cache = {0};
		assert_true(snapshot_read(statseg_snapshot(&p, i), &cache));
		assert_memory_equal(&cache.view, &h.view, sizeof(h.view));
	}
	assert_int_equal(p.head->publishes, 2);
	assert_true(p.head->control_beat_ns > 0);
	assert_true(llabs((long long)p.head->counter_hz - 2596122000) < 100000);
	assert_int_equal(p.head->sync_state, SYNC_STATE_SYNC);
	assert_int_equal(p.head->sync_reason, SYNC_REASON_GOOD);
	assert_int_equal(p.head->announce, ANNOUNCE_UP);
	p.head->stopping = 1;
	timekeeper_publish(&h.n, &h.view, &p);
	assert_int_equal(p.head->announce, ANNOUNCE_DOWN);
	assert_int_equal(p.head->sync_state, SYNC_STATE_SYNC);
	assert_int_equal(p.head->entered[SYNC_STATE_SYNC], 1);
	assert_true(p.head->sync_since_ns <= p.head->control_beat_ns);
	statseg_close(&p, folder, true);
	(void)rmdir(folder);
}

static void states_and_reasons_have_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SYNC_STATES; i++)
		assert_string_not_equal(sync_state_text((enum sync_state)i), "unknown");
	for (unsigned i = 0; i < SYNC_REASON_COUNT; i++) {
		assert_string_not_equal(sync_reason_word((enum sync_reason)i), "unknown");
		assert_string_not_equal(sync_reason_text((enum sync_reason)i), "unknown");
	}
	assert_string_equal(sync_state_text((enum sync_state)77), "unknown");
	assert_string_equal(sync_reason_word((enum sync_reason)77), "unknown");
	assert_string_equal(sync_reason_text((enum sync_reason)77), "unknown");
	assert_string_equal(announce_text((enum announce)77), "unknown");
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, start_serves_leap_3_until_three_good_polls);
	for (unsigned i = 0; i < TABLE_LENGTH(starts); i++)
		table_add(&t, starts[i].name, check_start, &starts[i]);
	TABLE_ADD(&t, p05_synchronised_within_2_s_warm_and_cold);
	TABLE_ADD(&t, a_local_reference_and_a_demoted_counter_may_be_allowed);
	TABLE_ADD(&t, t12_t13_the_view_is_honest_at_every_tick);
	TABLE_ADD(&t, a_settled_correction_is_error);
	TABLE_ADD(&t, t12_a_slew_since_the_last_word_is_error);
	TABLE_ADD(&t, r03_holdover_after_5_s_of_silence_and_back);
	TABLE_ADD(&t, r03_one_lost_answer_is_no_loss);
	TABLE_ADD(&t, r03_a_daemon_started_anew_takes_nothing_away);
	TABLE_ADD(&t, r03_news_of_an_error_is_heard);
	TABLE_ADD(&t, r03_holdover_at_once_when_the_reference_says_so);
	TABLE_ADD(&t, r04_holdover_when_the_reference_is_not_updated);
	TABLE_ADD(&t, r04_holdover_is_announced_30_minutes);
	TABLE_ADD(&t, r04_holdover_is_withdrawn_at_50_ms_and_ends_at_1_s);
	for (unsigned i = 0; i < TABLE_LENGTH(steps); i++)
		table_add(&t, steps[i].name, check_step, &steps[i]);
	TABLE_ADD(&t, r05_the_reference_must_agree_for_300_s_without_a_break);
	TABLE_ADD(&t, r05_a_small_step_that_a_large_one_follows_is_large);
	TABLE_ADD(&t, r05_a_step_before_synchronising_costs_nothing);
	TABLE_ADD(&t, r05_a_step_without_a_reference_ends_in_unsync);
	TABLE_ADD(&t, r05_what_the_reference_knew_before_a_step_is_not_served);
	TABLE_ADD(&t, r05_an_update_that_was_not_heard_before_a_step_back_is_not_served);
	TABLE_ADD(&t, r05_a_word_from_before_two_steps_is_not_served);
	TABLE_ADD(&t, r05_a_step_that_the_reference_knows_of_is_soon_over);
	TABLE_ADD(&t, r05_a_reference_that_follows_a_large_step_back_is_believed);
	TABLE_ADD(&t, r05_a_step_that_is_not_over_is_not_announced);
	TABLE_ADD(&t, r05_an_announced_set_is_a_step);
	TABLE_ADD(&t, r05_a_slew_of_83333_ppm_is_not_served);
	TABLE_ADD(&t, r05_a_slew_of_500_ppm_is_followed);
	TABLE_ADD(&t, r17_a_machine_that_slept_is_not_served);
	TABLE_ADD(&t, r17_a_demoted_counter_is_not_served);
	TABLE_ADD(&t, a_coarser_clock_source_is_told_and_one_of_4_ms_is_not_served);
	TABLE_ADD(&t, r01_a_frozen_control_thread);
	TABLE_ADD(&t, t16_every_age_from_0_to_400_s);
	TABLE_ADD(&t, the_view_is_void_before_its_error_is_1_s);
	TABLE_ADD(&t, t02_an_era_ends);
	TABLE_ADD(&t, t02_in_2100_the_reference_time_is_of_then);
	TABLE_ADD(&t, t02_moments_beyond_all_reckoning);
	TABLE_ADD(&t, every_node_gets_the_view);
	TABLE_ADD(&t, states_and_reasons_have_names);
	return table_run("node", &t);
}

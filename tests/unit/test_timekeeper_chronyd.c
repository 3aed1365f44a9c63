// SPDX-License-Identifier: BSD-3-Clause
// T-18: the time side beside a chronyd, both in simulated time, after the way of chrony's own tests
// with clknetsim. What chronyd does to the machine's clock is done here: it measures its source,
// steps, slews, learns the frequency, and tells in its own bytes how good it is. At every tick what
// a worker would serve is held against the truth: off by no more than root distance and bound.
#include "time/timekeeper.h"

#include <math.h>

#include "chrony_answer.h"
#include "core/ntp.h"
#include "harness/random.h"
#include "harness/table.h"
#include "common/log.h"
#include "simulated_timekeeper.h"

#define SEEDS    8
#define MIDNIGHT 1814400000ll // the end of June 2027
#define TICK_S   (1.0 / CLOCK_RATE)
#define SLEW_MAX 83333e-6 // chronyd's on Linux
#define SLEW_S   16.0     // in which it would slew all that is left
#define SAMPLES  8
#define STEP_NS  1e9 // makestep 1 3
#define STEPS    3

// A clock's daemon, honest: its source is off by at most `noise_ns`.
struct chronyd {
	double noise_ns;
	double delay_ns;
	double interval_s;
	bool makes_steps;
	bool is_cut_off; // from its source
	bool has_given_up;
	enum leap leap;

	unsigned updates;
	double due_s;       // from the beginning
	double updated_s;   // the same, of the last update
	int64_t updated_ns; // CLOCK_REALTIME then
	double left_ns;     // that it has still to slew
	double frequency;   // that it corrects by
	double skew;
	uint32_t sequence;
};

struct house {
	struct machine m;
	struct chronyd d;
	struct timekeeper n;
	struct clock_view own; // a worker's copy
	int64_t begin_ps;
	double drift; // of the clock by itself
	double leap_at_s;
	uint64_t random;
	unsigned tick;
	unsigned served; // ticks
	double worst;    // miss by limit
};

static double uniform(struct house *h)
{
	return ldexp((double)(random_u64(&h->random) >> 11), -52) - 1;
}

static double elapsed_s(const struct house *h)
{
	return (double)(h->m.elapsed_ps - h->begin_ps) / 1e12;
}

// UTC and the clock, in ns since the clock's beginning.
static double true_ns(const struct house *h)
{
	bool is_past = h->leap_at_s > 0 && elapsed_s(h) >= h->leap_at_s;
	return (double)(h->m.elapsed_ps - h->begin_ps) / (double)PS_PER_NS - (is_past ? 1e9 : 0);
}

static double error_ns(const struct house *h)
{
	return h->m.realtime_ns - true_ns(h);
}

static int64_t realtime_now(const struct house *h)
{
	return h->m.start_ns + (int64_t)floor(h->m.realtime_ns);
}

static void house_open(struct house *h, uint64_t seed)
{
	log_set_level(LOG_LEVEL_ERROR);
	*h = (struct house){.m = machine_make(2500000000), .random = seed};
	h->d = (struct chronyd){.noise_ns = 20e3, .delay_ns = 300e3, .interval_s = 16, .due_s = 1};
	h->begin_ps = h->m.elapsed_ps;
	h->m.noise = random_u64(&h->random) | 1;
	h->drift = 12e-6 * uniform(h);
	node_on(&h->n, &h->m, START_NS - 86400 * NS_PER_S);
}

// What the clock does from here on by itself: nothing is known of it at first, and more each time.
static void frequency_learn(struct house *h)
{
	struct chronyd *d = &h->d;
	double residual = h->drift + d->frequency;
	double span_s = d->interval_s * fmin(d->updates, SAMPLES);
	d->skew = d->updates == 0 ? 25e-6 : 2 * d->noise_ns * 1e-9 / span_s + 0.1e-6;
	if (d->updates > 0)
		d->frequency -= residual + uniform(h) * d->skew;
}

static void chronyd_step(struct house *h)
{
	h->m.realtime_ns += h->d.left_ns;
	h->d.left_ns = 0;
	clock_announce_set(&h->n.clock);
}

// At the start it asks four times, 2 s apart (iburst).
static void chronyd_update(struct house *h)
{
	struct chronyd *d = &h->d;
	if (d->is_cut_off || elapsed_s(h) < d->due_s)
		return;
	d->left_ns = -error_ns(h) + uniform(h) * d->noise_ns;
	frequency_learn(h);
	if (d->makes_steps && d->updates < STEPS && fabs(d->left_ns) > STEP_NS)
		chronyd_step(h);
	d->updates++;
	d->updated_s = elapsed_s(h);
	d->updated_ns = realtime_now(h);
	d->due_s = d->updated_s + (d->updates < 4 ? 2 : d->interval_s);
}

static void chronyd_slew(struct house *h)
{
	struct chronyd *d = &h->d;
	double rate = d->left_ns * 1e-9 / SLEW_S;
	rate = rate > SLEW_MAX ? SLEW_MAX : rate < -SLEW_MAX ? -SLEW_MAX : rate;
	d->left_ns -= rate * TICK_S * 1e9;
	// Its floats end at 2^-64.
	if (fabs(d->left_ns) < 0.01)
		d->left_ns = 0;
	h->m.rate_error = h->drift + d->frequency + rate;
}

// chrony 4.3, REF_GetTrackingReport: the dispersion is that of the moment of the question.
static void report_write(const struct house *h, uint8_t *message)
{
	const struct chronyd *d = &h->d;
	bool is_sync = d->updates > 0 && !d->has_given_up;
	double grown = (elapsed_s(h) - d->updated_s) * (d->skew + 1e-6);
	answer_make(message, d->sequence, 0);
	put16(message, ANSWER_STRATUM, is_sync ? 3 : 0);
	put16(message, ANSWER_LEAP, (uint16_t)(is_sync ? d->leap : LEAP_UNKNOWN));
	put32(message, ANSWER_SECONDS + 4, (uint32_t)(d->updated_ns / NS_PER_S));
	put32(message, ANSWER_NS, (uint32_t)(d->updated_ns % NS_PER_S));
	put_float(message, ANSWER_CORRECTION, d->left_ns * 1e-9);
	put_float(message, ANSWER_RESIDUAL, 0);
	put_float(message, ANSWER_SKEW, d->skew * 1e6);
	put_float(message, ANSWER_DELAY, d->delay_ns * 1e-9);
	put_float(message, ANSWER_DISPERSION, d->noise_ns * 1.01e-9 + 1e-6 + grown);
	put_float(message, ANSWER_INTERVAL, d->interval_s);
}

static void chronyd_is_asked(struct house *h)
{
	uint8_t message[CHRONY_MESSAGE];
	struct reference r;
	const char *why = NULL;
	const struct chrony_question q = {++h->d.sequence, {realtime_now(h)}};
	report_write(h, message);
	if (chrony_take(message, sizeof(message), &q, &r, &why) != CHRONY_TOLD)
		fail_msg("the report is refused: %s", why);
	const struct reference_word word = reference_word_make(&r, false);
	timekeeper_hear(&h->n, &word);
}

static void worker_check(struct house *h)
{
	struct cycles now = {machine_cycles(&h->m)};
	clock_view_cross(&h->own, now);
	if (!clock_view_is_good(&h->own, now) || clock_view_leap(&h->own, now) == LEAP_UNKNOWN)
		return;
	struct ntp_time start = ntp_time_from_unix((struct nanos){h->m.start_ns});
	struct ntp_time told = clock_view_time(&h->own, now);
	double miss = ldexp((double)ntp_time_diff(told, start), -32) * 1e9 - true_ns(h);
	double limit = (ldexp((double)clock_view_dispersion(&h->own, now), -32) +
			       ldexp(h->own.root_delay, -17)) *
	               1e9;
	if (fabs(miss) > limit)
		fail_msg("%.2f s, %s: off by %.0f ns, %.0f ns told", elapsed_s(h),
			sync_state_text(h->n.judge.state), miss, limit);
	h->served++;
	h->worst = fmax(h->worst, fabs(miss) / limit);
}

static void house_tick(struct house *h)
{
	struct clock_view view;
	chronyd_update(h);
	chronyd_slew(h);
	if (h->tick++ % CLOCK_RATE == 50)
		chronyd_is_asked(h);
	if (timekeeper_tick(&h->n, &view))
		h->own = view;
	worker_check(h);
	int64_t part = (int64_t)random_below(&h->random, TICK_NS);
	machine_pass(&h->m, part);
	worker_check(h);
	machine_pass(&h->m, TICK_NS - part);
}

static void house_run(struct house *h, double seconds)
{
	for (unsigned i = 0; i < seconds * CLOCK_RATE; i++)
		house_tick(h);
}

// Seconds until the state is that; fails after `most`.
static double until(struct house *h, enum sync_state s, double most)
{
	double begin = elapsed_s(h);
	while (h->n.judge.state != s) {
		if (elapsed_s(h) - begin > most)
			fail_msg("%s and not %s after %.0f s: %s",
				sync_state_text(h->n.judge.state), sync_state_text(s), most,
				sync_reason_text(h->n.judge.last_no));
		house_tick(h);
	}
	return elapsed_s(h) - begin;
}

static void is_served(const struct house *h)
{
	struct cycles now = {machine_cycles(&h->m)};
	assert_true(clock_view_is_good(&h->own, now));
	assert_int_equal(h->own.stratum, 3);
	assert_int_equal(h->own.reference_id, 0xc0000201);
	assert_true(h->own.root_delay >= h->d.delay_ns * 65536e-9);
}

static double distance_s(const struct house *h)
{
	struct cycles now = {machine_cycles(&h->m)};
	return ldexp((double)clock_view_dispersion(&h->own, now), -32) +
	       ldexp(h->own.root_delay, -17);
}

static void a_good_source(struct house *h)
{
	(void)until(h, SYNC_STATE_SYNC, 10);
	is_served(h);
	house_run(h, 300);
	assert_int_equal(h->n.judge.state, SYNC_STATE_SYNC);
	assert_int_equal(
		h->n.judge.entered[SYNC_STATE_HOLDOVER] + h->n.judge.entered[SYNC_STATE_STEP], 0);
	assert_true(distance_s(h) < 1e-3);
}

static void a_noisy_source(struct house *h)
{
	h->d.noise_ns = 2e6;
	h->d.delay_ns = 30e6;
	(void)until(h, SYNC_STATE_SYNC, 60);
	house_run(h, 300);
	assert_int_equal(h->n.judge.entered[SYNC_STATE_STEP], 0);
	is_served(h);
	assert_true(distance_s(h) > 15e-3 + 2e-3);
}

// 2.5 s off: chronyd sets the clock with its first word.
static void a_step_at_the_start(struct house *h)
{
	h->d.makes_steps = true;
	h->m.realtime_ns = 2.5e9;
	(void)until(h, SYNC_STATE_SYNC, 330);
	is_served(h);
	assert_true(fabs(error_ns(h)) < 1e6);
	house_run(h, 60);
	assert_int_equal(h->n.judge.state, SYNC_STATE_SYNC);
}

// 100 ms off and no step: the clock runs up to 3 % wrong until it is right.
static void a_slew_at_the_start(struct house *h)
{
	h->m.realtime_ns = -100e6;
	(void)until(h, SYNC_STATE_SYNC, 120);
	assert_true(fabs(error_ns(h)) < 2e6);
	house_run(h, 60);
	assert_int_equal(h->n.judge.state, SYNC_STATE_SYNC);
	is_served(h);
}

// Its source turns out 3 ms wrong while all is well: chronyd slews, and tells what is left.
static void a_slew_while_served(struct house *h)
{
	(void)until(h, SYNC_STATE_SYNC, 10);
	house_run(h, 60);
	h->d.noise_ns = 3e6;
	house_run(h, 64);
	h->d.noise_ns = 20e3;
	house_run(h, 120);
	assert_int_equal(h->n.judge.state, SYNC_STATE_SYNC);
	assert_int_equal(h->n.judge.entered[SYNC_STATE_STEP], 0);
}

// chronyd goes on alone with leap 0, its dispersion growing; the age of its last update tells.
static void a_source_is_lost(struct house *h)
{
	(void)until(h, SYNC_STATE_SYNC, 10);
	house_run(h, 60);
	double before = distance_s(h);
	h->d.is_cut_off = true;
	double took = until(h, SYNC_STATE_HOLDOVER, 150);
	assert_int_equal(h->n.judge.reason, SYNC_REASON_OLD);
	assert_true(took > 8 * h->d.interval_s - h->d.interval_s - 2);
	is_served(h);
	house_run(h, 600);
	is_served(h);
	assert_true(distance_s(h) > before + 600 * 15e-6);
	h->d.is_cut_off = false;
	(void)until(h, SYNC_STATE_SYNC, 30);
	assert_int_equal(h->n.judge.entered[SYNC_STATE_STEP], 0);
}

static void it_gives_up(struct house *h)
{
	(void)until(h, SYNC_STATE_SYNC, 10);
	house_run(h, 60);
	h->d.has_given_up = true;
	(void)until(h, SYNC_STATE_HOLDOVER, 6);
	assert_int_equal(h->n.judge.reason, SYNC_REASON_LEAP);
	house_run(h, 120);
	is_served(h);
	h->d.has_given_up = false;
	(void)until(h, SYNC_STATE_SYNC, 5);
}

// A machine that warms up: each time chronyd looks, the clock has another rate.
static void a_frequency_that_wanders(struct house *h)
{
	(void)until(h, SYNC_STATE_SYNC, 10);
	for (unsigned i = 0; i < 60; i++) {
		// As much as the skew it tells leaves room for, which is what skew is.
		double room = h->d.skew - fabs(h->drift + h->d.frequency);
		h->drift += room > 0 ? uniform(h) * room : 0;
		house_run(h, 5);
	}
	assert_int_equal(h->n.judge.state, SYNC_STATE_SYNC);
	is_served(h);
}

// Someone else sets the clock, forwards or back behind the last update; chronyd learns of it at its
// next one.
static void another_steps(struct house *h)
{
	static const double by_ns[] = {50e6, -50e6, -700e6};
	h->d.interval_s = 64;
	(void)until(h, SYNC_STATE_SYNC, 10);
	house_run(h, 10); // its burst is over
	for (unsigned i = 0; i < TABLE_LENGTH(by_ns); i++) {
		unsigned updates = h->d.updates;
		while (h->d.updates == updates)
			house_tick(h);
		house_run(h, 0.3);
		h->m.realtime_ns += by_ns[i];
		(void)until(h, SYNC_STATE_STEP, 1);
		house_run(h, 60);
		assert_int_equal(h->n.judge.state, SYNC_STATE_STEP);
		assert_int_equal(h->n.judge.last_no, SYNC_REASON_UNCONFIRMED);
		(void)until(h, SYNC_STATE_SYNC, 420);
		assert_true(h->d.updates > updates + 1);
	}
	is_served(h);
}

// leapsecmode system: chronyd and the kernel announce it, and the kernel steps at midnight.
static void a_leap_second(struct house *h)
{
	struct kernel_clock kernel = {.state = TIME_OK, .status = STA_INS};
	h->m.start_ns = (MIDNIGHT - 40) * NS_PER_S;
	h->leap_at_s = 40;
	h->d.leap = LEAP_INSERT;
	house_run(h, 20);
	leap_hear_kernel(&h->n.leap, kernel);
	house_run(h, 10);
	assert_int_equal(h->n.leap.step, 1);
	assert_int_equal(
		clock_view_leap(&h->own, (struct cycles){machine_cycles(&h->m)}), LEAP_INSERT);
	while (elapsed_s(h) < h->leap_at_s)
		house_tick(h);
	h->m.realtime_ns -= 1e9;
	clock_announce_set(&h->n.clock);
	h->d.leap = LEAP_NONE;
	h->d.updated_ns -= NS_PER_S;
	kernel.status = 0;
	leap_hear_kernel(&h->n.leap, kernel);
	house_run(h, 60);
	assert_int_equal(h->n.judge.state, SYNC_STATE_SYNC);
	assert_int_equal(h->n.clock.steps, 0);
	assert_int_equal(h->own.leap, LEAP_NONE);
	is_served(h);
}

struct scenario {
	const char *name;
	void (*play)(struct house *h);
};

static const struct scenario scenarios[] = {
	{"T-18 chronyd with a good source", a_good_source},
	{"T-18 chronyd with a noisy source", a_noisy_source},
	{"T-18 chronyd steps at the start", a_step_at_the_start},
	{"T-18 chronyd slews at the start", a_slew_at_the_start},
	{"T-18 chronyd slews while it is served", a_slew_while_served},
	{"T-18 chronyd does not know of a step", another_steps},
	{"T-18 chronyd loses its source", a_source_is_lost},
	{"T-18 chronyd gives up", it_gives_up},
	{"T-18 chronyd's clock wanders", a_frequency_that_wanders},
	{"T-18 chronyd and a leap second", a_leap_second},
};

static void play(void **state)
{
	const struct scenario *s = *state;
	uint64_t seeds = random_seed(s->name);
	unsigned served = 0;
	double worst = 0;
	for (unsigned i = 0; i < SEEDS; i++) {
		static struct house h;
		house_open(&h, i == 0 ? seeds : random_u64(&seeds));
		s->play(&h);
		served += h.served;
		worst = fmax(worst, h.worst);
	}
	printf("# %s: served %u times, worst error %.2f of what was told\n", s->name, served,
		worst);
	assert_true(served > SEEDS * 20 * CLOCK_RATE);
	assert_true(worst < 1);
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(scenarios); i++)
		table_add(&t, scenarios[i].name, play, &scenarios[i]);
	return table_run("node chronyd", &t);
}

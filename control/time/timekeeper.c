// SPDX-License-Identifier: BSD-3-Clause
#include "time/timekeeper.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "built.h"
#include "common/log.h"
#include "common/units.h"
#include "core/ntp_time.h"
#include "status/words.h"
#include "time/clock_fit.h"

// How long an answer may be on its way.
#define DEAF_NS (NANOS_PER_S / 4)
void timekeeper_init(struct timekeeper *n, const struct node_settings *settings)
{
	*n = (struct timekeeper){.settings = *settings, .poll_no = SYNC_REASON_SILENT};
	if (n->settings.earliest.n == 0)
		n->settings.earliest.n = BUILT_UNIX * NANOS_PER_S;
	clock_init(&n->clock, &settings->source);
	clock_warm(&n->clock, settings->last_hz);
	sync_judge_init(&n->judge);
	leap_init(&n->leap, settings->leap);
}

// The noise below the precision, in which a coarse counter's readings lie: clients are told of it
// twice.
static struct claim_moment moment(const struct timekeeper *n)
{
	bool is_coarse = n->clock.source.may_be_coarse;
	return (struct claim_moment){
		n->now, &n->line, is_coarse ? ntp_time_noise_mask(n->precision) : 0};
}

static void timekeeper_word_take(struct timekeeper *n, const struct reference *r)
{
	if (claim_is_after_step(&n->step, r))
		n->must_update = false;
	n->told_last = r->reference_time;
	claim_take(&n->claim, r, n->now, &n->line);
}

static bool is_served(const struct timekeeper *n)
{
	return sync_state_is_served(n->judge.state) && n->claim.is_there && n->has_line;
}

void timekeeper_hear(struct timekeeper *n, const struct reference_word *word)
{
	const struct reference *r = &word->reference;
	// What was on its way when the clock jumped may speak of the time before.
	if (n->now.n < n->deaf_until.n)
		return;
	n->has_polled = true;
	n->poll_no = word->fault;
	struct claim_moment now = moment(n);
	if (n->poll_no == SYNC_REASON_NONE && is_served(n) && claim_outdoes(&n->claim, &now, r))
		n->poll_no = SYNC_REASON_FAR;
	leap_hear(&n->leap, r);
	if (r->answered)
		n->answered_at = n->now;
	if (n->poll_no == SYNC_REASON_NONE)
		timekeeper_word_take(n, r);
}

static enum sync_reason clock_no(const struct timekeeper *n, const struct sync_facts *f)
{
	if (f->is_before_build)
		return SYNC_REASON_DATE;
	if (f->is_demoted)
		return SYNC_REASON_DEMOTED;
	if (f->is_coarse)
		return SYNC_REASON_COARSE;
	if (f->event != CLOCK_GOOD)
		return n->clock.implausible > 0 ? SYNC_REASON_RATE : SYNC_REASON_FITTING;
	return n->clock.fit.residual_ns >= SYNC_RESIDUAL_NS ? SYNC_REASON_RESIDUAL :
	                                                      SYNC_REASON_NONE;
}

// The first thing that keeps the server from synchronising now.
static enum sync_reason first_no(const struct timekeeper *n, const struct sync_facts *f)
{
	enum sync_reason no = clock_no(n, f);
	if (no != SYNC_REASON_NONE)
		return no;
	if (n->poll_no != SYNC_REASON_NONE)
		return n->poll_no;
	if (n->must_update)
		return SYNC_REASON_UNCONFIRMED;
	if (claim_is_old(&n->claim, n->now))
		return SYNC_REASON_OLD;
	if (llabs(f->correction.n) >= SYNC_CORRECTION_NS)
		return SYNC_REASON_CORRECTION;
	return f->distance.n >= REFERENCE_FAR_NS ? SYNC_REASON_FAR : SYNC_REASON_NONE;
}

// Why the reference is lost. One answer that did not come is no loss.
static enum sync_reason loss_reason(const struct timekeeper *n, const struct sync_facts *f)
{
	if (f->silent.n > REFERENCE_SILENT_NS)
		return SYNC_REASON_SILENT;
	if (n->poll_no != SYNC_REASON_NONE && n->poll_no != SYNC_REASON_SILENT)
		return n->poll_no;
	return claim_is_old(&n->claim, n->now) ? SYNC_REASON_OLD : SYNC_REASON_NONE;
}

// The time that passed, by the counter where its rate is known.
static struct nanos time_pass(struct timekeeper *n)
{
	struct cycles at = fit_pair(&n->clock.fit, 0)->at;
	int64_t cycles = (int64_t)(at.n - n->last.n);
	double slope = n->clock.fit.ns_per_cycle;
	int64_t gap = NANOS_PER_S / CLOCK_RATE;
	if (n->last.n != 0 && slope > 0)
		gap = cycles < 0 ? 0 : llround((double)cycles * slope);
	n->last = at;
	n->now.n += gap;
	return (struct nanos){gap};
}

static struct sync_facts facts_gather(
	struct timekeeper *n, enum clock_event event, struct nanos gap)
{
	struct claim_moment now = moment(n);
	struct sync_facts f = {
		.now = n->now,
		.gap = gap,
		.event = event,
		.cause = n->clock.cause,
		.step = n->clock.step,
		.is_demoted = n->clock.is_demoted && !n->settings.trust_counter,
		.is_coarse = clock_grain_ns(&n->clock) > SYNC_GRAIN_NS,
		.is_before_build = clock_newest(&n->clock).n < n->settings.earliest.n,
		.has_polled = n->has_polled,
		.silent = {n->now.n - n->answered_at.n},
		.distance =
			n->has_line ? claim_distance(&n->claim, &now) : (struct nanos){INT64_MAX},
		.correction = n->claim.said.correction,
	};
	f.complaint = first_no(n, &f);
	f.loss = loss_reason(n, &f);
	n->has_polled = false;
	return f;
}

static void transition_log(
	const struct timekeeper *n, enum sync_state before, const struct sync_facts *f)
{
	const struct sync_judge *j = &n->judge;
	const char *from = sync_state_text(before);
	const char *to = sync_state_text(j->state);
	const char *why = sync_reason_text(j->reason);
	if (j->state == SYNC_STATE_SYNC)
		log_info("time: %s -> %s: %s; serving stratum %u", from, to, why,
			n->claim.said.stratum);
	else if (j->state == SYNC_STATE_HOLDOVER)
		log_warning(
			"time: %s -> %s: %s; serving its last report with growing root dispersion",
			from, to, why);
	else if (j->state == SYNC_STATE_STEP)
		log_warning("time: %s -> %s: %s (%+.6f s); serving leap 3 %s", from, to, why,
			(double)f->step.n / 1e9,
			j->must_agree ? "until the reference agrees for 300 s" :
					"for 2 s, and until the time is known again");
	else
		log_warning("time: %s -> %s: %s; serving leap 3, stratum 0", from, to, why);
}

// After a step what was said before it means nothing any more.
static void step_forget(struct timekeeper *n, struct nanos gap)
{
	int64_t before = n->read_last.n + gap.n;
	// A word from before the step before this one is no better.
	if (!n->must_update || before > n->step.before.n)
		n->step.before.n = before;
	n->must_update = true;
	n->step.after = clock_newest(&n->clock);
	n->step.told = n->told_last;
	n->claim.is_there = false;
	n->poll_no = SYNC_REASON_SILENT;
	n->has_polled = false;
	n->deaf_until.n = n->now.n + DEAF_NS;
	n->view = (struct clock_view){0};
}

static void state_turn(struct timekeeper *n, enum clock_event event, struct nanos gap)
{
	enum sync_state before = n->judge.state;
	if (event == CLOCK_STEPPED)
		step_forget(n, gap);
	struct sync_facts f = facts_gather(n, event, gap);
	n->read_last = clock_newest(&n->clock);
	if (sync_judge_tick(&n->judge, &f))
		transition_log(n, before, &f);
}

// So long that the error stays under what may be served, even if this was the last view.
static struct cycles valid_cycles(const struct timekeeper *n, const struct clock_view *v)
{
	double left = 1.0 - ldexp((double)(v->root_dispersion + claim_half_delay(&n->claim)), -32);
	double seconds = left / ldexp((double)v->dispersion_rate, -32);
	seconds = fmin(fmax(seconds, 0), (double)SYNC_AGE_NS / NANOS_PER_S);
	return (struct cycles){(uint64_t)(seconds * (double)n->line.hz)};
}

// Without the bits below the precision, which replies do not show (ntp_answer_prepare).
static uint64_t reference_time_served(const struct clock_view *v)
{
	return v->reference_time.raw & ~ntp_time_noise_mask(v->precision);
}

// Under one reference time the error never shrinks: nothing new was learned (RFC 5905 11.1).
static void dispersion_hold(const struct timekeeper *n, struct clock_view *v)
{
	const struct clock_view *last = &n->view;
	bool is_same = last->mult != 0 && last->stratum != 0 && last->epoch == v->epoch &&
	               reference_time_served(last) == reference_time_served(v) &&
	               last->reference_id == v->reference_id;
	if (!is_same)
		return;
	uint64_t told = clock_view_dispersion(last, v->ref_cycles);
	if (told > v->root_dispersion)
		v->root_dispersion = told;
	// A line that was left to go on has been growing at the former rate.
	if (last->ref_cycles.n == v->ref_cycles.n && last->dispersion_rate > v->dispersion_rate)
		v->dispersion_rate = last->dispersion_rate;
}

static struct ntp_time reference_time(const struct timekeeper *n)
{
	struct ntp_time t = ntp_time_from_unix(n->claim.said.reference_time);
	return ntp_time_before(n->line.ref_time, t) ? n->line.ref_time : t;
}

static void claim_serve(const struct timekeeper *n, struct clock_view *v)
{
	// What the reference says of leap seconds is one witness's word; the schedule tells them.
	v->leap = LEAP_NONE;
	v->stratum = n->claim.said.stratum;
	v->reference_id = n->claim.said.reference_id;
	v->reference_time = reference_time(n);
	v->root_delay = n->claim.said.root_delay;
	struct claim_moment now = moment(n);
	v->root_dispersion = claim_dispersion(&n->claim, &now);
	v->dispersion_rate = claim_rate(&n->claim, &n->line);
	dispersion_hold(n, v);
	v->valid_cycles = valid_cycles(n, v);
}

static struct clock_view view_make(const struct timekeeper *n)
{
	const struct clock_line *line = &n->line;
	struct clock_view v = {
		.ref_cycles = line->ref_cycles,
		.ref_time = line->ref_time,
		.mult = line->mult,
		.root_dispersion = (uint64_t)1 << 32,
		.dispersion_rate = REFERENCE_PHI,
		.error_bound = line->error_bound,
		.epoch = line->epoch,
		.leap = LEAP_UNKNOWN,
		.precision = n->precision,
		.state = (uint8_t)n->judge.state,
	};
	if (sync_state_is_served(n->judge.state) && n->claim.is_there)
		claim_serve(n, &v);
	leap_fill(&n->leap, clock_newest(&n->clock), &v);
	return v;
}

// The clock took the leap second: what was noted by the scale of before is told by the new one.
static void leap_pass(struct timekeeper *n)
{
	claim_jump(&n->claim, n->clock.jumped);
	leap_cross(&n->leap);
}

static void leap_turn(struct timekeeper *n, enum clock_event event)
{
	struct nanos now = clock_newest(&n->clock);
	if (n->clock.jumped.n != 0)
		leap_pass(n);
	if (event == CLOCK_STEPPED)
		leap_reset(&n->leap, now);
	leap_tick(&n->leap, now, n->judge.entered[SYNC_STATE_SYNC] > 0);
}

static int8_t precision_choose(const struct timekeeper *n)
{
	int8_t precision = clock_precision(&n->clock.source, n->line.hz);
	int8_t floor = n->settings.precision_floor;
	return floor != 0 && floor > precision ? floor : precision;
}

// Once, but for a counter that becomes coarser.
static void precision_turn(struct timekeeper *n)
{
	if (n->precision == 0)
		n->precision = precision_choose(n);
	if (n->clock.source.may_be_coarse)
		n->precision =
			(int8_t)fmax(n->precision, ceil(log2(clock_grain_ns(&n->clock) / 1e9)));
}

bool timekeeper_tick(struct timekeeper *n, struct clock_view *ret_view)
{
	struct clock_jump jump = {0};
	jump.by = leap_jump(&n->leap, &jump.at);
	clock_expect(&n->clock, &jump);
	enum clock_event event = clock_tick(&n->clock);
	leap_turn(n, event);
	struct nanos gap = time_pass(n);
	n->has_line = clock_line(&n->clock, &n->line);
	if (n->has_line)
		precision_turn(n);
	state_turn(n, event, gap);
	if (!n->has_line)
		return false;
	n->view = view_make(n);
	*ret_view = n->view;
	return true;
}

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

// 15 ppm (RFC 5905's PHI) as NTP units per 2^32 units: the least that is told of a clock's error.
#define DISPERSION_RATE 64425u
// An error that nobody can state. As NTP units, some 70 years.
#define ERROR_HUGE ((uint64_t)INT64_MAX)
// The largest length of time that anyone may state: 73 years.
#define TIME_MAX_NS (INT64_MAX / 4)
// The last moment, in 2116: the time between any two is a number.
#define MOMENT_MAX_NS (INT64_MAX / 2)
// How long an answer may be on its way.
#define DEAF_NS (NANOS_PER_S / 4)
// From the measurement for which a daemon steps the clock to the step, at the most.
#define OWN_STEP_NS (NANOS_PER_S / 10)

void timekeeper_init(struct timekeeper *n, const struct clock_source *source)
{
	static const struct config_leap leap = {.window = true};
	*n = (struct timekeeper){
		.earliest = {BUILT_UNIX * NANOS_PER_S}, .poll_no = SYNC_REASON_SILENT};
	clock_init(&n->clock, source);
	sync_judge_init(&n->judge);
	leap_init(&n->leap, &leap);
}

static uint64_t units_from_ns(int64_t ns)
{
	return ns <= 0 ? 0 : (uint64_t)ntp_time_from_nanos((struct nanos){ns});
}

static int64_t ns_from_units(uint64_t units)
{
	return ntp_time_to_nanos(units > ERROR_HUGE ? INT64_MAX : (int64_t)units).n;
}

static uint64_t add_capped(uint64_t a, uint64_t b)
{
	return a > ERROR_HUGE || b > ERROR_HUGE - a ? ERROR_HUGE : a + b;
}

// No clock is centuries off, and no number here may overflow where it is added.
static struct nanos bounded(struct nanos ns, int64_t most)
{
	if (ns.n > most)
		return (struct nanos){most};
	return (struct nanos){ns.n < -most ? -most : ns.n};
}

// Whether this word can only be from after the last step. A daemon need not know of a step and goes on repeating
// what it knew, by the clock as it was; its own step comes right after an update. An update that was not heard of
// before the step is no older than a reference that is not lost: what may be that is none, wherever a step back has
// put the clock since. Others measure anew each time, and the kernel forgets its word when its clock is set.
static bool is_after_step(const struct timekeeper *n, const struct reference *r)
{
	int64_t since = nanos_between(n->stepped_at, r->reference_time);
	int64_t before = nanos_between(n->read_before, r->reference_time);
	bool is_later = since > -OWN_STEP_NS;
	bool may_be_old = before <= 0 && before >= -REFERENCE_SILENT_NS;
	bool is_new = r->reference_time.n != n->told_before.n;
	return !reference_is_daemon(r->source) || (is_new && is_later && !may_be_old);
}

static void claim_take(struct timekeeper *n, const struct reference *r)
{
	if (is_after_step(n, r))
		n->must_update = false;
	n->told_last = r->reference_time;
	n->has_claim = true;
	n->claim = *r;
	n->claim.as_of = bounded(r->as_of, MOMENT_MAX_NS);
	n->claim.reference_time = bounded(r->reference_time, MOMENT_MAX_NS);
	n->claim.correction = bounded(r->correction, TIME_MAX_NS);
	n->claim.update_interval = bounded(r->update_interval, TIME_MAX_NS);
	n->claim_at = n->now;
	n->trace = n->line;
}

// How long ago the reference spoke, and how long ago it was set right then.
static int64_t claim_age_ns(const struct timekeeper *n)
{
	return n->now.n - n->claim_at.n;
}

static bool claim_is_old(const struct timekeeper *n)
{
	return reference_is_old(&n->claim, (struct nanos){claim_age_ns(n)});
}

// And as fast as the clock ran off its usual rate when the reference spoke.
static uint64_t claim_rate(const struct timekeeper *n)
{
	uint64_t rate = n->claim.dispersion_rate;
	if (rate < DISPERSION_RATE)
		rate = DISPERSION_RATE;
	return add_capped(rate, n->trace.rate_error);
}

// What the system clock did by itself since the reference spoke: nobody vouches for that.
static uint64_t excursion(const struct timekeeper *n)
{
	if (n->trace.mult == 0 || n->trace.epoch != n->line.epoch)
		return 0;
	struct cycles since = {n->line.ref_cycles.n - n->trace.ref_cycles.n};
	struct ntp_time told =
		ntp_time_add(n->trace.ref_time, ntp_time_from_cycles(since, n->trace.mult));
	return (uint64_t)llabs(ntp_time_diff(n->line.ref_time, told));
}

// What an error that grows at `rate` comes to in ns, as NTP units.
static uint64_t growth(uint64_t rate, int64_t ns)
{
	double grown = ldexp((double)rate, -32) * (double)ns;
	return units_from_ns(grown < (double)TIME_MAX_NS ? llround(grown) + 1 : TIME_MAX_NS);
}

// The noise below the precision, in which a coarse counter's readings lie: clients are told of it twice.
static uint64_t noise(const struct timekeeper *n)
{
	return n->clock.source.may_be_coarse ? ntp_time_noise_mask(n->precision) : 0;
}

// The served clock's error now, half the root delay left out.
static uint64_t claim_dispersion(const struct timekeeper *n)
{
	uint64_t error =
		add_capped(n->claim.root_dispersion, growth(claim_rate(n), claim_age_ns(n)));
	error = add_capped(error, units_from_ns(llabs(n->claim.correction.n) + 1));
	error = add_capped(error, excursion(n));
	error = add_capped(error, noise(n));
	return add_capped(error, n->line.error_bound);
}

static uint64_t half_delay(const struct timekeeper *n)
{
	return (uint64_t)n->claim.root_delay << 15;
}

static struct nanos claim_distance(const struct timekeeper *n)
{
	if (!n->has_claim || !n->has_line)
		return (struct nanos){INT64_MAX};
	return (struct nanos){ns_from_units(add_capped(claim_dispersion(n), half_delay(n)))};
}

// A daemon that was started anew knows little at first: what its predecessor said is still true, and says
// more. Both are judged by what they come to before silence were noticed. A correction that the word
// held does not allow for is news, however poor.
static bool answer_is_worse(const struct timekeeper *n, const struct reference *r)
{
	uint64_t held = add_capped(claim_dispersion(n), half_delay(n));
	uint64_t held_then = add_capped(held, growth(claim_rate(n), REFERENCE_SILENT_NS));
	uint64_t told = add_capped(r->root_dispersion, (uint64_t)r->root_delay << 15);
	uint64_t told_then = add_capped(told, growth(r->dispersion_rate, REFERENCE_SILENT_NS));
	return ns_from_units(told_then) >= REFERENCE_FAR_NS && told_then > held_then &&
	       llabs(bounded(r->correction, TIME_MAX_NS).n) <= ns_from_units(held);
}

static bool is_served(const struct timekeeper *n)
{
	return sync_state_is_served(n->judge.state) && n->has_claim && n->has_line;
}

void timekeeper_hear(struct timekeeper *n, const struct reference_word *word)
{
	const struct reference *r = &word->reference;
	// What was on its way when the clock jumped may speak of the time before.
	if (n->now.n < n->deaf_until.n)
		return;
	n->has_polled = true;
	n->poll_no = word->fault;
	if (n->poll_no == SYNC_REASON_NONE && is_served(n) && answer_is_worse(n, r))
		n->poll_no = SYNC_REASON_FAR;
	leap_hear(&n->leap, r);
	if (r->answered)
		n->answered_at = n->now;
	if (n->poll_no == SYNC_REASON_NONE)
		claim_take(n, r);
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
	if (claim_is_old(n))
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
	return claim_is_old(n) ? SYNC_REASON_OLD : SYNC_REASON_NONE;
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
	struct sync_facts f = {
		.now = n->now,
		.gap = gap,
		.event = event,
		.cause = n->clock.cause,
		.step = n->clock.step,
		.is_demoted = n->clock.is_demoted && !n->trust_counter,
		.is_coarse = clock_grain_ns(&n->clock) > SYNC_GRAIN_NS,
		.is_before_build = clock_newest(&n->clock).n < n->earliest.n,
		.has_polled = n->has_polled,
		.silent = {n->now.n - n->answered_at.n},
		.distance = claim_distance(n),
		.correction = n->claim.correction,
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
		log_info("time: %s -> %s: %s; serving stratum %u", from, to, why, n->claim.stratum);
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
	if (!n->must_update || before > n->read_before.n)
		n->read_before.n = before;
	n->must_update = true;
	n->stepped_at = clock_newest(&n->clock);
	n->told_before = n->told_last;
	n->has_claim = false;
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
	double left = 1.0 - ldexp((double)(v->root_dispersion + half_delay(n)), -32);
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
	struct ntp_time t = ntp_time_from_unix(n->claim.reference_time);
	return ntp_time_before(n->line.ref_time, t) ? n->line.ref_time : t;
}

static void claim_serve(const struct timekeeper *n, struct clock_view *v)
{
	// What the reference says of leap seconds is one witness's word; the schedule tells them.
	v->leap = LEAP_NONE;
	v->stratum = n->claim.stratum;
	v->reference_id = n->claim.reference_id;
	v->reference_time = reference_time(n);
	v->root_delay = n->claim.root_delay;
	v->root_dispersion = claim_dispersion(n);
	v->dispersion_rate = add_capped(claim_rate(n), n->line.rate_error);
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
		.dispersion_rate = DISPERSION_RATE,
		.error_bound = line->error_bound,
		.epoch = line->epoch,
		.leap = LEAP_UNKNOWN,
		.precision = n->precision,
		.state = (uint8_t)n->judge.state,
	};
	if (sync_state_is_served(n->judge.state) && n->has_claim)
		claim_serve(n, &v);
	leap_fill(&n->leap, clock_newest(&n->clock), &v);
	return v;
}

// The clock took the leap second: what was noted by the scale of before is told by the new one.
static void leap_pass(struct timekeeper *n)
{
	n->trace.ref_time = ntp_time_add(n->trace.ref_time, ntp_time_from_nanos(n->clock.jumped));
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
	bool is_coarser = n->precision_floor != 0 && n->precision_floor > precision;
	return is_coarser ? n->precision_floor : precision;
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

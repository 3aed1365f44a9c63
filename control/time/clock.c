// SPDX-License-Identifier: BSD-3-Clause
#include "time/clock.h"

#include <math.h>
#include <stddef.h>

#include "core/crosststamp.h"

#define BRACKETS 9
// Further off a prediction than this, and than twice what is known of errors, is a step. Slews may
// change the rate by 500 ppm, which is as far as adjtimex goes with the tick as it is; while the
// slope itself is uncertain, by the tenth that it goes with another.
#define STEP_NS       10000.0
#define SLEW_MAX      500e-6
#define SLEW_MAX_TICK 0.1
// Share of the largest miss that is kept from tick to tick: halves in about a second.
#define ERROR_FADE (1.0 - 1.0 / 128)
// No oscillator is this far off what it was. A system clock whose rate is, is being hurried, and
// not to be served; but one that stays there for minutes has a new counter under it (a virtual
// machine that moved), and that is what it is held against from then on.
#define SLOPE_LIMIT    1000e-6
#define SLOPE_PATIENCE (300 * CLOCK_RATE)
#define BASE_FOLLOWS   (1000.0 * CLOCK_RATE)
// A pair this uncertain is worth less than the line, which is left to go on; but not for longer
// than so many ticks.
#define NOISY_NS   1000.0
#define NOISY_MOST 16
// Readings in a row that show how fine the counter is: for the precision, and once a second. If it
// stands in all of them more are taken, up to what a clock of 100 ticks a second needs by far.
#define STEP_READINGS  1000
#define GRAIN_READINGS 100
#define READINGS_MOST  1000000
// Of a counter that stood in all of them.
#define GRAIN_UNKNOWN UINT32_MAX
// Waking and reading two clocks takes less.
#define SUSPEND_NS 10000000

// A leap second comes at its time or up to a timer tick of the kernel later, never earlier; where
// it has not come by then, whoever keeps the clock slews it away.
#define JUMP_EARLY_NS 1e6
#define JUMP_LATE_NS  1e9
#define JUMP_OFF_NS   0.25e9
// The kernel's word that the clock was set may come this many ticks after a jump.
#define JUMP_CALM (2 * CLOCK_RATE)

static struct nanos suspended_now(const struct clock *c)
{
	const struct clock_source *s = &c->source;
	return s->suspended == NULL ? (struct nanos){0} : s->suspended(s->context);
}

void clock_init(struct clock *c, const struct clock_source *source)
{
	*c = (struct clock){.source = *source, .epoch = 1, .is_fitting = true};
	c->fit.grain = 1;
	c->suspended = suspended_now(c);
}

void clock_warm(struct clock *c, uint64_t hz)
{
	if (hz == 0)
		return;
	c->base_ns_per_cycle = NANOS_PER_S / (double)hz;
	c->is_warm = true;
}

struct clock_pair clock_pair_read(const struct clock_source *source)
{
	struct crosststamp best = crosststamp_none();
	for (unsigned i = 0; i < BRACKETS; i++) {
		struct cycles before = source->counter(source->context);
		uint64_t realtime = (uint64_t)source->realtime(source->context).n;
		crosststamp_take(&best, before, realtime, source->counter(source->context));
	}
	return (struct clock_pair){best.at, {(int64_t)best.clock}, best.bracket};
}

// How far p may lie off the line without a step.
static double miss_limit_ns(const struct clock *c, const struct clock_pair *p)
{
	const struct clock_pair *newest = fit_pair(&c->fit, 0);
	double age_ns = (double)(int64_t)(p->at.n - newest->at.n) * c->fit.ns_per_cycle;
	double bound =
		c->error_ns + fit_pair_error_ns(&c->fit, p) + fit_pair_error_ns(&c->fit, newest);
	double slew = c->fit.count < FIT_ENOUGH ? SLEW_MAX_TICK : SLEW_MAX;
	return STEP_NS + 2 * bound + age_ns * slew;
}

static bool counter_went_back(const struct clock *c, const struct clock_pair *p)
{
	// A coarse one may stand between two ticks.
	int64_t least = c->fit.grain > 1 ? 0 : 1;
	return c->fit.count > 0 && (int64_t)(p->at.n - fit_pair(&c->fit, 0)->at.n) < least;
}

static bool machine_slept(struct clock *c)
{
	struct nanos before = c->suspended;
	c->suspended = suspended_now(c);
	return c->suspended.n - before.n > SUSPEND_NS;
}

static bool has_line(const struct clock *c)
{
	return c->fit.count > 0 && c->fit.ns_per_cycle > 0;
}

void clock_expect(struct clock *c, const struct clock_jump *jump)
{
	c->jump = *jump;
}

// Whether p shows the expected jump.
static bool pair_has_jumped(const struct clock *c, const struct clock_pair *p, double miss)
{
	double past_ns = (double)(p->realtime.n - c->jump.at.n) - miss;
	double limit = fmin(miss_limit_ns(c, p), JUMP_OFF_NS);
	return past_ns >= -JUMP_EARLY_NS && fabs(miss - (double)c->jump.by.n) <= limit;
}

// Takes an expected jump, so that p fits the line again; c->jumped tells. True if it should have
// come long since.
static bool jump_judge(struct clock *c, const struct clock_pair *p)
{
	c->jumped.n = 0;
	if (c->jump.by.n == 0 || !has_line(c) || counter_went_back(c, p))
		return false;
	double miss = fit_miss_ns(&c->fit, p);
	if (!pair_has_jumped(c, p, miss))
		return (double)(p->realtime.n - c->jump.at.n) - miss > JUMP_LATE_NS;
	fit_shift(&c->fit, c->jump.by);
	c->jumped = c->jump.by;
	c->jump.by.n = 0;
	c->calm = JUMP_CALM;
	return false;
}

// Whether someone set the clock; the kernel says that of a leap second too.
static bool clock_was_set(struct clock *c, const struct clock_pair *p)
{
	bool was_set = c->was_set;
	if (was_set && c->calm > 0 && fabs(fit_miss_ns(&c->fit, p)) <= miss_limit_ns(c, p))
		was_set = false;
	if (c->calm > 0) {
		c->calm--;
		c->was_set = was_set;
	}
	return was_set;
}

static enum clock_cause step_cause(struct clock *c, const struct clock_pair *p)
{
	bool slept = machine_slept(c);
	bool is_late = jump_judge(c, p);
	if (counter_went_back(c, p))
		return CLOCK_CAUSE_COUNTER;
	if (slept)
		return CLOCK_CAUSE_SUSPEND;
	if (clock_was_set(c, p))
		return CLOCK_CAUSE_SET;
	if (is_late)
		return CLOCK_CAUSE_LEAP;
	bool can_judge = has_line(c) && !(c->is_blind && c->fit.count < FIT_ENOUGH);
	if (can_judge && fabs(fit_miss_ns(&c->fit, p)) > miss_limit_ns(c, p))
		return CLOCK_CAUSE_MISS;
	return CLOCK_CAUSE_NONE;
}

static void clock_step_take(struct clock *c, const struct clock_pair *p, enum clock_cause cause)
{
	c->step.n = has_line(c) ? llround(fit_miss_ns(&c->fit, p)) : 0;
	// The clock is off by what it did not take.
	if (cause == CLOCK_CAUSE_LEAP)
		c->step.n = -c->jump.by.n;
	c->jump.by.n = 0;
	c->cause = cause;
	c->error_ns = 0;
	c->implausible = 0;
	c->was_set = false;
	// Twice in a row: it may be the slope that is wrong, and no ground to judge by.
	c->is_blind = c->is_fitting;
	c->is_fitting = true;
	c->epoch++;
	c->steps++;
	fit_forget(&c->fit);
}

static void error_learn(struct clock *c, const struct clock_pair *p)
{
	if (c->fit.count < FIT_ENOUGH)
		return;
	double miss = fabs(fit_miss_ns(&c->fit, p));
	c->error_ns *= ERROR_FADE;
	if (miss > c->error_ns)
		c->error_ns = miss;
}

// How far the slope is off the base, as a share of it.
static double slope_error(const struct clock *c)
{
	if (c->base_ns_per_cycle <= 0)
		return 0;
	return fabs(c->fit.ns_per_cycle / c->base_ns_per_cycle - 1);
}

// A former server's rate is believed when the first estimate agrees, and until a second's own.
static void base_begin(struct clock *c)
{
	if (c->has_base)
		return;
	if (c->is_warm && slope_error(c) > SLOPE_LIMIT) {
		c->is_warm = false;
		c->base_ns_per_cycle = 0;
	}
	c->has_base = c->fit.count >= CLOCK_RATE && c->fit.misfits == 0;
	if (c->has_base)
		c->base_ns_per_cycle = c->fit.ns_per_cycle;
}

// Whether the slope can be; lets the base follow it.
static bool slope_is_plausible(struct clock *c)
{
	bool is_possible = slope_error(c) <= SLOPE_LIMIT;
	c->implausible = is_possible ? 0 : c->implausible + 1;
	if (c->implausible > SLOPE_PATIENCE)
		c->base_ns_per_cycle = c->fit.ns_per_cycle;
	else if (is_possible && c->has_base)
		c->base_ns_per_cycle += (c->fit.ns_per_cycle - c->base_ns_per_cycle) / BASE_FOLLOWS;
	return slope_error(c) <= SLOPE_LIMIT;
}

static bool line_is_good(struct clock *c)
{
	if (c->fit.count < FIT_ENOUGH || (c->is_fitting && c->fit.misfits > 0))
		return false;
	base_begin(c);
	unsigned enough = c->is_warm && !c->has_base ? FIT_ENOUGH : CLOCK_ENOUGH;
	bool is_plausible = slope_is_plausible(c);
	if (!is_plausible)
		c->is_fitting = true;
	else if (c->fit.count >= enough)
		c->is_fitting = false;
	return !c->is_fitting;
}

// The least that two readings lie apart which differ: what the counter advances by at once, or what
// a reading takes.
static uint64_t step_least(const struct clock_source *s, unsigned readings)
{
	uint64_t least = GRAIN_UNKNOWN;
	uint64_t before = s->counter(s->context).n;
	for (unsigned i = 0; i < readings || (least == GRAIN_UNKNOWN && i < READINGS_MOST); i++) {
		uint64_t now = s->counter(s->context).n;
		if (now != before && now - before < least)
			least = now - before;
		before = now;
	}
	return least;
}

// Once a second: a kernel may leave a clock source for another at any time.
static void counter_look(struct clock *c)
{
	const struct clock_source *s = &c->source;
	if (c->until_look-- > 0)
		return;
	c->until_look = CLOCK_RATE - 1;
	if (s->is_demoted != NULL)
		c->is_demoted = s->is_demoted(s->context);
	if (s->may_be_coarse)
		c->fit.grain = step_least(s, GRAIN_READINGS);
}

// What the best of the pairs is uncertain by: less is not to be had where reading a clock takes
// long.
static double least_error_ns(const struct clock *c)
{
	double least = fit_pair_error_ns(&c->fit, fit_pair(&c->fit, 0));
	for (unsigned i = 1; i < c->fit.count; i++)
		least = fmin(least, fit_pair_error_ns(&c->fit, fit_pair(&c->fit, i)));
	return least;
}

// Whether every bracket was torn apart by a preemption.
static bool pair_is_noise(struct clock *c, const struct clock_pair *p)
{
	double error = fit_pair_error_ns(&c->fit, p);
	bool is_noise = c->fit.count >= FIT_ENOUGH && error > NOISY_NS && c->noisy < NOISY_MOST &&
	                error > 2 * least_error_ns(c);
	c->noisy = is_noise ? c->noisy + 1 : 0;
	return is_noise;
}

static void pair_learn(struct clock *c, const struct clock_pair *p)
{
	if (pair_is_noise(c, p))
		return;
	error_learn(c, p);
	fit_add(&c->fit, p);
}

enum clock_event clock_tick(struct clock *c)
{
	counter_look(c);
	struct clock_pair p = clock_pair_read(&c->source);
	enum clock_cause cause = step_cause(c, &p);
	if (cause != CLOCK_CAUSE_NONE) {
		clock_step_take(c, &p, cause);
		fit_add(&c->fit, &p);
		return CLOCK_STEPPED;
	}
	pair_learn(c, &p);
	return line_is_good(c) ? CLOCK_GOOD : CLOCK_FITTING;
}

void clock_announce_set(struct clock *c)
{
	c->was_set = true;
}

struct nanos clock_newest(const struct clock *c)
{
	return fit_pair(&c->fit, 0)->realtime;
}

static uint64_t clock_units_from_ns(double ns)
{
	return (uint64_t)ntp_time_from_nanos((struct nanos){llround(ns)});
}

bool clock_line(const struct clock *c, struct clock_line *ret_line)
{
	if (!has_line(c))
		return false;
	const struct clock_pair *p = fit_pair(&c->fit, 0);
	double bound_ns = c->error_ns + fit_pair_error_ns(&c->fit, p) + 1;
	*ret_line = (struct clock_line){
		.ref_cycles = p->at,
		.ref_time = fit_height(&c->fit),
		.mult = (uint64_t)llround(
			ldexp(c->fit.ns_per_cycle / NANOS_PER_S, 32 + NTP_MULT_SHIFT)),
		.error_bound = clock_units_from_ns(bound_ns),
		.rate_error = (uint64_t)llround(ldexp(slope_error(c), 32)),
		.hz = (uint64_t)llround(NANOS_PER_S / c->fit.ns_per_cycle),
		.epoch = c->epoch,
	};
	return true;
}

double clock_grain_ns(const struct clock *c)
{
	return (double)c->fit.grain * c->fit.ns_per_cycle;
}

int8_t clock_precision(const struct clock_source *source, uint64_t hz)
{
	double least = (double)step_least(source, STEP_READINGS) / (double)hz;
	return (int8_t)ceil(log2(fmin(least, 1)));
}

const char *clock_cause_text(enum clock_cause cause)
{
	switch (cause) {
	case CLOCK_CAUSE_NONE:
		break;
	case CLOCK_CAUSE_SET:
		return "someone set it";
	case CLOCK_CAUSE_MISS:
		return "it jumped off its line";
	case CLOCK_CAUSE_SUSPEND:
		return "the machine slept";
	case CLOCK_CAUSE_COUNTER:
		return "the counter went back";
	case CLOCK_CAUSE_LEAP:
		return "it did not take a leap second";
	}
	return "nothing happened";
}

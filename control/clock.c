// SPDX-License-Identifier: BSD-3-Clause
#include "clock.h"

#include <math.h>

#define BRACKETS 9
// Pairs for a slope, and for predictions that a pair is held against.
#define SLOPE_PAIRS 8
// A regression whose pairs lie further off than this has seen the clock change its rate: the older
// half of the pairs speaks of another rate.
#define RESIDUAL_LIMIT_NS 1000.0
// Further off a prediction than this, and than twice what is known of errors, is a step. Slews may
// change the rate by 500 ppm, which is as far as adjtimex goes.
#define STEP_NS  10000.0
#define SLEW_MAX 500e-6
// Share of the largest miss that is kept from tick to tick: halves in about a second.
#define ERROR_FADE (1.0 - 1.0 / 128)

#define NS_PER_S 1e9

void clock_init(struct clock *c, const struct clock_source *source)
{
	*c = (struct clock){.source = *source, .epoch = 1};
}

static struct clock_pair bracket_read(const struct clock_source *s)
{
	struct cycles before = s->counter(s->context);
	struct nanos realtime = s->realtime(s->context);
	struct cycles after = s->counter(s->context);
	uint64_t bracket = after.n - before.n;
	return (struct clock_pair){{before.n + bracket / 2}, realtime, bracket};
}

struct clock_pair clock_pair_read(const struct clock_source *source)
{
	struct clock_pair best = bracket_read(source);
	for (unsigned i = 1; i < BRACKETS; i++) {
		struct clock_pair p = bracket_read(source);
		if (p.bracket < best.bracket)
			best = p;
	}
	return best;
}

// The pair `age` ticks before the newest.
static const struct clock_pair *pair_at(const struct clock *c, unsigned age)
{
	return &c->pair[(c->newest + CLOCK_PAIRS - age) % CLOCK_PAIRS];
}

static void pair_add(struct clock *c, const struct clock_pair *p)
{
	c->newest = (c->newest + 1) % CLOCK_PAIRS;
	c->pair[c->newest] = *p;
	if (c->count < CLOCK_PAIRS)
		c->count++;
}

// A point of the regression, relative to the newest pair: small enough to be exact in a double.
struct point {
	double cycles;
	double ns;
};

static struct point point_at(const struct clock *c, unsigned age)
{
	const struct clock_pair *p = pair_at(c, age);
	const struct clock_pair *origin = pair_at(c, 0);
	return (struct point){
		(double)(int64_t)(p->at.n - origin->at.n),
		(double)(p->realtime.n - origin->realtime.n),
	};
}

static struct point points_mean(const struct clock *c)
{
	struct point sum = {0};
	for (unsigned i = 0; i < c->count; i++) {
		struct point p = point_at(c, i);
		sum.cycles += p.cycles;
		sum.ns += p.ns;
	}
	return (struct point){sum.cycles / c->count, sum.ns / c->count};
}

static double points_slope(const struct clock *c, struct point mean)
{
	double xx = 0;
	double xy = 0;
	for (unsigned i = 0; i < c->count; i++) {
		struct point p = point_at(c, i);
		double dx = p.cycles - mean.cycles;
		xx += dx * dx;
		xy += dx * (p.ns - mean.ns);
	}
	return xx > 0 ? xy / xx : 0;
}

static double points_residual(const struct clock *c, struct point mean, double slope)
{
	double sum = 0;
	for (unsigned i = 0; i < c->count; i++) {
		struct point p = point_at(c, i);
		double miss = p.ns - mean.ns - slope * (p.cycles - mean.cycles);
		sum += miss * miss;
	}
	return sqrt(sum / c->count);
}

static void slope_fit(struct clock *c)
{
	if (c->count < SLOPE_PAIRS)
		return;
	struct point mean = points_mean(c);
	double slope = points_slope(c, mean);
	if (slope <= 0)
		return;
	c->ns_per_cycle = slope;
	c->residual_ns = points_residual(c, mean, slope);
	if (c->residual_ns > RESIDUAL_LIMIT_NS && c->count / 2 >= CLOCK_ENOUGH)
		c->count /= 2;
}

// Half the bracket: the time was read somewhere inside.
static double pair_error_ns(const struct clock *c, const struct clock_pair *p)
{
	return (double)p->bracket / 2 * c->ns_per_cycle;
}

// How far p lies off the line through the newest pair.
static double pair_miss_ns(const struct clock *c, const struct clock_pair *p, double age_ns)
{
	return fabs((double)(p->realtime.n - pair_at(c, 0)->realtime.n) - age_ns);
}

static bool pair_is_step(const struct clock *c, const struct clock_pair *p)
{
	if (c->was_set)
		return true;
	if (c->count < SLOPE_PAIRS)
		return false;
	double age_ns = (double)(int64_t)(p->at.n - pair_at(c, 0)->at.n) * c->ns_per_cycle;
	double bound = c->error_ns + pair_error_ns(c, p) + pair_error_ns(c, pair_at(c, 0));
	return pair_miss_ns(c, p, age_ns) > STEP_NS + 2 * bound + fabs(age_ns) * SLEW_MAX;
}

static void step_take(struct clock *c)
{
	c->count = 0;
	c->error_ns = 0;
	c->residual_ns = 0;
	c->was_set = false;
	c->epoch++;
	c->steps++;
}

static void error_learn(struct clock *c, const struct clock_pair *p)
{
	if (c->count < SLOPE_PAIRS)
		return;
	double age_ns = (double)(int64_t)(p->at.n - pair_at(c, 0)->at.n) * c->ns_per_cycle;
	double miss = pair_miss_ns(c, p, age_ns);
	c->error_ns *= ERROR_FADE;
	if (miss > c->error_ns)
		c->error_ns = miss;
}

enum clock_event clock_tick(struct clock *c)
{
	struct clock_pair p = clock_pair_read(&c->source);
	bool stepped = pair_is_step(c, &p);
	if (stepped)
		step_take(c);
	else
		error_learn(c, &p);
	pair_add(c, &p);
	slope_fit(c);
	if (stepped)
		return CLOCK_STEPPED;
	return c->count < CLOCK_ENOUGH ? CLOCK_FITTING : CLOCK_GOOD;
}

void clock_announce_set(struct clock *c)
{
	c->was_set = true;
}

struct nanos clock_newest(const struct clock *c)
{
	return pair_at(c, 0)->realtime;
}

bool clock_line(const struct clock *c, struct clock_line *ret_line)
{
	if (c->count == 0 || c->ns_per_cycle <= 0)
		return false;
	const struct clock_pair *p = pair_at(c, 0);
	double bound_ns = c->error_ns + pair_error_ns(c, p) + 1;
	*ret_line = (struct clock_line){
		.ref_cycles = p->at,
		.ref_time = ntp_time_from_unix(p->realtime),
		.mult = (uint64_t)llround(ldexp(c->ns_per_cycle / NS_PER_S, 32 + NTP_MULT_SHIFT)),
		.error_bound = (uint64_t)ntp_time_from_nanos((struct nanos){llround(bound_ns)}),
		.hz = (uint64_t)llround(NS_PER_S / c->ns_per_cycle),
		.epoch = c->epoch,
	};
	return true;
}

int8_t clock_precision(const struct clock_source *source, uint64_t hz)
{
	uint64_t least = hz;
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t before = source->counter(source->context).n;
		uint64_t step = source->counter(source->context).n - before;
		if (step > 0 && step < least)
			least = step;
	}
	return (int8_t)ceil(log2((double)least / (double)hz));
}

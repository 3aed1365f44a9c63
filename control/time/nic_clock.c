// SPDX-License-Identifier: BSD-3-Clause
#include "time/nic_clock.h"

#include <errno.h>
#include <math.h>

#include "common/units.h"
#include "time/regression.h"

#define BRACKETS 8
// Off the line by more than this, with what a reading may be off and a rate change since the last
// one, is a jump.
#define JUMP_NS   10000.0
#define JUMP_RATE 100e-6
// Before there is a line: further off each other than any jitter.
#define SCATTER_NS  100000.0
#define RESIDUAL_NS 1000.0
#define ROUGH_LIMIT 3
#define SLOPE_LIMIT 1000e-6
// Samples that show whether they lie on one line at all.
#define FEW 3

void nic_clock_init(struct nic_clock *c, const struct nic_clock_source *source, unsigned width)
{
	*c = (struct nic_clock){.source = *source, .width = width, .epoch = 1};
}

void nic_clock_restart(struct nic_clock *c)
{
	c->count = 0;
	c->rough = 0;
	c->slope = 0;
	c->residual = 0;
	c->epoch++;
}

static int sample_read(const struct nic_clock_source *s, struct crosststamp *ret_sample)
{
	struct crosststamp best = crosststamp_none();
	int last = -EIO;
	for (unsigned i = 0; i < BRACKETS; i++) {
		uint64_t ticks = 0;
		struct cycles before = s->counter(s->context);
		int r = s->ticks(s->context, &ticks);
		struct cycles after = s->counter(s->context);
		if (r < 0)
			last = r;
		else
			crosststamp_take(&best, before, ticks, after);
	}
	if (best.bracket == UINT64_MAX)
		return last;
	*ret_sample = best;
	return 0;
}

static const struct crosststamp *sample_at(const struct nic_clock *c, unsigned age)
{
	return &c->sample[(c->newest + NIC_CLOCK_SAMPLES - age) % NIC_CLOCK_SAMPLES];
}

// The ticks since the newest sample, of which only the low bits are known.
static int64_t ticks_since(const struct nic_clock *c, uint64_t ticks)
{
	unsigned shift = 64 - c->width;
	return (int64_t)((ticks - sample_at(c, 0)->clock) << shift) >> shift;
}

static void sample_add(struct nic_clock *c, const struct crosststamp *s)
{
	uint64_t ticks = c->count == 0 ?
	                         s->clock :
	                         sample_at(c, 0)->clock + (uint64_t)ticks_since(c, s->clock);
	c->newest = (c->newest + 1) % NIC_CLOCK_SAMPLES;
	c->sample[c->newest] = *s;
	c->sample[c->newest].clock = ticks;
	if (c->count < NIC_CLOCK_SAMPLES)
		c->count++;
}

static struct regression_point nic_clock_point_at(const struct nic_clock *c, unsigned age)
{
	const struct crosststamp *s = sample_at(c, age);
	const struct crosststamp *origin = sample_at(c, 0);
	return (struct regression_point){
		(double)(int64_t)(s->clock - origin->clock),
		(double)(int64_t)(s->at.n - origin->at.n),
	};
}

static uint64_t brackets_shortest(const struct nic_clock *c)
{
	uint64_t shortest = UINT64_MAX;
	for (unsigned i = 0; i < c->count; i++)
		if (sample_at(c, i)->bracket < shortest)
			shortest = sample_at(c, i)->bracket;
	return shortest;
}

static void line_fit(struct nic_clock *c)
{
	struct regression_point point[NIC_CLOCK_SAMPLES];
	for (unsigned i = 0; i < c->count; i++)
		point[i] = nic_clock_point_at(c, i);
	struct regression r = regression_fit(point, c->count);
	c->slope = r.slope;
	c->offset = r.mean.y - r.slope * r.mean.x;
	c->residual = r.residual;
	c->shortest = brackets_shortest(c);
}

static bool sample_jumps(
	const struct nic_clock *c, const struct crosststamp *s, double ns_per_cycle)
{
	if (c->count < NIC_CLOCK_ENOUGH)
		return false;
	double told = c->offset + c->slope * (double)ticks_since(c, s->clock);
	double since = (double)(int64_t)(s->at.n - sample_at(c, 0)->at.n);
	double miss_ns = fabs(told - since) * ns_per_cycle;
	double bracket_ns = (double)(s->bracket + c->shortest) * ns_per_cycle;
	return miss_ns > JUMP_NS + bracket_ns + fabs(since) * ns_per_cycle * JUMP_RATE;
}

// What the line through the samples is worth.
static enum nic_clock_event line_judge(struct nic_clock *c, double ns_per_cycle)
{
	double residual_ns = c->residual * ns_per_cycle;
	if (c->count >= FEW && residual_ns > SCATTER_NS)
		return NIC_CLOCK_JUMPED;
	c->rough = residual_ns > RESIDUAL_NS ? c->rough + 1 : 0;
	if (c->rough >= ROUGH_LIMIT && c->count >= NIC_CLOCK_ENOUGH)
		return NIC_CLOCK_ROUGH;
	if (c->count < NIC_CLOCK_ENOUGH)
		return NIC_CLOCK_FITTING;
	if (c->slope <= 0)
		return NIC_CLOCK_STOPPED;
	if (c->first_slope == 0)
		c->first_slope = c->slope;
	return fabs(c->slope / c->first_slope - 1) > SLOPE_LIMIT ? NIC_CLOCK_SLOPE : NIC_CLOCK_GOOD;
}

static enum nic_clock_event sample_take(
	struct nic_clock *c, const struct crosststamp *s, double ns_per_cycle)
{
	if (c->count > 0 && ticks_since(c, s->clock) <= 0)
		return NIC_CLOCK_STOPPED;
	if (sample_jumps(c, s, ns_per_cycle))
		return NIC_CLOCK_JUMPED;
	sample_add(c, s);
	if (c->count < FEW)
		return NIC_CLOCK_FITTING;
	line_fit(c);
	return line_judge(c, ns_per_cycle);
}

enum nic_clock_event nic_clock_tick(struct nic_clock *c, uint64_t hz)
{
	struct crosststamp s;
	if (sample_read(&c->source, &s) < 0)
		return NIC_CLOCK_UNREADABLE;
	enum nic_clock_event event = sample_take(c, &s, NANOS_PER_S / (double)hz);
	if (event < NIC_CLOCK_JUMPED)
		return event;
	// A rate that was first known wrong must not stay the measure.
	if (event == NIC_CLOCK_SLOPE)
		c->first_slope = 0;
	nic_clock_restart(c);
	sample_add(c, &s);
	return event;
}

// A second, and less where the clock's bits come round sooner.
static uint64_t life_cycles(const struct nic_clock *c, uint64_t hz)
{
	double quarter = ldexp(c->slope, (int)c->width - 2);
	return quarter < (double)hz ? (uint64_t)quarter : hz;
}

bool nic_clock_line(const struct nic_clock *c, uint64_t hz, struct port_view *ret_view)
{
	if (c->count < NIC_CLOCK_ENOUGH || c->slope <= 0)
		return false;
	const struct crosststamp *s = sample_at(c, 0);
	double whole = floor(c->offset);
	ret_view->ref_ticks = s->clock;
	ret_view->ref_cycles.n = s->at.n + (uint64_t)(int64_t)whole;
	ret_view->ref_fraction = (uint16_t)ldexp(c->offset - whole, PORT_FRACTION_BITS);
	ret_view->mult = (uint64_t)llround(ldexp(c->slope, PORT_MULT_SHIFT));
	ret_view->valid_cycles.n = life_cycles(c, hz);
	ret_view->error_bound.n = c->shortest / 2 + (uint64_t)llround(3 * c->residual) + 1;
	ret_view->epoch = c->epoch;
	ret_view->width = (uint8_t)c->width;
	ret_view->flags |= PORT_VIEW_FIT;
	return true;
}

double nic_clock_rate(const struct nic_clock *c, uint64_t hz)
{
	return c->count < NIC_CLOCK_ENOUGH || c->slope <= 0 ? 0 : (double)hz / c->slope;
}

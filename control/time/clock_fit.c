// SPDX-License-Identifier: BSD-3-Clause
#include "time/clock_fit.h"

#include <math.h>

#include "time/regression.h"

// The newest pairs that give the height: a rate that is wrong by 0.1 ppm, as a reference changes it
// all the time, is 8 ns off over them.
#define HEIGHT_PAIRS 8
// A regression whose pairs lie further off than this has seen the clock change its rate. Three in a
// row, and the pairs from before the change are let go.
#define RESIDUAL_LIMIT_NS 1000.0
#define MISFITS           3

const struct clock_pair *fit_pair(const struct clock_fit *f, unsigned age)
{
	return &f->pair[(f->newest + FIT_PAIRS - age) % FIT_PAIRS];
}

void fit_forget(struct clock_fit *f)
{
	f->count = 0;
	f->misfits = 0;
	f->residual_ns = 0;
	f->height_ns = 0;
}

static void pair_keep(struct clock_fit *f, const struct clock_pair *p)
{
	f->newest = (f->newest + 1) % FIT_PAIRS;
	f->pair[f->newest] = *p;
	if (f->count < FIT_PAIRS)
		f->count++;
}

static struct regression_point clock_fit_point_at(const struct clock_fit *f, unsigned age)
{
	const struct clock_pair *p = fit_pair(f, age);
	const struct clock_pair *origin = fit_pair(f, 0);
	return (struct regression_point){
		(double)(int64_t)(p->at.n - origin->at.n),
		(double)(p->realtime.n - origin->realtime.n),
	};
}

// Lets the old pairs go once enough regressions in a row have failed.
static void misfit_count(struct clock_fit *f, bool is_misfit)
{
	f->misfits = is_misfit ? f->misfits + 1 : 0;
	if (f->misfits < MISFITS)
		return;
	f->misfits = 0;
	f->count = FIT_ENOUGH;
	f->restarts++;
}

static void slope_fit(struct clock_fit *f)
{
	struct regression_point point[FIT_PAIRS];
	if (f->count < FIT_ENOUGH)
		return;
	for (unsigned i = 0; i < f->count; i++)
		point[i] = clock_fit_point_at(f, i);
	struct regression r = regression_fit(point, f->count);
	f->residual_ns = r.residual;
	if (r.slope > 0)
		f->ns_per_cycle = r.slope;
	misfit_count(f, r.slope <= 0 || f->residual_ns > RESIDUAL_LIMIT_NS);
}

double fit_pair_error_ns(const struct clock_fit *f, const struct clock_pair *p)
{
	return ((double)p->bracket / 2 + (double)f->grain) * f->ns_per_cycle + 1;
}

// What pairs allow the line's height over the newest to be.
struct span_ns {
	double low;
	double high;
};

static struct span_ns height_of(const struct clock_fit *f, unsigned age)
{
	struct regression_point p = clock_fit_point_at(f, age);
	double middle = p.y - p.x * f->ns_per_cycle;
	double error = fit_pair_error_ns(f, fit_pair(f, age));
	return (struct span_ns){middle - error, middle + error};
}

static void height_fit(struct clock_fit *f)
{
	if (f->ns_per_cycle <= 0)
		return;
	struct span_ns all = height_of(f, 0);
	for (unsigned i = 1; i < f->count && i < HEIGHT_PAIRS; i++) {
		struct span_ns one = height_of(f, i);
		struct span_ns both = {fmax(all.low, one.low), fmin(all.high, one.high)};
		if (both.low > both.high)
			break;
		all = both;
	}
	f->height_ns = (all.low + all.high) / 2;
}

void fit_add(struct clock_fit *f, const struct clock_pair *p)
{
	pair_keep(f, p);
	slope_fit(f);
	height_fit(f);
}

void fit_shift(struct clock_fit *f, struct nanos by)
{
	for (unsigned i = 0; i < FIT_PAIRS; i++)
		f->pair[i].realtime.n += by.n;
}

double fit_miss_ns(const struct clock_fit *f, const struct clock_pair *p)
{
	const struct clock_pair *newest = fit_pair(f, 0);
	double age_ns = (double)(int64_t)(p->at.n - newest->at.n) * f->ns_per_cycle;
	return (double)(p->realtime.n - newest->realtime.n) - f->height_ns - age_ns;
}

struct ntp_time fit_height(const struct clock_fit *f)
{
	struct ntp_time t = ntp_time_from_unix(fit_pair(f, 0)->realtime);
	return ntp_time_add(t, (int64_t)llround(ldexp(f->height_ns / 1e9, 32)));
}

// SPDX-License-Identifier: BSD-3-Clause
#include "time/claim.h"

#include <math.h>
#include <stdlib.h>

#include "common/units.h"

// An error that nobody can state. As NTP units, some 70 years.
#define ERROR_HUGE ((uint64_t)INT64_MAX)
// The largest length of time that anyone may state: 73 years.
#define TIME_MAX_NS (INT64_MAX / 4)
// The last moment, in 2116: the time between any two is a number.
#define MOMENT_MAX_NS (INT64_MAX / 2)
// From the measurement for which a daemon steps the clock to the step, at the most.
#define OWN_STEP_NS (NANOS_PER_S / 10)

static uint64_t claim_units_from_ns(int64_t ns)
{
	return ns <= 0 ? 0 : (uint64_t)ntp_time_from_nanos((struct nanos){ns});
}

static int64_t claim_ns_from_units(uint64_t units)
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

// A daemon need not know of a step and goes on repeating what it knew, by the clock as it was; its
// own step comes right after an update. An update that was not heard of before the step is no older
// than a reference that is not lost: what may be that is none, wherever a step back has put the
// clock since. Others measure anew each time, and the kernel forgets its word when its clock is
// set.
bool claim_is_after_step(const struct claim_step *s, const struct reference *r)
{
	int64_t since = nanos_between(s->after, r->reference_time);
	int64_t before = nanos_between(s->before, r->reference_time);
	bool is_later = since > -OWN_STEP_NS;
	bool may_be_old = before <= 0 && before >= -REFERENCE_SILENT_NS;
	bool is_new = r->reference_time.n != s->told.n;
	return !reference_is_daemon(r->source) || (is_new && is_later && !may_be_old);
}

void claim_take(struct claim *c, const struct reference *r, struct nanos passed,
	const struct clock_line *line)
{
	*c = (struct claim){true, *r, passed, *line};
	c->said.as_of = bounded(r->as_of, MOMENT_MAX_NS);
	c->said.reference_time = bounded(r->reference_time, MOMENT_MAX_NS);
	c->said.correction = bounded(r->correction, TIME_MAX_NS);
	c->said.update_interval = bounded(r->update_interval, TIME_MAX_NS);
}

void claim_jump(struct claim *c, struct nanos by)
{
	c->trace.ref_time = ntp_time_add(c->trace.ref_time, ntp_time_from_nanos(by));
}

bool claim_is_old(const struct claim *c, struct nanos passed)
{
	return reference_is_old(&c->said, (struct nanos){passed.n - c->at.n});
}

// As fast as the reference says, and as the clock ran off its usual rate when it spoke.
static uint64_t own_rate(const struct claim *c)
{
	uint64_t rate = c->said.dispersion_rate;
	if (rate < REFERENCE_PHI)
		rate = REFERENCE_PHI;
	return add_capped(rate, c->trace.rate_error);
}

uint64_t claim_rate(const struct claim *c, const struct clock_line *line)
{
	return add_capped(own_rate(c), line->rate_error);
}

// What the system clock did by itself since the reference spoke: nobody vouches for that.
static uint64_t excursion(const struct claim *c, const struct clock_line *line)
{
	if (c->trace.mult == 0 || c->trace.epoch != line->epoch)
		return 0;
	struct cycles since = {line->ref_cycles.n - c->trace.ref_cycles.n};
	struct ntp_time told =
		ntp_time_add(c->trace.ref_time, ntp_time_from_cycles(since, c->trace.mult));
	return (uint64_t)llabs(ntp_time_diff(line->ref_time, told));
}

// What an error that grows at `rate` comes to in ns, as NTP units.
static uint64_t growth(uint64_t rate, int64_t ns)
{
	double grown = ldexp((double)rate, -32) * (double)ns;
	return claim_units_from_ns(grown < (double)TIME_MAX_NS ? llround(grown) + 1 : TIME_MAX_NS);
}

uint64_t claim_dispersion(const struct claim *c, const struct claim_moment *now)
{
	int64_t age_ns = now->passed.n - c->at.n;
	uint64_t error = add_capped(c->said.root_dispersion, growth(own_rate(c), age_ns));
	error = add_capped(error, claim_units_from_ns(llabs(c->said.correction.n) + 1));
	error = add_capped(error, excursion(c, now->line));
	error = add_capped(error, now->noise);
	return add_capped(error, now->line->error_bound);
}

uint64_t claim_half_delay(const struct claim *c)
{
	return (uint64_t)c->said.root_delay << 15;
}

static uint64_t distance(const struct claim *c, const struct claim_moment *now)
{
	return add_capped(claim_dispersion(c, now), claim_half_delay(c));
}

struct nanos claim_distance(const struct claim *c, const struct claim_moment *now)
{
	if (!c->is_there)
		return (struct nanos){INT64_MAX};
	return (struct nanos){claim_ns_from_units(distance(c, now))};
}

// A daemon that was started anew knows little at first: what its predecessor said is still true,
// and says more. Both are judged by what they come to before silence were noticed. A correction
// that the word held does not allow for is news, however poor.
bool claim_outdoes(const struct claim *c, const struct claim_moment *now, const struct reference *r)
{
	uint64_t held = distance(c, now);
	uint64_t held_then = add_capped(held, growth(own_rate(c), REFERENCE_SILENT_NS));
	uint64_t told = add_capped(r->root_dispersion, (uint64_t)r->root_delay << 15);
	uint64_t told_then = add_capped(told, growth(r->dispersion_rate, REFERENCE_SILENT_NS));
	return claim_ns_from_units(told_then) >= REFERENCE_FAR_NS && told_then > held_then &&
	       llabs(bounded(r->correction, TIME_MAX_NS).n) <= claim_ns_from_units(held);
}

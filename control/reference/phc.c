// SPDX-License-Identifier: BSD-3-Clause
#include "reference/phc.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "built.h"
#include "core/crosststamp.h"
#include "common/units.h"

// How far its rate may be off: no real one comes near.
#define RATE_MAX_PPM 1000
// What a reading may be late by inside its bracket.
#define SLACK_NS 10000
// Longest bracket of a reading that says anything: the thread lost its core, or the card hangs.
#define BRACKET_MAX_NS 10000000LL
// 2200: after it something is wrong, and numbers stay far from overflow.
#define LATEST_NS (7258118400LL * NANOS_PER_S)

static bool is_absent(int error)
{
	return error == -EOPNOTSUPP || error == -ENOTTY || error == -EINVAL;
}

// Samples by the best method that works now; one that it does not have is not tried again.
static int samples_read(
	struct phc *p, const struct phc_source *source, struct phc_sample *ret_samples)
{
	int error = -ENOTTY;
	for (unsigned m = p->method; m < PHC_METHODS; m++) {
		int count = source->read(source->context, (enum phc_method)m, ret_samples);
		if (count > 0)
			return count;
		if (is_absent(count) && m == p->method && m + 1 < PHC_METHODS)
			p->method = (enum phc_method)(m + 1);
		if (!is_absent(count))
			error = count == 0 ? -EIO : count;
	}
	return error;
}

// The closest of them, with the system clock as the counter.
static struct crosststamp sample_choose(const struct phc_sample *s, int count)
{
	struct crosststamp best = crosststamp_none();
	for (int i = 0; i < count; i++) {
		struct cycles before = {(uint64_t)s[i].before.n};
		struct cycles after = {(uint64_t)s[i].after.n};
		crosststamp_take(&best, before, (uint64_t)s[i].phc.n, after);
	}
	return best;
}

// What it showed, and the system clock in the middle of that reading.
struct shown {
	struct nanos phc;
	struct nanos at;
	int64_t bracket;
};

static int shown_read(struct phc *p, const struct phc_source *source, struct shown *ret_shown)
{
	struct phc_sample samples[PHC_READINGS];
	int count = samples_read(p, source, samples);
	if (count == -ENOTTY)
		return diagnostic_fail(&p->why, -1, "the device is no PTP clock");
	if (count < 0)
		return diagnostic_fail(
			&p->why, -1, "the device cannot be read: %s", strerror(-count));
	struct crosststamp best = sample_choose(samples, count);
	int64_t bracket = (int64_t)best.bracket;
	if (bracket < 0)
		return diagnostic_fail(&p->why, -1, "the system clock was set while it was read");
	if (bracket > BRACKET_MAX_NS)
		return diagnostic_fail(
			&p->why, -1, "the shortest reading took %.1f ms", (double)bracket / 1e6);
	*ret_shown = (struct shown){{(int64_t)best.clock}, {(int64_t)best.at.n}, bracket};
	return 0;
}

static int doubt_cast(struct phc *p, const char *what, int64_t by_ns)
{
	p->doubt = PHC_STEADY;
	return diagnostic_fail(&p->why, -1,
		"its clock %s (%+.6f s against the counter); not believed before %u steady "
		"polls",
		what, (double)by_ns / 1e9, PHC_STEADY);
}

// Whether it went on since the last poll as the raw clock did. The raw clock was read somewhere
// before and after both readings: all in between can be.
static int progress_check(struct phc *p, const struct phc *before)
{
	int64_t went = p->last.n - before->last.n;
	int64_t least = p->earlier.n - before->later.n;
	int64_t most = p->later.n - before->earlier.n;
	int64_t slack = most / 1000000 * RATE_MAX_PPM + SLACK_NS;
	if (!before->has_last)
		return 0;
	if (went == 0 && least > 0)
		return doubt_cast(p, "stands still", -least);
	if (went < least - slack)
		return doubt_cast(p, "jumped back", went - least);
	if (went > most + slack)
		return doubt_cast(p, "jumped ahead", went - most);
	if (p->doubt > 0)
		p->doubt--;
	if (p->doubt > 0)
		return diagnostic_fail(&p->why, -1,
			"its clock jumped; it must go on steadily for %u polls more", p->doubt);
	return 0;
}

// Notes what it shows. -1: it did not go on as it must.
static int progress_note(
	struct phc *p, struct nanos shown, struct nanos earlier, struct nanos later)
{
	const struct phc before = *p;
	p->has_last = true;
	p->last = shown;
	p->earlier = earlier;
	p->later = later;
	return progress_check(p, &before);
}

static int time_check(
	struct phc *p, const struct config_reference *c, struct nanos shown, int offset)
{
	if (shown.n < BUILT_UNIX * NANOS_PER_S)
		return diagnostic_fail(
			&p->why, -1, "its clock is before the day this server was built");
	if (shown.n > LATEST_NS)
		return diagnostic_fail(&p->why, -1, "its clock is after the year 2200");
	if (c->scale == PHC_SCALE_TAI && offset == 0)
		return diagnostic_fail(&p->why, -1,
			"it runs on TAI, and nobody knows TAI - UTC: there is no list of leap "
			"seconds (leap.file), and the kernel was not told");
	return 0;
}

// A clock on the other scale than configured.
static int scale_check(struct phc *p, const struct config_reference *c, int64_t off_ns, int offset)
{
	int64_t wrong = (c->scale == PHC_SCALE_TAI ? -offset : offset) * NANOS_PER_S;
	if (offset == 0 || llabs(off_ns - wrong) > NANOS_PER_S / 2)
		return 0;
	return diagnostic_fail(&p->why, -1,
		"it is %+d s off, which is TAI - UTC: scale is the other one, or its clock is "
		"set wrong",
		(int)(wrong / NANOS_PER_S));
}

// ptp4l and ts2phc set a new frequency at each message or pulse, mostly once a second or more
// often.
static int frequency_note(struct phc *p, const struct phc_source *source, struct nanos raw)
{
	long frequency = 0;
	int r = source->frequency(source->context, &frequency);
	if (r < 0)
		return diagnostic_fail(&p->why, -1,
			"its frequency, which tells whether a program steers it (steered_by), "
			"cannot be read: %s",
			strerror(-r));
	if (p->has_frequency && frequency != p->frequency) {
		p->is_steered = true;
		p->steered = raw;
	}
	p->has_frequency = true;
	p->frequency = frequency;
	return 0;
}

// How long it has been going on by itself, as far as that can be seen.
static int64_t unsteered_ns(const struct phc *p, const struct config_reference *c)
{
	return c->steered_by == PHC_STEERED_BY_CARD ? 0 : p->earlier.n - p->steered.n;
}

static struct reference phc_reference_make(const struct phc *p, const struct config_reference *c,
	const struct shown *s, int64_t off_ns)
{
	int64_t alone_ns = unsteered_ns(p, c);
	// Rounded up: half a ns, and what the division left out.
	int64_t error_ns = s->bracket / 2 + 1 + c->accuracy_ns;
	double alone_error_ns = ldexp(REFERENCE_PHI, -32) * (double)alone_ns;
	return (struct reference){
		.answered = true,
		.leap = LEAP_NONE,
		.stratum = c->stratum,
		.reference_id = reference_id_number(c),
		.root_delay = reference_root_delay(c),
		.root_dispersion = reference_units(((double)error_ns + alone_error_ns) / 1e9),
		.dispersion_rate = REFERENCE_PHI,
		.as_of = s->at,
		.reference_time = {s->at.n - alone_ns},
		.correction = {off_ns},
		.update_interval = {NANOS_PER_S},
		.source = REFERENCE_PHC,
	};
}

// TAI - UTC by the time that it shows, not by the system clock: inside a leap second that is
// another.
static int offset_find(const struct phc_tai *tai, const struct shown *s)
{
	if (tai->offset == NULL)
		return 0;
	struct nanos before = {s->at.n - s->bracket / 2};
	int offset = tai->offset(tai->context, before);
	struct nanos utc = {s->phc.n - offset * NANOS_PER_S};
	bool is_near = llabs(utc.n / NANOS_PER_S - before.n / NANOS_PER_S) < 2;
	return is_near ? tai->offset(tai->context, utc) : offset;
}

static int judge(struct phc *p, const struct config_reference *c, const struct shown *s,
	const struct phc_tai *tai, struct reference *ret_reference)
{
	int offset = offset_find(tai, s);
	int64_t scale_ns = c->scale == PHC_SCALE_TAI ? offset * NANOS_PER_S : 0;
	if (time_check(p, c, s->phc, offset) < 0)
		return -1;
	int64_t off_ns = s->phc.n - scale_ns - s->at.n;
	if (scale_check(p, c, off_ns, offset) < 0)
		return -1;
	if (c->steered_by == PHC_STEERED_BY_PROGRAM && !p->is_steered)
		return diagnostic_fail(&p->why, -1,
			"no program was seen to steer it yet: its frequency stays as it is (see "
			"steered_by)");
	*ret_reference = phc_reference_make(p, c, s, off_ns);
	return 0;
}

int phc_look(struct phc *p, const struct phc_source *source, const struct config_reference *c,
	const struct phc_tai *tai, struct reference *ret_reference)
{
	struct shown s = {{0}, {0}, 0};
	int r = source->open(source->context, c->device);
	if (r < 0)
		return diagnostic_fail(&p->why, -1, "%s: %s", c->device, strerror(-r));
	struct nanos earlier = source->raw(source->context);
	r = shown_read(p, source, &s);
	struct nanos later = source->raw(source->context);
	if (r == 0 && c->steered_by == PHC_STEERED_BY_PROGRAM)
		r = frequency_note(p, source, earlier);
	source->close(source->context);
	if (r < 0)
		return -1;
	if (progress_note(p, s.phc, earlier, later) < 0)
		return -1;
	return judge(p, c, &s, tai, ret_reference);
}

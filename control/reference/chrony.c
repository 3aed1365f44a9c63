// SPDX-License-Identifier: BSD-3-Clause
#include "reference/chrony.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/ntp.h"
#include "core/wire_int.h"
#include "common/units.h"

#define VERSION          6
#define TYPE_QUESTION    1
#define TYPE_ANSWER      2
#define COMMAND_TRACKING 33
#define KIND_TRACKING    5
#define ANSWER_HEADER    28

#define STATUS_GOOD        0
#define STATUS_CLOSED      2
#define STATUS_BAD_VERSION 18
#define STATUS_BAD_LENGTH  19

// No moment: chronyd's clock was never set right.
#define SECONDS_NONE 0x7fffffffu
// Moments from 1970 on that 64 bits of nanoseconds can hold with room to spare.
#define SECONDS_MAX 4000000000LL
// How far ahead of the question the last update may be: chronyd's time is not quite ours.
#define FUTURE_NS NANOS_PER_S
// Nobody serves time with delays, errors or corrections as large as that, in s.
#define LENGTH_MAX 65535.0
// Between updates, in s: chronyd's longest poll is 2^24 s.
#define INTERVAL_MAX 67108864.0
// chronyd's default for what a clock may be off beyond what it measured, in ppm.
#define CLOCK_ERROR_PPM 1.0
#define PPM_MAX         1e6

// 127.127.1.1: chronyd's `local`.
#define LOCAL_ID 0x7f7f0101u

enum chrony_float {
	CORRECTION,
	LAST_OFFSET,
	RMS_OFFSET,
	FREQUENCY,
	RESIDUAL,
	SKEW,
	ROOT_DELAY,
	ROOT_DISPERSION,
	INTERVAL,
	FLOATS
};

struct tracking {
	uint32_t reference_id;
	uint16_t family;
	uint16_t stratum;
	uint16_t leap;
	uint32_t seconds_high;
	uint32_t seconds_low;
	uint32_t nanoseconds;
	double value[FLOATS];
};

static uint16_t u16(const uint8_t *at)
{
	struct be16 v;
	memcpy(&v, at, sizeof(v));
	return be16_get(v);
}

static uint32_t u32(const uint8_t *at)
{
	struct be32 v;
	memcpy(&v, at, sizeof(v));
	return be32_get(v);
}

// Both parts are signed; the coefficient is a share of one.
static double chrony_number(const uint8_t *at)
{
	uint32_t bits = u32(at);
	int exponent = (int)(bits >> 25);
	int coefficient = (int)(bits & 0x1ffffff);
	exponent -= exponent < 1 << 6 ? 0 : 1 << 7;
	coefficient -= coefficient < 1 << 24 ? 0 : 1 << 25;
	return ldexp(coefficient, exponent - 25);
}

void chrony_ask(uint32_t sequence, uint8_t *ret_message)
{
	struct be32 number_of_it = be32_put(sequence);
	memset(ret_message, 0, CHRONY_MESSAGE);
	ret_message[0] = VERSION;
	ret_message[1] = TYPE_QUESTION;
	ret_message[5] = COMMAND_TRACKING;
	memcpy(ret_message + 8, &number_of_it, sizeof(number_of_it));
}

static const char *header_refuse(const uint8_t *m, size_t length)
{
	unsigned status = u16(m + 8);
	if (m[0] != VERSION || status == STATUS_BAD_VERSION)
		return "it speaks another version of its command protocol than 6";
	if (status == STATUS_CLOSED)
		return "it may not tell its tracking report (see opencommands in chrony.conf)";
	if (status != STATUS_GOOD)
		return status == STATUS_BAD_LENGTH ? "it finds the question too short" :
		                                     "it refuses to tell its tracking report";
	if (u16(m + 6) != KIND_TRACKING)
		return "the answer is no tracking report";
	return length == CHRONY_MESSAGE ? NULL : "the answer is not 104 bytes long";
}

static struct tracking tracking_read(const uint8_t *m)
{
	struct tracking t = {
		.reference_id = u32(m + 28),
		.family = u16(m + 48),
		.stratum = u16(m + 52),
		.leap = u16(m + 54),
		.seconds_high = u32(m + 56),
		.seconds_low = u32(m + 60),
		.nanoseconds = u32(m + 64),
	};
	for (unsigned i = 0; i < FLOATS; i++)
		t.value[i] = chrony_number(m + 68 + 4 * i);
	return t;
}

static bool is_within(double x, double least, double most)
{
	return x >= least && x <= most;
}

static const char *values_refuse(const struct tracking *t)
{
	const double *v = t->value;
	if (!is_within(v[CORRECTION], -LENGTH_MAX, LENGTH_MAX))
		return "the correction is out of range";
	if (!is_within(v[RESIDUAL], -PPM_MAX, PPM_MAX) || !is_within(v[SKEW], 0, PPM_MAX))
		return "the frequency's error is out of range";
	if (!is_within(v[ROOT_DELAY], 0, LENGTH_MAX))
		return "the root delay is out of range";
	if (!is_within(v[ROOT_DISPERSION], 0, LENGTH_MAX))
		return "the root dispersion is out of range";
	if (!is_within(v[INTERVAL], 0, INTERVAL_MAX))
		return "the update interval is out of range";
	return NULL;
}

static const char *chrony_moment_read(
	const struct tracking *t, struct nanos now, struct nanos *ret_reference_time)
{
	int64_t seconds = (int64_t)((uint64_t)t->seconds_high << 32 | t->seconds_low);
	if (t->seconds_high == SECONDS_NONE)
		return "the clock is synchronised, but was never set right";
	if (t->nanoseconds >= NANOS_PER_S || seconds <= 0 || seconds > SECONDS_MAX)
		return "the reference time is no time";
	int64_t at = seconds * NANOS_PER_S + t->nanoseconds;
	if (at - now.n > FUTURE_NS)
		return "the reference time is in the future";
	ret_reference_time->n = at < now.n ? at : now.n;
	return NULL;
}

// A clock that follows nothing says so by its id, or claims to have no error at all and no source.
static bool chrony_is_local(const struct tracking *t)
{
	bool is_without_error = t->value[ROOT_DISPERSION] <= 0 && t->family == 0;
	return t->reference_id == LOCAL_ID || is_without_error;
}

static void chrony_reference_fill(const struct tracking *t, struct reference *r)
{
	const double *v = t->value;
	double ppm = v[SKEW] + fabs(v[RESIDUAL]) + CLOCK_ERROR_PPM;
	r->leap = (enum leap)t->leap;
	r->stratum = (uint8_t)t->stratum;
	r->reference_id = t->reference_id;
	r->root_delay = ntp_short_from_units(reference_units(v[ROOT_DELAY]));
	r->root_dispersion = reference_units(v[ROOT_DISPERSION]);
	r->dispersion_rate = reference_units(ppm * 1e-6);
	r->correction.n = llround(v[CORRECTION] * (double)NANOS_PER_S);
	r->update_interval.n = llround(v[INTERVAL] * (double)NANOS_PER_S);
	r->is_local = chrony_is_local(t);
}

static const char *tracking_take(
	const struct tracking *t, struct nanos now, struct reference *ret_reference)
{
	struct reference r = {.answered = true,
		.leap = LEAP_UNKNOWN,
		.as_of = now,
		.reference_time = now,
		.source = REFERENCE_CHRONY};
	bool is_sync = t->leap != LEAP_UNKNOWN && t->stratum != 0;
	const char *why = NULL;
	if (t->leap > LEAP_UNKNOWN)
		return "the leap indicator is not 0 to 3";
	if (t->stratum > 15)
		return "the stratum is not 0 to 15";
	if (is_sync) {
		why = values_refuse(t);
		if (why == NULL)
			why = chrony_moment_read(t, now, &r.reference_time);
		if (why == NULL)
			chrony_reference_fill(t, &r);
	}
	if (why == NULL)
		*ret_reference = r;
	return why;
}

enum chrony_take chrony_take(const uint8_t *message, size_t length,
	const struct chrony_question *question, struct reference *ret_reference,
	const char **ret_why)
{
	if (length < ANSWER_HEADER || message[1] != TYPE_ANSWER || message[2] != 0 ||
		message[3] != 0 || u16(message + 4) != COMMAND_TRACKING ||
		u32(message + 16) != question->sequence)
		return CHRONY_OTHERS;
	const char *why = header_refuse(message, length);
	if (why == NULL) {
		struct tracking t = tracking_read(message);
		why = tracking_take(&t, question->now, ret_reference);
	}
	if (why == NULL)
		return CHRONY_TOLD;
	*ret_why = why;
	return CHRONY_BAD;
}

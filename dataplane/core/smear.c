// SPDX-License-Identifier: BSD-3-Clause
#include "core/smear.h"

#define ONE_S (1ll << 32)

// Fixed point of the cosine: the argument as a share of the smear, and its square and the sum.
#define SHARE_BITS  46
#define SERIES_BITS 60
#define SERIES_ONE  (1ull << SERIES_BITS)
// pi squared, with 60 bits of fraction.
#define PI_SQUARED 11378879155978302162u

static uint64_t series_multiply(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 uint128;
	return (uint64_t)((uint128)a * b >> SERIES_BITS);
}

// (1 - cos(pi x)) / 2 for x up to 1/2, by its Taylor series in (pi x)^2; what is left out is below
// 2^-50.
static uint64_t half_cosine(uint64_t share)
{
	static const uint64_t divisors[] = {306, 240, 182, 132, 90, 56, 30, 12};
	uint64_t x = share << (SERIES_BITS - SHARE_BITS);
	uint64_t square = series_multiply(series_multiply(x, x), PI_SQUARED);
	uint64_t sum = SERIES_ONE;
	for (unsigned i = 0; i < sizeof(divisors) / sizeof(divisors[0]); i++)
		sum = SERIES_ONE - series_multiply(square, sum) / divisors[i];
	return series_multiply(square, sum) / 4;
}

// The lag as a share of the leap, 32 bits of fraction, in the first half.
static int64_t cosine_lag(int64_t since, int64_t length_s)
{
	uint64_t share = ((uint64_t)since << (SHARE_BITS - 32)) / (uint64_t)length_s;
	uint64_t half_unit = 1ull << (SERIES_BITS - 33);
	return (int64_t)((half_cosine(share) + half_unit) >> (SERIES_BITS - 32));
}

int64_t smear_lag(enum smear_kind kind, int8_t step, int64_t since)
{
	int64_t length_s = SMEAR_LENGTH_S + step;
	int64_t length = length_s * ONE_S;
	if (kind == SMEAR_OFF || since <= 0)
		return 0;
	if (since >= length)
		return step * ONE_S;
	if (kind == SMEAR_LINEAR)
		return step * (since / length_s);
	if (since <= length / 2)
		return step * cosine_lag(since, length_s);
	return step * (ONE_S - cosine_lag(length - since, length_s));
}

void smear_prepare(enum smear_kind kind, const struct clock_view *v, struct smear_line *ret_line)
{
	*ret_line = (struct smear_line){.kind = SMEAR_OFF};
	if (v->leap_step == 0)
		return;
	// A second that is left out is the day's last: the leap comes before midnight.
	int32_t before = v->leap_step < 0 ? SMEAR_BEFORE_S - 1 : SMEAR_BEFORE_S;
	ret_line->kind = kind;
	ret_line->step = v->leap_step;
	ret_line->leap_at = v->leap_at;
	ret_line->begin = ntp_time_add(v->leap_at, -ntp_time_from_seconds(before));
	if ((v->leap_flags & LEAP_CROSSED) != 0)
		ret_line->gone = ntp_time_from_seconds(v->leap_step);
}

static struct ntp_time line_smear(const struct smear_line *s, struct ntp_time line)
{
	return ntp_time_add(line, -smear_lag(s->kind, s->step, ntp_time_diff(line, s->begin)));
}

struct ntp_time smear_time(const struct smear_line *s, struct ntp_time utc)
{
	if (s->kind == SMEAR_OFF)
		return utc;
	return line_smear(s, ntp_time_add(utc, s->gone));
}

struct ntp_time smear_past_time(const struct smear_line *s, struct ntp_time utc)
{
	if (s->kind == SMEAR_OFF)
		return utc;
	bool is_after = s->gone != 0 && !ntp_time_before(utc, s->leap_at);
	return line_smear(s, is_after ? ntp_time_add(utc, s->gone) : utc);
}

bool smear_is_on(const struct smear_line *s, struct ntp_time utc)
{
	int64_t since = ntp_time_diff(ntp_time_add(utc, s->gone), s->begin);
	return s->kind != SMEAR_OFF && since > 0 &&
	       since < ntp_time_from_seconds(SMEAR_LENGTH_S + s->step);
}

uint32_t smear_reference_id(int64_t offset)
{
	uint64_t rounded = (uint64_t)offset + (1 << 9);
	return 0xfe000000u | ((uint32_t)(rounded >> 10) & 0xffffff);
}

// SPDX-License-Identifier: BSD-3-Clause
// Smeared time: a leap second spread evenly over a day, for service addresses that ask for it.
//
// From noon UTC before the leap to noon after it smeared time runs slower (or faster, where a
// second is left out) than UTC, so that it has no leap: it is UTC again at the end. One pure
// function gives how far it lags behind the line that runs on evenly through the leap. No floating
// point; any thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/ntp_time.h"
#include "core/snapshot.h"

// X(symbol, stable text, sentence)
#define SMEAR_LIST(X)                                                                              \
	X(OFF, off, "no smear")                                                                    \
	X(LINEAR, linear, "at one rate, 11.6 ppm")                                                 \
	X(COSINE, cosine, "half a cosine: without a jump of the rate, 18.2 ppm at midnight")

enum smear_kind {
#define X(symbol, text, sentence) SMEAR_##symbol,
	SMEAR_LIST(X)
#undef X
		SMEAR_KINDS
};

// The first noon is this long before midnight, and the smear this long without the leap itself.
#define SMEAR_BEFORE_S 43200
#define SMEAR_LENGTH_S 86400

// How a burst's UTC becomes smeared time.
struct smear_line {
	enum smear_kind kind;  // SMEAR_OFF: smeared time is UTC
	int8_t step;           // of the leap, see struct clock_view
	struct ntp_time begin; // of the smear, by the line of before the leap
	struct ntp_time leap_at;
	int64_t gone; // what that line is ahead of the burst's UTC, NTP units
};

// How far smeared time is behind the even line, in NTP units, `since` after the smear's begin: 0
// until then, exactly half of the leap in the middle and all of it from the end on. Rises (falls,
// if step is -1) by at most one unit from one unit to the next. step is 1 or -1.
int64_t smear_lag(enum smear_kind kind, int8_t step, int64_t since);

// The line for a burst by view v, which has been crossed. A view without a leap gives SMEAR_OFF.
void smear_prepare(enum smear_kind kind, const struct clock_view *v, struct smear_line *ret_line);

// The smeared time of a moment given as the burst's UTC.
struct ntp_time smear_time(const struct smear_line *s, struct ntp_time utc);

// The same of one that may lie before the leap that the burst has crossed, told as UTC was told
// then. Around an inserted second, which UTC tells twice, the first is meant.
struct ntp_time smear_past_time(const struct smear_line *s, struct ntp_time utc);

// Whether smeared time differs from UTC by design at this moment of the burst: between the noons.
bool smear_is_on(const struct smear_line *s, struct ntp_time utc);

// The reference id that marks smeared time, as ntpd writes it: 254, then `offset` = smeared time -
// UTC in NTP units as a signed number of 2 bits of seconds and 22 of their fraction, rounded.
uint32_t smear_reference_id(int64_t offset);

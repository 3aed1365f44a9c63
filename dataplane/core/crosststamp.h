// SPDX-License-Identifier: BSD-3-Clause
// A cross timestamp: what a clock and the counter show at one moment, although they cannot be read
// at once.
//
// The clock is read between two readings of the counter, several times; the shortest of these
// brackets counts, because the least was in the way of it. The clock was read somewhere in it: its
// middle is off by half of it at the most. Pure; any thread.
#pragma once

#include <stdint.h>

#include "core/ntp_time.h"

struct crosststamp {
	uint64_t clock;   // in the clock's own unit
	struct cycles at; // by the counter: middle of the bracket
	uint64_t bracket; // cycles from before to after; UINT64_MAX: there was no reading yet
};

// Where a series begins.
static inline struct crosststamp crosststamp_none(void)
{
	return (struct crosststamp){.bracket = UINT64_MAX};
}

// Takes the clock's reading between `before` and `after` in the place of *best if it is closer. A
// counter that went back meanwhile gives a bracket of over 2^63, which any other is closer than.
static inline void crosststamp_take(
	struct crosststamp *best, struct cycles before, uint64_t clock, struct cycles after)
{
	uint64_t bracket = after.n - before.n;
	if (bracket < best->bracket)
		*best = (struct crosststamp){clock, {before.n + bracket / 2}, bracket};
}

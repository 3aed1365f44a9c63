// SPDX-License-Identifier: BSD-3-Clause
// Pairs of counter and time, and the line through them: its slope by a regression over all of
// them, its height by the newest ones.
//
// A pair is an interval: the time was read somewhere inside its bracket. The line goes through the
// middle of what the newest pairs have in common, moved along the slope to the newest; as many of
// them count as agree. So one reading's noise is averaged out while the clock runs evenly, and the
// newest pair alone decides the moment it does not. One thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/ntp_time.h"

#define FIT_PAIRS  200 // two seconds at 100 a second
#define FIT_ENOUGH 8   // pairs for a slope

struct clock_pair {
	struct cycles at;      // middle of the bracket
	struct nanos realtime; // since 1970
	uint64_t bracket;      // cycles from before to after
};

struct clock_fit {
	struct clock_pair pair[FIT_PAIRS]; // ring
	unsigned count;
	unsigned newest;
	unsigned misfits;    // regressions in a row that no straight line explains
	uint64_t restarts;   // of the regression, because of them
	uint64_t grain;      // cycles that the counter advances by at once: 1, or as measured
	double ns_per_cycle; // slope; 0: unknown. Kept when the pairs are forgotten
	double residual_ns;  // root mean square of the pairs about the regression
	double height_ns;    // of the line over the newest pair, inside that pair's bracket
};

// The pair `age` pairs before the newest; age < count.
const struct clock_pair *fit_pair(const struct clock_fit *f, unsigned age);

// Forgets the pairs, not the slope.
void fit_forget(struct clock_fit *f);

// Takes a pair that is later than all others, and fits the line anew.
void fit_add(struct clock_fit *f, const struct clock_pair *p);

// Tells all pairs' times by another scale, `by` ahead of the one so far.
void fit_shift(struct clock_fit *f, struct nanos by);

// How far p's time is ahead of the line, in ns. Only with a slope and a pair.
double fit_miss_ns(const struct clock_fit *f, const struct clock_pair *p);

// Half of p's bracket and the grain of both clocks, in ns: how wrong its time may be at a moment
// that the counter tells.
double fit_pair_error_ns(const struct clock_fit *f, const struct clock_pair *p);

// The time of the newest pair by the line. Only with a pair.
struct ntp_time fit_height(const struct clock_fit *f);

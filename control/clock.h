// SPDX-License-Identifier: BSD-3-Clause
// The line between the machine's counter and CLOCK_REALTIME, kept true by measuring.
//
// Each tick reads a pair (counter, time) as the shortest of several brackets; the slope comes from
// a regression over the pairs of the last two seconds, and the line goes through the newest pair,
// so that it follows the clock within one reading's error whatever the clock is doing. How far the
// line's predictions were off is measured too, and published as its bound. A pair that no slew can
// explain is a step: the pairs are forgotten and a new epoch begins. One thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/ntp_time.h"

#define CLOCK_PAIRS  200 // two seconds at CLOCK_RATE
#define CLOCK_RATE   100 // ticks a second
#define CLOCK_ENOUGH 32  // pairs for a line that may be served

// Where counter and time come from: the machine, or a test that owns time.
struct clock_source {
	struct cycles (*counter)(void *context);
	struct nanos (*realtime)(void *context); // since 1970
	void *context;
};

struct clock_pair {
	struct cycles at;      // middle of the bracket
	struct nanos realtime; // since 1970
	uint64_t bracket;      // cycles from before to after
};

enum clock_event {
	CLOCK_FITTING, // not enough pairs yet: the line may not be served
	CLOCK_GOOD,
	CLOCK_STEPPED, // time jumped just now; fitting begins again
};

struct clock {
	struct clock_source source;
	struct clock_pair pair[CLOCK_PAIRS]; // ring
	unsigned count;
	unsigned newest;
	double ns_per_cycle; // slope; 0: unknown
	double residual_ns;  // root mean square of the pairs about the regression
	double error_ns;     // largest miss of a prediction lately; fades
	uint32_t epoch;      // 1 and up; rises with every step
	uint64_t steps;
	bool was_set; // the kernel says the clock was set
};

// The line and what is known about it.
struct clock_line {
	struct cycles ref_cycles;
	struct ntp_time ref_time;
	uint64_t mult;        // see NTP_MULT_SHIFT
	uint64_t error_bound; // NTP units: |line - CLOCK_REALTIME| at ref_cycles
	uint64_t hz;          // of the counter
	uint32_t epoch;
};

// A clock without pairs.
void clock_init(struct clock *c, const struct clock_source *source);

// Reads one pair: the shortest of nine brackets.
struct clock_pair clock_pair_read(const struct clock_source *source);

// Measures once; to be called CLOCK_RATE times a second, late or missing calls do no harm.
enum clock_event clock_tick(struct clock *c);

// Tells the clock that the kernel announced a discontinuous change: the next tick is a step.
void clock_announce_set(struct clock *c);

// The time of the newest pair, since 1970; only after a tick.
struct nanos clock_newest(const struct clock *c);

// The line through the newest pair. False while there is no slope; ret_line is then untouched.
bool clock_line(const struct clock *c, struct clock_line *ret_line);

// How fine the counter can tell times apart, as log2 of seconds, rounded up (RFC 5905 7.3,
// precision). hz as in struct clock_line.
int8_t clock_precision(const struct clock_source *source, uint64_t hz);

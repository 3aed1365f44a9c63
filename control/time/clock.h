// SPDX-License-Identifier: BSD-3-Clause
// The line between the machine's counter and CLOCK_REALTIME, kept true by measuring.
//
// Each tick reads a pair (counter, time) as the shortest of several brackets; clock_fit.h makes a
// line of the pairs of the last two seconds. How far the line's predictions were off is measured
// too, and published as its bound. What no slew can explain is a step: so are a set clock, a
// machine that slept, and a counter that went back. Then the pairs are forgotten and a new epoch
// begins. One thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "time/clock_fit.h"
#include "core/ntp_time.h"
#include "common/units.h"

#define CLOCK_ENOUGH 32 // pairs for a line that may be served

// Where counter and time come from: the machine, or a test that owns time. The last two may be
// NULL: then nobody knows.
struct clock_source {
	struct cycles (*counter)(void *context);
	struct nanos (*realtime)(void *context); // since 1970
	void *context;
	struct nanos (*suspended)(void *context); // how long the machine has slept in all
	bool (*is_demoted)(void *context);        // the kernel gave the counter up as a clock
	bool may_be_coarse; // the counter may advance by much at once; how much is measured
};

enum clock_event {
	CLOCK_FITTING, // the line is not known well enough: it may not be served
	CLOCK_GOOD,
	CLOCK_STEPPED, // time jumped just now; fitting begins again
};

enum clock_cause {
	CLOCK_CAUSE_NONE,
	CLOCK_CAUSE_SET,     // the kernel says that the clock was set
	CLOCK_CAUSE_MISS,    // a pair too far off the line
	CLOCK_CAUSE_SUSPEND, // the machine slept
	CLOCK_CAUSE_COUNTER, // the counter went back
	CLOCK_CAUSE_LEAP,    // an expected leap second did not come
};

// A jump that the clock is to make: a leap second.
struct clock_jump {
	struct nanos at; // since 1970, by the scale of before
	struct nanos by; // 0: none is expected
};

struct clock {
	struct clock_source source;
	struct clock_fit fit;
	double base_ns_per_cycle; // what the slope is held against; 0: not known yet
	double error_ns;          // largest miss of a prediction lately; fades
	uint32_t epoch;           // 1 and up; rises with every step
	uint64_t steps;
	enum clock_cause cause; // of the last step
	struct nanos step;      // how far time jumped then, where that could be told
	struct nanos suspended; // as of the last tick
	struct clock_jump jump; // expected
	struct nanos jumped;    // as expected, at this tick; 0: not at this one
	unsigned calm;          // ticks for which the kernel's word of a set clock may be late
	unsigned until_look;    // ticks to the next look at the counter itself
	unsigned implausible;   // ticks in a row with a slope that cannot be
	unsigned noisy;         // pairs in a row that were left out
	bool was_set;           // the kernel says the clock was set
	bool is_blind;          // the slope of before the step may be wrong itself
	bool is_fitting;        // since the start or a step
	bool is_warm;           // the base began as a former server's, and seemed right
	bool has_base;          // the base is our own
	bool is_demoted;        // the kernel gave the counter up
};

// The line and what is known about it.
struct clock_line {
	struct cycles ref_cycles;
	struct ntp_time ref_time;
	uint64_t mult;        // see NTP_MULT_SHIFT
	uint64_t error_bound; // NTP units: |line - CLOCK_REALTIME| at ref_cycles and a tick on
	uint64_t rate_error;  // NTP units per 2^32: how far the slope is off what it usually is
	uint64_t hz;          // of the counter
	uint32_t epoch;
};

// A clock without pairs.
void clock_init(struct clock *c, const struct clock_source *source);

// Gives the counter's rate as a former server measured it; before the first tick. If the first
// estimate agrees with it within 1000 ppm, fewer pairs are enough.
void clock_warm(struct clock *c, uint64_t hz);

// Reads one pair: the shortest of nine brackets.
struct clock_pair clock_pair_read(const struct clock_source *source);

// Measures once; to be called CLOCK_RATE times a second, late or missing calls do no harm.
enum clock_event clock_tick(struct clock *c);

// Tells the clock of a jump that is no step: the pairs are told by the new scale from then on. One
// that has not come a second after its time is a step, CLOCK_CAUSE_LEAP. To be told anew each tick.
void clock_expect(struct clock *c, const struct clock_jump *jump);

// Tells the clock that the kernel announced a discontinuous change: the next tick is a step.
void clock_announce_set(struct clock *c);

// The time of the newest pair, since 1970; only after a tick.
struct nanos clock_newest(const struct clock *c);

// The line through the newest pair. False while there is no slope; ret_line is then untouched.
bool clock_line(const struct clock *c, struct clock_line *ret_line);

// What the counter advances by at once, in ns: 0 while its rate is not known. Each reading may be
// as much too early; the line's error_bound holds it.
double clock_grain_ns(const struct clock *c);

// How fine the counter can tell times apart, as log2 of seconds, rounded up (RFC 5905 7.3,
// precision). hz as in struct clock_line.
int8_t clock_precision(const struct clock_source *source, uint64_t hz);

// The cause in words, to follow "the clock was stepped: ". Static storage.
const char *clock_cause_text(enum clock_cause cause);

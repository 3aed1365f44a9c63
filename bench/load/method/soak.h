// SPDX-License-Identifier: BSD-3-Clause
// A long run in intervals: each with what was sent, answered and lost in it. Pure, one thread.
#pragma once

#include <stdint.h>

#define SOAK_INTERVALS_MAX 100000

// The run's sums by a moment.
struct soak_reading {
	double elapsed_s;
	uint64_t sent;
	uint64_t known; // requests up to the latest that was answered: those behind are still under
	                // way
	uint64_t answered;
	uint64_t invalid;
};

struct soak_interval {
	double elapsed_s; // at its end
	double offered_pps;
	double answered_pps;
	uint64_t lost; // found out in it
	uint64_t invalid;
};

struct soak {
	struct soak_reading last;
	uint64_t lost;
	unsigned count;
	unsigned room;
	struct soak_interval *interval; // borrowed, room for `room` of them
};

// No interval yet.
void soak_init(struct soak *s, struct soak_interval *interval, unsigned room);

// Ends an interval with these sums. Does nothing where there is no room, or no time has gone by.
void soak_note(struct soak *s, const struct soak_reading *now);

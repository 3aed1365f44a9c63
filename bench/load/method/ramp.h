// SPDX-License-Identifier: BSD-3-Clause
// A ladder of rates as ntpperf climbs it: from 1000 a second, half as much again at every step,
// until more than half is lost or the requests cannot be sent in time. Pure, one thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// What ntpperf simulates: a client for every ten requests a second, up to this many.
#define RAMP_CLIENTS_MAX 16384
#define RAMP_FIRST       1000

enum ramp_end {
	RAMP_GOES_ON,
	RAMP_LOST,     // more than half was lost
	RAMP_TOO_LATE, // not all could be sent in time
	RAMP_TOP,      // the highest rate that is wanted was tried
};

struct ramp {
	uint64_t max_rate;
	uint32_t max_clients;
	uint64_t rate;    // of this step
	uint32_t clients; // of this step
};

// What came of a step.
struct ramp_step {
	double lost_percent;
	double skipped_percent; // that could not be sent in time
};

// At the first step. max_rate 0: as high as it goes.
void ramp_init(struct ramp *r, uint64_t max_rate, uint32_t max_clients);

// Takes the step's result, and where it goes on, moves to the next step.
enum ramp_end ramp_climb(struct ramp *r, const struct ramp_step *step);

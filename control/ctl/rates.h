// SPDX-License-Identifier: BSD-3-Clause
// How fast counters rise: the difference of two readings of the same server.
#pragma once

#include <stdbool.h>

#include "status/reading.h"

// No time lies between the two readings.
#define RATE_UNKNOWN (-1.0)

// Whether rates follow from the two: the same server, and time between. before may be NULL.
bool rates_are_possible(const struct reading *before, const struct reading *now);

// Of one counter, a second; RATE_UNKNOWN where there is none. The values belong to the readings.
double rates_of(const struct reading *before, const struct reading *now, uint64_t was, uint64_t is);

// Sums over the verdicts of a worker, or of the total.
uint64_t rates_sum_answered(const struct reading_worker *w);
uint64_t rates_sum_silent(const struct reading_worker *w);

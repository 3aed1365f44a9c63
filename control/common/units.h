// SPDX-License-Identifier: BSD-3-Clause
// Units of time, and what a foreign daemon tells in this server's: never less, never more than can
// be told.
#pragma once

#include <math.h>
#include <stdint.h>

#include "core/ntp_time.h"

#define NANOS_PER_S 1000000000LL

// How often the control thread measures, judges and publishes: ticks a second.
#define CLOCK_RATE 100

// 15 ppm (RFC 5905's PHI) as NTP units per 2^32 units of age.
#define REFERENCE_PHI 64425

// Seconds as NTP units, rounded up; up to 2^30 s.
static inline uint64_t reference_units(double seconds)
{
	return (uint64_t)ceil(ldexp(fmin(fmax(seconds, 0), ldexp(1, 30)), 32));
}

// The time from `from` to `to` in ns, however absurd the two moments are; what is too long ends at
// the limit.
static inline int64_t nanos_between(struct nanos from, struct nanos to)
{
	int64_t ns;
	if (__builtin_sub_overflow(to.n, from.n, &ns))
		return to.n < from.n ? INT64_MIN : INT64_MAX;
	return ns;
}

// SPDX-License-Identifier: BSD-3-Clause
// Seconds of a foreign daemon in this server's units: never less, never more than can be told.
#pragma once

#include <math.h>
#include <stdint.h>

// 15 ppm (RFC 5905's PHI) as NTP units per 2^32 units of age.
#define REFERENCE_PHI 64425

// Seconds as NTP units, rounded up; up to 2^30 s.
static inline uint64_t reference_units(double seconds)
{
	return (uint64_t)ceil(ldexp(fmin(fmax(seconds, 0), ldexp(1, 30)), 32));
}

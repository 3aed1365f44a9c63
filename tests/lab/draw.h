// SPDX-License-Identifier: BSD-3-Clause
// Draws for histories.
#pragma once

#include <math.h>
#include <stdint.h>

#include "harness/random.h"

// A number from 0 up to, not with, n.
static inline double draw_below(uint64_t *random, double n)
{
	return ldexp((double)(random_u64(random) >> 11), -53) * n;
}

// A number between the two, every decade as likely as any other.
static inline double draw_decades(uint64_t *random, double least, double most)
{
	return least * pow(most / least, draw_below(random, 1));
}

static inline double draw_sign(uint64_t *random)
{
	return random_u64(random) & 1 ? 1 : -1;
}

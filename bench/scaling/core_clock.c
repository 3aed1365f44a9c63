// SPDX-License-Identifier: BSD-3-Clause
#include "core_clock.h"

#include <time.h>

#define TRIES 20
#define TURNS 50000
#define EACH  64 // additions a turn, so that the loop around them costs nothing

static uint64_t now_ns(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t chain_ns(void)
{
	uint64_t x = 1;
	uint64_t begin = now_ns();
	for (unsigned turn = 0; turn < TURNS; turn++) {
#pragma GCC unroll 64
		for (unsigned i = 0; i < EACH; i++) {
			x += turn;
			// The compiler must not add them up beforehand.
			__asm__ volatile("" : "+r"(x));
		}
	}
	return now_ns() - begin;
}

uint64_t core_clock_estimate_hz(void)
{
	uint64_t best = UINT64_MAX;
	for (unsigned i = 0; i < TRIES; i++) {
		uint64_t ns = chain_ns();
		if (ns < best)
			best = ns;
	}
	return best == 0 ? 0 : (uint64_t)TURNS * EACH * 1000000000u / best;
}

// SPDX-License-Identifier: BSD-3-Clause
// Numbers for property tests. The seed is printed, and NTPWIRE_SEED brings a run back.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

// A seed from the environment or from the clock, printed as a TAP comment with the test's name.
static inline uint64_t random_seed(const char *test)
{
	const char *given = getenv("NTPWIRE_SEED");
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	uint64_t seed = (uint64_t)now.tv_sec * 1000000007u ^ (uint64_t)now.tv_nsec;
	if (given != NULL)
		seed = strtoull(given, NULL, 0);
	printf("# %s: NTPWIRE_SEED=%#llx\n", test, (unsigned long long)seed);
	fflush(stdout);
	return seed;
}

// The next 64 random bits.
static inline uint64_t random_u64(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15u;
	uint64_t z = *state;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

// A random number below n, n > 0.
static inline uint64_t random_below(uint64_t *state, uint64_t n)
{
	return random_u64(state) % n;
}

// n random bytes.
static inline void random_fill(uint64_t *state, uint8_t *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)random_u64(state);
}

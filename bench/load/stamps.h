// SPDX-License-Identifier: BSD-3-Clause
// When the latest requests were sent: a ring of counter readings, one a request. Older ones are
// forgotten; replies to them are judged all the same, but not timed. Pure, one thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define STAMPS_SIZE (1u << 16)
// A stamp is in units of this many counter cycles, and wraps after seconds.
#define STAMPS_CYCLES 4

struct stamps {
	uint32_t sent[STAMPS_SIZE];
};

// The counter as a stamp.
static inline uint32_t stamp_make(uint64_t counter)
{
	return (uint32_t)(counter / STAMPS_CYCLES);
}

// Notes that the n requests from sequence number `first` on were sent at `stamp`.
static inline void stamps_put(struct stamps *s, uint64_t first, unsigned n, uint32_t stamp)
{
	for (unsigned i = 0; i < n; i++)
		s->sent[(first + i) % STAMPS_SIZE] = stamp;
}

// Whether the ring still knows `sequence` when `next` is the number of the next request.
static inline bool stamps_hold(uint64_t sequence, uint64_t next)
{
	return next - sequence <= STAMPS_SIZE;
}

// SPDX-License-Identifier: BSD-3-Clause
// What is kept of the latest requests. When they were sent: a ring of counter readings, one a
// request; replies to older ones are judged all the same, but not timed. Whether they were
// answered: a bit each, for many more. Pure, one thread.
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

#define WINDOW_SIZE (1ull << 24)

// Which of the last WINDOW_SIZE requests have been answered: one bit each.
struct window {
	uint64_t word[WINDOW_SIZE / 64];
};

// Makes room for the request with this sequence number; called for every one, in order. What was
// WINDOW_SIZE before it is forgotten.
static inline void window_open(struct window *w, uint64_t sequence)
{
	if (sequence % 64 == 0)
		w->word[sequence % WINDOW_SIZE / 64] = 0;
}

// Whether the window still knows `sequence` when `next` is the number of the next request.
static inline bool window_holds(uint64_t sequence, uint64_t next)
{
	return sequence < next && next - sequence <= WINDOW_SIZE - 64;
}

// Marks it as answered. Returns whether it was marked before.
static inline bool window_mark(struct window *w, uint64_t sequence)
{
	uint64_t *word = &w->word[sequence % WINDOW_SIZE / 64];
	uint64_t bit = 1ull << sequence % 64;
	bool before = (*word & bit) != 0;
	*word |= bit;
	return before;
}

// SPDX-License-Identifier: BSD-3-Clause
// Which of the last sixteen million requests have been answered: one bit each. One thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define WINDOW_SIZE (1ull << 24)

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

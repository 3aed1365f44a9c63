// SPDX-License-Identifier: BSD-3-Clause
// What a burst came to, in the worker's counters. Worker's thread.
#pragma once

#include "worker/worker.h"

// Counts a burst of n packets of `bytes` bytes together, each by its verdict.
void worker_count_burst(const struct worker *w, unsigned n, uint64_t bytes);

// Counts who of a burst was told when an earlier reply left, and who was not. is_all: every reply was sent.
__attribute__((noinline)) void worker_count_pairs(
	const struct worker *w, const struct responder *r, bool is_all);

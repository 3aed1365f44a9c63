// SPDX-License-Identifier: BSD-3-Clause
// What a burst came to, in the worker's counters. Worker's thread.
#pragma once

#include "worker/worker.h"

// Counts a burst of n packets of `bytes` bytes together, each by its verdict.
void worker_count_burst(const struct worker *w, unsigned n, uint64_t bytes);

// Counts the replies of a burst that were sent, `bytes` bytes together.
void worker_count_sent(const struct worker *w, const struct burst_sent *s, uint64_t bytes);

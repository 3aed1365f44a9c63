// SPDX-License-Identifier: BSD-3-Clause
// How often which value came, in fixed memory: every value below 256 has a bucket of its own, and
// each further octave 128 of them, so that a value read back is at most 1/128 above the true one.
// Pure, one thread.
#pragma once

#include <stdint.h>

#define HISTOGRAM_OCTAVE_BITS 7
#define HISTOGRAM_OCTAVE      (1u << HISTOGRAM_OCTAVE_BITS)
#define HISTOGRAM_VALUE_MAX   ((1ull << 40) - 1) // what is above counts as this
#define HISTOGRAM_BUCKETS     ((40 - HISTOGRAM_OCTAVE_BITS + 1) * HISTOGRAM_OCTAVE)

// The percentiles that are shown, in the order of their names; the last is the largest value.
#define QUANTILES 6

struct histogram {
	uint64_t sum; // of all values, exact; so are the next two
	uint64_t min; // UINT64_MAX: none yet
	uint64_t max;
	uint64_t bucket[HISTOGRAM_BUCKETS];
};

struct summary {
	double min_ns; // with the next two 0 where nothing was counted
	double mean_ns;
	double stddev_ns; // as exact as the buckets are
	double quantile_ns[QUANTILES];
};

extern const char *const quantile_names[QUANTILES]; // p50, ..., max

// Empties it, which a new one needs too.
void histogram_clear(struct histogram *h);

// Counts a value.
static inline void histogram_add(struct histogram *h, uint64_t value)
{
	value = value < HISTOGRAM_VALUE_MAX ? value : HISTOGRAM_VALUE_MAX;
	// Bits of the value beyond those that name its bucket.
	unsigned octave = (unsigned)__builtin_clzll(HISTOGRAM_OCTAVE) -
	                  (unsigned)__builtin_clzll(value | HISTOGRAM_OCTAVE);
	h->bucket[octave * HISTOGRAM_OCTAVE + (value >> octave)]++;
	h->sum += value;
	if (value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
}

// How many values were counted.
uint64_t histogram_count(const struct histogram *h);

// The least value that at least this percentage (0 to 100) of all are at most, rounded up to the
// end of its bucket; 0 for an empty histogram.
uint64_t histogram_percentile(const struct histogram *h, double percent);

// What is shown of a histogram, whose values are in units of ns_per_unit.
void histogram_sum_up(const struct histogram *h, double ns_per_unit, struct summary *ret_summary);

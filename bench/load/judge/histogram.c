// SPDX-License-Identifier: BSD-3-Clause
#include "judge/histogram.h"

#include <math.h>
#include <string.h>

const char *const quantile_names[QUANTILES] = {"p50", "p90", "p99", "p99_9", "p99_99", "max"};

static const double quantile_percents[QUANTILES] = {50, 90, 99, 99.9, 99.99, 100};

void histogram_clear(struct histogram *h)
{
	memset(h, 0, sizeof(*h));
	h->min = UINT64_MAX;
}

uint64_t histogram_count(const struct histogram *h)
{
	uint64_t count = 0;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		count += h->bucket[i];
	return count;
}

// The largest value that belongs into the bucket with this index.
static uint64_t bucket_end(unsigned index)
{
	if (index < 2 * HISTOGRAM_OCTAVE)
		return index;
	unsigned octave = index / HISTOGRAM_OCTAVE - 1;
	uint64_t first = (uint64_t)(index % HISTOGRAM_OCTAVE + HISTOGRAM_OCTAVE) << octave;
	return first + (1ull << octave) - 1;
}

uint64_t histogram_percentile(const struct histogram *h, double percent)
{
	double wanted = (double)histogram_count(h) * percent / 100;
	uint64_t sum = 0;
	if (percent >= 100)
		return h->max;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		sum += h->bucket[i];
		if (sum == 0 || (double)sum < wanted)
			continue;
		uint64_t end = bucket_end(i);
		return end < h->max ? end : h->max;
	}
	return h->max;
}

static double stddev_make(const struct histogram *h, double mean, uint64_t count)
{
	double squares = 0;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (h->bucket[i] == 0)
			continue;
		double begin = i > 0 ? (double)bucket_end(i - 1) + 1 : 0;
		double middle = (begin + (double)bucket_end(i)) / 2 - mean;
		squares += (double)h->bucket[i] * middle * middle;
	}
	return sqrt(squares / (double)count);
}

void histogram_sum_up(const struct histogram *h, double ns_per_unit, struct summary *ret_summary)
{
	struct summary s = {0};
	uint64_t count = histogram_count(h);
	if (count > 0) {
		s.min_ns = (double)h->min * ns_per_unit;
		double mean = (double)h->sum / (double)count;
		s.mean_ns = mean * ns_per_unit;
		s.stddev_ns = stddev_make(h, mean, count) * ns_per_unit;
	}
	for (unsigned i = 0; i < QUANTILES; i++)
		s.quantile_ns[i] =
			(double)histogram_percentile(h, quantile_percents[i]) * ns_per_unit;
	*ret_summary = s;
}

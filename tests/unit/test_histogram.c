// SPDX-License-Identifier: BSD-3-Clause
#include "judge/histogram.h"

#include "harness/random.h"
#include "harness/table.h"

#include <stdlib.h>

static struct histogram histogram;

static void an_empty_histogram_has_no_times(void **state)
{
	struct summary s;
	(void)state;
	histogram_clear(&histogram);
	histogram_sum_up(&histogram, 1, &s);
	assert_true(s.min_ns == 0 && s.mean_ns == 0);
	for (unsigned i = 0; i < QUANTILES; i++)
		assert_true(s.quantile_ns[i] == 0);
}

static void small_values_are_exact(void **state)
{
	(void)state;
	histogram_clear(&histogram);
	for (uint64_t v = 0; v < 2 * HISTOGRAM_OCTAVE; v++)
		histogram_add(&histogram, v);
	assert_int_equal(histogram.sum, 255 * 128);
	assert_int_equal(histogram_percentile(&histogram, 50), 127);
	assert_int_equal(histogram_percentile(&histogram, 100.0 / 256), 0);
	assert_int_equal(histogram_percentile(&histogram, 200.0 / 256), 1);
	assert_int_equal(histogram_percentile(&histogram, 100), 255);
}

static void every_value_is_read_back_within_its_bound(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 40; bit++) {
		for (int64_t step = -1; step <= 1; step++) {
			uint64_t v = (uint64_t)((1ll << bit) + step);
			histogram_clear(&histogram);
			histogram_add(&histogram, v);
			// So that the largest value does not hide the bucket's end.
			histogram_add(&histogram, HISTOGRAM_VALUE_MAX);
			uint64_t back = histogram_percentile(&histogram, 50);
			assert_in_range(back, v, v + v / HISTOGRAM_OCTAVE);
		}
	}
}

static void a_huge_value_counts_as_the_largest(void **state)
{
	(void)state;
	histogram_clear(&histogram);
	histogram_add(&histogram, UINT64_MAX);
	assert_int_equal(histogram.max, HISTOGRAM_VALUE_MAX);
	assert_int_equal(histogram_percentile(&histogram, 50), HISTOGRAM_VALUE_MAX);
	assert_int_equal(histogram.bucket[HISTOGRAM_BUCKETS - 1], 1);
}

static int values_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

// The same percentiles from the sorted values themselves.
static void percentiles_agree_with_sorting(void **state)
{
	static const double percents[] = {50, 90, 99, 99.9, 99.99};
	static uint64_t values[20000];
	const size_t n = TABLE_LENGTH(values);
	uint64_t r = random_seed("histogram");
	(void)state;
	histogram_clear(&histogram);
	for (size_t i = 0; i < n; i++) {
		values[i] = random_u64(&r) >> (24 + random_below(&r, 40));
		histogram_add(&histogram, values[i]);
	}
	qsort(values, n, sizeof(values[0]), values_compare);
	assert_int_equal(histogram.min, values[0]);
	assert_int_equal(histogram.max, values[n - 1]);
	for (size_t i = 0; i < TABLE_LENGTH(percents); i++) {
		uint64_t want = values[(size_t)((double)n * percents[i] / 100 + 0.999) - 1];
		uint64_t got = histogram_percentile(&histogram, percents[i]);
		assert_in_range(got, want, want + want / HISTOGRAM_OCTAVE);
	}
}

static void units_become_nanoseconds(void **state)
{
	struct summary s;
	(void)state;
	histogram_clear(&histogram);
	histogram_add(&histogram, 10);
	histogram_add(&histogram, 20);
	histogram_sum_up(&histogram, 2.5, &s);
	assert_true(s.min_ns == 25 && s.mean_ns == 37.5);
	assert_true(s.stddev_ns == 12.5);
	assert_true(s.quantile_ns[0] == 25 && s.quantile_ns[QUANTILES - 1] == 50);
	assert_string_equal(quantile_names[0], "p50");
	assert_string_equal(quantile_names[QUANTILES - 1], "max");
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, an_empty_histogram_has_no_times);
	TABLE_ADD(&t, small_values_are_exact);
	TABLE_ADD(&t, every_value_is_read_back_within_its_bound);
	TABLE_ADD(&t, a_huge_value_counts_as_the_largest);
	TABLE_ADD(&t, percentiles_agree_with_sorting);
	TABLE_ADD(&t, units_become_nanoseconds);
	return table_run("histogram", &t);
}

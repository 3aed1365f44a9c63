// SPDX-License-Identifier: BSD-3-Clause
#include "judge/offsets.h"

#include "harness/table.h"

#define SECOND (1ull << 32)

static struct offsets offsets;

static bool is_near(double a, double b)
{
	return a - b < 1 && b - a < 1;
}

static void mean_and_deviation_are_the_textbooks(void **state)
{
	static const double values[] = {2, 4, 4, 4, 5, 5, 7, 9};
	struct deviation d = {0};
	(void)state;
	assert_true(deviation_stddev_ns(&d) == 0);
	for (size_t i = 0; i < TABLE_LENGTH(values); i++)
		deviation_add(&d, values[i]);
	assert_int_equal(d.count, 8);
	assert_true(d.mean_ns == 5 && d.min_ns == 2 && d.max_ns == 9);
	assert_true(deviation_stddev_ns(&d) == 2);
}

static void negative_values_have_a_range(void **state)
{
	struct deviation d = {0};
	(void)state;
	deviation_add(&d, -5);
	deviation_add(&d, -9);
	assert_true(d.max_ns == -5 && d.min_ns == -9 && d.mean_ns == -7);
}

// A server half a second fast, a second each way.
static void a_fast_server_has_an_offset(void **state)
{
	(void)state;
	offsets_init(&offsets, true);
	offsets_put(&offsets, STAMPS_SIZE - 1, 2, 100 * SECOND);
	for (uint64_t n = STAMPS_SIZE - 1; n <= STAMPS_SIZE; n++) {
		offsets.now = 102 * SECOND;
		offsets_take(&offsets, n, 101 * SECOND + SECOND / 2, 101 * SECOND + SECOND / 2);
	}
	assert_int_equal(offsets.offset.count, 2);
	assert_true(is_near(offsets.t2_less_sent.mean_ns, 1.5e9));
	assert_true(is_near(offsets.t3_less_received.mean_ns, -0.5e9));
	assert_true(is_near(offsets.offset.mean_ns, 0.5e9));
	assert_true(deviation_stddev_ns(&offsets.offset) < 1);
	assert_int_equal(offsets.early_t2 + offsets.late_t3, 0);
}

static void impossible_times_are_counted(void **state)
{
	(void)state;
	offsets_init(&offsets, true);
	offsets_put(&offsets, 0, 1, 100 * SECOND);
	offsets.now = 102 * SECOND;
	offsets_take(&offsets, 0, 100 * SECOND - 1, 101 * SECOND);
	offsets_take(&offsets, 0, 101 * SECOND, 102 * SECOND + 1);
	assert_int_equal(offsets.early_t2, 1);
	assert_int_equal(offsets.late_t3, 1);
}

static void an_era_ends_between_sending_and_receiving(void **state)
{
	(void)state;
	offsets_init(&offsets, true);
	offsets_put(&offsets, 7, 1, 0 - SECOND);
	offsets.now = SECOND;
	offsets_take(&offsets, 7, 0, 0);
	assert_true(is_near(offsets.t2_less_sent.mean_ns, 1e9));
	assert_true(is_near(offsets.t3_less_received.mean_ns, -1e9));
	assert_true(is_near(offsets.offset.mean_ns, 0));
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, mean_and_deviation_are_the_textbooks);
	TABLE_ADD(&t, negative_values_have_a_range);
	TABLE_ADD(&t, a_fast_server_has_an_offset);
	TABLE_ADD(&t, impossible_times_are_counted);
	TABLE_ADD(&t, an_era_ends_between_sending_and_receiving);
	return table_run("offsets", &t);
}

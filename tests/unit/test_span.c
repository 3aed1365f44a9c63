// SPDX-License-Identifier: BSD-3-Clause
#include "core/span.h"

#include "harness/guard.h"
#include "harness/table.h"

static void taking_shortens_the_span(void **state)
{
	(void)state;
	static const uint8_t bytes[10];
	struct span s = {bytes, sizeof(bytes)};
	assert_ptr_equal(span_take(&s, 4), bytes);
	assert_ptr_equal(s.at, bytes + 4);
	assert_int_equal(s.len, 6);
	assert_ptr_equal(span_take(&s, 6), bytes + 4);
	assert_int_equal(s.len, 0);
}

static void taking_too_much_changes_nothing(void **state)
{
	(void)state;
	static const uint8_t bytes[10];
	struct span s = {bytes, 3};
	assert_null(span_take(&s, 4));
	assert_null(span_take(&s, SIZE_MAX));
	assert_ptr_equal(s.at, bytes);
	assert_int_equal(s.len, 3);
}

static void taking_nothing_is_possible_at_the_end(void **state)
{
	(void)state;
	static const uint8_t bytes[1];
	struct span s = {bytes + 1, 0};
	assert_ptr_equal(span_take(&s, 0), bytes + 1);
	assert_null(span_take(&s, 1));
}

// Every way of cutting 64 bytes in three: what was handed out is disjoint, in order and complete.
static void all_that_is_taken_lies_inside(void **state)
{
	(void)state;
	static const uint8_t bytes[64];
	for (size_t a = 0; a <= 64; a++) {
		for (size_t b = 0; b <= 70; b++) {
			struct span s = {bytes, sizeof(bytes)};
			assert_ptr_equal(span_take(&s, a), bytes);
			const uint8_t *second = span_take(&s, b);
			assert_true((second == NULL) == (a + b > 64));
			assert_int_equal(s.len, second == NULL ? 64 - a : 64 - a - b);
		}
	}
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, taking_shortens_the_span);
	TABLE_ADD(&t, taking_too_much_changes_nothing);
	TABLE_ADD(&t, taking_nothing_is_possible_at_the_end);
	TABLE_ADD(&t, all_that_is_taken_lies_inside);
	return table_run("span", &t);
}

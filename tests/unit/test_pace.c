// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pace.h"

#include "harness/random.h"
#include "harness/table.h"

#define HZ   2300000000u
#define ROOM 64

static void a_rate_is_kept_to_the_frame(void **state)
{
	static const uint64_t rates[] = {1, 7, 1000, 50000, 999999, 14880952, PACE_RATE_MAX};
	(void)state;
	for (size_t i = 0; i < TABLE_LENGTH(rates); i++) {
		struct pace p;
		uint64_t made = 0;
		uint64_t step = HZ / rates[i] / 2 + 1;
		pace_init(&p, rates[i], HZ);
		for (uint64_t now = 0; now < 3ull * HZ && made < 2000000; now += step) {
			made += pace_due(&p, now, made, ROOM);
			uint64_t want = (uint64_t)((double)now * (double)rates[i] / HZ);
			assert_in_range(made + 1, want, want + 2);
		}
		assert_int_equal(p.skipped, 0);
	}
}

static void what_is_long_overdue_is_skipped_and_counted(void **state)
{
	struct pace p;
	uint64_t made = 0;
	(void)state;
	pace_init(&p, 100000, HZ);
	// A second of absence: 100,000 frames are due, and most are not sent in one heap.
	while (pace_due(&p, HZ, made, ROOM) > 0)
		made += pace_due(&p, HZ, made, ROOM);
	assert_in_range(made, 1, 1000);
	assert_in_range(p.skipped + made, 99999, 100000);
	// And then goes on as if nothing had been.
	assert_int_equal(pace_due(&p, HZ + HZ / 1000, made, 2 * ROOM), 100);
}

static void nothing_is_due_before_its_time(void **state)
{
	struct pace p;
	(void)state;
	pace_init(&p, 10, HZ);
	assert_int_equal(pace_due(&p, 0, 0, ROOM), 0);
	assert_int_equal(pace_due(&p, HZ / 10 - 1000, 0, ROOM), 0);
	assert_int_equal(pace_due(&p, HZ / 10 + 1000, 0, ROOM), 1);
	assert_int_equal(pace_due(&p, HZ / 10 + 1000, 1, ROOM), 0);
	assert_int_equal(pace_due(&p, HZ / 10 + 1000, 5, ROOM), 0);
}

static void without_a_rate_there_is_always_room(void **state)
{
	struct pace p;
	(void)state;
	pace_init(&p, 0, HZ);
	assert_int_equal(pace_due(&p, 0, 0, ROOM), ROOM);
	assert_int_equal(pace_due(&p, 0, 1u << 30, ROOM), ROOM);
	assert_int_equal(p.skipped, 0);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, a_rate_is_kept_to_the_frame);
	TABLE_ADD(&t, what_is_long_overdue_is_skipped_and_counted);
	TABLE_ADD(&t, nothing_is_due_before_its_time);
	TABLE_ADD(&t, without_a_rate_there_is_always_room);
	return table_run("pace", &t);
}

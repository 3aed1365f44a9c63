// SPDX-License-Identifier: BSD-3-Clause
#include "core/ntp_time.h"

#include <stdlib.h>

#include "harness/random.h"
#include "harness/table.h"

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

#define GIGA 1000000000

// 2036-02-07 06:28:16 UTC, where era 1 begins (RFC 5905 section 6).
#define ERA_1_UNIX 2085978496ll

static int128 floor_div(int128 a, int128 b)
{
	int128 q = a / b;
	return q * b > a ? q - 1 : q;
}

// The rate a counter of hz, off by ppb, is published with.
static uint64_t mult_of(uint64_t hz, int64_t ppb)
{
	uint128 shifted = (uint128)1 << (32 + NTP_MULT_SHIFT);
	uint64_t true_hz = hz + (uint64_t)((int64_t)(hz / 1000) * ppb / 1000000);
	return (uint64_t)((shifted + true_hz / 2) / true_hz);
}

static void a_timestamp_from_unix_time_is_rfc_5905s(void **state)
{
	(void)state;
	struct {
		int64_t unix_seconds;
		uint32_t ntp_seconds;
	} known[] = {
		{0, 2208988800u}, {63072000, 2272060800u},     // 1972-01-01, figure 4
		{946684800, 3155673600u},                      // 2000-01-01, figure 4
		{-2208988800, 0},                              // 1900-01-01, figure 4
		{ERA_1_UNIX - 1, UINT32_MAX}, {ERA_1_UNIX, 0}, // era 1
		{2147483648, 61505152u},                       // 2038
		{4102444800, 2016466304u},                     // 2100-01-01
	};
	for (size_t i = 0; i < TABLE_LENGTH(known); i++) {
		struct ntp_time t =
			ntp_time_from_unix((struct nanos){known[i].unix_seconds * GIGA});
		assert_int_equal(t.raw >> 32, known[i].ntp_seconds);
		assert_int_equal(t.raw & UINT32_MAX, 0);
	}
}

// T-02.
static void the_era_ends_between_two_units(void **state)
{
	(void)state;
	struct ntp_time last = {UINT64_MAX};
	struct ntp_time first = ntp_time_add(last, 1);
	assert_true(first.raw == 0);
	assert_true(ntp_time_before(last, first));
	assert_false(ntp_time_before(first, last));
	assert_true(ntp_time_diff(first, last) == 1);
	assert_true(ntp_time_diff(last, first) == -1);
	struct ntp_time million_before = {(uint64_t)-1000000};
	assert_true(ntp_time_diff(first, million_before) == 1000000);
	assert_true(ntp_time_add(first, -1000000).raw == million_before.raw);
}

static void differences_hold_for_68_years_across_the_era(void **state)
{
	(void)state;
	uint64_t random = random_seed("ntp_time differences");
	for (int i = 0; i < 200000; i++) {
		struct ntp_time a = {random_u64(&random)};
		int64_t d = (int64_t)random_u64(&random);
		struct ntp_time b = ntp_time_add(a, d);
		assert_true(ntp_time_diff(b, a) == d);
		assert_true(ntp_time_before(b, a) == (d < 0));
	}
	struct ntp_time a = {123};
	assert_false(ntp_time_before(a, a));
}

static void check_nanos(int64_t ns)
{
	int128 want = floor_div((int128)ns * ((int128)1 << 32), GIGA);
	int64_t got = ntp_time_from_nanos((struct nanos){ns});
	assert_true(want == got);
	int64_t units = got;
	int128 back = floor_div((int128)units * GIGA, (int128)1 << 32);
	int64_t nanos = ntp_time_to_nanos(units).n;
	assert_true(back == nanos);
	assert_true(nanos <= ns && ns - nanos <= 1);
}

static void nanoseconds_convert_both_ways_rounding_to_the_past(void **state)
{
	(void)state;
	const int64_t edge[] = {0, 1, -1, GIGA - 1, GIGA, GIGA + 1, -GIGA - 1, -GIGA, -GIGA + 1,
		INT32_MAX * (int64_t)GIGA, INT32_MIN * (int64_t)GIGA, ERA_1_UNIX * GIGA};
	for (size_t i = 0; i < TABLE_LENGTH(edge); i++)
		check_nanos(edge[i]);
	uint64_t random = random_seed("ntp_time nanoseconds");
	int64_t limit = INT32_MAX * (int64_t)GIGA; // 68 years
	for (int i = 0; i < 500000; i++)
		check_nanos((int64_t)(random_u64(&random) % (2 * (uint64_t)limit)) - limit);
}

// T-01: 10 MHz to 5 GHz, +-1000 ppm, ages 0 to 400 s, before and after the reference.
static void t01_cycles_convert_like_128_bit_arithmetic(void **state)
{
	(void)state;
	uint64_t random = random_seed("T-01");
	for (int i = 0; i < 10000000; i++) {
		uint64_t bits = random_u64(&random);
		uint64_t hz = 10000000u + bits % 4990000000u;
		int64_t ppb = (int64_t)(random_u64(&random) % 2000001) - 1000000;
		uint64_t mult = mult_of(hz, ppb);
		uint64_t n = random_u64(&random) % (hz * 400);
		int128 want = (int128)n * mult >> NTP_MULT_SHIFT;
		int64_t ahead = ntp_time_from_cycles((struct cycles){n}, mult);
		int64_t behind = ntp_time_from_cycles((struct cycles){-n}, mult);
		if (ahead != want ||
			behind != -(int64_t)((((int128)n * mult) + ((int128)1 << NTP_MULT_SHIFT) -
						     1) >>
					     NTP_MULT_SHIFT))
			fail_msg("hz %lu ppb %ld cycles %lu", hz, ppb, n);
	}
}

// Against the rate itself, not the published multiplier: less than one unit per 10 ms of age.
static void t01_a_published_rate_loses_less_than_a_unit_in_10_ms(void **state)
{
	(void)state;
	uint64_t random = random_seed("T-01 rate");
	for (int i = 0; i < 1000000; i++) {
		uint64_t hz = 10000000u + random_u64(&random) % 4990000000u;
		uint64_t n = random_u64(&random) % (hz * 400);
		int128 want = ((int128)n << 32) / (int128)hz;
		int128 got = ntp_time_from_cycles((struct cycles){n}, mult_of(hz, 0));
		int128 error = got > want ? got - want : want - got;
		uint64_t ten_ms = n * 100 / hz + 1;
		assert_true(error <= (int128)ten_ms);
	}
}

static void a_hundred_years_of_cycles_wrap_like_time_does(void **state)
{
	(void)state;
	uint64_t hz = 2500000000u;
	uint64_t years = 31557600ull * 100 * hz;
	uint64_t mult = mult_of(hz, 0);
	uint128 want = (uint128)years * mult >> NTP_MULT_SHIFT;
	int64_t got = ntp_time_from_cycles((struct cycles){years}, mult);
	assert_true((uint64_t)got == (uint64_t)want);
}

static void a_short_is_rounded_up_and_saturates(void **state)
{
	(void)state;
	assert_int_equal(ntp_short_from_units(0), 0);
	assert_int_equal(ntp_short_from_units(1), 1);
	assert_int_equal(ntp_short_from_units(0xffff), 1);
	assert_int_equal(ntp_short_from_units(0x10000), 1);
	assert_int_equal(ntp_short_from_units(0x10001), 2);
	assert_int_equal(ntp_short_from_units(1ull << 32), 0x10000);
	assert_int_equal(ntp_short_from_units(0xffffffff0000), UINT32_MAX);
	assert_int_equal(ntp_short_from_units(0xfffffffeffff), UINT32_MAX);
	assert_int_equal(ntp_short_from_units(0xfffffffe0000), UINT32_MAX - 1);
	assert_int_equal(ntp_short_from_units(0xffffffff0001), UINT32_MAX);
	assert_int_equal(ntp_short_from_units(UINT64_MAX), UINT32_MAX);
}

// H13.
static void a_short_is_never_understated(void **state)
{
	(void)state;
	uint64_t random = random_seed("ntp_short");
	for (int i = 0; i < 500000; i++) {
		uint64_t units = random_u64(&random) >> random_below(&random, 64);
		uint64_t back = (uint64_t)ntp_short_from_units(units) << 16;
		if (units <= (uint64_t)UINT32_MAX << 16)
			assert_true(back >= units && back - units < 0x10000);
		else
			assert_true(back == (uint64_t)UINT32_MAX << 16);
	}
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, a_timestamp_from_unix_time_is_rfc_5905s);
	TABLE_ADD(&t, the_era_ends_between_two_units);
	TABLE_ADD(&t, differences_hold_for_68_years_across_the_era);
	TABLE_ADD(&t, nanoseconds_convert_both_ways_rounding_to_the_past);
	TABLE_ADD(&t, t01_cycles_convert_like_128_bit_arithmetic);
	TABLE_ADD(&t, t01_a_published_rate_loses_less_than_a_unit_in_10_ms);
	TABLE_ADD(&t, a_hundred_years_of_cycles_wrap_like_time_does);
	TABLE_ADD(&t, a_short_is_rounded_up_and_saturates);
	TABLE_ADD(&t, a_short_is_never_understated);
	return table_run("ntp_time", &t);
}

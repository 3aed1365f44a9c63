// SPDX-License-Identifier: BSD-3-Clause
#include "core/checksum.h"

#include "harness/guard.h"
#include "harness/random.h"
#include "harness/slow_checksum.h"
#include "harness/table.h"

static uint16_t field_number(struct be16 field)
{
	return (uint16_t)(field.byte[0] * 256 + field.byte[1]);
}

// A sum in memory order as the number it is in network order.
static uint16_t folded(uint64_t sum)
{
	uint16_t memory = checksum_fold(sum);
	struct be16 wire;
	memcpy(wire.byte, &memory, sizeof(memory));
	return field_number(wire);
}

// 0 and 0xffff are one number in one's complement; only the sum of zeros is a plain 0.
static void assert_same_sum(uint16_t a, uint16_t b)
{
	assert_int_equal(a % 0xffff, b % 0xffff);
}

__extension__ typedef unsigned __int128 uint128;

// RFC 1071 section 3: 00 01 f2 03 f4 f5 f6 f7 sums to ddf2.
static void the_example_of_rfc_1071_comes_out(void **state)
{
	(void)state;
	static const uint8_t bytes[8] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
	assert_int_equal(slow_sum(0, bytes, sizeof(bytes)), 0xddf2);
	assert_int_equal(folded(checksum_bytes(bytes, sizeof(bytes))), 0xddf2);
	assert_int_equal(
		field_number(checksum_field(checksum_bytes(bytes, sizeof(bytes)))), 0x220d);
}

static void check_lengths(struct guard *g, const uint8_t *bytes)
{
	for (size_t n = 0; n <= 1600; n++) {
		uint16_t want = slow_sum(0, bytes, n);
		uint8_t *end = guard_place_end(g, bytes, n);
		assert_same_sum(folded(checksum_bytes(end, n)), want);
		uint8_t *begin = guard_place_begin(g, bytes, n);
		assert_same_sum(folded(checksum_bytes(begin, n)), want);
		guard_check(g);
	}
}

static void all_lengths_to_1600_equal_the_slow_reference(void **state)
{
	(void)state;
	static uint8_t bytes[1600];
	struct guard g;
	uint64_t random = random_seed("checksum lengths");
	guard_make(&g, sizeof(bytes));
	for (int round = 0; round < 5; round++) {
		random_fill(&random, bytes, sizeof(bytes));
		check_lengths(&g, bytes);
	}
	memset(bytes, 0xff, sizeof(bytes));
	check_lengths(&g, bytes);
	memset(bytes, 0, sizeof(bytes));
	check_lengths(&g, bytes);
	guard_free(&g);
}

static void every_alignment_gives_the_same_sum(void **state)
{
	(void)state;
	uint8_t room[80];
	uint8_t bytes[57];
	uint64_t random = random_seed("checksum alignment");
	random_fill(&random, bytes, sizeof(bytes));
	for (size_t shift = 0; shift < 16; shift++) {
		memcpy(room + shift, bytes, sizeof(bytes));
		assert_same_sum(folded(checksum_bytes(room + shift, sizeof(bytes))),
			slow_sum(0, bytes, sizeof(bytes)));
		assert_same_sum(folded(checksum_56_bytes(room + shift)), slow_sum(0, bytes, 56));
	}
}

static void pieces_of_even_length_may_be_joined_in_any_order(void **state)
{
	(void)state;
	uint8_t bytes[256];
	uint64_t random = random_seed("checksum pieces");
	for (int round = 0; round < 20000; round++) {
		size_t a = 2 * random_below(&random, 60);
		size_t b = 2 * random_below(&random, 40);
		size_t c = random_below(&random, 50);
		random_fill(&random, bytes, a + b + c);
		uint64_t x = checksum_bytes(bytes, a);
		uint64_t y = checksum_bytes(bytes + a, b);
		uint64_t z = checksum_bytes(bytes + a + b, c);
		uint64_t sum = checksum_join(checksum_join(z, x), y);
		assert_same_sum(folded(sum), slow_sum(0, bytes, a + b + c));
	}
}

static uint64_t edge_or_random(uint64_t *random)
{
	static const uint64_t edge[] = {0, 1, UINT64_MAX, UINT64_MAX - 1, 0xffff, 0xffff0000,
		0xffffffff, 0xffffffff00000000, 0x8000000000000000, 0x0001000100010001,
		0xfffe000000000001};
	uint64_t pick = random_below(random, 2 * TABLE_LENGTH(edge));
	return pick < TABLE_LENGTH(edge) ? edge[pick] : random_u64(random);
}

// One's complement arithmetic is arithmetic modulo 2^16 - 1, where only 0 itself stays 0.
static void folding_keeps_the_number_modulo_ffff(void **state)
{
	(void)state;
	uint64_t random = random_seed("checksum fold");
	for (int i = 0; i < 1000000; i++) {
		uint64_t a = edge_or_random(&random);
		uint64_t b = edge_or_random(&random);
		uint128 wide = (uint128)a + b;
		uint64_t sum = checksum_join(a, b);
		assert_int_equal(checksum_fold(sum) % 0xffff, (uint64_t)(wide % 0xffff));
		assert_int_equal(checksum_fold(sum) == 0, wide == 0);
	}
}

// RFC 768: "An all zero transmitted checksum value means that the transmitter generated no
// checksum".
static void a_udp_field_is_never_zero(void **state)
{
	(void)state;
	assert_int_equal(field_number(checksum_field_udp(0xffff)), 0xffff);
	assert_int_equal(field_number(checksum_field(0xffff)), 0);
	assert_int_equal(field_number(checksum_field_udp(UINT64_MAX)), 0xffff);
	assert_int_equal(field_number(checksum_field_udp(0)), 0xffff);
	for (uint32_t n = 0; n <= UINT16_MAX; n++) {
		uint16_t udp = field_number(checksum_field_udp(n));
		assert_int_not_equal(udp, 0);
		assert_int_equal(udp % 0xffff, field_number(checksum_field(n)) % 0xffff);
	}
}

static void a_field_makes_the_whole_sum_all_ones(void **state)
{
	(void)state;
	uint8_t bytes[64];
	uint64_t random = random_seed("checksum field");
	for (int round = 0; round < 20000; round++) {
		random_fill(&random, bytes, sizeof(bytes));
		memset(bytes + 6, 0, 2);
		struct be16 field = checksum_field(checksum_bytes(bytes, sizeof(bytes)));
		memcpy(bytes + 6, field.byte, 2);
		assert_int_equal(slow_sum(0, bytes, sizeof(bytes)), 0xffff);
		assert_int_equal(checksum_fold(checksum_bytes(bytes, sizeof(bytes))), 0xffff);
	}
}

static void terms_are_the_bytes_on_the_wire(void **state)
{
	(void)state;
	uint64_t random = random_seed("checksum terms");
	for (int i = 0; i < 10000; i++) {
		uint64_t n = random_u64(&random);
		struct be16 two = be16_put((uint16_t)n);
		struct be64 eight = be64_put(n);
		assert_true(checksum_term16((uint16_t)n) == checksum_load16(two.byte));
		assert_true(checksum_term64(n) == checksum_load64(eight.byte));
		assert_same_sum(folded(checksum_term64(n)), slow_sum(0, eight.byte, 8));
		assert_same_sum(folded(checksum_load32(eight.byte)), slow_sum(0, eight.byte, 4));
		assert_same_sum(folded(checksum_term16((uint16_t)n)), (uint16_t)n);
	}
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, the_example_of_rfc_1071_comes_out);
	TABLE_ADD(&t, all_lengths_to_1600_equal_the_slow_reference);
	TABLE_ADD(&t, every_alignment_gives_the_same_sum);
	TABLE_ADD(&t, pieces_of_even_length_may_be_joined_in_any_order);
	TABLE_ADD(&t, folding_keeps_the_number_modulo_ffff);
	TABLE_ADD(&t, a_udp_field_is_never_zero);
	TABLE_ADD(&t, a_field_makes_the_whole_sum_all_ones);
	TABLE_ADD(&t, terms_are_the_bytes_on_the_wire);
	return table_run("checksum", &t);
}

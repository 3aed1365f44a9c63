// SPDX-License-Identifier: BSD-3-Clause
#include "core/wire_int.h"

#include "core/wire.h"
#include "harness/random.h"
#include "harness/table.h"

static void the_most_significant_byte_comes_first(void **state)
{
	(void)state;
	static const uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct be16 two = be16_put(0x0102);
	struct be32 four = be32_put(0x01020304);
	struct be64 eight = be64_put(0x0102030405060708);
	assert_memory_equal(two.byte, bytes, 2);
	assert_memory_equal(four.byte, bytes, 4);
	assert_memory_equal(eight.byte, bytes, 8);
}

static void every_16_bit_number_comes_back(void **state)
{
	(void)state;
	for (uint32_t n = 0; n <= UINT16_MAX; n++)
		assert_int_equal(be16_get(be16_put((uint16_t)n)), n);
}

static void edges_and_random_numbers_come_back(void **state)
{
	(void)state;
	static const uint64_t edge[] = {0, 1, 0x7f, 0x80, 0xff, 0x7fffffff, 0x80000000, 0xffffffff,
		0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff};
	for (size_t i = 0; i < TABLE_LENGTH(edge); i++) {
		assert_true(be32_get(be32_put((uint32_t)edge[i])) == (uint32_t)edge[i]);
		assert_true(be64_get(be64_put(edge[i])) == edge[i]);
	}
	uint64_t random = random_seed("wire_int");
	for (int i = 0; i < 100000; i++) {
		uint64_t n = random_u64(&random);
		assert_true(be32_get(be32_put((uint32_t)n)) == (uint32_t)n);
		assert_true(be64_get(be64_put(n)) == n);
	}
}

static void wire_structures_have_no_padding_and_no_alignment(void **state)
{
	(void)state;
	assert_int_equal(_Alignof(struct be16), 1);
	assert_int_equal(_Alignof(struct be32), 1);
	assert_int_equal(_Alignof(struct be64), 1);
	assert_int_equal(_Alignof(struct ether_wire), 1);
	assert_int_equal(_Alignof(struct vlan_wire), 1);
	assert_int_equal(_Alignof(struct ip4_wire), 1);
	assert_int_equal(_Alignof(struct ip6_wire), 1);
	assert_int_equal(_Alignof(struct udp_wire), 1);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, the_most_significant_byte_comes_first);
	TABLE_ADD(&t, every_16_bit_number_comes_back);
	TABLE_ADD(&t, edges_and_random_numbers_come_back);
	TABLE_ADD(&t, wire_structures_have_no_padding_and_no_alignment);
	return table_run("wire_int", &t);
}

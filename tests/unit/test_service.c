// SPDX-License-Identifier: BSD-3-Clause
#include "core/service.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "harness/random.h"
#include "harness/table.h"

static const struct mac mac = {{2, 0, 0, 0, 0, 1}};

static struct be32 ip4(const char *text)
{
	struct be32 address;
	assert_int_equal(inet_pton(AF_INET, text, address.byte), 1);
	return address;
}

static struct ip6 ip6(const char *text)
{
	struct ip6 address;
	assert_int_equal(inet_pton(AF_INET6, text, address.byte), 1);
	return address;
}

static struct service one_service(void)
{
	struct service s;
	service_init(&s, mac);
	assert_true(service_add_ip4(&s, ip4("10.123.4.5"), 20));
	assert_true(service_add_ip4(&s, ip4("10.200.0.4"), 31));
	assert_true(service_add_ip4(&s, ip4("10.201.0.9"), 32));
	assert_true(service_add_ip6(&s, ip6("fd00:123::1")));
	return s;
}

static void a_new_service_has_the_documented_defaults(void **state)
{
	(void)state;
	struct service s;
	memset(&s, 0xff, sizeof(s));
	service_init(&s, mac);
	assert_memory_equal(s.mac.byte, mac.byte, 6);
	assert_false(s.has_gateway);
	assert_false(s.offload);
	assert_int_equal(s.ttl, 64);
	assert_int_equal(s.traffic_class, 0);
	assert_int_equal(s.ip4_count, 0);
	assert_int_equal(s.ip6_count, 0);
	assert_false(service_has_ip4(&s, ip4("0.0.0.0").byte));
	assert_false(service_has_ip6(&s, ip6("::").byte));
}

static void only_added_addresses_are_ours(void **state)
{
	(void)state;
	struct service s = one_service();
	assert_true(service_has_ip4(&s, ip4("10.123.4.5").byte));
	assert_true(service_has_ip4(&s, ip4("10.200.0.4").byte));
	assert_true(service_has_ip6(&s, ip6("fd00:123::1").byte));
	static const char *const other4[] = {"10.123.4.6", "10.123.4.4", "5.4.123.10",
		"10.123.15.255", "10.200.0.5", "224.0.1.1", "255.255.255.255", "0.0.0.0",
		"11.123.4.5", "10.123.4.69"};
	for (size_t i = 0; i < TABLE_LENGTH(other4); i++)
		assert_false(service_has_ip4(&s, ip4(other4[i]).byte));
	static const char *const other6[] = {"fd00:123::2", "fd00:124::1", "::", "::1", "ff02::101",
		"fd00:123::1:0:0:1", "fd00:123::41"};
	for (size_t i = 0; i < TABLE_LENGTH(other6); i++)
		assert_false(service_has_ip6(&s, ip6(other6[i]).byte));
}

// Every address that differs from ours in one bit.
static void one_bit_makes_another_address(void **state)
{
	(void)state;
	struct service s = one_service();
	for (unsigned bit = 0; bit < 32; bit++) {
		struct be32 a = ip4("10.123.4.5");
		a.byte[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(service_has_ip4(&s, a.byte));
	}
	for (unsigned bit = 0; bit < 128; bit++) {
		struct ip6 a = ip6("fd00:123::1");
		a.byte[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(service_has_ip6(&s, a.byte));
	}
}

static void a_full_table_says_so(void **state)
{
	(void)state;
	struct service s;
	service_init(&s, mac);
	for (unsigned i = 0; i < SERVICE_ADDRESSES; i++) {
		assert_true(service_add_ip4(&s, be32_put(0x0a000000 + i * 257), 24));
		struct ip6 a = {{0xfd, [14] = (uint8_t)(i / 3), [15] = (uint8_t)(i * 5)}};
		assert_true(service_add_ip6(&s, a));
	}
	struct service full = s;
	assert_false(service_add_ip4(&s, ip4("10.9.9.9"), 24));
	assert_false(service_add_ip6(&s, ip6("fd00::9:9")));
	assert_memory_equal(&s, &full, sizeof(s));
	for (unsigned i = 0; i < SERVICE_ADDRESSES; i++) {
		struct be32 a4 = be32_put(0x0a000000 + i * 257);
		struct ip6 a6 = {{0xfd, [14] = (uint8_t)(i / 3), [15] = (uint8_t)(i * 5)}};
		assert_true(service_has_ip4(&s, a4.byte));
		assert_true(service_has_ip6(&s, a6.byte));
		assert_false(service_answers_ip4(&s, a4.byte));
		assert_false(service_answers_ip6(&s, a6.byte));
	}
	assert_false(service_has_ip4(&s, ip4("10.9.9.9").byte));
}

// L3; RFC 6890. First and last address of each block, and the neighbours outside.
static void sources_of_ip4_that_are_never_answered(void **state)
{
	(void)state;
	struct service s = one_service();
	static const char *const never[] = {"0.0.0.0", "0.0.0.1", "0.255.255.255", "127.0.0.0",
		"127.0.0.1", "127.255.255.255", "192.0.2.0", "192.0.2.255", "198.51.100.0",
		"198.51.100.255", "203.0.113.0", "203.0.113.255", "224.0.0.0", "224.0.1.1",
		"239.255.255.255", "240.0.0.0", "255.255.255.254", "255.255.255.255", "10.123.4.5",
		"10.123.15.255", "10.200.0.4", "10.201.0.9"};
	for (size_t i = 0; i < TABLE_LENGTH(never); i++) {
		if (service_answers_ip4(&s, ip4(never[i]).byte))
			fail_msg("%s is answered", never[i]);
	}
}

static void sources_of_ip4_that_are_answered(void **state)
{
	(void)state;
	struct service s = one_service();
	static const char *const fine[] = {"1.0.0.0", "126.255.255.255", "128.0.0.0", "192.0.1.255",
		"192.0.3.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
		"223.255.255.255", "10.0.0.1", "172.16.0.1", "192.168.255.255", "169.254.1.1",
		"100.64.0.1", "10.123.4.6", "10.123.0.0", "10.123.4.255", "10.123.16.255",
		"10.200.0.5", "10.200.0.3", "10.201.0.8", "8.8.8.8"};
	for (size_t i = 0; i < TABLE_LENGTH(fine); i++) {
		if (!service_answers_ip4(&s, ip4(fine[i]).byte))
			fail_msg("%s is not answered", fine[i]);
	}
}

static void sources_of_ip6_that_are_never_answered(void **state)
{
	(void)state;
	struct service s = one_service();
	static const char *const never[] = {"::", "::1", "ff00::", "ff02::1", "ff0e::101",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::ffff:0:0", "::ffff:8.8.8.8",
		"::ffff:255.255.255.255", "100::", "100::1", "100::ffff:ffff:ffff:ffff",
		"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "fd00:123::1"};
	for (size_t i = 0; i < TABLE_LENGTH(never); i++) {
		if (service_answers_ip6(&s, ip6(never[i]).byte))
			fail_msg("%s is answered", never[i]);
	}
}

static void sources_of_ip6_that_are_answered(void **state)
{
	(void)state;
	struct service s = one_service();
	static const char *const fine[] = {"2001:db7:ffff::1", "2001:db9::", "2606:4700::1",
		"fd00::1", "fd00:123::2", "fe80::1", "fc00::1", "100:0:0:1::", "64:ff9b::808:808",
		"2002::1", "feff::1", "2001:4860:4860::8888"};
	for (size_t i = 0; i < TABLE_LENGTH(fine); i++) {
		if (!service_answers_ip6(&s, ip6(fine[i]).byte))
			fail_msg("%s is not answered", fine[i]);
	}
}

// RFC 3021: a /31 has no broadcast address, a /32 has nothing beside itself.
static void check_broadcast(unsigned prefix)
{
	struct service s;
	uint32_t address = 0x2d112233; // 45.17.34.51
	uint32_t host = prefix >= 32 ? 0 : UINT32_MAX >> prefix;
	service_init(&s, mac);
	assert_true(service_add_ip4(&s, be32_put(address), prefix));
	uint32_t broadcast = prefix >= 31 ? address : address | (prefix == 32 ? 0 : host);
	assert_false(service_answers_ip4(&s, be32_put(broadcast).byte));
	assert_false(service_answers_ip4(&s, be32_put(address).byte));
	for (uint32_t bit = 0; bit < 24; bit++) {
		uint32_t near = broadcast ^ 1u << bit;
		if (near == address || near >> 24 >= 224 || near >> 24 == 127)
			continue;
		assert_true(service_answers_ip4(&s, be32_put(near).byte));
	}
}

static void every_prefix_has_its_broadcast_address(void **state)
{
	(void)state;
	for (unsigned prefix = 0; prefix <= 32; prefix++)
		check_broadcast(prefix);
}

// A slow judgement of the whole list, for random addresses near its edges.
static bool is_in(uint32_t a, uint32_t network, unsigned prefix)
{
	return prefix == 0 || a >> (32 - prefix) == network >> (32 - prefix);
}

static bool slow_answers_ip4(uint32_t a)
{
	return !is_in(a, 0x00000000, 8) && !is_in(a, 0x7f000000, 8) && !is_in(a, 0xe0000000, 4) &&
	       !is_in(a, 0xf0000000, 4) && !is_in(a, 0xc0000200, 24) && !is_in(a, 0xc6336400, 24) &&
	       !is_in(a, 0xcb007100, 24) && a != 0x0a7b0405 && a != 0x0a7b0fff && a != 0x0ac80004 &&
	       a != 0x0ac90009;
}

static void random_sources_are_judged_like_the_list_says(void **state)
{
	(void)state;
	static const uint32_t edge[] = {0x00000000, 0x01000000, 0x7f000000, 0x80000000, 0xe0000000,
		0xc0000200, 0xc0000300, 0xc6336400, 0xc6336500, 0xcb007100, 0xcb007200, 0x0a7b0405,
		0x0a7b0fff, 0x0ac80004, 0x0ac90009};
	struct service s = one_service();
	uint64_t random = random_seed("service sources");
	for (int i = 0; i < 1000000; i++) {
		uint64_t bits = random_u64(&random);
		uint32_t a = (uint32_t)bits;
		if (bits >> 63)
			a = edge[(bits >> 40) % TABLE_LENGTH(edge)] + (uint32_t)(bits & 7) - 3;
		assert_int_equal(service_answers_ip4(&s, be32_put(a).byte), slow_answers_ip4(a));
	}
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, a_new_service_has_the_documented_defaults);
	TABLE_ADD(&t, only_added_addresses_are_ours);
	TABLE_ADD(&t, one_bit_makes_another_address);
	TABLE_ADD(&t, a_full_table_says_so);
	TABLE_ADD(&t, sources_of_ip4_that_are_never_answered);
	TABLE_ADD(&t, sources_of_ip4_that_are_answered);
	TABLE_ADD(&t, sources_of_ip6_that_are_never_answered);
	TABLE_ADD(&t, sources_of_ip6_that_are_answered);
	TABLE_ADD(&t, every_prefix_has_its_broadcast_address);
	TABLE_ADD(&t, random_sources_are_judged_like_the_list_says);
	return table_run("service", &t);
}

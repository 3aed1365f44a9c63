// SPDX-License-Identifier: BSD-3-Clause
// A burst's way from request to reply: S-02, S-04, S-12, S-14, rules H6, H7, H15, H18, H19, L2, L4,
// L5, L7.
#include "core/responder.h"

#include <stdio.h>
#include <string.h>

#include "harness/desk_case.h"
#include "harness/random.h"
#include "harness/reply_check.h"

// S-14: compared byte by byte with what RFC offsets and a slow checksum say.
static void every_byte_of_a_reply_is_the_one_owed(void **state)
{
	(void)state;
	uint64_t random = random_seed("S-14");
	for (unsigned i = 0; i < 4000; i++) {
		struct frame_spec s = desk_good(i);
		s.vlan_count = i / 2 % 3;
		s.vlan_type[0] = s.vlan_type[1] = 0x88a8;
		s.vlan_tag[0] = (uint16_t)random_u64(&random);
		random_fill(&random, s.payload + 1, 47);
		s.payload[0] = (uint8_t)((random_u64(&random) & 0xc0) | (1 + i % 4) << 3 | 3);
		s.source_port = (uint16_t)(1 + random_below(&random, 65535));
		s.source[5] = (uint8_t)i;
		s.source[4] = 1;
		s.padding = i % 7;
		s.id = (uint16_t)random_u64(&random);
		s.traffic_class = (uint8_t)random_u64(&random);
		s.ip_source[s.is_ip6 ? 15 : 3] = (uint8_t)(100 + i % 100);
		EXPECT(&s, (enum verdict)(V_ANSWER_V1 + i % 4), i);
	}
}

// A reply ends with its 48 bytes: nothing of what stood behind them in the request leaves.
static void nothing_behind_the_48_bytes_leaves(void **state)
{
	(void)state;
	for (uint16_t length = 28; length <= 1424; length += 4) {
		struct frame_spec s = desk_good(length / 4);
		frame_spec_extension(&s, 0x0104, length);
		EXPECT(&s, V_ANSWER_V4, length);
		assert_int_equal(desk.reply_length, frame_ntp_offset(&s) + 48);
	}
}

static void replies_carry_the_configured_ttl_and_class(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 256; n++) {
		struct frame_spec s = desk_good(n);
		desk.service.ttl = (uint8_t)(n == 0 ? 1 : n);
		desk.service.traffic_class = (uint8_t)(n & 0xfc);
		desk_arrange(&desk);
		s.traffic_class = 0x03;
		s.ttl = 1;
		EXPECT(&s, V_ANSWER_V4, n);
	}
	desk_reset();
}

// L5.
static void replies_go_to_the_gateway_where_there_is_one(void **state)
{
	(void)state;
	desk.service.has_gateway = true;
	desk.service.gateway = (struct mac){{0x02, 9, 8, 7, 6, 5}};
	desk_arrange(&desk);
	for (unsigned i = 0; i < 2; i++) {
		struct frame_spec s = desk_good(i);
		EXPECT(&s, V_ANSWER_V4, i);
		assert_memory_equal(desk.reply, desk.service.gateway.byte, 6);
		s.source[0] |= 1;
		EXPECT(&s, V_ETHER_SOURCE, i);
	}
	desk_reset();
}

static void with_offload_the_field_is_the_pseudo_headers_sum(void **state)
{
	(void)state;
	desk.service.offload = true;
	desk_arrange(&desk);
	for (unsigned i = 0; i < 512; i++) {
		struct frame_spec s = desk_good(i);
		s.ip_source[s.is_ip6 ? 14 : 2] = (uint8_t)i;
		s.vlan_count = i % 3;
		s.vlan_type[0] = s.vlan_type[1] = 0x8100;
		s.ip_destination[3] = s.is_ip6 ? 0x23 : 1;
		EXPECT(&s, V_ANSWER_V4, i);
	}
	desk_reset();
}

// What the port says, and what the field holds: L1, L2 and the acceptance rules.
static enum verdict ip_rule(enum checksum_state says, enum sum_kind kind)
{
	if (says == CHECKSUM_UNKNOWN)
		return kind == SUM_RIGHT ? V_ANSWER_V4 : V_IP4_CHECKSUM;
	return says == CHECKSUM_BAD ? V_IP4_CHECKSUM : V_ANSWER_V4;
}

static enum verdict udp_rule(bool is_ip6, enum checksum_state says, enum sum_kind kind)
{
	if (says == CHECKSUM_ABSENT)
		return V_ANSWER_V4;
	if (kind == SUM_ZERO)
		return is_ip6 ? V_UDP_NO_CHECKSUM : V_ANSWER_V4;
	if (says == CHECKSUM_UNKNOWN)
		return kind == SUM_RIGHT ? V_ANSWER_V4 : V_UDP_CHECKSUM;
	return says == CHECKSUM_BAD ? V_UDP_CHECKSUM : V_ANSWER_V4;
}

static const enum checksum_state states[] = {
	CHECKSUM_UNKNOWN, CHECKSUM_GOOD, CHECKSUM_BAD, CHECKSUM_ABSENT};

static void checksums_are_believed_or_verified(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(states) * SUM_KINDS * 2; i++) {
		enum checksum_state says = states[i / 2 % TABLE_LENGTH(states)];
		enum sum_kind kind = (enum sum_kind)(i / 2 / TABLE_LENGTH(states));
		struct frame_spec s = desk_good(i);
		s.udp_sum = kind;
		desk.port_says = (struct checksum_report){CHECKSUM_UNKNOWN, (uint8_t)says};
		EXPECT(&s, udp_rule(s.is_ip6, says, kind), i);
		s.udp_sum = SUM_RIGHT;
		if (kind == SUM_PSEUDO)
			continue;
		s.ip_sum = kind;
		desk.port_says = (struct checksum_report){(uint8_t)says, CHECKSUM_UNKNOWN};
		EXPECT(&s, s.is_ip6 ? V_ANSWER_V4 : ip_rule(says, kind), i);
	}
	desk.port_says = (struct checksum_report){0};
}

// A datagram whose sum is computed as 0 carries 0xffff (RFC 768) and is as good as any; in odd and
// in long datagrams too.
static void a_right_checksum_of_ffff_is_right(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct frame_spec s = desk_good(i);
		uint8_t bytes[FRAME_ROOM];
		frame_spec_tune_zero_sum(&s);
		frame_build(&s, bytes);
		assert_memory_equal(bytes + frame_ntp_offset(&s) - 2, "\xff\xff", 2);
		EXPECT(&s, V_ANSWER_V4, i);
		frame_spec_extension(&s, 0x0104, 400);
		frame_spec_tune_zero_sum(&s);
		EXPECT(&s, V_ANSWER_V4, i);
	}
}

// The reply's checksum is never the 0 that means "none": drive the sum over its edge with T1.
static void a_reply_never_says_none(void **state)
{
	(void)state;
	desk.view.precision = -32;
	desk_arrange(&desk);
	unsigned ones = 0;
	for (unsigned n = 0; n <= 0x1ffff; n++) {
		struct frame_spec s = desk_good(n);
		s.payload[46] = (uint8_t)(n >> 9);
		s.payload[47] = (uint8_t)(n >> 1);
		enum verdict v = desk_ask_spec(&desk, &s);
		assert_int_equal(v, V_ANSWER_V4);
		const uint8_t *field = desk_reply_ntp(&desk) - 2;
		assert_false(field[0] == 0 && field[1] == 0);
		if (field[0] == 0xff && field[1] == 0xff) {
			reply_check(&desk);
			ones++;
		}
	}
	assert_in_range(ones, 2, 8);
	desk_reset();
}

// S-02: every kind of reply, sent back to us by any relay, is silence.
static void a_reply_is_never_answered(void **state)
{
	(void)state;
	static uint8_t reply[FRAME_ROOM];
	for (unsigned i = 0; i < 2 * 4 * 2; i++) {
		struct frame_spec s = desk_good(i);
		unsigned mode = i & 8 ? 1 : 3;
		frame_spec_ntp(&s, 1 + i / 2 % 4, mode, 48);
		s.source_port = 123;
		assert_true(verdict_is_answer(desk_ask_spec(&desk, &s)));
		size_t length = desk.reply_length;
		memcpy(reply, desk.reply, length);
		// As the client would get it: we are the client, so only the MACs are turned.
		assert_false(verdict_is_answer(desk_ask(&desk, reply, length)));
		// The message alone, in a frame that has nothing wrong with it.
		memcpy(s.payload, reply + length - 48, 48);
		EXPECT(&s, V_NTP_MODE_REPLY, i);
	}
}

// S-12: whatever T1 is, it comes back bit for bit (H6), and T2, T3, T1 differ (H7).
static void odd_transmit_times_come_back(void **state)
{
	(void)state;
	uint64_t t2 = desk.times.receive.raw;
	uint64_t t3 = desk.times.transmit.raw;
	const uint64_t mismatch[] = {0, UINT64_MAX, 1, t2, t2 - 1, t2 + 1, t3, t3 + 1, t3 - 1,
		t2 + (1ull << 63), t2 - (1ull << 33), t2 + (1ull << 33), 1ull << 63};
	for (unsigned i = 0; i < 2 * TABLE_LENGTH(mismatch); i++) {
		struct frame_spec s = desk_good(i);
		struct be64 wire = be64_put(mismatch[i / 2]);
		memcpy(s.payload + 40, wire.byte, 8);
		EXPECT(&s, V_ANSWER_V4, i);
		assert_memory_equal(desk_reply_ntp(&desk) + 24, wire.byte, 8);
	}
}

// T3 == T1 can be forced when no bit is random; a client that sees it would take it for a loop.
static void t3_is_never_the_clients_own_time(void **state)
{
	(void)state;
	desk.view.precision = -32;
	desk_arrange(&desk);
	for (int gap = -2; gap <= 2; gap++) {
		desk.times.transmit = ntp_time_add(desk.times.receive, gap);
		for (int origin = -4; origin <= 4; origin++) {
			struct frame_spec s = desk_good((unsigned)origin & 1);
			struct be64 wire = be64_put(ntp_time_add(desk.times.receive, origin).raw);
			memcpy(s.payload + 40, wire.byte, 8);
			EXPECT(&s, V_ANSWER_V4, gap * 10 + origin);
		}
	}
	desk_reset();
}

// S-12: looks like interleaved mode (RFC 9769): origin is our last receive time. Answered basic.
static void an_interleaved_request_gets_a_basic_reply(void **state)
{
	(void)state;
	struct frame_spec s = desk_good(0);
	EXPECT(&s, V_ANSWER_V4, 0);
	memcpy(s.payload + 24, desk_reply_ntp(&desk) + 32, 8);
	memset(s.payload + 32, 0x77, 8);
	EXPECT(&s, V_ANSWER_V4, 1);
	assert_memory_equal(desk_reply_ntp(&desk) + 24, s.payload + 40, 8);
}

// H7 with clocks and noise of every coarseness, T3 predicted before T2, and across the era's end.
static void t3_lies_after_t2_whatever_the_clock_says(void **state)
{
	(void)state;
	uint64_t random = random_seed("H7");
	static const uint64_t base[] = {
		0, UINT64_MAX, (uint64_t)-1000000, 1000000, 1ull << 63, 0xeb9a5f0012345678u};
	for (unsigned i = 0; i < 3000; i++) {
		struct frame_spec s = desk_good(i);
		desk.view.precision = (int8_t)(-32 + (int)(i % 27));
		desk.times.receive.raw = base[random_below(&random, TABLE_LENGTH(base))];
		desk.times.transmit = ntp_time_add(desk.times.receive,
			(int64_t)(random_u64(&random) >> random_below(&random, 63)) / 4);
		if (i & 1)
			desk.times.transmit.raw =
				2 * desk.times.receive.raw - desk.times.transmit.raw;
		desk_arrange(&desk);
		EXPECT(&s, V_ANSWER_V4, i);
	}
	desk_reset();
}

// H15: "<= T3, not in the future", although T3's low bits are noise.
static void the_reference_time_is_not_after_t3(void **state)
{
	(void)state;
	uint64_t random = random_seed("H15");
	for (unsigned i = 0; i < 2000; i++) {
		struct frame_spec s = desk_good(i);
		desk.view.precision = (int8_t)(-32 + (int)(i % 25));
		desk.view.reference_time.raw = random_u64(&random);
		desk.times.receive = desk.view.reference_time;
		desk.times.transmit = ntp_time_add(desk.times.receive, 1);
		desk_arrange(&desk);
		EXPECT(&s, V_ANSWER_V4, i);
		const uint8_t *ntp = desk_reply_ntp(&desk);
		uint64_t reference = reply_u64(ntp + 16);
		uint64_t transmit = reply_u64(ntp + 40);
		if ((int64_t)(transmit - reference) < 0)
			fail_msg("precision %d: T3 is %lld units before the reference time",
				desk.view.precision, (long long)(reference - transmit));
	}
	desk_reset();
}

static void a_stamp_of_the_port_is_t2(void **state)
{
	(void)state;
	desk.has_rx_time = true;
	desk.rx_time = ntp_time_add(desk.times.receive, -123456789);
	for (unsigned i = 0; i < 2; i++) {
		struct frame_spec s = desk_good(i);
		EXPECT(&s, V_ANSWER_V4, i);
	}
	desk_reset();
}

static void an_unsynchronised_clock_is_served_as_such(void **state)
{
	(void)state;
	desk.view.leap = LEAP_UNKNOWN;
	desk_arrange(&desk);
	for (unsigned i = 0; i < 2; i++) {
		struct frame_spec s = desk_good(i);
		EXPECT(&s, V_ANSWER_V4, i);
		const uint8_t *ntp = desk_reply_ntp(&desk);
		assert_int_equal(ntp[0] >> 6, 3);
		assert_int_equal(ntp[1], 0);
	}
	desk_reset();
}

static void two_seeds_draw_different_bits(void **state)
{
	(void)state;
	uint8_t reply[FRAME_ROOM];
	struct frame_spec s = desk_good(0);
	EXPECT(&s, V_ANSWER_V4, 0);
	memcpy(reply, desk.reply, desk.reply_length);
	responder_init(&desk.fast_path, &desk.service, 4711);
	responder_init(&desk.slow_path, &desk.service, 4711);
	EXPECT(&s, V_ANSWER_V4, 1);
	assert_int_not_equal(memcmp(reply, desk.reply, desk.reply_length), 0);
	desk_reset();
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, every_byte_of_a_reply_is_the_one_owed);
	TABLE_ADD(&t, nothing_behind_the_48_bytes_leaves);
	TABLE_ADD(&t, replies_carry_the_configured_ttl_and_class);
	TABLE_ADD(&t, replies_go_to_the_gateway_where_there_is_one);
	TABLE_ADD(&t, with_offload_the_field_is_the_pseudo_headers_sum);
	TABLE_ADD(&t, checksums_are_believed_or_verified);
	TABLE_ADD(&t, a_right_checksum_of_ffff_is_right);
	TABLE_ADD(&t, a_reply_never_says_none);
	TABLE_ADD(&t, a_reply_is_never_answered);
	TABLE_ADD(&t, odd_transmit_times_come_back);
	TABLE_ADD(&t, t3_is_never_the_clients_own_time);
	TABLE_ADD(&t, an_interleaved_request_gets_a_basic_reply);
	TABLE_ADD(&t, t3_lies_after_t2_whatever_the_clock_says);
	TABLE_ADD(&t, the_reference_time_is_not_after_t3);
	TABLE_ADD(&t, a_stamp_of_the_port_is_t2);
	TABLE_ADD(&t, an_unsynchronised_clock_is_served_as_such);
	TABLE_ADD(&t, two_seeds_draw_different_bits);
	return table_run_between("responder", &t, desk_set_up, desk_tear_down);
}

// SPDX-License-Identifier: BSD-3-Clause
// A burst's way from request to reply: S-02, S-04, S-12, S-14, rules H6, H7, H15, H18, H19, L2, L4,
// L5, L7.
#include "core/responder.h"

#include <stdio.h>
#include <string.h>

#include "harness/desk.h"
#include "harness/random.h"
#include "harness/reply_check.h"
#include "harness/table.h"

static struct desk d;

static int set_up(void **state)
{
	(void)state;
	desk_open(&d);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	desk_close(&d);
	return 0;
}

static struct frame_spec good(unsigned odd_is_ip6)
{
	struct frame_spec s;
	if (odd_is_ip6 & 1)
		frame_spec_ip6(&s);
	else
		frame_spec_ip4(&s);
	return s;
}

static void ask(const struct frame_spec *s, enum verdict want, const char *what, unsigned n)
{
	enum verdict got = desk_ask_spec(&d, s);
	if (got != want)
		fail_msg("%s %u: %s, not %s", what, n, verdict_text(got), verdict_text(want));
	if (d.reply_length > 0)
		reply_check(&d);
}

#define expect(s, want, n) ask(s, want, __func__, (unsigned)(n))

// The desk as it was.
static void rearrange(void)
{
	desk_close(&d);
	desk_open(&d);
}

// S-14: compared byte by byte with what RFC offsets and a slow checksum say.
static void every_byte_of_a_reply_is_the_one_owed(void **state)
{
	(void)state;
	uint64_t random = random_seed("S-14");
	for (unsigned i = 0; i < 4000; i++) {
		struct frame_spec s = good(i);
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
		expect(&s, (enum verdict)(V_ANSWER_V1 + i % 4), i);
	}
}

// A reply ends with its 48 bytes: nothing of what stood behind them in the request leaves.
static void nothing_behind_the_48_bytes_leaves(void **state)
{
	(void)state;
	for (uint16_t length = 28; length <= 1424; length += 4) {
		struct frame_spec s = good(length / 4);
		frame_spec_extension(&s, 0x0104, length);
		expect(&s, V_ANSWER_V4, length);
		assert_int_equal(d.reply_length, frame_ntp_offset(&s) + 48);
	}
}

static void replies_carry_the_configured_ttl_and_class(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 256; n++) {
		struct frame_spec s = good(n);
		d.service.ttl = (uint8_t)(n == 0 ? 1 : n);
		d.service.traffic_class = (uint8_t)(n & 0xfc);
		desk_arrange(&d);
		s.traffic_class = 0x03;
		s.ttl = 1;
		expect(&s, V_ANSWER_V4, n);
	}
	rearrange();
}

// L5.
static void replies_go_to_the_gateway_where_there_is_one(void **state)
{
	(void)state;
	d.service.has_gateway = true;
	d.service.gateway = (struct mac){{0x02, 9, 8, 7, 6, 5}};
	desk_arrange(&d);
	for (unsigned i = 0; i < 2; i++) {
		struct frame_spec s = good(i);
		expect(&s, V_ANSWER_V4, i);
		assert_memory_equal(d.reply, d.service.gateway.byte, 6);
		s.source[0] |= 1;
		expect(&s, V_ETHER_SOURCE, i);
	}
	rearrange();
}

static void with_offload_the_field_is_the_pseudo_headers_sum(void **state)
{
	(void)state;
	d.service.offload = true;
	desk_arrange(&d);
	for (unsigned i = 0; i < 512; i++) {
		struct frame_spec s = good(i);
		s.ip_source[s.is_ip6 ? 14 : 2] = (uint8_t)i;
		s.vlan_count = i % 3;
		s.vlan_type[0] = s.vlan_type[1] = 0x8100;
		s.ip_destination[3] = s.is_ip6 ? 0x23 : 1;
		expect(&s, V_ANSWER_V4, i);
	}
	rearrange();
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
		struct frame_spec s = good(i);
		s.udp_sum = kind;
		d.port_says = (struct checksum_report){CHECKSUM_UNKNOWN, (uint8_t)says};
		expect(&s, udp_rule(s.is_ip6, says, kind), i);
		s.udp_sum = SUM_RIGHT;
		if (kind == SUM_PSEUDO)
			continue;
		s.ip_sum = kind;
		d.port_says = (struct checksum_report){(uint8_t)says, CHECKSUM_UNKNOWN};
		expect(&s, s.is_ip6 ? V_ANSWER_V4 : ip_rule(says, kind), i);
	}
	d.port_says = (struct checksum_report){0};
}

// A datagram whose sum is computed as 0 carries 0xffff (RFC 768) and is as good as any; in odd and
// in long datagrams too.
static void a_right_checksum_of_ffff_is_right(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct frame_spec s = good(i);
		uint8_t bytes[FRAME_ROOM];
		frame_spec_tune_zero_sum(&s);
		frame_build(&s, bytes);
		assert_memory_equal(bytes + frame_ntp_offset(&s) - 2, "\xff\xff", 2);
		expect(&s, V_ANSWER_V4, i);
		frame_spec_extension(&s, 0x0104, 400);
		frame_spec_tune_zero_sum(&s);
		expect(&s, V_ANSWER_V4, i);
	}
}

// The reply's checksum is never the 0 that means "none": drive the sum over its edge with T1.
static void a_reply_never_says_none(void **state)
{
	(void)state;
	d.view.precision = -32;
	desk_arrange(&d);
	unsigned ones = 0;
	for (unsigned n = 0; n <= 0x1ffff; n++) {
		struct frame_spec s = good(n);
		s.payload[46] = (uint8_t)(n >> 9);
		s.payload[47] = (uint8_t)(n >> 1);
		enum verdict v = desk_ask_spec(&d, &s);
		assert_int_equal(v, V_ANSWER_V4);
		const uint8_t *field = desk_reply_ntp(&d) - 2;
		assert_false(field[0] == 0 && field[1] == 0);
		if (field[0] == 0xff && field[1] == 0xff) {
			reply_check(&d);
			ones++;
		}
	}
	assert_in_range(ones, 2, 8);
	rearrange();
}

// S-02: every kind of reply, sent back to us by any relay, is silence.
static void a_reply_is_never_answered(void **state)
{
	(void)state;
	static uint8_t reply[FRAME_ROOM];
	for (unsigned i = 0; i < 2 * 4 * 2; i++) {
		struct frame_spec s = good(i);
		unsigned mode = i & 8 ? 1 : 3;
		frame_spec_ntp(&s, 1 + i / 2 % 4, mode, 48);
		s.source_port = 123;
		assert_true(verdict_is_answer(desk_ask_spec(&d, &s)));
		size_t length = d.reply_length;
		memcpy(reply, d.reply, length);
		// As the client would get it: we are the client, so only the MACs are turned.
		assert_false(verdict_is_answer(desk_ask(&d, reply, length)));
		// The message alone, in a frame that has nothing wrong with it.
		memcpy(s.payload, reply + length - 48, 48);
		expect(&s, V_NTP_MODE_REPLY, i);
	}
}

// S-12: whatever T1 is, it comes back bit for bit (H6), and T2, T3, T1 differ (H7).
static void odd_transmit_times_come_back(void **state)
{
	(void)state;
	uint64_t t2 = d.times.receive.raw;
	uint64_t t3 = d.times.transmit.raw;
	const uint64_t odd[] = {0, UINT64_MAX, 1, t2, t2 - 1, t2 + 1, t3, t3 + 1, t3 - 1,
		t2 + (1ull << 63), t2 - (1ull << 33), t2 + (1ull << 33), 1ull << 63};
	for (unsigned i = 0; i < 2 * TABLE_LENGTH(odd); i++) {
		struct frame_spec s = good(i);
		struct be64 wire = be64_put(odd[i / 2]);
		memcpy(s.payload + 40, wire.byte, 8);
		expect(&s, V_ANSWER_V4, i);
		assert_memory_equal(desk_reply_ntp(&d) + 24, wire.byte, 8);
	}
}

// T3 == T1 can be forced when no bit is random; a client that sees it would take it for a loop.
static void t3_is_never_the_clients_own_time(void **state)
{
	(void)state;
	d.view.precision = -32;
	desk_arrange(&d);
	for (int gap = -2; gap <= 2; gap++) {
		d.times.transmit = ntp_time_add(d.times.receive, gap);
		for (int origin = -4; origin <= 4; origin++) {
			struct frame_spec s = good((unsigned)origin & 1);
			struct be64 wire = be64_put(ntp_time_add(d.times.receive, origin).raw);
			memcpy(s.payload + 40, wire.byte, 8);
			expect(&s, V_ANSWER_V4, gap * 10 + origin);
		}
	}
	rearrange();
}

// S-12: looks like interleaved mode (RFC 9769): origin is our last receive time. Answered basic.
static void an_interleaved_request_gets_a_basic_reply(void **state)
{
	(void)state;
	struct frame_spec s = good(0);
	expect(&s, V_ANSWER_V4, 0);
	memcpy(s.payload + 24, desk_reply_ntp(&d) + 32, 8);
	memset(s.payload + 32, 0x77, 8);
	expect(&s, V_ANSWER_V4, 1);
	assert_memory_equal(desk_reply_ntp(&d) + 24, s.payload + 40, 8);
}

// H7 with clocks and noise of every coarseness, T3 predicted before T2, and across the era's end.
static void t3_lies_after_t2_whatever_the_clock_says(void **state)
{
	(void)state;
	uint64_t random = random_seed("H7");
	static const uint64_t base[] = {0, UINT64_MAX, (uint64_t)-1000000, 1000000, 1ull << 63,
		0xeb9a5f0012345678u};
	for (unsigned i = 0; i < 3000; i++) {
		struct frame_spec s = good(i);
		d.view.precision = (int8_t)(-32 + (int)(i % 27));
		d.times.receive.raw = base[random_below(&random, TABLE_LENGTH(base))];
		d.times.transmit = ntp_time_add(d.times.receive,
			(int64_t)(random_u64(&random) >> random_below(&random, 63)) / 4);
		if (i & 1)
			d.times.transmit.raw = 2 * d.times.receive.raw - d.times.transmit.raw;
		desk_arrange(&d);
		expect(&s, V_ANSWER_V4, i);
	}
	rearrange();
}

// H15: "<= T3, not in the future", although T3's low bits are noise.
static void the_reference_time_is_not_after_t3(void **state)
{
	(void)state;
	uint64_t random = random_seed("H15");
	for (unsigned i = 0; i < 2000; i++) {
		struct frame_spec s = good(i);
		d.view.precision = (int8_t)(-32 + (int)(i % 25));
		d.view.reference_time.raw = random_u64(&random);
		d.times.receive = d.view.reference_time;
		d.times.transmit = ntp_time_add(d.times.receive, 1);
		desk_arrange(&d);
		expect(&s, V_ANSWER_V4, i);
		const uint8_t *ntp = desk_reply_ntp(&d);
		uint64_t reference = reply_u64(ntp + 16);
		uint64_t transmit = reply_u64(ntp + 40);
		if ((int64_t)(transmit - reference) < 0)
			fail_msg("precision %d: T3 is %lld units before the reference time",
				d.view.precision, (long long)(reference - transmit));
	}
	rearrange();
}

static void a_stamp_of_the_port_is_t2(void **state)
{
	(void)state;
	d.has_rx_time = true;
	d.rx_time = ntp_time_add(d.times.receive, -123456789);
	for (unsigned i = 0; i < 2; i++) {
		struct frame_spec s = good(i);
		expect(&s, V_ANSWER_V4, i);
	}
	rearrange();
}

static void an_unsynchronised_clock_is_served_as_such(void **state)
{
	(void)state;
	d.view.leap = LEAP_UNKNOWN;
	desk_arrange(&d);
	for (unsigned i = 0; i < 2; i++) {
		struct frame_spec s = good(i);
		expect(&s, V_ANSWER_V4, i);
		const uint8_t *ntp = desk_reply_ntp(&d);
		assert_int_equal(ntp[0] >> 6, 3);
		assert_int_equal(ntp[1], 0);
	}
	rearrange();
}

#define BURST_STRIDE 256

struct burst {
	uint8_t bytes[RESPONDER_BURST][BURST_STRIDE];
	struct packet packet[RESPONDER_BURST];
};

// Good and bad frames in turn: packet i is answered unless i % 3 == 2, and in pieces if i % 7 == 6.
static void fill_burst(struct burst *b)
{
	memset(b, 0, sizeof(*b));
	for (unsigned i = 0; i < RESPONDER_BURST; i++) {
		struct frame_spec s = good(i);
		uint8_t frame[FRAME_ROOM];
		s.source_port = (uint16_t)(1000 + i);
		if (i % 3 == 2)
			s.payload[0] = 4 << 3 | 4;
		size_t length = frame_build(&s, frame);
		memcpy(b->bytes[i], frame, length);
		b->packet[i] = (struct packet){.data = b->bytes[i], .length = (uint16_t)length,
			.is_whole = i % 7 != 6, .verdict = V_MULTI_SEGMENT};
	}
}

static enum verdict burst_rule(unsigned i)
{
	if (i % 7 == 6)
		return V_MULTI_SEGMENT;
	return i % 3 == 2 ? V_NTP_MODE_REPLY : V_ANSWER_V4;
}

// T3 rises by tx_step from reply to reply; what is not answered takes no step and is not touched.
static void check_burst(const struct burst *b, const struct burst *before, uint64_t step)
{
	uint64_t transmit = d.times.transmit.raw;
	for (unsigned i = 0; i < RESPONDER_BURST; i++) {
		const struct packet *p = &b->packet[i];
		assert_int_equal(p->verdict, burst_rule(i));
		if (!verdict_is_answer(p->verdict)) {
			assert_int_equal(p->length, before->packet[i].length);
			assert_memory_equal(b->bytes[i], before->bytes[i], BURST_STRIDE);
			continue;
		}
		const uint8_t *ntp = p->data + p->length - 48;
		assert_true(reply_u64(ntp + 32) == d.times.receive.raw);
		assert_true(reply_u64(ntp + 40) == transmit);
		transmit += step;
	}
}

static void a_burst_is_answered_packet_by_packet(void **state)
{
	(void)state;
	static struct burst b, before;
	static const uint64_t steps[] = {0, 1, 86, 4000000000};
	d.view.precision = -32;
	desk_arrange(&d);
	for (size_t i = 0; i < TABLE_LENGTH(steps); i++) {
		struct responder r = d.short_way;
		r.tx_step = steps[i];
		fill_burst(&b);
		before = b;
		unsigned want = 0;
		for (unsigned n = 0; n < RESPONDER_BURST; n++)
			want += verdict_is_answer(burst_rule(n));
		assert_int_equal(responder_open(&r, b.packet, RESPONDER_BURST), want);
		responder_answer(&r, b.packet, RESPONDER_BURST, &d.answer, &d.times);
		check_burst(&b, &before, steps[i]);
	}
	rearrange();
}

static void an_empty_burst_is_nothing(void **state)
{
	(void)state;
	struct responder r = d.short_way;
	struct packet none = {.verdict = V_ANSWER_V4};
	assert_int_equal(responder_open(&r, &none, 0), 0);
	responder_answer(&r, &none, 0, &d.answer, &d.times);
	assert_int_equal(none.length, 0);
}

// H7: "bits below precision randomised". Both values of each bit turn up, none above is touched.
static void bits_below_the_precision_are_random(void **state)
{
	(void)state;
	uint64_t ones[2] = {0, 0}, zeros[2] = {0, 0};
	struct responder r = d.short_way;
	static struct burst b;
	for (unsigned round = 0; round < 8; round++) {
		fill_burst(&b);
		responder_open(&r, b.packet, RESPONDER_BURST);
		responder_answer(&r, b.packet, RESPONDER_BURST, &d.answer, &d.times);
		for (unsigned i = 0; i < RESPONDER_BURST; i++) {
			const uint8_t *end = b.packet[i].data + b.packet[i].length;
			if (!verdict_is_answer(b.packet[i].verdict))
				continue;
			for (unsigned k = 0; k < 2; k++) {
				uint64_t stamp = reply_u64(end - 16 + 8 * k);
				ones[k] |= stamp;
				zeros[k] |= ~stamp;
			}
		}
	}
	uint64_t below = (1u << 12) - 1;
	for (unsigned k = 0; k < 2; k++)
		assert_true((ones[k] & zeros[k]) == below);
}

static void two_seeds_draw_different_bits(void **state)
{
	(void)state;
	uint8_t reply[FRAME_ROOM];
	struct frame_spec s = good(0);
	expect(&s, V_ANSWER_V4, 0);
	memcpy(reply, d.reply, d.reply_length);
	responder_init(&d.short_way, &d.service, 4711);
	responder_init(&d.long_way, &d.service, 4711);
	expect(&s, V_ANSWER_V4, 1);
	assert_int_not_equal(memcmp(reply, d.reply, d.reply_length), 0);
	rearrange();
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
	TABLE_ADD(&t, a_burst_is_answered_packet_by_packet);
	TABLE_ADD(&t, an_empty_burst_is_nothing);
	TABLE_ADD(&t, bits_below_the_precision_are_random);
	TABLE_ADD(&t, two_seeds_draw_different_bits);
	return table_run_between("responder", &t, set_up, tear_down);
}

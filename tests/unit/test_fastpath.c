// SPDX-License-Identifier: BSD-3-Clause
// Bursts through the fast path and the long one: verdicts, lengths and every byte must be the same.
#include "core/fastpath/fastpath.h"

#include <stdio.h>
#include <string.h>

#include "core/responder.h"
#include "harness/desk_case.h"
#include "harness/random.h"

#define STRIDE 256

struct burst {
	unsigned n;
	uint8_t bytes[RESPONDER_BURST][STRIDE];
	struct packet packet[RESPONDER_BURST];
};

// Mostly plain frames to the first addresses; the others are odd in one point or in several.
static struct frame_spec random_spec(uint64_t bits)
{
	struct frame_spec s = desk_good(bits & 1);
	s.ip_source[s.is_ip6 ? 3 : 1] = (uint8_t)(bits >> 40);
	s.ip_source[s.is_ip6 ? 15 : 3] = (uint8_t)(bits >> 48);
	s.source_port = (uint16_t)(bits >> 24);
	if ((bits >> 1 & 15) == 0)
		s.vlan_count = 1 + (bits >> 5 & 1);
	s.vlan_type[0] = s.vlan_type[1] = 0x8100;
	if ((bits >> 6 & 15) == 0)
		s.payload[0] = (uint8_t)(bits >> 32);
	if ((bits >> 10 & 15) == 0)
		frame_spec_append(&s, 0, 4 * (bits >> 14 & 7));
	if ((bits >> 17 & 31) == 0)
		s.udp_sum = (enum sum_kind)(bits >> 22 & 3);
	return s;
}

static void packet_fill(struct burst *b, unsigned i, uint64_t *random, bool has_damage)
{
	uint8_t frame[FRAME_ROOM];
	struct frame_spec s = random_spec(random_u64(random));
	uint64_t bits = random_u64(random);
	size_t length = frame_build(&s, frame);
	if (has_damage && (bits & 3) == 0)
		frame[random_below(random, length)] ^= (uint8_t)(1u << (bits >> 2 & 7));
	length = length > STRIDE ? STRIDE : length;
	memcpy(b->bytes[i], frame, length);
	b->packet[i] = (struct packet){.data = b->bytes[i],
		.length = (uint16_t)length,
		.checksums = {bits >> 8 & 1, bits >> 9 & 1},
		.is_whole = (bits >> 10 & 63) != 0,
		.has_rx_time = (bits >> 16 & 127) == 0,
		.rx_time = {desk.times.receive.raw - (bits >> 40)},
		.verdict = V_MULTI_SEGMENT};
	if ((bits >> 26 & 31) == 0)
		b->packet[i].checksums.udp = (uint8_t)(bits >> 32 & 3);
}

static void burst_fill(struct burst *b, uint64_t *random, bool has_damage)
{
	memset(b, 0, sizeof(*b));
	b->n = 1 + (unsigned)random_below(random, RESPONDER_BURST);
	for (unsigned i = 0; i < b->n; i++)
		packet_fill(b, i, random, has_damage);
}

static void burst_copy(struct burst *to, const struct burst *from)
{
	*to = *from;
	for (unsigned i = 0; i < from->n; i++)
		to->packet[i].data = to->bytes[i];
}

static unsigned burst_answer(struct responder *r, struct burst *b)
{
	unsigned answers = responder_open(r, b->packet, b->n);
	responder_answer(r, b->packet, b->n, &desk.answer, &desk.times);
	return answers;
}

// Returns how many frames were answered the fast path.
static unsigned compare(const struct burst *one, const struct burst *other)
{
	unsigned in_columns = 0;
	for (unsigned i = 0; i < one->n; i++) {
		const struct packet *p = &one->packet[i];
		assert_int_equal(p->verdict, other->packet[i].verdict);
		assert_int_equal(p->length, other->packet[i].length);
		assert_int_equal(other->packet[i].way, PATH_SLOW);
		if (verdict_is_answer(p->verdict))
			assert_int_equal(p->is_ip6, other->packet[i].is_ip6);
		in_columns += p->way == PATH_FAST;
		if (p->way != PATH_SLOW)
			assert_int_equal(p->way == PATH_FAST, verdict_is_answer(p->verdict));
	}
	assert_memory_equal(one->bytes, other->bytes, sizeof(one->bytes));
	return in_columns;
}

static void both_ways_agree(const char *seed, bool has_damage)
{
	static struct burst fast_path, slow_path;
	uint64_t random = random_seed(seed);
	unsigned frames = 0;
	unsigned answers = 0;
	unsigned in_columns = 0;
	for (unsigned round = 0; round < 4000; round++) {
		static struct responder one, other;
		one = desk.fast_path;
		other = desk.slow_path;
		one.tx_step = other.tx_step = random_below(&random, 1000);
		burst_fill(&fast_path, &random, has_damage);
		burst_copy(&slow_path, &fast_path);
		unsigned answered = burst_answer(&one, &fast_path);
		assert_int_equal(burst_answer(&other, &slow_path), answered);
		in_columns += compare(&fast_path, &slow_path);
		answers += answered;
		frames += fast_path.n;
	}
	printf("# %u frames, %u answered, %u of them in columns\n", frames, answers, in_columns);
	assert_in_range(answers, frames / 4, frames - frames / 20);
	assert_in_range(in_columns, answers / 2, answers - answers / 20);
}

static void both_ways_write_the_same(void **state)
{
	(void)state;
	both_ways_agree("columns", false);
}

static void both_ways_find_the_same_damage(void **state)
{
	(void)state;
	both_ways_agree("columns with damage", true);
}

static void a_gateway_and_a_traffic_class_are_the_same(void **state)
{
	(void)state;
	desk.service.has_gateway = true;
	desk.service.gateway = (struct mac){{0x02, 0x11, 0x22, 0x33, 0x44, 0x55}};
	desk.service.traffic_class = 0xb8;
	desk.service.ttl = 3;
	desk_arrange(&desk);
	both_ways_agree("columns with a gateway", true);
	desk_reset();
}

static void an_unsynchronised_clock_is_the_same(void **state)
{
	(void)state;
	desk.view.leap = LEAP_UNKNOWN;
	desk_arrange(&desk);
	both_ways_agree("columns without a clock", false);
	desk_reset();
}

// One bit of a plain frame at a time, in each of the four lanes. Few of those that are not answered
// are left to the slow path.
static void every_bit_is_flipped(unsigned *ret_left, unsigned *ret_dropped)
{
	static struct burst fast_path, slow_path;
	unsigned left = 0;
	unsigned dropped = 0;
	for (unsigned bit = 0; bit < 8 * 110; bit++) {
		static struct responder one, other;
		one = desk.fast_path;
		other = desk.slow_path;
		memset(&fast_path, 0, sizeof(fast_path));
		fast_path.n = 2 * LANES;
		for (unsigned i = 0; i < fast_path.n; i++) {
			struct frame_spec s = desk_good(i >= LANES);
			uint8_t frame[FRAME_ROOM];
			size_t length = frame_build(&s, frame);
			if (i % LANES == bit % LANES && bit / 8 < length)
				frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
			memcpy(fast_path.bytes[i], frame, length);
			fast_path.packet[i] = (struct packet){.data = fast_path.bytes[i],
				.length = (uint16_t)length,
				.is_whole = true};
		}
		burst_copy(&slow_path, &fast_path);
		unsigned answers = burst_answer(&one, &fast_path);
		assert_int_equal(burst_answer(&other, &slow_path), answers);
		assert_in_range(compare(&fast_path, &slow_path), 2 * LANES - 2, 2 * LANES);
		for (unsigned i = 0; i < fast_path.n; i++) {
			left += fast_path.packet[i].way == PATH_SLOW;
			dropped += fast_path.packet[i].way == PATH_DROPPED;
		}
	}
	printf("# %u dropped by the fast path, %u left\n", dropped, left);
	*ret_left = left;
	*ret_dropped = dropped;
}

static void every_bit_of_a_frame_counts_in_every_lane(void **state)
{
	(void)state;
	unsigned left, dropped;
	every_bit_is_flipped(&left, &dropped);
	assert_in_range(left, 1, dropped / 6); // the service has more addresses than one
}

// Most servers have no more; then another destination is named the fast path, too.
static void one_address_of_each_family_is_the_same(void **state)
{
	(void)state;
	unsigned left, dropped;
	const struct service both = desk.service;
	service_init(&desk.service, both.mac);
	assert_true(service_add_ip4(&desk.service, both.ip4[0], 24));
	assert_true(service_add_ip6(&desk.service, both.ip6[0]));
	desk_arrange(&desk);
	both_ways_agree("columns of one address", true);
	every_bit_is_flipped(&left, &dropped);
	desk_reset();
	assert_in_range(left, 1, dropped / 30);
}

// A first byte of every kind, among requests and alone; and the same with a UDP sum that is wrong.
static void junk_is_dropped_the_fast_path(void **state)
{
	(void)state;
	static struct burst fast_path, slow_path;
	for (unsigned round = 0; round < 2 * 256 * 2; round++) {
		static struct responder one, other;
		unsigned requests = round & 1 ? LANES + 1 : 0;
		one = desk.fast_path;
		other = desk.slow_path;
		memset(&fast_path, 0, sizeof(fast_path));
		fast_path.n = 3 * LANES;
		for (unsigned i = 0; i < fast_path.n; i++) {
			struct frame_spec s = desk_good(round >> 1 & 1);
			if (i >= requests)
				s.payload[0] = (uint8_t)(round >> 2);
			uint8_t frame[FRAME_ROOM];
			size_t length = frame_build(&s, frame);
			if (i == fast_path.n - 1)
				frame[length - 1] ^= 1;
			memcpy(fast_path.bytes[i], frame, length);
			fast_path.packet[i] = (struct packet){.data = fast_path.bytes[i],
				.length = (uint16_t)length,
				.is_whole = true};
		}
		burst_copy(&slow_path, &fast_path);
		unsigned answers = burst_answer(&one, &fast_path);
		assert_int_equal(burst_answer(&other, &slow_path), answers);
		compare(&fast_path, &slow_path);
		assert_int_equal(fast_path.packet[fast_path.n - 1].verdict, V_UDP_CHECKSUM);
		for (unsigned i = 0; i < fast_path.n; i++)
			if (ntp_verdict_first((uint8_t)(round >> 2)) != V_ANSWER_V1_MODE0)
				assert_int_not_equal(fast_path.packet[i].way, PATH_SLOW);
	}
}

static void a_service_without_addresses_has_no_plain_frames(void **state)
{
	(void)state;
	static const struct service nothing;
	static struct fastpath c;
	uint8_t frame[FRAME_ROOM] = {0};
	fastpath_init(&c, &nothing);
	for (unsigned length = 0; length <= 128; length++) {
		struct packet p = {.data = frame, .length = (uint16_t)length, .is_whole = true};
		fastpath_take(&c, &p, 1);
		assert_int_equal(fastpath_judge(&c, &p), 0);
		assert_int_equal(p.way, PATH_SLOW);
	}
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, both_ways_write_the_same);
	TABLE_ADD(&t, both_ways_find_the_same_damage);
	TABLE_ADD(&t, a_gateway_and_a_traffic_class_are_the_same);
	TABLE_ADD(&t, an_unsynchronised_clock_is_the_same);
	TABLE_ADD(&t, every_bit_of_a_frame_counts_in_every_lane);
	TABLE_ADD(&t, one_address_of_each_family_is_the_same);
	TABLE_ADD(&t, junk_is_dropped_the_fast_path);
	TABLE_ADD(&t, a_service_without_addresses_has_no_plain_frames);
	return table_run_between("columns", &t, desk_set_up, desk_tear_down);
}

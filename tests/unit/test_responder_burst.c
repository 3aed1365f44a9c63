// SPDX-License-Identifier: BSD-3-Clause
// Whole bursts through the responder: each packet on its own, T3 rising from one to the next.
#include "core/responder.h"

#include <string.h>

#include "harness/desk_case.h"
#include "harness/reply_check.h"

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
		struct frame_spec s = desk_good(i);
		uint8_t frame[FRAME_ROOM];
		s.source_port = (uint16_t)(1000 + i);
		if (i % 3 == 2)
			s.payload[0] = 4 << 3 | 4;
		size_t length = frame_build(&s, frame);
		memcpy(b->bytes[i], frame, length);
		b->packet[i] = (struct packet){.data = b->bytes[i],
			.length = (uint16_t)length,
			.is_whole = i % 7 != 6,
			.verdict = V_MULTI_SEGMENT};
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
	uint64_t transmit = desk.times.transmit.raw;
	for (unsigned i = 0; i < RESPONDER_BURST; i++) {
		const struct packet *p = &b->packet[i];
		assert_int_equal(p->verdict, burst_rule(i));
		if (!verdict_is_answer(p->verdict)) {
			assert_int_equal(p->length, before->packet[i].length);
			assert_memory_equal(b->bytes[i], before->bytes[i], BURST_STRIDE);
			continue;
		}
		const uint8_t *ntp = p->data + p->length - 48;
		assert_true(reply_u64(ntp + 32) == desk.times.receive.raw);
		assert_true(reply_u64(ntp + 40) == transmit);
		transmit += step;
	}
}

static void a_burst_is_answered_packet_by_packet(void **state)
{
	(void)state;
	static struct burst b, before;
	static const uint64_t steps[] = {0, 1, 86, 4000000000};
	desk.view.precision = -32;
	desk_arrange(&desk);
	for (size_t i = 0; i < TABLE_LENGTH(steps); i++) {
		static struct responder r;
		r = desk.short_way;
		r.tx_step = steps[i];
		fill_burst(&b);
		before = b;
		unsigned want = 0;
		for (unsigned n = 0; n < RESPONDER_BURST; n++)
			want += verdict_is_answer(burst_rule(n));
		assert_int_equal(responder_open(&r, b.packet, RESPONDER_BURST), want);
		responder_answer(&r, b.packet, RESPONDER_BURST, &desk.answer, &desk.times);
		check_burst(&b, &before, steps[i]);
	}
	desk.view.precision = -20;
	desk_arrange(&desk);
}

static void an_empty_burst_is_nothing(void **state)
{
	(void)state;
	static struct responder r;
	r = desk.short_way;
	struct packet none = {.verdict = V_ANSWER_V4};
	assert_int_equal(responder_open(&r, &none, 0), 0);
	responder_answer(&r, &none, 0, &desk.answer, &desk.times);
	assert_int_equal(none.length, 0);
}

// H7: "bits below precision randomised". Both values of each bit turn up, none above is touched.
static void bits_below_the_precision_are_random(void **state)
{
	(void)state;
	uint64_t ones[2] = {0, 0}, zeros[2] = {0, 0};
	static struct responder r;
	r = desk.short_way;
	static struct burst b;
	for (unsigned round = 0; round < 8; round++) {
		fill_burst(&b);
		responder_open(&r, b.packet, RESPONDER_BURST);
		responder_answer(&r, b.packet, RESPONDER_BURST, &desk.answer, &desk.times);
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

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, a_burst_is_answered_packet_by_packet);
	TABLE_ADD(&t, an_empty_burst_is_nothing);
	TABLE_ADD(&t, bits_below_the_precision_are_random);
	return table_run_between("responder_burst", &t, desk_set_up, desk_tear_down);
}

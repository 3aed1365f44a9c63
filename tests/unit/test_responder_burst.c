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
		r = desk.fast_path;
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
	r = desk.fast_path;
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
	r = desk.fast_path;
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

// What the port did not take is V_TX_FULL and counted nowhere else; all other verdicts stand.
static void check_sent(struct responder *r, struct burst *b, unsigned n, unsigned sent)
{
	unsigned answers = responder_open(r, b->packet, n);
	static struct packet before[RESPONDER_BURST];
	unsigned ip6 = 0;
	unsigned k = 0;
	responder_answer(r, b->packet, n, &desk.answer, &desk.times);
	memcpy(before, b->packet, sizeof(before));
	assert_true(sent <= answers);
	struct burst_sent s = responder_sent(r, b->packet, n, sent, NULL);
	for (unsigned i = 0; i < n; i++) {
		bool is_refused = verdict_is_answer(before[i].verdict) && k++ >= sent;
		assert_int_equal(b->packet[i].verdict, is_refused ? V_TX_FULL : before[i].verdict);
		ip6 += verdict_is_answer(b->packet[i].verdict) && (i & 1) != 0;
	}
	assert_int_equal(s.replies, sent);
	assert_int_equal(s.ip6, ip6);
	assert_int_equal(s.interleaved | s.missed | s.codes, 0);
}

static void what_was_sent_is_counted(void **state)
{
	(void)state;
	static struct burst b;
	static struct responder r;
	static const unsigned sent[] = {0, 1, 2, 17, 36, 37};
	for (size_t i = 0; i < TABLE_LENGTH(sent); i++)
		for (unsigned way = 0; way < 2; way++) {
			r = way == 0 ? desk.fast_path : desk.slow_path;
			fill_burst(&b);
			check_sent(&r, &b, RESPONDER_BURST, sent[i]);
		}
}

// Bursts of one kind are not looked at packet by packet.
static void what_was_sent_of_one_family_is_counted(void **state)
{
	(void)state;
	static struct burst b;
	static struct responder r;
	for (unsigned n = 1; n < 6; n++)
		for (unsigned is_ip6 = 0; is_ip6 < 2; is_ip6++) {
			r = desk.fast_path;
			fill_burst(&b);
			for (unsigned i = 0; i < n; i++)
				b.packet[i] = b.packet[is_ip6];
			assert_int_equal(responder_open(&r, b.packet, n), n);
			assert_int_equal(b.packet[0].way, PATH_FAST);
			struct burst_sent s = responder_sent(&r, b.packet, n, n, NULL);
			assert_int_equal(s.ip6, is_ip6 * n);
			s = responder_sent(&r, b.packet, n, n - 1, NULL);
			assert_int_equal(s.ip6, is_ip6 * (n - 1));
			assert_int_equal(b.packet[n - 1].verdict, V_TX_FULL);
		}
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, a_burst_is_answered_packet_by_packet);
	TABLE_ADD(&t, an_empty_burst_is_nothing);
	TABLE_ADD(&t, what_was_sent_is_counted);
	TABLE_ADD(&t, what_was_sent_of_one_family_is_counted);
	TABLE_ADD(&t, bits_below_the_precision_are_random);
	return table_run_between("responder_burst", &t, desk_set_up, desk_tear_down);
}

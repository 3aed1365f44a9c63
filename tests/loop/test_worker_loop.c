// SPDX-License-Identifier: BSD-3-Clause
// The worker on DPDK's buffers and ports: nothing is lost, nothing is kept, everything is counted.
#include "loop.h"

#include <rte_mbuf.h>

#include <stdlib.h>
#include <string.h>

#include "harness/reply_check.h"
#include "harness/table.h"

#define ROOM 1023 // frames in a transmit ring, unless a test wants few

static struct frame_spec spec;

// The i-th of a mixed crowd of clients, all of whom are answered.
static const struct frame_spec *client(unsigned i)
{
	if (i % 3 == 1)
		frame_spec_ip6(&spec);
	else
		frame_spec_ip4(&spec);
	if (i % 5 == 0) {
		spec.vlan_count = 1 + i % 2;
		spec.vlan_type[0] = spec.vlan_count == 2 ? 0x88a8 : 0x8100;
		spec.vlan_type[1] = 0x8100;
		spec.vlan_tag[0] = (uint16_t)i;
		spec.vlan_tag[1] = (uint16_t)(i + 1);
	}
	spec.source_port = (uint16_t)(1024 + i);
	return &spec;
}

// Makes the frame that left as the desk's reply to `request`, so that reply_check can judge it.
static void reply_judge(struct loop *l, const struct frame_spec *request, struct rte_mbuf *m)
{
	struct desk *d = &l->desk;
	assert_non_null(m);
	assert_int_equal(m->nb_segs, 1);
	assert_int_equal(m->pkt_len, m->data_len);
	d->request_length = frame_build(request, d->request);
	d->reply_length = m->data_len;
	memcpy(d->reply, rte_pktmbuf_mtod(m, uint8_t *), m->data_len);
	reply_check(d);
}

// The desk's own times are what a counter standing still gives.
static void times_stand_still(struct loop *l)
{
	l->desk.times.receive = clock_view_time(&l->desk.view, l->desk.now);
	l->desk.times.transmit = l->desk.times.receive;
}

static void every_request_is_answered_once(void **state)
{
	(void)state;
	struct loop *l = loop_open(ROOM);
	times_stand_still(l);
	uint64_t bytes = 0;
	for (unsigned i = 0; i < 3000;) {
		unsigned burst = 1 + i % 100;
		for (unsigned k = 0; k < burst; k++)
			loop_put_spec(l, 0, 0, client(i + k));
		assert_int_equal(loop_turn(l, 0), burst);
		for (unsigned k = 0; k < burst; k++, i++) {
			struct rte_mbuf *m = loop_take(l, 0, 0);
			reply_judge(l, client(i), m);
			bytes += m->pkt_len;
			rte_pktmbuf_free(m);
		}
		assert_null(loop_take(l, 0, 0));
	}
	uint64_t n = loop_traffic(l, 0, TRAFFIC_RX_PACKETS);
	assert_in_range(n, 3000, 3100);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_TX_PACKETS), n);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_TX_BYTES), bytes);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_RX_BYTES), bytes);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_ANSWERED_IP6), (n + 1) / 3);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_ANSWERED_UNSYNC), 0);
	assert_int_equal(loop_verdict(l, 0, V_ANSWER_V4), n);
	loop_close(l);
}

static void a_full_burst_is_counted_as_one(void **state)
{
	(void)state;
	struct loop *l = loop_open(ROOM);
	for (unsigned i = 0; i < 2 * WORKER_BURST + 1; i++)
		loop_put_spec(l, 0, 0, client(i));
	assert_int_equal(loop_turn(l, 0), 2 * WORKER_BURST + 1);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_BURSTS), 3);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_FULL_BURSTS), 2);
	assert_int_equal(loop_drain(l, 0, 0), 2 * WORKER_BURST + 1);
	loop_close(l);
}

// what the port does not take is freed and counted, and never sent later.
static void a_full_port_costs_replies_and_nothing_else(void **state)
{
	(void)state;
	struct loop *l = loop_open(63);
	for (unsigned i = 0; i < 500; i++)
		loop_put_spec(l, 0, 0, client(i));
	assert_int_equal(loop_turn(l, 0), 500);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_TX_PACKETS), 63);
	assert_int_equal(loop_verdict(l, 0, V_ANSWER_V4), 63);
	assert_int_equal(loop_verdict(l, 0, V_TX_FULL), 500 - 63);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_ANSWERED_IP6), 21);
	uint64_t bytes = 0;
	for (struct rte_mbuf *m; (m = loop_take(l, 0, 0)) != NULL; rte_pktmbuf_free(m))
		bytes += m->pkt_len;
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_TX_BYTES), bytes);
	assert_int_equal(loop_turn(l, 0), 0);
	assert_null(loop_take(l, 0, 0));
	loop_put_spec(l, 0, 0, client(1));
	assert_int_equal(loop_turn(l, 0), 1);
	assert_int_equal(loop_drain(l, 0, 0), 1);
	loop_close(l);
}

// Drops between the replies: the unsent ones are told apart from both.
static void a_full_port_and_junk_are_told_apart(void **state)
{
	(void)state;
	struct loop *l = loop_open(7);
	for (unsigned i = 0; i < 30; i++) {
		struct frame_spec *s = &spec;
		frame_spec_ip4(s);
		if (i % 3 == 2)
			frame_spec_ntp(s, 4, 6, 48);
		loop_put_spec(l, 0, 0, s);
	}
	assert_int_equal(loop_turn(l, 0), 30);
	assert_int_equal(loop_verdict(l, 0, V_ANSWER_V4), 7);
	assert_int_equal(loop_verdict(l, 0, V_TX_FULL), 13);
	assert_int_equal(loop_verdict(l, 0, V_NTP_MODE_CONTROL), 10);
	assert_int_equal(loop_drain(l, 0, 0), 7);
	loop_close(l);
}

static uint64_t verdicts_sum(const struct loop *l, unsigned queue)
{
	uint64_t sum = 0;
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		sum += loop_verdict(l, queue, (enum verdict)v);
	return sum;
}

static void junk_is_dropped_and_freed(void **state)
{
	(void)state;
	uint8_t frame[2000];
	struct loop *l = loop_open(ROOM);
	srand(20260825);
	for (unsigned i = 0; i < 20000; i++) {
		size_t length = (size_t)rand() % sizeof(frame);
		for (size_t k = 0; k < length; k++)
			frame[k] = (uint8_t)rand();
		// Half of it addressed to us, so that it comes further.
		if (i % 2 == 0 && length >= 6)
			memcpy(frame, l->desk.service.mac.byte, 6);
		loop_put(l, 0, 0, loop_buffer(l, 0, frame, length));
		if (i % 64 == 63)
			(void)loop_turn(l, 0);
	}
	(void)loop_turn(l, 0);
	assert_null(loop_take(l, 0, 0));
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_RX_PACKETS), 20000);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_TX_PACKETS), 0);
	assert_int_equal(verdicts_sum(l, 0), 20000);
	assert_true(loop_verdict(l, 0, V_ETHER_DESTINATION) > 9000);
	assert_true(loop_verdict(l, 0, V_ETHER_TYPE) > 9000);
	loop_close(l);
}

static void a_frame_in_pieces_is_dropped(void **state)
{
	(void)state;
	uint8_t frame[FRAME_ROOM];
	struct loop *l = loop_open(ROOM);
	size_t length = frame_build(client(0), frame);
	struct rte_mbuf *head = loop_buffer(l, 0, frame, length);
	assert_int_equal(rte_pktmbuf_chain(head, loop_buffer(l, 0, frame, 10)), 0);
	loop_put(l, 0, 0, head);
	loop_put_spec(l, 0, 0, client(1));
	// A single segment whose two lengths disagree.
	struct rte_mbuf *odd = loop_buffer(l, 0, frame, length);
	odd->pkt_len++;
	loop_put(l, 0, 0, odd);
	assert_int_equal(loop_turn(l, 0), 3);
	assert_int_equal(loop_verdict(l, 0, V_MULTI_SEGMENT), 2);
	assert_int_equal(loop_verdict(l, 0, V_ANSWER_V4), 1);
	assert_int_equal(loop_drain(l, 0, 0), 1);
	loop_close(l);
}

struct flags_row {
	const char *name;
	uint64_t flags;
	enum sum_kind ip_sum;
	enum sum_kind udp_sum;
	enum verdict verdict;
};

#define IP(state)  RTE_MBUF_F_RX_IP_CKSUM_##state
#define UDP(state) RTE_MBUF_F_RX_L4_CKSUM_##state

static const struct flags_row flags_rows[] = {
	{"unknown and right", IP(UNKNOWN) | UDP(UNKNOWN), SUM_RIGHT, SUM_RIGHT, V_ANSWER_V4},
	{"unknown and a wrong header", IP(UNKNOWN) | UDP(UNKNOWN), SUM_WRONG, SUM_RIGHT,
		V_IP4_CHECKSUM},
	{"unknown and wrong data", IP(UNKNOWN) | UDP(UNKNOWN), SUM_RIGHT, SUM_WRONG,
		V_UDP_CHECKSUM},
	{"the port found both good", IP(GOOD) | UDP(GOOD), SUM_WRONG, SUM_WRONG, V_ANSWER_V4},
	{"the port found the header bad", IP(BAD) | UDP(GOOD), SUM_RIGHT, SUM_RIGHT,
		V_IP4_CHECKSUM},
	{"the port found the data bad", IP(GOOD) | UDP(BAD), SUM_RIGHT, SUM_RIGHT, V_UDP_CHECKSUM},
	{"good header, unknown data", IP(GOOD) | UDP(UNKNOWN), SUM_WRONG, SUM_WRONG,
		V_UDP_CHECKSUM},
	{"unknown header, good data", IP(UNKNOWN) | UDP(GOOD), SUM_WRONG, SUM_WRONG,
		V_IP4_CHECKSUM},
	{"no checksum at all, data intact", IP(NONE) | UDP(NONE), SUM_WRONG, SUM_PSEUDO,
		V_ANSWER_V4},
	{"no UDP checksum, data intact", IP(GOOD) | UDP(NONE), SUM_RIGHT, SUM_ZERO, V_ANSWER_V4},
	{"flags of other things",
		IP(GOOD) | UDP(GOOD) | RTE_MBUF_F_RX_RSS_HASH | RTE_MBUF_F_RX_VLAN, SUM_RIGHT,
		SUM_RIGHT, V_ANSWER_V4},
};

static void the_ports_word_on_checksums_counts(void **state)
{
	const struct flags_row *row = *state;
	uint8_t frame[FRAME_ROOM];
	struct loop *l = loop_open(ROOM);
	frame_spec_ip4(&spec);
	spec.ip_sum = row->ip_sum;
	spec.udp_sum = row->udp_sum;
	size_t length = frame_build(&spec, frame);
	struct rte_mbuf *m = loop_buffer(l, 0, frame, length);
	m->ol_flags |= row->flags;
	loop_put(l, 0, 0, m);
	assert_int_equal(loop_turn(l, 0), 1);
	assert_int_equal(loop_verdict(l, 0, row->verdict), 1);
	m = loop_take(l, 0, 0);
	assert_int_equal(m != NULL, verdict_is_answer(row->verdict));
	if (m != NULL) {
		assert_int_equal(m->ol_flags, 0);
		rte_pktmbuf_free(m);
	}
	loop_close(l);
}

// What a port that finishes checksums needs to be told.
static void port_is_told(const struct frame_spec *s, const struct rte_mbuf *m)
{
	uint64_t family =
		s->is_ip6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	assert_int_equal(m->l2_len, frame_ip_offset(s));
	assert_int_equal(m->l3_len, s->is_ip6 ? 40 : 20);
	assert_int_equal(m->ol_flags, RTE_MBUF_F_TX_UDP_CKSUM | family);
}

// Frames with VLAN tags take the slow path and leave the sums to the port; plain ones come out
// finished.
static void checksums_are_left_to_a_port_that_can(void **state)
{
	(void)state;
	struct loop *l = loop_open(ROOM);
	times_stand_still(l);
	l->desk.service.offload = true;
	loop_arrange(l);
	for (unsigned i = 0; i < 30; i++) {
		const struct frame_spec *s = client(i);
		loop_put_spec(l, 0, 0, s);
		assert_int_equal(loop_turn(l, 0), 1);
		struct rte_mbuf *m = loop_take(l, 0, 0);
		l->desk.service.offload = s->vlan_count > 0;
		reply_judge(l, s, m);
		if (s->vlan_count > 0)
			port_is_told(s, m);
		else
			assert_int_equal(m->ol_flags, 0);
		rte_pktmbuf_free(m);
	}
	loop_close(l);
}

static void workers_answer_on_the_queue_they_received_from(void **state)
{
	(void)state;
	struct loop *l = loop_open(ROOM);
	for (unsigned i = 0; i < 400; i++)
		loop_put_spec(l, i % 2, i / 2 % 2, client(i));
	assert_int_equal(loop_turn(l, 0), 200);
	assert_int_equal(loop_turn(l, 1), 200);
	for (unsigned p = 0; p < LOOP_PORTS; p++)
		for (unsigned q = 0; q < LOOP_QUEUES; q++)
			assert_int_equal(loop_drain(l, p, q), 100);
	for (unsigned q = 0; q < LOOP_QUEUES; q++)
		assert_int_equal(loop_verdict(l, q, V_ANSWER_V4), 200);
	loop_close(l);
}

// Asks once and gives the reply's NTP message to the caller.
static void ask(struct loop *l, uint8_t ret_message[static NTP_LENGTH])
{
	loop_put_spec(l, 0, 0, client(3));
	assert_int_equal(loop_turn(l, 0), 1);
	struct rte_mbuf *m = loop_take(l, 0, 0);
	assert_non_null(m);
	memcpy(ret_message, rte_pktmbuf_mtod_offset(m, uint8_t *, m->data_len - NTP_LENGTH),
		NTP_LENGTH);
	rte_pktmbuf_free(m);
}

// the control thread died while it was writing.
static void a_stuck_writer_does_not_stop_answers(void **state)
{
	(void)state;
	uint8_t before[NTP_LENGTH];
	uint8_t after[NTP_LENGTH];
	struct loop *l = loop_open(ROOM);
	ask(l, before);
	atomic_fetch_add(&l->snapshot.sequence, 1);
	atomic_store(&l->snapshot.word[0], 0);
	ask(l, after);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_SNAPSHOT_STALE), 1);
	// All but the random bits below the precision is as it was.
	assert_memory_equal(after, before, 32);
	ask(l, after);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_SNAPSHOT_STALE), 2);
	snapshot_publish(&l->snapshot, &l->desk.view);
	ask(l, after);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_SNAPSHOT_STALE), 2);
	loop_close(l);
}

// And what was published before it died is known, though nobody asked meanwhile.
static void r02_a_worker_without_packets_has_the_newest_view(void **state)
{
	(void)state;
	uint8_t message[NTP_LENGTH];
	struct loop *l = loop_open(ROOM);
	ask(l, message);
	l->desk.view.stratum++;
	snapshot_publish(&l->snapshot, &l->desk.view);
	assert_int_equal(loop_turn(l, 0), 0);
	atomic_fetch_add(&l->snapshot.sequence, 1);
	ask(l, message);
	assert_int_equal(message[1], l->desk.view.stratum);
	loop_close(l);
}

// nobody publishes any more. The error grows with the worker's own counter, until the view is
// void.
static void a_dead_control_thread_makes_answers_honest(void **state)
{
	(void)state;
	uint8_t message[NTP_LENGTH];
	uint32_t dispersion = 0;
	struct loop *l = loop_open(ROOM);
	uint64_t valid = l->desk.view.valid_cycles.n;
	for (unsigned part = 0; part <= 10; part++) {
		loop_counter = l->desk.view.ref_cycles.n + valid / 10 * part;
		ask(l, message);
		assert_int_equal(message[0] >> 6, LEAP_NONE);
		assert_int_equal(message[1], 2);
		uint32_t now = (uint32_t)reply_u64(message + 4);
		assert_true(now > dispersion);
		dispersion = now;
	}
	loop_counter = l->desk.view.ref_cycles.n + valid + 1;
	ask(l, message);
	assert_int_equal(message[0] >> 6, LEAP_UNKNOWN);
	assert_int_equal(message[1], 0);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_ANSWERED_UNSYNC), 1);
	loop_close(l);
}

static void nothing_published_is_served_as_unsynchronised(void **state)
{
	(void)state;
	uint8_t message[NTP_LENGTH];
	struct loop *l = loop_open(ROOM);
	memset(&l->snapshot, 0, sizeof(l->snapshot));
	ask(l, message);
	assert_int_equal(message[0] >> 6, LEAP_UNKNOWN);
	assert_int_equal(message[1], 0);
	loop_close(l);
}

// T2 is the reading after the receive, T3 follows from the reading before the send.
static void both_times_are_the_counters(void **state)
{
	(void)state;
	uint8_t message[NTP_LENGTH];
	struct loop *l = loop_open(ROOM);
	loop_counter_step = 1000000;
	uint64_t begin = loop_counter;
	ask(l, message);
	const struct clock_view *v = &l->desk.view;
	uint64_t noise = 1u << (32 + v->precision);
	uint64_t receive = clock_view_time(v, (struct cycles){begin + 1000000}).raw;
	uint64_t transmit = clock_view_time(v, (struct cycles){begin + 2000000}).raw;
	assert_in_range(reply_u64(message + 32), receive - noise, receive + noise);
	assert_in_range(reply_u64(message + 40), transmit - noise, transmit + noise);
	loop_close(l);
}

#define S (1ll << 32)

// T-14: the control thread hangs, so that all that the worker has is what was published a second
// before a second is inserted; every reply is right, or says that it does not know.
static void t14_the_control_thread_is_frozen_across_a_leap(void **state)
{
	(void)state;
	uint8_t message[NTP_LENGTH];
	struct loop *l = loop_open(ROOM);
	struct clock_view *v = &l->desk.view;
	v->leap_at = ntp_time_add(v->ref_time, S);
	v->leap_step = 1;
	v->leap_flags = LEAP_ANNOUNCED;
	snapshot_publish(&l->snapshot, v);
	uint64_t noise = 1u << (32 + v->precision);
	for (unsigned ms = 0; ms < 4000; ms += 7) {
		bool is_past = ms >= 1000;
		loop_counter = v->ref_cycles.n + ms * 2500000ull;
		ask(l, message);
		uint64_t told = clock_view_time(v, (struct cycles){loop_counter}).raw;
		told -= is_past ? (uint64_t)S : 0;
		assert_in_range(reply_u64(message + 40), told - noise, told + noise);
		assert_true(reply_u64(message + 32) < reply_u64(message + 40));
		assert_true(reply_u64(message + 16) <= reply_u64(message + 40));
		assert_int_equal(message[0] >> 6, is_past ? LEAP_NONE : LEAP_INSERT);
	}
	v->leap_flags = LEAP_ANNOUNCED | LEAP_WINDOW;
	snapshot_publish(&l->snapshot, v);
	loop_counter = v->ref_cycles.n + 1200 * 2500000ull;
	ask(l, message);
	assert_int_equal(message[0] >> 6, LEAP_UNKNOWN);
	assert_int_equal(message[1], 0);
	loop_close(l);
}

// S6: the worker serves UTC on one address and smeared time on another.
static void s6_a_smeared_address_beside_another(void **state)
{
	(void)state;
	uint8_t message[NTP_LENGTH];
	struct loop *l = loop_open(ROOM);
	struct clock_view *v = &l->desk.view;
	v->leap_at = ntp_time_add(v->ref_time, 3600 * S);
	v->leap_step = 1;
	v->leap_flags = LEAP_ANNOUNCED | LEAP_WINDOW;
	l->desk.service.smear = SMEAR_LINEAR;
	assert_true(service_smear_ip4(&l->desk.service, l->desk.service.ip4[1]));
	loop_arrange(l);
	loop_counter = v->ref_cycles.n;
	ask(l, message);
	uint64_t utc = reply_u64(message + 40);
	assert_int_equal(message[0] >> 6, LEAP_INSERT);
	frame_spec_ip4(&spec);
	memcpy(spec.ip_destination, l->desk.service.ip4[1].byte, 4);
	loop_put_spec(l, 0, 0, &spec);
	assert_int_equal(loop_turn(l, 0), 1);
	struct rte_mbuf *m = loop_take(l, 0, 0);
	assert_non_null(m);
	const uint8_t *smeared = rte_pktmbuf_mtod_offset(m, uint8_t *, m->data_len - NTP_LENGTH);
	assert_int_equal(smeared[0] >> 6, LEAP_NONE);
	assert_int_equal(smeared[12], 254);
	// Eleven of twenty-four hours are over.
	double behind = (double)(int64_t)(utc - reply_u64(smeared + 40)) / (double)S;
	assert_true(behind > 11 / 24.0 - 1e-4 && behind < 11 / 24.0 + 1e-4);
	rte_pktmbuf_free(m);
	loop_close(l);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, t14_the_control_thread_is_frozen_across_a_leap);
	TABLE_ADD(&t, s6_a_smeared_address_beside_another);
	TABLE_ADD(&t, every_request_is_answered_once);
	TABLE_ADD(&t, a_full_burst_is_counted_as_one);
	TABLE_ADD(&t, a_full_port_costs_replies_and_nothing_else);
	TABLE_ADD(&t, a_full_port_and_junk_are_told_apart);
	TABLE_ADD(&t, junk_is_dropped_and_freed);
	TABLE_ADD(&t, a_frame_in_pieces_is_dropped);
	for (unsigned i = 0; i < TABLE_LENGTH(flags_rows); i++)
		table_add(
			&t, flags_rows[i].name, the_ports_word_on_checksums_counts, &flags_rows[i]);
	TABLE_ADD(&t, checksums_are_left_to_a_port_that_can);
	TABLE_ADD(&t, workers_answer_on_the_queue_they_received_from);
	TABLE_ADD(&t, a_stuck_writer_does_not_stop_answers);
	TABLE_ADD(&t, r02_a_worker_without_packets_has_the_newest_view);
	TABLE_ADD(&t, a_dead_control_thread_makes_answers_honest);
	TABLE_ADD(&t, nothing_published_is_served_as_unsynchronised);
	TABLE_ADD(&t, both_times_are_the_counters);
	return table_run_between("worker", &t, loop_set_up, loop_tear_down);
}

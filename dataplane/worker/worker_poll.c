// SPDX-License-Identifier: BSD-3-Clause
#include "worker/worker_poll.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <rte_prefetch.h>

#include "core/counters.h"
#include "core/ntp.h"
#include "core/responder.h"
#include "core/service.h"
#include "core/snapshot.h"
#include "core/verdict.h"
#include "worker/rx_time.h"
#include "worker/tx_time.h"
#include "worker/worker_clock.h"
#include "worker/worker_count.h"

// A frame of a request without VLAN tags ends in the second cache line.
#define CACHE_LINE 64

// A burst's mbufs in two parts.
struct parts {
	unsigned replies;
	unsigned drops;
	uint64_t bytes; // of the replies
};

// The port's word about both checksums. Its four flags, two for each sum, lie close together: they
// are the index of a table.
#define FLAG_SHIFT 3
#define FLAG_BITS  (RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK)
#define FLAG_INDEX (FLAG_BITS >> FLAG_SHIFT)

#define REPORT_OF(ip_flags, ip_state, udp_flags, udp_state)                                        \
	[(RTE_MBUF_F_RX_IP_CKSUM_##ip_flags | RTE_MBUF_F_RX_L4_CKSUM_##udp_flags) >>               \
		FLAG_SHIFT] = {CHECKSUM_##ip_state, CHECKSUM_##udp_state}
#define REPORTS_OF(ip_flags, ip_state)                                                             \
	REPORT_OF(ip_flags, ip_state, UNKNOWN, UNKNOWN),                                           \
		REPORT_OF(ip_flags, ip_state, GOOD, GOOD),                                         \
		REPORT_OF(ip_flags, ip_state, BAD, BAD),                                           \
		REPORT_OF(ip_flags, ip_state, NONE, ABSENT)

static const struct checksum_report reports[FLAG_INDEX + 1] = {
	REPORTS_OF(UNKNOWN, UNKNOWN),
	REPORTS_OF(GOOD, GOOD),
	REPORTS_OF(BAD, BAD),
	REPORTS_OF(NONE, ABSENT),
};

// Describes the received mbufs to the core and starts fetching their bytes. Returns the bytes. A
// function of its own, because it has all registers then: two instructions a packet fewer.
static __attribute__((noinline)) uint64_t packets_load(struct worker *w, unsigned n)
{
	uint64_t bytes = 0;
	for (unsigned i = 0; i < n; i++) {
		const struct rte_mbuf *m = w->received[i];
		struct packet *p = &w->packet[i];
		uint8_t *data = rte_pktmbuf_mtod(m, uint8_t *);
		rte_prefetch0(data);
		rte_prefetch0(data + CACHE_LINE);
		p->data = data;
		p->length = m->data_len;
		p->checksums = reports[m->ol_flags >> FLAG_SHIFT & FLAG_INDEX];
		p->is_whole = m->nb_segs == 1 && m->pkt_len == m->data_len;
		p->has_rx_time = false;
		p->verdict = V_MULTI_SEGMENT;
		bytes += m->pkt_len;
	}
	return bytes;
}

// What the port needs to finish the checksums: where the headers are. VLAN tags are part of L2.
static void reply_offload(struct rte_mbuf *m, const struct packet *p)
{
	const struct frame *f = &p->frame;
	m->l2_len = (uint64_t)(f->ip - p->data) & 0x7f;
	m->l3_len = f->is_ip6 ? 40 : 20;
	m->ol_flags |=
		RTE_MBUF_F_TX_UDP_CKSUM |
		(f->is_ip6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM);
}

// Parts the burst into replies, made ready for the port, and drops.
static struct parts packets_part(struct worker *w, const struct responder *r, unsigned n)
{
	struct parts t = {0};
	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *m = w->received[i];
		const struct packet *p = &w->packet[i];
		if (!verdict_is_answer(p->verdict)) {
			w->drop[t.drops++] = m;
			continue;
		}
		m->data_len = p->length;
		m->pkt_len = p->length;
		m->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
		if (r->service.offload && p->way == PATH_SLOW)
			reply_offload(m, p);
		t.bytes += p->length;
		w->reply[t.replies++] = m;
	}
	return t;
}

// Frees the replies that the port refused, the burst's last ones, and takes them out. Trying again
// later would send an old transmit time.
static void replies_free(struct worker *w, unsigned sent, struct parts *t)
{
	for (unsigned i = sent; i < t->replies; i++)
		t->bytes -= w->reply[i]->pkt_len;
	rte_pktmbuf_free_bulk(&w->reply[sent], t->replies - sent);
	t->replies = sent;
}

// Begins a burst of replies: the counter to plan them by.
static struct cycles replies_begin(struct worker *w, struct worker_queue *q)
{
	struct cycles now = worker_now(&w->clock);
	if (!tx_time_is_cold(&q->tx, now))
		return now;
	(void)rte_eth_tx_burst(q->port, q->queue, w->reply, 0);
	return worker_now(&w->clock);
}

// Tells the port, in the burst's first frame, when to send it.
static void reply_launch(const struct tx_time *t, uint64_t ticks, struct rte_mbuf *first)
{
	*RTE_MBUF_DYNFIELD(first, t->launch_offset, uint64_t *) = ticks;
	first->ol_flags |= t->launch_flag;
}

// When the first of these replies left, for clients in interleaved mode. False if that is not
// known.
static __attribute__((noinline)) bool replies_left(const struct worker *w, struct worker_queue *q,
	const struct tx_send *send, struct ntp_time *ret_left)
{
	const struct tx_clocks by = {&w->clock, &w->cache.view, &q->rx.pair};
	enum tx_left left = tx_time_left(&q->tx, send, &by, ret_left);
	if (left == TX_LEFT_STAMPED)
		counters_add(&w->counters->traffic[TRAFFIC_TX_STAMPED], 1);
	return left != TX_LEFT_UNKNOWN;
}

// Sends the replies to the n packets as planned, and counts them.
static void replies_send(struct worker *w, struct worker_queue *q, unsigned n,
	const struct tx_plan *plan, struct parts *t)
{
	const bool is_interleaved = responder_is_interleaved(&q->responder);
	struct cycles now = plan->now;
	if (plan->is_launched || is_interleaved)
		now = worker_now(&w->clock);
	struct tx_send send = tx_time_send(&q->tx, plan, now, is_interleaved);
	if (send.plan.is_launched && t->replies > 0)
		reply_launch(&q->tx, plan->launch_ticks, w->reply[0]);
	unsigned sent = rte_eth_tx_burst(q->port, q->queue, w->reply, (uint16_t)t->replies);
	struct ntp_time left;
	bool is_known = is_interleaved && sent > 0 && replies_left(w, q, &send, &left);
	if (sent < t->replies)
		replies_free(w, sent, t);
	struct burst_sent s =
		responder_sent(&q->responder, w->packet, n, sent, is_known ? &left : NULL);
	worker_count_sent(w, &s, t->bytes);
}

// Stamps, writes and sends the burst's answers.
static struct parts burst_answer(struct worker *w, struct worker_queue *q, const struct rx_burst *b)
{
	const struct clock_view *view = b->view;
	struct tx_plan plan = tx_time_plan(&q->tx, view, replies_begin(w, q));
	uint64_t unseen = rx_time_error(&q->rx, w->slept, w->drop_gap, view->mult);
	unseen += q->responder.extra_dispersion;
	struct burst_times times = {clock_view_time(view, b->arrival), plan.transmit};
	struct ntp_answer answer;
	ntp_answer_prepare(view, plan.now, unseen, &answer);
	// What was kept at another pace tells other times than by this one.
	w->interleave.epoch = view->epoch + q->paces;
	if (service_smears(&q->responder.service))
		responder_smear(&q->responder, view, plan.now, unseen);
	responder_answer(&q->responder, w->packet, b->n, &answer, &times);
	struct parts t = packets_part(w, &q->responder, b->n);
	replies_send(w, q, b->n, &plan, &t);
	if (answer.leap == LEAP_UNKNOWN)
		counters_add(&w->counters->traffic[TRAFFIC_ANSWERED_UNSYNC], t.replies);
	return t;
}

// Answers a burst, and frees what is not answered.
static void worker_poll_burst_take(
	struct worker *w, struct worker_queue *q, const struct rx_burst *b)
{
	if (responder_open(&q->responder, w->packet, b->n) == 0) {
		rte_pktmbuf_free_bulk(w->received, b->n);
		return;
	}
	struct parts t = burst_answer(w, q, b);
	if (t.drops > 0)
		rte_pktmbuf_free_bulk(w->drop, t.drops);
}

static unsigned queue_poll(struct worker *w, struct worker_queue *q)
{
	_Atomic uint64_t *traffic = w->counters->traffic;
	unsigned n = rte_eth_rx_burst(q->port, q->queue, w->received, WORKER_BURST);
	struct cycles arrival = worker_now(&w->clock);
	rx_time_poll(&q->rx, arrival, w->slept, w->late_gap, traffic);
	if (n == 0) {
		rx_time_empty(&q->rx);
		// Who holds the newest view can go on with it if the writer dies.
		(void)snapshot_read(w->snapshot, &w->cache);
		return 0;
	}
	if (!snapshot_read(w->snapshot, &w->cache))
		counters_add(&traffic[TRAFFIC_SNAPSHOT_STALE], 1);
	clock_view_cross(&w->cache.view, arrival);
	const struct rx_burst burst = {w->received, w->packet, n, arrival, &w->cache.view};
	uint64_t bytes = packets_load(w, n);
	if (rx_time_has_stamps(&q->rx))
		rx_time_stamps(&q->rx, &burst, &w->clock, w->counters->stamp[q->slot]);
	if (q->rx.late.n != 0)
		rx_time_suspect(&q->rx, &burst, w->drop_gap);
	worker_poll_burst_take(w, q, &burst);
	worker_count_burst(w, n, bytes);
	if ((q->rx.late.n | w->slept.n) != 0)
		rx_time_settle(&q->rx, n, WORKER_BURST, w->slept);
	return n;
}

unsigned worker_poll(struct worker *w)
{
	unsigned received = 0;
	const uint32_t shut = w->shut;
	for (unsigned i = 0; i < w->queue_count; i++)
		if ((shut >> i & 1) == 0)
			received += queue_poll(w, &w->queue[i]);
	w->slept.n = 0;
	return received;
}

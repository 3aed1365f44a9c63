// SPDX-License-Identifier: BSD-3-Clause
#include "worker/worker.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "worker/rx_stamp.h"
#include "worker/tx_time.h"

// A frame of a request without VLAN tags ends in the second cache line.
#define CACHE_LINE 64

// What one burst's replies come to, for the counters.
struct tally {
	unsigned replies;
	unsigned drops;
	unsigned ip6;
	uint64_t bytes;
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

// It came too long ago, or when is not known well enough to be told.
static void packet_is_late(struct packet *p)
{
	if (!p->is_whole)
		return;
	p->is_whole = false;
	p->verdict = V_LATE_POLL;
}

static bool stamp_find(const struct worker_queue *q, struct rte_mbuf *m, uint64_t *ret_ticks)
{
	if (q->front_mark != 0)
		return rx_stamp_take(rte_pktmbuf_mtod(m, uint8_t *), rte_pktmbuf_headroom(m),
			q->front_mark, ret_ticks);
	if ((m->ol_flags & q->stamp_flag) == 0)
		return false;
	*ret_ticks = *RTE_MBUF_DYNFIELD(m, q->stamp_offset, const uint64_t *);
	return true;
}

// The age of a stamp is by its clock alone, whatever that was slewed by before.
static void front_line(struct worker *w, unsigned n, struct rx_stamp_line *ret_line)
{
	const struct clock_view *view = &w->cache.view;
	for (unsigned i = 0; i < n; i++)
		rte_prefetch0(w->packet[i].data - CACHE_LINE);
	worker_pair_read(w, &w->pair);
	uint64_t error = (uint64_t)ntp_time_from_cycles(w->pair.length, view->mult) / 2 + 1;
	rx_stamp_prepare_ns(w->pair.ns, clock_view_time(view, w->pair.at), error, ret_line);
	if (view->mult == 0)
		ret_line->usable = STAMP_NO_FIT;
}

static void line_prepare(struct worker *w, struct worker_queue *q, unsigned n, struct cycles now,
	struct rx_stamp_line *ret_line)
{
	if (q->front_mark != 0) {
		front_line(w, n, ret_line);
		return;
	}
	(void)port_snap_read(q->stamps, &q->stamp_cache);
	rx_stamp_prepare(&q->stamp_cache.view, &w->cache.view, now, ret_line);
}

// What a burst's stamps came to.
struct stamp_tally {
	unsigned fate[STAMP_COUNT];
	int64_t oldest; // of those used, if in front: NTP units
};

static void packet_stamp(const struct worker_queue *q, const struct rx_stamp_line *line,
	struct rte_mbuf *m, struct packet *p, struct stamp_tally *t)
{
	uint64_t ticks;
	if (!stamp_find(q, m, &ticks))
		return;
	enum stamp s = rx_stamp_read(line, ticks, m->pkt_len, &p->rx_time);
	p->has_rx_time = s == STAMP_USED;
	t->fate[s]++;
	if (q->front_mark == 0)
		return;
	if (s == STAMP_USED)
		t->oldest = RTE_MAX(t->oldest, ntp_time_diff(line->ref_time, p->rx_time));
	else if (s == STAMP_OLD)
		packet_is_late(p);
}

// Gives the packets that the port stamped the time of their stamp, where it can be believed: the flag
// decides, packet by packet, because a port may promise stamps and give none, and the other way
// round. A card's clock may err; the machine's own does not, and what is old by it is.
static __attribute__((noinline)) void stamps_load(
	struct worker *w, struct worker_queue *q, unsigned n, struct cycles now)
{
	struct stamp_tally t = {.oldest = 0};
	struct rx_stamp_line line;
	line_prepare(w, q, n, now, &line);
	for (unsigned i = 0; i < n; i++)
		packet_stamp(q, &line, w->received[i], &w->packet[i], &t);
	for (unsigned s = 0; s < STAMP_COUNT; s++)
		counters_add(&w->counters->stamp[q->slot][s], t.fate[s]);
	line.error_bound += (uint64_t)t.oldest / RX_STAMP_SLEW;
	q->stamp_error = t.fate[STAMP_USED] > 0 ? line.error_bound : 0;
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
static struct tally packets_part(struct worker *w, const struct responder *r, unsigned n)
{
	struct tally t = {0};
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
		if (r->service.offload && p->way == WAY_LONG)
			reply_offload(m, p);
		t.bytes += p->length;
		t.ip6 += p->is_ip6;
		w->reply[t.replies++] = m;
	}
	return t;
}

// Takes the replies that the port refused, the burst's last ones, out of the tally and frees them.
// Trying again later would send an old transmit time.
static void replies_unsend(struct worker *w, unsigned n, unsigned sent, struct tally *t)
{
	unsigned unsent = t->replies - sent;
	rte_pktmbuf_free_bulk(&w->reply[sent], unsent);
	t->replies = sent;
	for (unsigned i = n; unsent > 0; i--) {
		struct packet *p = &w->packet[i - 1];
		if (!verdict_is_answer(p->verdict))
			continue;
		t->bytes -= p->length;
		t->ip6 -= p->is_ip6;
		p->verdict = V_TX_FULL;
		unsent--;
	}
}

// A queue that was left alone for long: what came meanwhile has no arrival time worth the name, and waits on
// while the bursts before it are answered. Until it must be gone, every gap adds to what the next burst may
// have waited.
static __attribute__((cold, noinline)) void queue_waits(
	struct worker *w, struct worker_queue *q, uint64_t gap)
{
	_Atomic uint64_t *traffic = w->counters->traffic;
	q->late.n += RTE_MIN(gap, UINT64_MAX - q->late.n);
	if (gap <= w->late_gap.n)
		return;
	q->suspects = q->backlog;
	counters_add(&traffic[TRAFFIC_LATE_POLLS], 1);
	if (gap > counters_get(&traffic[TRAFFIC_POLL_GAP_MAX]))
		counters_set(&traffic[TRAFFIC_POLL_GAP_MAX], gap);
}

// Packets that may have waited for longer than drop_gap, and have no stamp of the port's that tells
// how long, get no answer. A shorter wait is told in root dispersion.
static __attribute__((cold, noinline)) void packets_suspect(
	struct worker *w, const struct worker_queue *q, unsigned n)
{
	if (q->late.n <= w->drop_gap.n)
		return;
	for (unsigned i = 0; i < n; i++)
		if (!w->packet[i].has_rx_time)
			packet_is_late(&w->packet[i]);
}

// After a burst of n: a queue that gave less than was asked for is empty, and what comes from now on
// came after the gap; so is one that gave all it can hold. Else the rest waits on, as it did in a sleep.
static __attribute__((cold, noinline)) void queue_settle(
	const struct worker *w, struct worker_queue *q, unsigned n)
{
	if (q->late.n == 0)
		q->suspects = q->backlog;
	q->late.n += RTE_MIN(w->slept.n, UINT64_MAX - q->late.n);
	q->suspects -= n < q->suspects ? n : q->suspects;
	if (n < WORKER_BURST || q->suspects == 0)
		q->late.n = 0;
}

// Of these packets, how many were answered. at: which packet each bit is; NULL: the one of its number.
static unsigned bits_answered(const struct worker *w, uint64_t bits, const uint8_t *at, bool is_all)
{
	unsigned answered = 0;
	if (is_all)
		return (unsigned)__builtin_popcountll(bits);
	for (; bits != 0; bits &= bits - 1) {
		unsigned i = (unsigned)__builtin_ctzll(bits);
		answered += verdict_is_answer(w->packet[at != NULL ? at[i] : i].verdict);
	}
	return answered;
}

static void asked_count(
	const struct worker *w, const struct interleave_asked *a, const uint8_t *at, bool is_all)
{
	_Atomic uint64_t *traffic = w->counters->traffic;
	if (a->asking == 0)
		return;
	counters_add(&traffic[TRAFFIC_INTERLEAVED], bits_answered(w, a->found, at, is_all));
	counters_add(&traffic[TRAFFIC_INTERLEAVED_MISSED],
		bits_answered(w, a->asking & ~a->found, at, is_all));
}

// Who of a burst was told when an earlier reply left, and who was not. is_all: every reply was sent.
static __attribute__((noinline)) void pairs_count(
	const struct worker *w, const struct responder *r, bool is_all)
{
	asked_count(w, &r->columns.ip4.asked, r->columns.ip4.at, is_all);
	asked_count(w, &r->columns.ip6.asked, r->columns.ip6.at, is_all);
	asked_count(w, &r->pairs.asked, NULL, is_all);
}

// Keeps when the replies left, for clients in interleaved mode.
static __attribute__((noinline)) void pairs_keep(struct worker *w, struct worker_queue *q,
	unsigned sent, struct cycles before, struct ntp_time planned)
{
	struct ntp_time left = planned;
	if (sent > 0 && (q->is_launched ? tx_time_is_ahead(q, worker_now(w)) :
					  tx_time_left(w, q, before, &left)))
		responder_sent(&q->responder, sent, left);
}

// Stamps, writes and sends the burst's answers.
static struct tally burst_answer(
	struct worker *w, struct worker_queue *q, unsigned n, struct cycles arrival)
{
	const struct clock_view *view = &w->cache.view;
	struct cycles now = tx_time_begin(w, q);
	struct cycles waited = {w->slept.n + (q->late.n > w->drop_gap.n ? 0 : q->late.n)};
	uint64_t unseen = (uint64_t)ntp_time_from_cycles(waited, view->mult) + q->stamp_error;
	unseen += q->responder.extra_dispersion;
	struct burst_times times = {clock_view_time(view, arrival), tx_time_planned(view, q, now)};
	struct ntp_answer answer;
	ntp_answer_prepare(view, now, unseen, &answer);
	// What was kept at another pace tells other times than by this one.
	w->interleave.epoch = view->epoch + q->paces;
	if (service_smears(&q->responder.service))
		responder_smear(&q->responder, view, now, unseen);
	responder_answer(&q->responder, w->packet, n, &answer, &times);
	struct tally t = packets_part(w, &q->responder, n);
	struct cycles sending = now;
	if (q->is_launched || q->responder.pairs.table != NULL)
		sending = worker_now(w);
	if (q->is_launched && t.replies > 0)
		tx_time_launch(q, sending, w->reply[0]);
	if (q->responder.pairs.table != NULL)
		tx_time_want(q);
	unsigned sent = rte_eth_tx_burst(q->port, q->queue, w->reply, (uint16_t)t.replies);
	bool is_all = sent == t.replies;
	if (!is_all)
		replies_unsend(w, n, sent, &t);
	if (q->responder.pairs.table != NULL) {
		pairs_keep(w, q, sent, sending, times.transmit);
		pairs_count(w, &q->responder, is_all);
	}
	_Atomic uint64_t *traffic = w->counters->traffic;
	counters_add(&traffic[TRAFFIC_TX_PACKETS], t.replies);
	counters_add(&traffic[TRAFFIC_TX_BYTES], t.bytes);
	counters_add(&traffic[TRAFFIC_ANSWERED_IP6], t.ip6);
	if (q->responder.auth.count > 0)
		counters_add(&traffic[TRAFFIC_MAC_RIGHT], q->responder.auth.count);
	if (answer.leap == LEAP_UNKNOWN)
		counters_add(&traffic[TRAFFIC_ANSWERED_UNSYNC], t.replies);
	return t;
}

// Most bursts hold one verdict only: equal neighbours are counted together.
static void verdicts_count(struct worker *w, unsigned n)
{
	for (unsigned i = 0; i < n;) {
		enum verdict v = w->packet[i].verdict;
		unsigned first = i;
		while (i < n && w->packet[i].verdict == v)
			i++;
		counters_add(&w->counters->verdict[v], i - first);
	}
}

static void burst_count(struct worker *w, unsigned n, uint64_t bytes)
{
	_Atomic uint64_t *traffic = w->counters->traffic;
	counters_add(&traffic[TRAFFIC_RX_PACKETS], n);
	counters_add(&traffic[TRAFFIC_RX_BYTES], bytes);
	counters_add(&traffic[TRAFFIC_BURSTS], 1);
	if (n == WORKER_BURST)
		counters_add(&traffic[TRAFFIC_FULL_BURSTS], 1);
	verdicts_count(w, n);
}

static unsigned queue_poll(struct worker *w, struct worker_queue *q)
{
	unsigned n = rte_eth_rx_burst(q->port, q->queue, w->received, WORKER_BURST);
	struct cycles arrival = worker_now(w);
	// The sleep is told by other means.
	uint64_t gap = arrival.n - q->polled.n - w->slept.n;
	q->polled = arrival;
	if (gap > w->late_gap.n || q->late.n != 0)
		queue_waits(w, q, gap);
	if (n == 0) {
		q->late.n = 0;
		// Who holds the newest view can go on with it if the writer dies.
		(void)snapshot_read(w->snapshot, &w->cache);
		return 0;
	}
	if (!snapshot_read(w->snapshot, &w->cache))
		counters_add(&w->counters->traffic[TRAFFIC_SNAPSHOT_STALE], 1);
	clock_view_cross(&w->cache.view, arrival);
	uint64_t bytes = packets_load(w, n);
	if ((q->stamp_flag | q->front_mark) != 0)
		stamps_load(w, q, n, arrival);
	if (q->late.n != 0)
		packets_suspect(w, q, n);
	if (responder_open(&q->responder, w->packet, n) > 0) {
		struct tally t = burst_answer(w, q, n, arrival);
		if (t.drops > 0)
			rte_pktmbuf_free_bulk(w->drop, t.drops);
	} else {
		rte_pktmbuf_free_bulk(w->received, n);
	}
	burst_count(w, n, bytes);
	if ((q->late.n | w->slept.n) != 0)
		queue_settle(w, q, n);
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

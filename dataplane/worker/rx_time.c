// SPDX-License-Identifier: BSD-3-Clause
#include "worker/rx_time.h"

#include <rte_common.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <rte_prefetch.h>

#include "worker/rx_stamp.h"

// A stamp in front of a frame lies in the cache line before it.
#define CACHE_LINE 64

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
	if (q->meta_cookie != 0)
		return rx_stamp_take(rte_pktmbuf_mtod(m, uint8_t *), rte_pktmbuf_headroom(m),
			q->meta_cookie, ret_ticks);
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
	worker_pair_read(&w->clock, &w->pair);
	uint64_t error = (uint64_t)ntp_time_from_cycles(w->pair.length, view->mult) / 2 + 1;
	rx_stamp_prepare_ns(w->pair.ns, clock_view_time(view, w->pair.at), error, ret_line);
	if (view->mult == 0)
		ret_line->usable = STAMP_NO_FIT;
}

static void line_prepare(struct worker *w, struct worker_queue *q, unsigned n, struct cycles now,
	struct rx_stamp_line *ret_line)
{
	if (q->meta_cookie != 0) {
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
	if (q->meta_cookie == 0)
		return;
	if (s == STAMP_USED)
		t->oldest = RTE_MAX(t->oldest, ntp_time_diff(line->ref_time, p->rx_time));
	else if (s == STAMP_OLD)
		packet_is_late(p);
}

void rx_time_stamps(struct worker *w, struct worker_queue *q, unsigned n, struct cycles now)
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

void rx_time_waits(struct worker *w, struct worker_queue *q, uint64_t gap)
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

void rx_time_suspect(struct worker *w, const struct worker_queue *q, unsigned n)
{
	if (q->late.n <= w->drop_gap.n)
		return;
	for (unsigned i = 0; i < n; i++)
		if (!w->packet[i].has_rx_time)
			packet_is_late(&w->packet[i]);
}

void rx_time_settle(const struct worker *w, struct worker_queue *q, unsigned n)
{
	if (q->late.n == 0)
		q->suspects = q->backlog;
	q->late.n += RTE_MIN(w->slept.n, UINT64_MAX - q->late.n);
	q->suspects -= n < q->suspects ? n : q->suspects;
	if (n < WORKER_BURST || q->suspects == 0)
		q->late.n = 0;
}

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

static bool stamp_find(const struct rx_time *t, struct rte_mbuf *m, uint64_t *ret_ticks)
{
	if (t->meta_cookie != 0)
		return rx_stamp_take(rte_pktmbuf_mtod(m, uint8_t *), rte_pktmbuf_headroom(m),
			t->meta_cookie, ret_ticks);
	if ((m->ol_flags & t->stamp_flag) == 0)
		return false;
	*ret_ticks = *RTE_MBUF_DYNFIELD(m, t->stamp_offset, const uint64_t *);
	return true;
}

// The age of a stamp is by its clock alone, whatever that was slewed by before.
static void front_line(struct rx_time *t, const struct rx_burst *b,
	const struct worker_clock *clock, struct rx_stamp_line *ret_line)
{
	const struct clock_view *view = b->view;
	for (unsigned i = 0; i < b->n; i++)
		rte_prefetch0(b->packet[i].data - CACHE_LINE);
	worker_pair_read(clock, &t->pair);
	uint64_t error =
		(uint64_t)ntp_time_from_cycles((struct cycles){t->pair.bracket}, view->mult) / 2 +
		1;
	rx_stamp_prepare_ns(t->pair.clock, clock_view_time(view, t->pair.at), error, ret_line);
	if (view->mult == 0)
		ret_line->usable = STAMP_NO_FIT;
}

static void line_prepare(struct rx_time *t, const struct rx_burst *b,
	const struct worker_clock *clock, struct rx_stamp_line *ret_line)
{
	if (t->meta_cookie != 0) {
		front_line(t, b, clock, ret_line);
		return;
	}
	(void)port_snap_read(t->stamps, &t->stamp_cache);
	rx_stamp_prepare(&t->stamp_cache.view, b->view, b->arrival, ret_line);
}

// What a burst's stamps came to.
struct stamp_tally {
	unsigned fate[STAMP_COUNT];
	int64_t oldest; // of those used, if in front: NTP units
};

static void packet_stamp(const struct rx_time *t, const struct rx_stamp_line *line,
	struct rte_mbuf *m, struct packet *p, struct stamp_tally *tally)
{
	uint64_t ticks;
	if (!stamp_find(t, m, &ticks))
		return;
	enum stamp s = rx_stamp_read(line, ticks, m->pkt_len, &p->rx_time);
	p->has_rx_time = s == STAMP_USED;
	tally->fate[s]++;
	if (t->meta_cookie == 0)
		return;
	if (s == STAMP_USED)
		tally->oldest = RTE_MAX(tally->oldest, ntp_time_diff(line->ref_time, p->rx_time));
	else if (s == STAMP_OLD)
		packet_is_late(p);
}

void rx_time_stamps(struct rx_time *t, const struct rx_burst *b, const struct worker_clock *clock,
	_Atomic uint64_t *fate)
{
	struct stamp_tally tally = {.oldest = 0};
	struct rx_stamp_line line;
	line_prepare(t, b, clock, &line);
	for (unsigned i = 0; i < b->n; i++)
		packet_stamp(t, &line, b->mbuf[i], &b->packet[i], &tally);
	for (unsigned s = 0; s < STAMP_COUNT; s++)
		counters_add(&fate[s], tally.fate[s]);
	line.error_bound += (uint64_t)tally.oldest / RX_STAMP_SLEW;
	t->stamp_error = tally.fate[STAMP_USED] > 0 ? line.error_bound : 0;
}

void rx_time_begin(struct rx_time *t, struct cycles polled, bool may_drop)
{
	t->polled = polled;
	t->late.n = may_drop ? UINT64_MAX : 0;
	t->suspects = t->backlog;
}

static void late_add(struct rx_time *t, struct cycles more)
{
	t->late.n += RTE_MIN(more.n, UINT64_MAX - t->late.n);
}

void rx_time_wait(
	struct rx_time *t, uint64_t gap, struct cycles late_gap, _Atomic uint64_t *traffic)
{
	late_add(t, (struct cycles){gap});
	if (gap <= late_gap.n)
		return;
	t->suspects = t->backlog;
	counters_add(&traffic[TRAFFIC_LATE_POLLS], 1);
	if (gap > counters_get(&traffic[TRAFFIC_POLL_GAP_MAX]))
		counters_set(&traffic[TRAFFIC_POLL_GAP_MAX], gap);
}

void rx_time_suspect(const struct rx_time *t, const struct rx_burst *b, struct cycles drop_gap)
{
	if (t->late.n <= drop_gap.n)
		return;
	for (unsigned i = 0; i < b->n; i++)
		if (!b->packet[i].has_rx_time)
			packet_is_late(&b->packet[i]);
}

void rx_time_settle(struct rx_time *t, unsigned n, unsigned asked, struct cycles slept)
{
	if (t->late.n == 0)
		t->suspects = t->backlog;
	late_add(t, slept);
	t->suspects -= n < t->suspects ? n : t->suspects;
	if (n < asked || t->suspects == 0)
		t->late.n = 0;
}

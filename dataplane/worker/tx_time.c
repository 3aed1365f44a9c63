// SPDX-License-Identifier: BSD-3-Clause
#include "worker/tx_time.h"

#include <rte_common.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include "worker/rx_stamp.h"
#include "worker/xdp_stamp.h"

__extension__ typedef unsigned __int128 uint128;

// Sends whose length is the mean's weight, and how many times the mean a send may take: in a longer one
// the worker was away, and nobody knows on which side of the doorbell. A kernel's sends are long themselves.
#define SEND_MEAN_OF    64
#define SEND_LONG       4
#define SEND_LONG_THERE 2

struct cycles tx_time_begin(struct worker *w, struct worker_queue *q)
{
	struct cycles now = worker_now(&w->clock);
	bool is_cold = q->tx_idle_limit.n != 0 && now.n - q->sent.n > q->tx_idle_limit.n;
	q->sent = now;
	if (!is_cold)
		return now;
	(void)rte_eth_tx_burst(q->port, q->queue, w->reply, 0);
	return worker_now(&w->clock);
}

// When the burst leaves by the counter: at once, or at a moment ahead that the port is told. While
// the port's clock is not known it is sent at once.
static struct cycles burst_launch(struct worker_queue *q, struct cycles now)
{
	q->launch_at.n = now.n + q->launch_lead.n;
	(void)port_snap_read(q->stamps, &q->stamp_cache);
	q->is_launched = rx_stamp_ticks(&q->stamp_cache.view, now, q->launch_at, &q->launch_ticks);
	return q->is_launched ? q->launch_at : now;
}

bool tx_time_is_ahead(const struct worker_queue *q, struct cycles now)
{
	return (int64_t)(q->launch_at.n - now.n) > 0;
}

// The first frame waits for the burst's moment, those behind it follow. If writing them took until then, all
// leave at once.
void tx_time_launch(struct worker_queue *q, struct cycles now, struct rte_mbuf *first)
{
	q->is_launched = tx_time_is_ahead(q, now);
	if (!q->is_launched)
		return;
	*RTE_MBUF_DYNFIELD(first, q->stamp_offset, uint64_t *) = q->launch_ticks;
	first->ol_flags |= q->launch_flag;
}

struct ntp_time tx_time_planned(
	const struct clock_view *view, struct worker_queue *q, struct cycles now)
{
	if (q->launch_flag != 0) {
		struct cycles then = burst_launch(q, now);
		if (q->is_launched)
			return clock_view_time(view, then);
	}
	return ntp_time_add(clock_view_time(view, now), q->tx_latency);
}

// Takes a send's length into what is usual, which begins as the shorter of the first two: the worker may have
// been away in one. False if it took too long to tell when replies left, or nothing is usual yet.
static bool send_learn(struct worker_queue *q, int64_t spent)
{
	int64_t sum = SEND_MEAN_OF * RTE_MAX(spent, 1);
	if (q->send_sum == 0) {
		q->send_sum = -sum;
		return false;
	}
	if (q->send_sum < 0)
		q->send_sum = RTE_MIN(-q->send_sum, sum);
	int64_t most =
		(q->tx_is_synchronous ? SEND_LONG_THERE : SEND_LONG) * q->send_sum / SEND_MEAN_OF;
	q->send_sum += RTE_MIN(spent, most) - q->send_sum / SEND_MEAN_OF;
	return spent <= most;
}

void tx_time_want(const struct worker_queue *q)
{
	if (q->tx_stamp != NULL)
		atomic_store_explicit(q->tx_stamp, TX_STAMP_WANTED, memory_order_relaxed);
}

// What the kernel told of this send, by the counter, less what it may be off: between two pairs of the burst no
// slew of its clock counts. False if it told nothing, or something from outside the burst up to `after`.
static bool stamp_read(const struct worker *w, const struct worker_queue *q, struct cycles after,
	struct cycles *ret_at)
{
	const struct worker_pair *first = &w->pair;
	struct worker_pair last;
	if (q->tx_stamp == NULL)
		return false;
	uint64_t ns = atomic_load_explicit(q->tx_stamp, memory_order_relaxed);
	atomic_store_explicit(q->tx_stamp, TX_STAMP_NONE, memory_order_relaxed);
	if (ns <= TX_STAMP_WANTED)
		return false;
	worker_pair_read(&w->clock, &last);
	uint64_t since = ns - first->ns;
	if (since >= last.ns - first->ns)
		return false;
	uint128 cycles = (uint128)since * (last.at.n - first->at.n) / (last.ns - first->ns);
	ret_at->n = first->at.n + (uint64_t)cycles - (first->length.n + last.length.n) / 2;
	return (int64_t)(after.n - ret_at->n) >= 0;
}

// A card is told at the send's end. A kernel sends at a moment within that the send's length does not show: most
// of a long one comes after it (memory that is cold by then, and a receiver on the same machine, which it
// wakes). So its replies left when the send began, which is never too late. tx_latency is from there to the
// wire, so from a card's usual end it is as much less.
bool tx_time_left(const struct worker *w, struct worker_queue *q, struct cycles before,
	struct ntp_time *ret_left)
{
	const struct clock_view *view = &w->cache.view;
	struct cycles after = worker_now(&w->clock);
	bool is_usual = send_learn(q, (int64_t)(after.n - before.n));
	struct cycles at;
	if (stamp_read(w, q, after, &at)) {
		struct ntp_time least = ntp_time_add(clock_view_time(view, before), q->tx_latency);
		struct ntp_time left = clock_view_time(view, at);
		*ret_left = ntp_time_before(left, least) ? least : left;
		counters_add(&w->counters->traffic[TRAFFIC_TX_STAMPED], 1);
		return true;
	}
	if (!is_usual)
		return false;
	struct cycles usual = {q->tx_is_synchronous ? 0 : (uint64_t)(q->send_sum / SEND_MEAN_OF)};
	int64_t rest = q->tx_latency - ntp_time_from_cycles(usual, view->mult);
	*ret_left = ntp_time_add(
		clock_view_time(view, q->tx_is_synchronous ? before : after), rest > 0 ? rest : 0);
	return true;
}

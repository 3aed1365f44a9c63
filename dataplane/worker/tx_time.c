// SPDX-License-Identifier: BSD-3-Clause
#include "worker/tx_time.h"

#include "worker/rx_stamp.h"
#include "worker/xdp_stamp.h"

__extension__ typedef unsigned __int128 uint128;

// Sends whose length is the mean's weight, and how many times the mean a send may take: in a longer
// one the worker was away, and nobody knows on which side of the doorbell. A kernel's sends are
// long themselves.
#define SEND_MEAN_OF    64
#define SEND_LONG       4
#define SEND_LONG_THERE 2

void tx_time_begin(struct tx_time *t)
{
	t->send_sum = 0;
}

bool tx_time_is_cold(struct tx_time *t, struct cycles now)
{
	bool is_cold = t->tx_idle_limit.n != 0 && now.n - t->sent.n > t->tx_idle_limit.n;
	t->sent = now;
	return is_cold;
}

static bool is_ahead(struct cycles at, struct cycles now)
{
	return (int64_t)(at.n - now.n) > 0;
}

// A moment ahead that the port can be told. While its clock is not known the burst is sent at once.
static __attribute__((noinline)) bool launch_plan(struct tx_time *t, struct tx_plan *plan)
{
	plan->launch_at.n = plan->now.n + t->launch_lead.n;
	(void)port_snap_read(t->stamps, &t->stamp_cache);
	return rx_stamp_ticks(
		&t->stamp_cache.view, plan->now, plan->launch_at, &plan->launch_ticks);
}

struct tx_plan tx_time_plan(struct tx_time *t, const struct clock_view *view, struct cycles now)
{
	struct tx_plan plan = {.now = now};
	plan.is_launched = t->launch_flag != 0 && launch_plan(t, &plan);
	plan.transmit = plan.is_launched ? clock_view_time(view, plan.launch_at) :
	                                   ntp_time_add(clock_view_time(view, now), t->latency);
	return plan;
}

// The first frame waits for the burst's moment, those behind it follow. If writing them took until
// then, all leave at once.
struct tx_send tx_time_send(
	const struct tx_time *t, const struct tx_plan *plan, struct cycles now, bool is_asked)
{
	struct tx_send send = {.plan = *plan, .begun = now};
	send.plan.is_launched = plan->is_launched && is_ahead(plan->launch_at, now);
	if (is_asked && t->stamp != NULL)
		atomic_store_explicit(t->stamp, TX_STAMP_WANTED, memory_order_relaxed);
	return send;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

// Takes a send's length into what is usual, which begins as the shorter of the first two: the
// worker may have been away in one. False if it took too long to tell when replies left, or nothing
// is usual yet.
static bool send_learn(struct tx_time *t, int64_t spent)
{
	int64_t sum = SEND_MEAN_OF * (spent > 1 ? spent : 1);
	if (t->send_sum == 0) {
		t->send_sum = -sum;
		return false;
	}
	if (t->send_sum < 0)
		t->send_sum = least(-t->send_sum, sum);
	int64_t most =
		(t->tx_is_synchronous ? SEND_LONG_THERE : SEND_LONG) * t->send_sum / SEND_MEAN_OF;
	t->send_sum += least(spent, most) - t->send_sum / SEND_MEAN_OF;
	return spent <= most;
}

// What the kernel told of this send, by the counter, less what it may be off: between two pairs of
// the burst no slew of its clock counts. False if it told nothing, or something from outside the
// burst up to `after`.
static bool stamp_read(const struct tx_time *t, const struct tx_clocks *by, struct cycles after,
	struct cycles *ret_at)
{
	const struct crosststamp *first = by->pair;
	struct crosststamp last;
	if (t->stamp == NULL)
		return false;
	uint64_t ns = atomic_load_explicit(t->stamp, memory_order_relaxed);
	atomic_store_explicit(t->stamp, TX_STAMP_NONE, memory_order_relaxed);
	if (ns <= TX_STAMP_WANTED)
		return false;
	worker_pair_read(by->clock, &last);
	uint64_t since = ns - first->clock;
	if (since >= last.clock - first->clock)
		return false;
	uint128 cycles = (uint128)since * (last.at.n - first->at.n) / (last.clock - first->clock);
	ret_at->n = first->at.n + (uint64_t)cycles - (first->bracket + last.bracket) / 2;
	return (int64_t)(after.n - ret_at->n) >= 0;
}

// A card is told at the send's end. A kernel sends at a moment within that the send's length does
// not show: most of a long one comes after it (memory that is cold by then, and a receiver on the
// same machine, which it wakes). So its replies left when the send began, which is never too late.
// latency is from there to the wire, so from a card's usual end it is as much less.
static enum tx_left send_left(struct tx_time *t, struct cycles before, const struct tx_clocks *by,
	struct ntp_time *ret_left)
{
	const struct clock_view *view = by->view;
	struct cycles after = worker_now(by->clock);
	bool is_usual = send_learn(t, (int64_t)(after.n - before.n));
	struct cycles at;
	if (stamp_read(t, by, after, &at)) {
		struct ntp_time earliest = ntp_time_add(clock_view_time(view, before), t->latency);
		struct ntp_time left = clock_view_time(view, at);
		*ret_left = ntp_time_before(left, earliest) ? earliest : left;
		return TX_LEFT_STAMPED;
	}
	if (!is_usual)
		return TX_LEFT_UNKNOWN;
	struct cycles usual = {t->tx_is_synchronous ? 0 : (uint64_t)(t->send_sum / SEND_MEAN_OF)};
	int64_t rest = t->latency - ntp_time_from_cycles(usual, view->mult);
	*ret_left = ntp_time_add(
		clock_view_time(view, t->tx_is_synchronous ? before : after), rest > 0 ? rest : 0);
	return TX_LEFT_RECKONED;
}

// A card sends at once, or drops, what it gets after its moment.
enum tx_left tx_time_left(struct tx_time *t, const struct tx_send *send, const struct tx_clocks *by,
	struct ntp_time *ret_left)
{
	if (!send->plan.is_launched)
		return send_left(t, send->begun, by, ret_left);
	if (!is_ahead(send->plan.launch_at, worker_now(by->clock)))
		return TX_LEFT_UNKNOWN;
	*ret_left = send->plan.transmit;
	return TX_LEFT_RECKONED;
}

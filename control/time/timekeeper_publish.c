// SPDX-License-Identifier: BSD-3-Clause
#include "time/timekeeper_publish.h"

#include <time.h>

#include "common/units.h"
#include "core/counters.h"
#include "core/snapshot.h"
#include "time/clock.h"
#include "time/leap.h"

static uint64_t timekeeper_publish_monotonic_ns(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NANOS_PER_S + (uint64_t)t.tv_nsec;
}

// A server that ends is not to be announced, whatever its time is.
static enum announce announce_now(const struct timekeeper *n, const struct statseg_head *head)
{
	bool stops = atomic_load_explicit(&head->stopping, memory_order_relaxed) != 0;
	return stops ? ANNOUNCE_DOWN : n->judge.announce;
}

static void judge_publish(const struct timekeeper *n, struct statseg_head *head, uint64_t now_ns)
{
	const struct sync_judge *j = &n->judge;
	uint64_t lasting = (uint64_t)(n->now.n - j->since.n);
	counters_set(&head->sync_state, j->state);
	counters_set(&head->sync_reason, j->reason);
	counters_set(&head->sync_complaint, j->last_no);
	counters_set(&head->announce, announce_now(n, head));
	counters_set(&head->sync_since_ns, now_ns > lasting ? now_ns - lasting : 0);
	for (unsigned i = 0; i < SYNC_STATES; i++)
		counters_set(&head->entered[i], j->entered[i]);
}

static void leap_publish(const struct timekeeper *n, struct statseg_head *head)
{
	const struct leap_watch *l = &n->leap;
	struct nanos now = clock_newest(&n->clock);
	counters_set(&head->leap_step, (uint64_t)(int64_t)l->step);
	counters_set(&head->leap_midnight, l->step == 0 ? 0 : (uint64_t)l->midnight);
	counters_set(&head->leap_witnesses, l->step == 0 ? 0 : l->witnesses);
	counters_set(&head->leap_armed, l->armed);
	counters_set(&head->leap_cancelled, l->cancelled);
	counters_set(&head->leap_file_state, leap_list_state(l, now));
	counters_set(&head->leap_file_expired, leap_list_state(l, now) == LEAP_LIST_EXPIRED);
	counters_set(&head->leap_file_expires, l->has_list ? (uint64_t)l->list.expires : 0);
}

void timekeeper_publish(
	const struct timekeeper *n, const struct clock_view *view, const struct statseg *p)
{
	struct statseg_head *head = p->head;
	uint64_t now_ns = timekeeper_publish_monotonic_ns();
	for (unsigned i = 0; i < head->node_count; i++)
		snapshot_publish(statseg_snapshot(p, i), view);
	counters_set(&head->counter_hz, n->line.hz);
	counters_add(&head->publishes, 1);
	counters_set(&head->control_beat_ns, now_ns);
	counters_set(&head->steps, n->clock.steps);
	counters_set(&head->fit_residual_ns, (uint64_t)llround(n->clock.fit.residual_ns));
	counters_set(&head->fit_restarts, n->clock.fit.restarts);
	counters_set(&head->correction_ns, (uint64_t)n->claim.said.correction.n);
	judge_publish(n, head, now_ns);
	leap_publish(n, head);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "worker/worker_run.h"

#include <sys/prctl.h>
#include <time.h>

#include <rte_pause.h>

#include "core/auth/keys.h"
#include "core/counters.h"
#include "core/quiesce.h"
#include "core/responder.h"
#include "worker/rx_time.h"
#include "worker/tx_time.h"
#include "worker/worker.h"
#include "worker/worker_clock.h"
#include "worker/worker_poll.h"

// Rounds between two looks at the stop flag: some microseconds under load.
#define HOUSEKEEPING_ROUNDS 256
// Empty rounds before the idle policy sleeps: a burst's worth of packets may follow closely.
#define SLEEP_AFTER_ROUNDS 64

// A packet of the next round may have come at any moment of the sleep, whatever length the kernel
// made of it: the length is measured, and that round tells it in root dispersion.
static void worker_sleep(struct worker *w)
{
	struct timespec length = {.tv_nsec = (long)w->sleep_ns};
	struct cycles before = worker_now(&w->clock);
	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &length, NULL);
	w->slept.n = worker_now(&w->clock).n - before.n;
	counters_add(&w->counters->traffic[TRAFFIC_SLEEPS], 1);
}

// What the policy does after `empty` empty rounds in a row. True if it slept.
static bool worker_rest(struct worker *w, unsigned empty)
{
	switch (w->idle) {
	case WORKER_SPIN:
		return false;
	case WORKER_SLEEP:
		if (empty >= SLEEP_AFTER_ROUNDS) {
			worker_sleep(w);
			return true;
		}
		break;
	case WORKER_PAUSE:
		break;
	}
	rte_pause();
	return false;
}

// Rounds until housekeeping is due. *empty: empty rounds in a row, kept from call to call.
static unsigned worker_rounds(struct worker *w, unsigned *empty)
{
	for (unsigned rounds = 1; rounds <= HOUSEKEEPING_ROUNDS; rounds++) {
		if (worker_poll(w) > 0)
			*empty = 0;
		else if (worker_rest(w, ++*empty))
			return rounds;
	}
	return HOUSEKEEPING_ROUNDS;
}

// What came before the worker did has waited for longer than any gap. A sleep of just now was
// before that, and the next poll takes it off.
static void queues_begin(struct worker *w, uint32_t queues)
{
	for (unsigned i = 0; i < w->queue_count; i++) {
		struct worker_queue *q = &w->queue[i];
		if ((queues >> i & 1) == 0)
			continue;
		struct cycles polled = {worker_now(&w->clock).n - w->slept.n};
		rx_time_begin(&q->rx, polled, w->drop_gap.n != UINT64_MAX);
		tx_time_begin(&q->tx);
	}
}

// To a queue that is open again the worker comes as if for the first time.
static void quiesce_ack(struct worker *w)
{
	uint32_t shut = quiesce_take(&w->quiesce);
	if (shut == w->shut)
		return;
	queues_begin(w, w->shut & ~shut);
	w->shut = shut;
}

// Between bursts no key is in use.
static void keys_take(struct worker *w)
{
	const struct keys *keys;
	if (!key_handover_adopt(&w->keys, &keys))
		return;
	for (unsigned i = 0; i < w->queue_count; i++)
		responder_give_keys(&w->queue[i].responder, keys);
}

int worker_run(void *arg)
{
	struct worker *w = arg;
	_Atomic uint64_t *traffic = w->counters->traffic;
	unsigned empty = 0;
	// The kernel may lengthen a sleep by the thread's slack, 50 us unless told otherwise.
	if (w->idle == WORKER_SLEEP)
		(void)prctl(PR_SET_TIMERSLACK, 1000ul, 0ul, 0ul, 0ul);
	queues_begin(w, UINT32_MAX);
	do {
		counters_set(&traffic[TRAFFIC_HEARTBEAT], worker_now(&w->clock).n);
		keys_take(w);
		quiesce_ack(w);
		unsigned rounds = worker_rounds(w, &empty);
		unsigned open = w->queue_count - (unsigned)__builtin_popcount(w->shut);
		counters_add(&traffic[TRAFFIC_POLLS], (uint64_t)rounds * open);
	} while (atomic_load_explicit(w->stop, memory_order_acquire) == 0);
	return 0;
}

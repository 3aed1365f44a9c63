// SPDX-License-Identifier: BSD-3-Clause
// A worker: one core that polls its receive queues and answers.
//
// The control side fills struct worker before the core starts; from then on the two share only the
// snapshot, the counters, the quiesce request and the stop flag. No system call (but the idle
// policy's sleep), no log, no allocation, no lock. Replies go out through the queue of the same
// number on the port they came from; what the port does not take is freed and counted, never sent
// later, because a retry would carry an old transmit time.
#pragma once

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/auth/keys.h"
#include "core/counters.h"
#include "core/quiesce.h"
#include "core/interleave.h"
#include "core/responder.h"
#include "core/snapshot.h"
#include "worker/rx_time.h"
#include "worker/tx_time.h"
#include "worker/worker_clock.h"

#define WORKER_QUEUES 32
#define WORKER_BURST  32

static_assert(WORKER_BURST <= INTERLEAVE_REPLIES, "each reply has a place in T2");
static_assert(WORKER_QUEUES <= INTERLEAVE_QUEUES, "each queue has a number");
static_assert(WORKER_QUEUES <= QUIESCE_QUEUES, "each queue can be shut");

struct rte_mbuf;

enum worker_idle {
	WORKER_SPIN,
	WORKER_PAUSE, // a pause instruction after an empty round
	WORKER_SLEEP, // pause, and sleep once many rounds in a row were empty
};

// One receive queue and the transmit queue of the same number. What every poll touches lies before
// the responder, which is large.
struct worker_queue {
	// Constant while the worker runs; writer: control, before.
	uint16_t port;
	uint16_t queue;
	uint16_t slot; // the port's number in the configuration, and in counters

	struct rx_time rx; // when packets came
	struct tx_time tx; // when replies leave

	uint32_t paces;             // times that tx_step became another; given as the responder is
	struct responder responder; // given by control; its while the worker is quiesced
};

static_assert(offsetof(struct worker_queue, rx.pair) <= 64, "a poll that finds nothing: one line");

struct worker {
	// Constant while the worker runs; writer: control, before.
	unsigned index;
	unsigned queue_count;
	enum worker_idle idle;
	uint32_t sleep_ns;               // WORKER_SLEEP: how long at a time
	struct cycles late_gap;          // longer between two polls of a queue is late
	struct cycles drop_gap;          // longer: what waited is dropped; UINT64_MAX: never
	const struct snapshot *snapshot; // this node's
	struct counters *counters;       // this worker's
	const _Atomic uint32_t *stop;    // 1: finish the burst and return
	struct worker_clock clock;
	struct key_handover keys;     // taken at housekeeping, for all queues
	struct quiesce quiesce;       // taken at housekeeping
	struct interleave interleave; // of all queues whose responders have it
	struct worker_queue queue[WORKER_QUEUES];

	// Private to the worker; zero before it runs. Here and not on the stack, because the build
	// clears every local and a burst's would be cleared at every poll.
	struct snapshot_cache cache;
	struct cycles slept; // length of the sleep just before this round: T2's uncertainty
	uint32_t shut;       // queues that are not polled, a bit for each
	struct packet packet[WORKER_BURST];
	struct rte_mbuf *received[WORKER_BURST];
	struct rte_mbuf *reply[WORKER_BURST];
	struct rte_mbuf *drop[WORKER_BURST];
};

// SPDX-License-Identifier: BSD-3-Clause
// A worker: one core that polls its receive queues and answers.
//
// The control side fills struct worker before the core starts; from then on the two share only the
// snapshot, the counters, the quiesce request and the stop flag. No system call (but the idle policy's sleep), no log,
// no allocation, no lock. Replies go out through the queue of the same number on the port they
// came from; what the port does not take is freed and counted, never sent later, because a retry
// would carry an old transmit time.
#pragma once

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/auth/keys.h"
#include "core/counters.h"
#include "core/quiesce.h"
#include "core/interleave.h"
#include "core/port_snap.h"
#include "core/responder.h"
#include "core/snapshot.h"
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
	uint16_t backlog;            // packets that may wait in it
	uint16_t slot;               // the port's number in the configuration, and in counters
	uint16_t stamp_offset;       // where in an mbuf a stamp of the port lies
	uint64_t stamp_flag;         // the mbuf flag that says there is one; 0: do not look
	uint64_t meta_cookie;        // of stamps before frames: worker/xdp_stamp.h; 0: do not look
	uint64_t launch_flag;        // the one that says "send it then"; 0: send at once
	struct cycles launch_lead;   // how far ahead "then" is; if launch_flag
	int64_t tx_latency;          // NTP units from the send to the wire
	bool tx_is_synchronous;      // the kernel sends before a send returns
	_Atomic uint64_t *tx_stamp;  // where it says when: worker/xdp_stamp.h; NULL: it does not
	struct cycles tx_idle_limit; // longer after a send the next is a slow one; 0: never
	const struct port_snap *stamps; // what they mean, on this node; if either flag

	// Private to the worker; zero before it runs.
	struct cycles polled;    // the counter after the last poll
	struct cycles late;      // what waits may have waited this long unseen; 0: not since then
	unsigned suspects;       // packets that may yet have waited so long
	uint64_t stamp_error;    // NTP units that a stamp of the burst may be off; 0: it has none
	struct cycles sent;      // the counter when the last replies were begun
	int64_t send_sum;        // cycles of a send by their weight; 0: unknown; < 0: one was seen
	struct cycles launch_at; // when this burst is to leave, if is_launched
	uint64_t launch_ticks;   // that by the port's clock
	bool is_launched;
	struct port_snap_cache stamp_cache;
	uint32_t paces;             // times that tx_step became another; given as the responder is
	struct responder responder; // given by control; its while the worker is quiesced
};

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
	struct worker_pair pair; // of this burst, if its queue has a meta_cookie
	struct cycles slept;     // length of the sleep just before this round: T2's uncertainty
	uint32_t shut;           // queues that are not polled, a bit for each
	struct packet packet[WORKER_BURST];
	struct rte_mbuf *received[WORKER_BURST];
	struct rte_mbuf *reply[WORKER_BURST];
	struct rte_mbuf *drop[WORKER_BURST];
};

// SPDX-License-Identifier: BSD-3-Clause
// A worker that feeds itself: its port sends into the ring that it receives from.
//
// What comes back as a reply is judged and becomes its request again, in the port's receive
// callback on the worker's own core; there is no generator and no other core in it. Made on the
// main thread; while the worker runs, only its own thread touches it but for the stop flag.
#pragma once

#include <stdalign.h>
#include <stdint.h>

#include "request.h"
#include "worker/worker.h"

struct rte_mempool;
struct rte_ring;

#define SELF_FEED_FRAMES 512 // in flight: what a port's receive ring would hold

struct self_feed {
	struct worker worker;
	struct counters counters;
	struct rte_mempool *pool;
	struct rte_ring *ring;

	// Of the last run; writer: the worker's thread, readers: the main thread afterwards.
	alignas(128) uint64_t turned; // replies made requests again
	uint64_t wrong;               // of these, not the reply that was owed
	uint8_t first_wrong[REQUEST_ROOM];
	uint64_t cycles; // of the machine's counter, begin to end
	uint64_t cpu_ns; // that the thread had its core meanwhile
};

// A worker with a port of its own on this lcore's node, whose ring is full of requests. Time comes
// from the snapshot, the end from *stop. NULL if DPDK has no memory for it. The program's end frees
// it.
struct self_feed *self_feed_create(
	unsigned lcore, const struct snapshot *snapshot, const _Atomic uint32_t *stop);

// Runs it until *stop is set; s is a struct self_feed *. Fits rte_eal_remote_launch. Returns 0.
int self_feed_run(void *s);

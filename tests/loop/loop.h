// SPDX-License-Identifier: BSD-3-Clause
// Ports made of rings in this process, and workers on them that the test turns by hand.
//
// What the test puts into a port's receive ring the worker receives, and what it sends lies in the
// transmit ring; time is the test's own. One thread, unless a test starts one.
#pragma once

#include <stdint.h>

#include "harness/desk.h"
#include "harness/frame_build.h"
#include "worker/worker.h"

struct rte_mbuf;
struct rte_mempool;
struct rte_ring;

#define LOOP_PORTS  2
#define LOOP_QUEUES 2
#define LOOP_POOL   2047 // buffers of each worker's pool
// What workers are told a queue can hold; the rings hold more, as a card's may.
#define LOOP_BACKLOG 512

struct loop_port {
	uint16_t id;
	struct rte_ring *rx[LOOP_QUEUES];
	struct rte_ring *tx[LOOP_QUEUES];
};

struct loop {
	struct desk desk; // service, view and now of all workers; changed before loop_arrange
	struct loop_port port[LOOP_PORTS];
	struct rte_mempool *pool[LOOP_QUEUES];
	struct worker worker[LOOP_QUEUES]; // worker i owns queue i of every port
	struct snapshot snapshot;
	struct counters counters[LOOP_QUEUES];
	_Atomic uint32_t stop;
};

// The counter that workers read; each reading moves it by loop_counter_step.
extern uint64_t loop_counter;
extern uint64_t loop_counter_step;

// DPDK's start and end as a group's fixtures, for table_run_between.
int loop_set_up(void **state);
int loop_tear_down(void **state);

// The loop with fresh ports, whose transmit rings hold tx_room frames, a power of two less one.
struct loop *loop_open(unsigned tx_room);

// Takes changes to the desk into effect and publishes its view.
void loop_arrange(struct loop *l);

// Checks that no buffer is missing, and closes.
void loop_close(struct loop *l);

// A buffer with these bytes, of worker `queue`'s pool.
struct rte_mbuf *loop_buffer(struct loop *l, unsigned queue, const uint8_t *data, size_t length);

// Puts a frame where worker `queue` will receive it. The test fails if the ring is full.
void loop_put(struct loop *l, unsigned port, unsigned queue, struct rte_mbuf *m);
void loop_put_spec(struct loop *l, unsigned port, unsigned queue, const struct frame_spec *s);

// The next frame that left, or NULL. To be freed by the caller.
struct rte_mbuf *loop_take(struct loop *l, unsigned port, unsigned queue);

// Frees all frames that left; how many they were.
unsigned loop_drain(struct loop *l, unsigned port, unsigned queue);

// Polls worker `queue` until nothing is left to receive; how many frames that were.
unsigned loop_turn(struct loop *l, unsigned queue);

// Counters of worker `queue`.
uint64_t loop_verdict(const struct loop *l, unsigned queue, enum verdict v);
uint64_t loop_traffic(const struct loop *l, unsigned queue, enum traffic t);

// SPDX-License-Identifier: BSD-3-Clause
// All workers of the server: their memory on their nodes, their start and their end. Main thread.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/diagnostic.h"
#include "config/config.h"
#include "status/statseg.h"
#include "port/port.h"
#include "eal/topology.h"
#include "kernel/tx_stamps.h"
#include "worker/worker.h"

struct workers {
	unsigned count;
	struct worker *worker[CONFIG_WORKERS];
	unsigned lcore[CONFIG_WORKERS];
	struct rte_mempool *pool[CONFIG_WORKERS]; // what worker i receives into
	size_t interleave_bytes;                  // of each worker's table; 0: none
	struct tx_stamps tx_stamps; // for ports that can have them, in interleaved mode
	_Atomic uint32_t stop;      // writer: control; readers: workers
};

// Makes a struct and a buffer pool for each worker on its node, large enough for the queues it has
// by the plan. -errno, with one sentence in d; workers_free then frees what is there.
int workers_create(struct workers *w, const struct topology *t, const struct port *ports,
	struct diagnostic *d);

// Fills the workers' structs, once the ports are open.
void workers_equip(struct workers *w, const struct config *c, const struct topology *t,
	const struct port *ports, const struct statseg *p);

// Memory of a NUMA node, all zero, NULL if there is none; and back.
void *workers_allocate(size_t size, unsigned node);
void workers_release(void *memory, size_t size);

// A number that nobody can foretell.
uint64_t workers_seed(void);

// Starts each worker on its lcore and waits until all polled once. -errno, with one sentence.
int workers_launch(struct workers *w, struct diagnostic *d);

// How far replies through a port of the configuration are apart on the wire, NTP units. Only while
// the workers are off it.
void workers_pace(struct workers *w, unsigned slot, uint64_t tx_step);

// Tells the workers to leave their queues of a port (its number in the configuration), and to come
// back to them.
void workers_pause(struct workers *w, unsigned slot);
void workers_resume(struct workers *w, unsigned slot);

// Whether all do what they were told last: from then on none touches a port that it was to leave.
bool workers_have_acked(const struct workers *w);

// Tells the workers to stop and waits a bounded time. False if one did not: its memory and its
// ports are then still in use.
bool workers_stop(struct workers *w);

// Frees structs and pools, of stopped workers.
void workers_free(struct workers *w);

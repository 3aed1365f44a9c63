// SPDX-License-Identifier: BSD-3-Clause
// Who runs where: cores to workers, and the ports' queues to workers.
//
// Planning is a pure function of the configuration, of the cores this process may use and of what
// the ports can do; topology_read alone looks at the machine. The cores are planned before DPDK
// starts, because it wants them on its command line; the queues after, because the ports know
// their number only then. So `workers: auto` begins with more workers than it ends with. Main
// thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/diagnostic.h"
#include "config/config.h"

#define TOPOLOGY_CORES 1024

// The cores this process may use, in ascending order.
struct machine {
	unsigned core_count;
	uint16_t core[TOPOLOGY_CORES];
	uint8_t node[TOPOLOGY_CORES]; // of core[i]; 0 without NUMA
};

// What a port brings to the plan.
struct topology_port {
	unsigned max_queues; // the smaller of receive and transmit
	unsigned node;
};

struct topology_queue {
	uint16_t port; // index in the configuration
	uint16_t queue;
};

struct topology_worker {
	unsigned core;
	unsigned node;
	unsigned lcore; // DPDK's number for it, the same whichever workers are left out
	unsigned queue_count;
	struct topology_queue queue[CONFIG_PORTS]; // at most one of each port
};

struct topology {
	unsigned main_core;
	unsigned node_count; // nodes 0 .. node_count - 1 have workers or lie below one that has
	unsigned worker_count;
	struct topology_worker worker[CONFIG_WORKERS];
	unsigned port_queues[CONFIG_PORTS]; // queues in use of each port
};

// Reads the allowed cores (sched_getaffinity) and their nodes (libnuma). -ERANGE: none of them is
// below TOPOLOGY_CORES; else -errno.
int topology_read(struct machine *ret_machine);

// Plans the main core and one worker a core: those of the list, or for `auto` each core that may
// get one. A core that is not allowed is an error: -EINVAL, with one sentence in d.
int topology_plan_cores(const struct config *c, const struct machine *m,
	struct topology *ret_topology, struct diagnostic *d);

// topology_read and topology_plan_cores. -errno, with one sentence in d.
int topology_begin(const struct config *c, struct topology *ret_topology, struct diagnostic *d);

// The node of each worker.
void topology_nodes(const struct topology *t, unsigned *ret_node);

// Gives every port as many queues as it has, at most one to a worker: the least loaded worker
// first, among equals one on the port's own node. t is as topology_plan_cores left it, ports are
// those of c. A worker without a queue is left out where it came by `auto`; where it was listed it
// is an error: -EINVAL, with one sentence in d and t untouched.
int topology_plan_queues(const struct config *c, const struct topology_port *ports,
	struct topology *t, struct diagnostic *d);

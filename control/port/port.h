// SPDX-License-Identifier: BSD-3-Clause
// One Ethernet port of DPDK's, whatever the driver: found or created, configured, started, read and
// closed. Main thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/diagnostic.h"
#include "config/config.h"
#include "core/service.h"
#include "status/statseg.h"
#include "port/port_events.h"
#include "port/port_stamps.h"

struct rte_mempool;

struct port {
	const struct config_port *config;
	enum counter counter;
	char device[CONFIG_TEXT]; // what runs: the configured device, or the one it fell back to
	uint16_t id;              // DPDK's
	unsigned node;
	unsigned max_queues;
	unsigned queue_count; // in use, once open
	uint16_t rx_ring;     // descriptors of a queue
	uint16_t tx_ring;
	bool is_wire; // hardware, whose link speed means something
	bool offload; // it finishes the replies' checksums
	bool started;
	bool link_up;
	uint32_t link_mbps; // 0: unknown
	struct mac mac;
	struct rte_mempool *pool[CONFIG_WORKERS]; // what each queue receives into, once open
	struct port_stamps stamps;
	struct port_events events;
};

// Creates the virtual device, or finds the PCI device that DPDK probed, and reads what it can do.
// counter: what its stamps are told by. -errno, with one sentence in d.
int port_probe(const struct config_port *c, enum counter counter, struct port *ret_port,
	struct diagnostic *d);

// How many buffers one queue may hold: rings, and what its driver keeps.
unsigned port_queue_buffers(const struct port *p);

// How many received packets may wait in one queue: no fewer than do.
uint16_t port_queue_backlog(const struct port *p);

// Configures and starts queue_count receive and transmit queues; queue i receives into pool[i],
// with its rings on the pool's node. Checksums are left to the port where it can do both sums, RSS
// is over the source address where it can; no LRO, no VLAN stripping, no promiscuous mode, no flow
// control. Waits a bounded time for hardware's link. An AF_XDP port that cannot be started becomes
// an af_packet port on the same interface, with a warning. -errno, with one sentence in d.
int port_open(struct port *p, unsigned queue_count, struct rte_mempool *const *pool,
	struct diagnostic *d);

// NTP units that a reply takes on the wire; 0 where the link's speed means nothing.
uint64_t port_tx_step(const struct port *p);

// Fills the port's entry in the status segment: who it is.
void port_describe(const struct port *p, struct statseg_port *ret_entry);

// Resets the port and brings it up again as it was, while no worker touches it: its queues anew,
// its clock to be measured anew. Waits for no link. -EAGAIN: its driver wants to be asked later.
// -errno, with one sentence in d; the port is then good for port_close alone.
int port_restart(struct port *p, struct diagnostic *d);

// Brings link and counters in the port's entry up to date.
void port_observe(struct port *p, struct statseg_port *entry);

// One turn of the watch over the port's stamps; see port_stamps_turn. p must stay where it is.
void port_stamp(struct port *p, const struct statseg *statseg, unsigned slot);

// Stops and closes the port. Also for one that was only probed, and a second time.
void port_close(struct port *p);

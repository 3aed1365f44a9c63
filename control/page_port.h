// SPDX-License-Identifier: BSD-3-Clause
// What the page holds of each port, and of each node. See page.h.
#pragma once

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>

#include "config.h"
#include "core/counters.h"
#include "core/port_snap.h"
#include "core/snapshot.h"
#include "page_keys.h"
#include "port_words.h"

// Who a port is. Constant once the page is visible, but for the counters.
struct page_port {
	char device[CONFIG_TEXT];
	uint8_t mac[6];
	uint8_t link_up; // writer: control
	uint8_t offload; // checksums by the port
	uint32_t queue_count;
	uint32_t node;
	uint32_t link_mbps;       // writer: control; 0: unknown
	_Atomic uint64_t imissed; // writer: control, once a second, from rte_eth_stats
	_Atomic uint64_t ierrors;
	_Atomic uint64_t rx_nombuf;
	_Atomic uint64_t oerrors;
	_Atomic uint64_t stamp_reason;    // writer: control; enum stamp_reason
	_Atomic uint64_t nic_unit_hz;     // what its clock should run at; 0: unknown
	_Atomic uint64_t nic_rate_mhz;    // millihertz it runs at, by the counter; 0: unknown
	_Atomic uint64_t nic_residual_ps; // of the fit
	_Atomic uint64_t state;           // writer: control; enum port_state
	_Atomic uint64_t link_changes;    // seen
	_Atomic uint64_t event[PORT_EVENTS];
};

// What is published to the workers of one node.
struct page_node {
	struct snapshot snapshot;
	struct port_snap port[CONFIG_PORTS];
	struct page_keys keys; // of the first node alone
};

static_assert(COUNTERS_PORTS == CONFIG_PORTS, "counters of each port there can be");

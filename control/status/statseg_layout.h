// SPDX-License-Identifier: BSD-3-Clause
// What the status segment holds of each port, node, key, reference and worker. See statseg.h.
#pragma once

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>

#include "config/config.h"
#include "core/counters.h"
#include "core/auth/keys.h"
#include "core/port_snap.h"
#include "core/snapshot.h"
#include "status/port_words.h"

// Who a port is. Constant once the status segment is visible, but for the counters.
struct statseg_port {
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

// A slot's key. Its counts are the sums over workers without what was there before it.
struct statseg_key {
	_Atomic uint64_t id;   // writer: control; 0: none has this slot
	_Atomic uint64_t type; // writer: control; enum key_type
	_Atomic uint64_t right_before;
	_Atomic uint64_t wrong_before;
};

// What the status segment says of symmetric keys: whose the counters' slots are. Never a key.
struct statseg_keys {
	_Atomic uint64_t count; // writer: control; keys in force
	struct statseg_key slot[KEY_SLOTS];
};

// What one worker counts.
struct statseg_block {
	struct counters counters;
	struct key_counters keys;
};

// What a reference said last.
struct statseg_reference {
	char source[16];           // constant, as the next
	char text[REFERENCE_TEXT]; // and how it is asked
	_Atomic uint64_t fault;    // writer: control; enum sync_reason of its last poll
	_Atomic uint64_t heard_ns; // writer: control; CLOCK_MONOTONIC; 0: it never answered
	_Atomic uint64_t leap;     // writer: control; enum leap; of the last answer, as the rest
	_Atomic uint64_t stratum;  // writer: control
	_Atomic uint64_t reference_id;  // writer: control
	_Atomic uint64_t distance_ns;   // writer: control; root distance
	_Atomic uint64_t correction_ns; // writer: control; int64_t
	_Atomic uint64_t answers;       // writer: control; polls
	_Atomic uint64_t failures;      // writer: control; polls
};

// And which is followed.
struct statseg_references {
	uint32_t count; // constant
	struct statseg_reference reference[CONFIG_REFERENCES];
	_Atomic uint64_t followed; // writer: control; index
	_Atomic uint64_t kernel;   // writer: control; enum kernel_word beside the one followed
	_Atomic uint64_t kernel_disagreements; // writer: control; times that it began to disagree
	_Atomic uint64_t changes; // writer: control; times that another one was followed
};

// What is published to the workers of one node.
struct statseg_node {
	struct snapshot snapshot;
	struct port_snap port[CONFIG_PORTS];
	struct statseg_keys keys; // of the first node alone
};

static_assert(COUNTERS_PORTS == CONFIG_PORTS, "counters of each port there can be");

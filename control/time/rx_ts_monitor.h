// SPDX-License-Identifier: BSD-3-Clause
// Whether a port's receive stamps are used, and why not: its clock is measured, what the workers
// refused is judged, and a port that cannot be believed serves software stamps until it can.
//
// One watch a port, turned NIC_CLOCK_RATE times a second. One thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/port_snap.h"
#include "time/nic_clock.h"
#include "time/nic_profile.h"
#include "status/port_words.h"

struct rx_ts_monitor {
	struct nic_clock clock;
	const struct nic_profile *profile;
	enum stamp_reason reason; // GOOD: stamps are used; else why not
	bool is_on;               // the port is asked for stamps at all
	uint64_t used;            // at the last judgement
	uint64_t refused;
	unsigned turns; // since then
	unsigned rest;  // turns until a port that was refused is tried again
	unsigned rests; // how often it was
};

// A watch on a port without stamps, for this reason.
void rx_ts_monitor_off(struct rx_ts_monitor *w, enum stamp_reason reason);

// A watch on a port that is asked for stamps.
void rx_ts_monitor_on(struct rx_ts_monitor *w, const struct nic_profile *profile,
	const struct nic_clock_source *source);

// Begins to measure anew, on a port that was restarted. What it is known for stays known.
void rx_ts_monitor_restart(struct rx_ts_monitor *w);

// Measures and judges once. hz: the counter's rate; used, refused: what the workers counted so far.
// True if the reason changed.
bool rx_ts_monitor_turn(struct rx_ts_monitor *w, uint64_t hz, uint64_t used, uint64_t refused);

// What the workers are to be told; byte_time as in struct port_view, of a frame's whole length.
struct port_view rx_ts_monitor_view(const struct rx_ts_monitor *w, uint64_t hz, uint32_t byte_time);

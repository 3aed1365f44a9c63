// SPDX-License-Identifier: BSD-3-Clause
// The state machine: what the server may say about its time, and why.
//
//   START     since the boot of the server: leap 3, stratum 0
//   SYNC      the reference's word is served
//   HOLDOVER  the reference is lost; its last word is served, its error growing
//   STEP      the clock jumped: leap 3 until it is known again
//   UNSYNC    the time is not known well enough to be served: leap 3, stratum 0
//
// Time here is what has passed by the counter, which no jump of a clock can change. Pure; one
// thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "time/clock.h"
#include "core/ntp_time.h"
#include "reference/reference.h"
#include "status/words.h"

// The thresholds. Lengths of time and errors are in ns.
#define SYNC_START_NS      4500000000LL    // from the start to SYNC_STATE_UNSYNC
#define SYNC_DISTANCE_NS   1000000000LL    // of root distance: not to be served
#define SYNC_CORRECTION_NS 1000000LL       // still to be corrected: not settled
#define SYNC_RESIDUAL_NS   1000.0          // of the fit
#define SYNC_GRAIN_NS      10000.0         // that the counter advances by at once
#define SYNC_AGE_NS        300000000000LL  // without a measurement: not to be served
#define SYNC_STEP_NS       128000000LL     // a jump of this size is a large one
#define SYNC_STEP_HOLD_NS  2000000000LL    // leap 3 after a jump
#define SYNC_STEP_WORD_NS  3000000000LL    // announced as before the jump at the most
#define SYNC_STEP_AGREE_NS 300000000000LL  // the reference must agree after a large one
#define SYNC_HOLDOVER_NS   1800000000000LL // announced in holdover at the most

// What is known at one tick.
struct sync_facts {
	struct nanos now; // passed since the start
	struct nanos gap; // since the last tick
	enum clock_event event;
	enum clock_cause cause; // of a step
	struct nanos step;      // its size, with sign
	bool is_demoted;
	bool is_coarse;
	bool is_before_build;
	bool has_polled;            // a poll ended since the last tick
	enum sync_reason complaint; // what speaks against synchronising; NONE: nothing
	enum sync_reason loss;      // why the reference is lost; NONE: it is not
	struct nanos silent;        // since the reference answered
	struct nanos distance;      // root distance, of the last word; huge without one
	struct nanos correction;    // that the system clock still needs
};

struct sync_judge {
	enum sync_state state;
	enum sync_reason reason; // of the last transition
	enum announce announce;
	struct nanos since; // of the last transition
	uint64_t entered[SYNC_STATES];
	unsigned good_polls;      // in a row
	struct nanos good_since;  // the first of them
	struct nanos hold_until;  // after a step
	bool must_agree;          // a large step: the reference must agree for five minutes
	enum sync_reason last_no; // the newest complaint
};

// A judge in SYNC_STATE_START.
void sync_judge_init(struct sync_judge *j);

// Goes over to the state that follows. True if that was a transition: a new state, or a step that
// turned out large.
bool sync_judge_tick(struct sync_judge *j, const struct sync_facts *f);

// Whether the reference's word is served in this state.
bool sync_state_is_served(enum sync_state s);

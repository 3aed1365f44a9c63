// SPDX-License-Identifier: BSD-3-Clause
// The server's time side: clock and reference become the snapshot that workers serve.
//
// A hundred times a second the control thread measures, judges and publishes. What it published is
// void five minutes after it stops doing so. One thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "time/clock.h"
#include "core/snapshot.h"
#include "time/leap.h"
#include "time/sync_state.h"
#include "reference/reference.h"

struct timekeeper {
	struct clock clock;
	struct sync_judge judge;
	struct leap_watch leap;
	struct nanos earliest;  // since 1970: the system clock is not believed before it
	int8_t precision_floor; // T2 is told no finer than this, log2 s; 0: as the counter is read
	bool trust_counter;     // whatever the kernel thinks of it
	struct nanos now;       // passed since the start, by the counter
	struct cycles last;     // the counter at the last tick

	bool has_claim;
	struct reference claim; // the reference's last word that can be served
	struct nanos claim_at;  // when it was heard
	struct clock_line
		trace; // the line then: what the clock does from there on is its own doing

	bool must_update;         // what the reference says may be from before the last step
	struct nanos stepped_at;  // CLOCK_REALTIME after it
	struct nanos read_before; // and as it would be without it
	struct nanos read_last;   // at the last tick
	struct nanos told_before; // the reference time that was told before it
	struct nanos told_last;   // and last, whoever told it

	struct nanos answered_at;
	struct nanos deaf_until;  // answers before that may be older than the last step
	enum sync_reason poll_no; // what the last poll had wrong; NONE: nothing
	bool has_polled;          // since the last tick

	bool has_line;
	struct clock_line line; // of the last tick
	struct clock_view view; // the last one
	int8_t precision;
};

// A timekeeper in SYNC_STATE_START.
void timekeeper_init(struct timekeeper *n, const struct clock_source *source);

// Takes what a poll of the reference came to, at once; an answer that did not come too.
void timekeeper_hear(struct timekeeper *n, const struct reference_word *word);

// Measures and goes over to the state that follows. Logs every transition, once. False while there
// is nothing to publish; else *ret_view is the new view. A clock step shows in the same view: leap
// unknown and a new epoch.
bool timekeeper_tick(struct timekeeper *n, struct clock_view *ret_view);

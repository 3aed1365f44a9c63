// SPDX-License-Identifier: BSD-3-Clause
// The server's time side: clock and reference become the snapshot that workers serve.
//
// A hundred times a second the control thread measures, judges and publishes. What it published is
// void five minutes after it stops doing so. One thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "time/claim.h"
#include "time/clock.h"
#include "core/snapshot.h"
#include "time/leap.h"
#include "time/sync_state.h"
#include "reference/reference.h"

// What a timekeeper is told once, for as long as it lives.
struct node_settings {
	struct clock_source source;
	uint64_t last_hz;               // the counter's rate, of a former server; 0: unknown
	const struct config_leap *leap; // must live on
	// Since 1970: the system clock is not believed before it; 0: the day of the build.
	struct nanos earliest;
	int8_t precision_floor; // T2 is told no finer than this, log2 s; 0: as the counter is read
	bool trust_counter;     // whatever the kernel thinks of it
};

struct timekeeper {
	struct node_settings settings;
	struct clock clock;
	struct sync_judge judge;
	struct leap_watch leap;
	struct nanos now;   // passed since the start, by the counter
	struct cycles last; // the counter at the last tick

	struct claim claim; // the last word that can be served

	bool must_update; // what the reference says may be from before the last step
	// The last one; of several without a word between, with the latest `before`.
	struct claim_step step;
	struct nanos read_last; // CLOCK_REALTIME at the last tick
	struct nanos told_last; // the reference time that was told last, whoever told it

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
void timekeeper_init(struct timekeeper *n, const struct node_settings *settings);

// Takes what a poll of the reference came to, at once; an answer that did not come too.
void timekeeper_hear(struct timekeeper *n, const struct reference_word *word);

// Measures and goes over to the state that follows. Logs every transition, once. False while there
// is nothing to publish; else *ret_view is the new view. A clock step shows in the same view: leap
// unknown and a new epoch.
bool timekeeper_tick(struct timekeeper *n, struct clock_view *ret_view);

// SPDX-License-Identifier: BSD-3-Clause
// Which of several references is followed: the first that can be used, without hurry.
//
// A worse-placed one is followed only when each before it could not be used for 5 s; a
// better-placed one again after three good polls in a row. One whose root distance is 50 ms or more
// is as good as none while another is good. A switch needs a fresh report: the clock may have moved
// since an older one. Pure; one thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "reference/reference.h"

// How long one may be unusable before a worse-placed one is followed: 5 s, but so that the other
// can be asked and be followed before the timekeeper calls the reference lost.
#define REFERENCE_SELECT_PATIENCE_NS (REFERENCE_SILENT_NS - 300000000LL)
// How long one that was never usable is waited for after the start.
#define REFERENCE_SELECT_START_NS 1000000000LL

// What may be asked of a reference.
enum reference_select_demand {
	REFERENCE_SELECT_GOOD, // usable, and below 50 ms of root distance
	REFERENCE_SELECT_ANY,  // usable
	REFERENCE_SELECT_DEMANDS,
};

// How long a reference has been what is demanded.
struct reference_select_run {
	unsigned polls; // in a row, up to now
	bool ever;
	struct nanos at; // the last one
};

// What is known of a reference.
struct reference_report {
	struct reference_word said; // the last answer
	struct nanos heard;         // passed then; only where there was one
	bool has_said;
	enum sync_reason
		fault; // of the last poll, OLD and FAR too; NONE: none. FAR is usable in need
	struct reference_select_run run[REFERENCE_SELECT_DEMANDS];
	uint64_t answers;
	uint64_t failures; // polls without an answer
};

struct reference_select {
	unsigned count;
	unsigned followed; // index
	struct reference_report word[CONFIG_REFERENCES];
	enum sync_reason reason; // of the last change: what was wrong with the former, or GOOD
	unsigned former;         // followed before it
	uint64_t changes;
};

// Chooses among `count` references, in the order of the configuration; the first is followed.
void reference_select_init(struct reference_select *c, unsigned count);

// Takes what a poll of reference i came to, when `passed` has passed since the start.
void reference_select_hear(struct reference_select *c, unsigned i,
	const struct reference_word *word, struct nanos passed);

// The one to follow, by what is known: the followed one, or another, which is to be asked if it was
// not heard just now.
unsigned reference_select_wanted(const struct reference_select *c, struct nanos passed);

// Follows the wanted one if it was heard at this very moment. True if that is another one.
bool reference_select_follow(struct reference_select *c, struct nanos passed);

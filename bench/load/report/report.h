// SPDX-License-Identifier: BSD-3-Clause
// What a run came to, in figures, and their presentation. Main thread.
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "run/run.h"

// What kept the figures from being higher.
enum limit {
	LIMIT_NONE, // all that was asked for was sent and answered
	LIMIT_SERVER,
	LIMIT_GENERATOR,
};

struct report {
	double seconds;             // of sending
	uint64_t requests;          // frames that a right reply is due to
	uint64_t junk;              // frames that none is due to
	uint64_t answered;          // requests with a right reply
	double interleaved_percent; // of these, how many in interleaved mode
	uint64_t lost;              // requests without
	uint64_t invalid;           // replies that were wrong
	double offered_pps;         // frames sent, junk among them
	double answered_pps;
	double lost_percent;
	double skipped_percent; // of what was to be sent: neither port nor program could
	double cycles;          // of the counter, for every frame sent, while the core was ours
	double core_share;      // how much of the time it was
	bool generator_is_limit;
	enum limit limit;
	struct summary residency; // transmit less receive timestamp
	struct summary latency;   // from the making of a burst to the look at a reply
};

// The figures of an executed run.
void report_make(const struct run *r, struct report *ret_report);

// server, generator or none. Static storage.
const char *limit_name(enum limit l);

// Whether the run is a success: there were replies, and all were right.
bool report_is_good(const struct report *p);

// What the line before was about. All 0: there was none.
struct report_before {
	uint64_t sent;
	uint64_t answered;
	uint64_t counter;
};

// A line about the run so far on stderr. Fits run_progress; before is a struct report_before.
void report_progress(void *before, const struct run *r, uint64_t now);

// The table for people.
void report_print(FILE *out, const struct run *r, const struct report *p);

// SPDX-License-Identifier: BSD-3-Clause
// The laboratory's world: true time, a machine whose clocks are not true, a reference that speaks
// about them, the server's time side, and a worker that answers through the real core.
//
// The system clock is true time plus an error that the history bends. An honest reference states
// at each poll a correction and a distance that hold that error; between polls it vouches for what
// the clock drifts by itself, 10 ppm at the most, and for nothing else that happens. Of a step that
// is not its own it learns at its next update. A lying one says anything.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/responder.h"
#include "core/snapshot.h"
#include "harness/frame_build.h"
#include "time/timekeeper.h"
#include "simulated_timekeeper.h"

// A rule that a canary breaks on purpose.
enum breakage {
	BREAK_NOTHING,
	BREAK_STEPS,      // a jump is served as if nothing had happened
	BREAK_GROWTH,     // the error does not grow with age
	BREAK_EXCURSION,  // what the clock did since the last poll is left out
	BREAK_FUTURE,     // the reference time lies a millisecond ahead
	BREAK_CORRECTION, // what is still to be corrected is left out
	BREAK_STALE,      // a view that missed newer ones is held to be good
	BREAK_UPDATE,     // what the reference knew before a step is believed after it
	BREAK_LEAP,       // a worker waits for the next view to cross a leap second
	BREAK_ORDER,      // a reply leaves when its request came
	BREAK_ZEROS,      // leap 3 comes with a stratum
	BREAK_SHRINK,     // what is told of the error shrinks
	BREAKAGES
};

struct world_reference {
	bool lies;
	bool is_silent;    // does not answer
	bool is_lost;      // answers leap 3, or stratum 0
	bool is_still;     // is not updated any more
	double error_ns;   // that it usually states
	double unknown_ns; // by which others stepped the clock since its last update
	enum reference_source source;
	double delay_ns;
	int64_t interval_ns;
	int64_t updated_ns; // CLOCK_REALTIME of the last update
	int64_t due_ns;     // true time of the next one
};

// A leap second at `midnight`. The kernel takes it when its own clock says so, or misses it.
struct world_leap {
	int step;         // 1, -1; 0: there is none
	int64_t midnight; // ns since 1970
	bool kernel_misses;
	bool is_past;   // by true time
	bool was_taken; // by the kernel
};

// What a reply may be wrong in. NULL: nothing.
struct world_reply {
	const char *wrong;
	double miss_ns;  // T3, ahead of true time
	double limit_ns; // root distance and bound
	bool is_served;  // as synchronised
};

struct world {
	uint64_t random;
	enum breakage breakage;
	struct machine m;
	int64_t begin_ps; // elapsed_ps when true time was start_ns
	int64_t true_start_ns;
	double drift; // of the system clock by itself, at most 10 ppm
	struct world_reference reference;
	struct world_leap leap;

	struct timekeeper n;
	struct snapshot snapshot;
	bool has_view;
	bool is_excused;     // the counter stood still in a sleep, and nobody has looked since
	unsigned until_poll; // ticks
	unsigned until_told; // until the kernel says that the clock was set; 0: it does not

	struct snapshot_cache cache;
	bool reads_when_idle; // as a worker that polls does
	struct responder responder;
	uint8_t request[FRAME_ROOM];
	size_t request_length;
	bool is_stuck;           // the writer was killed in the middle of a view
	uint64_t served_time;    // reference time of the last reply that was served
	uint32_t served_error;   // its root dispersion, 16.16
	unsigned probes, served; // counts
};

// A world drawn from the seed.
void world_make(struct world *w, uint64_t seed, enum breakage breakage);

// What the system clock is ahead of true time, in ns.
double world_error_ns(const struct world *w);

// Someone sets the clock, the reference's own daemon or another.
void world_step(struct world *w, double ns, bool is_own);

// Time goes on.
void world_pass(struct world *w, int64_t ns);

// A turn of the control thread: the reference is polled when it is due, then everything is
// measured, judged and published.
void world_tick(struct world *w);

// A request comes in and is answered.
struct world_reply world_ask(struct world *w);

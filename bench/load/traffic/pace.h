// SPDX-License-Identifier: BSD-3-Clause
// How many frames are due by now. Open loop: the schedule asks for nobody's answer. What could not
// be sent in its time is not caught up with in one heap, but skipped, and counted. Pure, any
// thread.
#pragma once

#include <stdint.h>

struct pace {
	uint64_t mult;    // frames per counter cycle, times 2^64; 0: as fast as it goes
	uint64_t limit;   // frames that may be overdue before some are skipped
	uint64_t skipped; // so far
};

// Rates are below a frame per counter cycle; this is the most that is asked for.
#define PACE_RATE_MAX 1000000000u

// A pace of `rate` frames a second, at most PACE_RATE_MAX, on a counter of counter_hz; 0: as fast
// as it goes.
void pace_init(struct pace *p, uint64_t rate, uint64_t counter_hz);

// Frames to be made now, `elapsed` cycles after the start and `made` frames into the run; at most
// `room`.
static inline unsigned pace_due(struct pace *p, uint64_t elapsed, uint64_t made, unsigned room)
{
	__extension__ typedef unsigned __int128 uint128;
	if (p->mult == 0)
		return room;
	uint64_t plan = (uint64_t)((uint128)elapsed * p->mult >> 64);
	uint64_t due = plan - p->skipped - made;
	if ((int64_t)due <= 0)
		return 0;
	if (due > p->limit) {
		p->skipped += due - p->limit;
		due = p->limit;
	}
	return due < room ? (unsigned)due : room;
}

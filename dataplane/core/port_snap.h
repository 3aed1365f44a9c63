// SPDX-License-Identifier: BSD-3-Clause
// What the stamps of one port mean: the line from its clock's ticks to the machine's counter.
//
// One writer (the control thread, ten times a second), any number of readers, 64 bytes, one copy
// per NUMA node beside the snapshot of time, by the same protocol. To the counter and not to UTC:
// the worker's own snapshot turns both its counter and the port's stamps into UTC, by one line, so
// that T3 - T2 has no error of two lines in it, and steps and slews of the system clock leave this
// one alone.
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/ntp_time.h"

// Rates are counter cycles per tick, times 2^48: for clocks of 100 kHz and more.
#define PORT_MULT_SHIFT 48
// Parts of a counter cycle in ref_fraction; slow counters have 40 ns to a cycle.
#define PORT_FRACTION_BITS 16

enum port_view_flag {
	PORT_VIEW_FIT = 1,             // the line may be used
	PORT_VIEW_ZERO_IS_INVALID = 2, // a stamp of zero says that there is none
};

// The contents, by value. Plain data, no pointers.
struct port_view {
	uint64_t ref_ticks;         // the port's clock
	struct cycles ref_cycles;   // the counter then, rounded down
	uint64_t mult;              // see PORT_MULT_SHIFT
	struct cycles valid_cycles; // older than this the line is void
	struct cycles error_bound;  // |line - counter|
	uint32_t max_age;           // NTP units: an older stamp is not believed
	uint32_t
		byte_time; // NTP units times 2^16 from a frame's start to its end; 0: stamped there
	uint32_t epoch;    // rises when fitting began again
	uint16_t ref_fraction; // what rounding took from ref_cycles, see PORT_FRACTION_BITS
	uint8_t width;         // low bits of a stamp that count, 8 to 64
	uint8_t flags;         // enum port_view_flag
};

#define PORT_SNAP_WORDS (sizeof(struct port_view) / sizeof(uint64_t))

struct port_snap {
	alignas(64) _Atomic uint64_t sequence;  // writer: control; odd while it writes; 0: never
	_Atomic uint64_t word[PORT_SNAP_WORDS]; // writer: control; readers: workers, ntpwirectl
};

static_assert(sizeof(struct port_view) % sizeof(uint64_t) == 0, "the payload is whole words");
static_assert(sizeof(struct port_snap) == 64, "a cache line");

// A reader's own copy. Zero it to begin with: a line that may not be used.
struct port_snap_cache {
	struct port_view view;
	uint64_t sequence; // of the copy; 0: nothing read yet
};

// Publishes view. Only on the one writing thread.
void port_snap_publish(struct port_snap *s, const struct port_view *view);

// Brings the cache up to date; costs one load when nothing was published since. False if the writer
// was in the way SNAPSHOT_TRIES times: the cache is then as it was. Any thread, own cache.
bool port_snap_read(const struct port_snap *s, struct port_snap_cache *cache);

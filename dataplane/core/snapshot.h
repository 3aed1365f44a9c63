// SPDX-License-Identifier: BSD-3-Clause
// The published time: what the control thread knows about now, for workers to read without a lock.
//
// One writer (the control thread), any number of readers, 128 bytes, one copy per NUMA node in a
// shared-memory file. A seqcount with a payload of relaxed atomics: a reader that is overtaken
// reads again, and one that finds the writer stuck keeps the copy it has if nothing newer was
// published, and else knows nothing; it never waits. The protocol is modelled in
// tests/model/snapshot.pml.
//
// The line it holds is: time = ref_time + (cycles - ref_cycles) * mult, modulo 2^64. How old the
// line is, a reader judges by its own counter, so a writer that died cannot keep time good. The
// line runs on evenly through a leap second; the schedule beside it says where UTC leaves it, so
// readers cross the leap by themselves (clock_view_cross).
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/ntp_time.h"

// RFC 5905 figure 9.
enum leap {
	LEAP_NONE = 0,
	LEAP_INSERT = 1,
	LEAP_DELETE = 2,
	LEAP_UNKNOWN = 3, // the clock is not synchronised
};

enum leap_flag {
	LEAP_ANNOUNCED = 1, // the leap indicator tells of it on its day
	LEAP_WINDOW = 2,    // leap 3 from half a second before it to a second and a half after
	LEAP_CROSSED = 4,   // the line is that of after the leap
	LEAP_NO_SMEAR = 8,  // known too late, or taken back: smeared time cannot be told
};

// The contents, by value. Plain data, no pointers.
struct clock_view {
	struct cycles ref_cycles;       // the counter at ref_time
	struct ntp_time ref_time;       // the time at ref_cycles, UTC
	uint64_t mult;                  // NTP units per cycle, times 2^NTP_MULT_SHIFT
	struct ntp_time reference_time; // when the clock was last set (RFC 5905 7.3)
	uint64_t root_dispersion;       // NTP units at ref_cycles, error of the line included
	uint64_t dispersion_rate;       // growth: NTP units per 2^32 NTP units of age
	struct cycles valid_cycles;     // older than this the line is void: leap 3, stratum 0
	uint64_t error_bound;           // NTP units: |line - system clock|, part of root_dispersion
	uint32_t root_delay;            // short format, 16.16 s
	uint32_t reference_id;          // as a number; 'L','O','C','L' is 0x4c4f434c
	uint32_t epoch;   // rises when the clock stepped: do not mix times of two epochs
	uint8_t leap;     // enum leap
	uint8_t stratum;  // 0 when not synchronised; never 16 (RFC 5905 7.3)
	int8_t precision; // log2 s
	uint8_t state;    // enum sync_state of the control side, for readers of the status segment
	struct ntp_time leap_at; // where UTC leaves the line, told by the line of before
	int8_t leap_step;        // seconds inserted there: 1, -1 left out; 0: no leap is known
	uint8_t leap_flags;      // enum leap_flag
	int16_t tai_offset;      // TAI - UTC before leap_at in s, or now; 0: unknown
	uint32_t reserved_word;  // zero
	uint64_t reserved[2];    // zero
};

#define SNAPSHOT_WORDS (sizeof(struct clock_view) / sizeof(uint64_t))

struct snapshot {
	alignas(128) _Atomic uint64_t sequence; // writer: control; odd while it writes; 0: never
	_Atomic uint64_t word[SNAPSHOT_WORDS];  // writer: control; readers: workers, ntpwirectl
};

static_assert(sizeof(struct clock_view) % sizeof(uint64_t) == 0, "the payload is whole words");
static_assert(sizeof(struct snapshot) == 128, "two cache lines");

// A reader's own copy. Zero it to begin with.
struct snapshot_cache {
	struct clock_view view;
	uint64_t sequence; // of the copy; 0: nothing read yet
};

// A line may lie ahead of the counter by valid_cycles shifted right by this: 1.2 s of five minutes.
#define CLOCK_VIEW_EARLIER 8

// How often a reader tries again before it gives up: if its copy is the one before what the writer
// is at, and if it is older.
#define SNAPSHOT_TRIES        64
#define SNAPSHOT_TRIES_MISSED 1024

// Publishes view. Only on the one writing thread. Also mends a sequence that a killed writer left
// odd.
void snapshot_publish(struct snapshot *s, const struct clock_view *view);

// The part of snapshot_read where something was published.
bool snapshot_copy(const struct snapshot *s, struct snapshot_cache *cache);

// Brings the cache up to date; costs one load when nothing was published since. False if the
// writer was in the way every time: the cache is then as it was, or not synchronised (stratum 0) if
// a newer view than its own was published before the last try. So a reader that is not to depend on
// the writer's health reads often, also when it needs no time. Any thread, own cache.
static inline bool snapshot_read(const struct snapshot *s, struct snapshot_cache *cache)
{
	uint64_t now = atomic_load_explicit(&s->sequence, memory_order_relaxed);
	return now == cache->sequence || snapshot_copy(s, cache);
}

// The time at a reading of the counter, which may lie before or after ref_cycles.
static inline struct ntp_time clock_view_time(const struct clock_view *v, struct cycles at)
{
	struct cycles since = {at.n - v->ref_cycles.n};
	return ntp_time_add(v->ref_time, ntp_time_from_cycles(since, v->mult));
}

// Seconds in NTP units.
static inline int64_t ntp_time_from_seconds(int32_t s)
{
	return (int64_t)s * ((int64_t)1 << 32);
}

// The part of clock_view_cross where a leap is near.
void clock_view_leave(struct clock_view *v, struct cycles at);

// Takes a reader's own copy over the leap if `at`, the moment of a burst, is past it: from then on
// its line is UTC of after the leap. Once a burst, before anything is read from the line, so that
// all times of a burst are told alike. Costs one branch while no leap is near.
static inline void clock_view_cross(struct clock_view *v, struct cycles at)
{
	if (v->leap_step != 0)
		clock_view_leave(v, at);
}

// How far `at` is past the leap in NTP units; negative before it. Only with a leap_step. v crossed
// or not.
int64_t clock_view_past_leap(const struct clock_view *v, struct cycles at);

// The leap indicator to be served at `at` (enum leap) by a view that is good: the schedule's, where
// there is one.
uint8_t clock_view_leap(const struct clock_view *v, struct cycles at);

// Whether v may be served at the counter reading `now`: something was published, it says
// synchronised, and it is not older than valid_cycles, nor younger than now by a small part of
// that.
bool clock_view_is_good(const struct clock_view *v, struct cycles now);

// Root dispersion at `now` in NTP units: grows with age at dispersion_rate, rounded up, saturating.
uint64_t clock_view_dispersion(const struct clock_view *v, struct cycles now);

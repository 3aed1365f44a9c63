// SPDX-License-Identifier: BSD-3-Clause
// Interleaved mode (RFC 9769): a client that was answered before may be told when that reply really
// left, which no reply can say of itself.
//
// The client names the reply by its T2, which must be one reply's alone. Below the time, T2 has the
// worker's number, the reply's place in its burst and a last bit that is 1; T3's last bit is 0, so
// that a basic client's origin is never taken for a T2. Number and place are mixed with the time,
// so that they are noise to others and T2 is right on average.
//
// One entry a burst is kept. The table is bounded: what is new takes the place of what is oldest in
// its bucket, and who asks too late is answered in basic mode. One table per worker, on its thread.
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/ntp_time.h"
#include "core/wire_int.h"

#define INTERLEAVE_REPLIES 32 // of a burst that can be named
#define INTERLEAVE_ASKED   64 // of a burst that can ask
#define INTERLEAVE_QUEUES  32
#define INTERLEAVE_WAYS    4
#define INTERLEAVE_WORKERS 128

// The replies of one burst, or one reply whose T2 the port stamped.
struct interleave_pair {
	uint64_t key;    // T2's time, its lower bits: queue << 1 | 1; 0: empty
	uint32_t told;   // epoch << 24 | NTP units from T2's time to the first reply's T3
	uint32_t unused; // bit k: reply k was sent and not asked for yet
};

struct interleave_bucket {
	alignas(64) struct interleave_pair pair[INTERLEAVE_WAYS]; // the newest first
};

static_assert(sizeof(struct interleave_bucket) == 64, "one cache line");

struct interleave {
	struct interleave_bucket *bucket; // the caller's
	unsigned hash_shift;              // 64 less the bits of the bucket's number
	unsigned grid_bits;               // of T2 that are not time
	uint64_t worker;                  // its number, where T2 has it
	uint64_t secret;                  // the same for all workers of a server
	uint32_t epoch;                   // clock_view's: the caller keeps it up to date
	struct ntp_time last;             // the latest time given to a burst; 0: none yet
};

// Bits of a T2 of that many workers that are not its time: T2 is right to 2^(bits - 32) s.
unsigned interleave_grid_bits(unsigned workers);

// The precision that follows from it, log2 s.
static inline int8_t interleave_precision(unsigned workers)
{
	return (int8_t)(interleave_grid_bits(workers) - 32);
}

// The table of one of `workers` workers, over `count` buckets, a power of two of at least 2, all
// zero.
void interleave_init(struct interleave *t, struct interleave_bucket *bucket, size_t count,
	unsigned worker, unsigned workers);

// The time of t that a T2 can have.
static inline struct ntp_time interleave_time(const struct interleave *t, struct ntp_time at)
{
	return (struct ntp_time){at.raw >> t->grid_bits << t->grid_bits};
}

// Whether `time` is after `last`, which may be 0 for none yet: no T2 may be given twice.
static inline bool interleave_is_new(struct ntp_time last, struct ntp_time time)
{
	return last.raw == 0 || ntp_time_before(last, time);
}

// The T2 of a burst's first reply, which came at `time`; the k-th is that XOR 2k.
struct ntp_time interleave_mark(const struct interleave *t, struct ntp_time time);

// Large odd numbers with bits all over.
#define INTERLEAVE_HASH_MIX 0x9e3779b97f4a7c15u
#define INTERLEAVE_MARK_MIX 0xd6e8feb86659fd93u

// What number and place are mixed with, and a bucket's number: expressions, the same for one number
// and for lanes of them (lanes.h). All workers of a server agree on the noise, so that no two T2 of
// one time are the same; the last bit stays.
#define INTERLEAVE_NOISE(time, secret, grid)                                                       \
	(((time) ^ (secret)) * INTERLEAVE_MARK_MIX >> 32 & (grid) & ~(uint64_t)1)
#define INTERLEAVE_BUCKET(time, grid_bits, hash_shift)                                             \
	(((time) >> (grid_bits)) * INTERLEAVE_HASH_MIX >> (hash_shift))

// The bits of T2 below its time.
static inline uint64_t interleave_grid(const struct interleave *t)
{
	return ((uint64_t)1 << t->grid_bits) - 1;
}

// Whether a message with these fields may ask for an interleaved reply (RFC 9769 section 2).
static inline bool interleave_is_asked(
	struct ntp_time origin, struct be64 receive, struct be64 transmit)
{
	return (origin.raw & 1) != 0 && memcmp(&receive, &transmit, sizeof(receive)) != 0;
}

// Begins to fetch what interleave_save will write.
void interleave_fetch(const struct interleave *t, struct ntp_time time);

// Who of a burst asks, by which T2, and what is known. Bit i is who the owner gave number i.
struct interleave_lookup {
	uint64_t asking;                  // in: may be told when the reply that was named left
	uint64_t found;                   // out: will be: at transmit[i]
	uint64_t time[INTERLEAVE_ASKED];  // of those that ask: what T2 has for a time
	uint64_t place[INTERLEAVE_ASKED]; // and its reply's place; INTERLEAVE_REPLIES or more: no
	                                  // T2 of ours
	struct interleave_bucket *bucket[INTERLEAVE_ASKED]; // where it is if it is known
	uint64_t transmit[INTERLEAVE_ASKED];
};

// Number i asks with this origin. Begins to fetch what interleave_find will look at.
void interleave_ask(const struct interleave *t, struct interleave_lookup *a, unsigned i,
	struct ntp_time origin);

// Looks up the T3 of the replies that are asked for and left through this queue, `step` units
// between two replies. One that is not known, is of another epoch, or was asked for before is not
// found; from now on those found were.
void interleave_find(
	const struct interleave *t, unsigned queue, uint64_t step, struct interleave_lookup *a);

// Keeps the replies in `sent` (bit k: the k-th) of a burst of `time`, the first of which left at
// `transmit`. One that took longer than 3.9 ms is not kept.
void interleave_save(struct interleave *t, unsigned queue, struct ntp_time time,
	struct ntp_time transmit, uint32_t sent);

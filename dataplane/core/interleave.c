// SPDX-License-Identifier: BSD-3-Clause
#include "core/interleave.h"

// Large odd numbers with bits all over.
#define HASH_MIX 0x9e3779b97f4a7c15u
#define MARK_MIX 0xd6e8feb86659fd93u

#define REPLY_BITS 5 // of a reply's place, above the last bit
#define DELAY_BITS 24
#define DELAY_MAX  ((1u << DELAY_BITS) - 1)

static_assert(1u << REPLY_BITS == INTERLEAVE_REPLIES, "a place fits");
static_assert(INTERLEAVE_QUEUES <= 1u << REPLY_BITS, "a queue's number fits where T2 has no time");

unsigned interleave_grid_bits(unsigned workers)
{
	unsigned bits = 1 + REPLY_BITS;
	for (unsigned rest = workers - 1; rest > 0; rest >>= 1)
		bits++;
	return bits;
}

void interleave_init(struct interleave *t, struct interleave_bucket *bucket, size_t count,
	unsigned worker, unsigned workers)
{
	*t = (struct interleave){
		.bucket = bucket,
		.hash_shift = 64,
		.grid_bits = interleave_grid_bits(workers),
		.worker = (uint64_t)worker << (1 + REPLY_BITS),
	};
	for (size_t rest = count; rest > 1; rest >>= 1)
		t->hash_shift--;
}

static uint64_t grid_mask(const struct interleave *t)
{
	return ((uint64_t)1 << t->grid_bits) - 1;
}

// What number and place are mixed with: all workers of a server agree on it, so that no two T2 of one
// time are the same. The last bit stays.
static uint64_t mark_noise(const struct interleave *t, uint64_t time)
{
	return (time ^ t->secret) * MARK_MIX >> 32 & grid_mask(t) & ~(uint64_t)1;
}

struct ntp_time interleave_mark(const struct interleave *t, struct ntp_time time)
{
	uint64_t mark = (t->worker | 1) ^ mark_noise(t, time.raw);
	return (struct ntp_time){time.raw | mark};
}

static struct interleave_bucket *bucket_of(const struct interleave *t, uint64_t time)
{
	return &t->bucket[(time >> t->grid_bits) * HASH_MIX >> t->hash_shift];
}

void interleave_fetch(const struct interleave *t, struct ntp_time origin)
{
	__builtin_prefetch(bucket_of(t, origin.raw), 1);
}

static uint64_t pair_key(uint64_t time, unsigned queue)
{
	return time | queue << 1 | 1;
}

// Takes reply k out of those not asked for.
static inline bool pair_take(struct interleave_pair *p, uint64_t key, uint32_t epoch, uint64_t k)
{
	if (p->key != key || p->told >> DELAY_BITS != (epoch & UINT8_MAX) || !(p->unused >> k & 1))
		return false;
	p->unused &= ~(1u << k);
	return true;
}

// 0 if it is not known.
static inline uint64_t transmit_find(
	const struct interleave *t, unsigned queue, struct ntp_time origin, uint64_t step)
{
	uint64_t time = interleave_time(t, origin).raw;
	uint64_t mark = (origin.raw & grid_mask(t)) ^ mark_noise(t, time) ^ t->worker;
	struct interleave_bucket *b = bucket_of(t, time);
	uint64_t k = mark >> 1;
	// Another worker's, or no T2 of ours.
	if (k >= INTERLEAVE_REPLIES || (mark & 1) == 0)
		return 0;
	struct interleave_pair *p = b->pair;
	while (!pair_take(p, pair_key(time, queue), t->epoch, k))
		if (++p == b->pair + INTERLEAVE_WAYS)
			return 0;
	return time + (p->told & DELAY_MAX) + k * step;
}

void interleave_find(
	struct interleave *t, unsigned queue, uint64_t step, struct interleave_asked *a)
{
	// What is written could be the table's own description, for all the compiler knows.
	const struct interleave own = *t;
	uint64_t found = 0;
	for (uint64_t left = a->asking; left != 0; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);
		uint64_t transmit = transmit_find(&own, queue, a->origin[i], step);
		a->transmit[i] = transmit;
		found |= (uint64_t)(transmit != 0) << i;
	}
	a->found = found;
}

void interleave_save(struct interleave *t, unsigned queue, struct ntp_time time,
	struct ntp_time transmit, uint32_t sent)
{
	struct interleave_bucket *b = bucket_of(t, time.raw);
	uint64_t delay = transmit.raw - time.raw;
	uint64_t least = (uint64_t)1 << t->grid_bits; // after any T2 of that time
	if ((int64_t)delay < (int64_t)least)
		delay = least;
	if (delay > DELAY_MAX)
		return;
	for (unsigned i = INTERLEAVE_WAYS - 1; i > 0; i--)
		b->pair[i] = b->pair[i - 1];
	b->pair[0] = (struct interleave_pair){
		.key = pair_key(time.raw, queue),
		.told = t->epoch << DELAY_BITS | (uint32_t)(delay & ~(uint64_t)1),
		.unused = sent,
	};
}

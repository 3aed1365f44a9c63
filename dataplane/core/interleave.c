// SPDX-License-Identifier: BSD-3-Clause
#include "core/interleave.h"

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

struct ntp_time interleave_mark(const struct interleave *t, struct ntp_time time)
{
	uint64_t noise = INTERLEAVE_NOISE(time.raw, t->secret, interleave_grid(t));
	return (struct ntp_time){time.raw | ((t->worker | 1) ^ noise)};
}

static struct interleave_bucket *bucket_of(const struct interleave *t, uint64_t time)
{
	return &t->bucket[INTERLEAVE_BUCKET(time, t->grid_bits, t->hash_shift)];
}

void interleave_fetch(const struct interleave *t, struct ntp_time time)
{
	__builtin_prefetch(bucket_of(t, time.raw), 1);
}

void interleave_ask(
	const struct interleave *t, struct interleave_lookup *a, unsigned i, struct ntp_time origin)
{
	uint64_t grid = interleave_grid(t);
	uint64_t time = origin.raw & ~grid;
	uint64_t mark =
		(origin.raw & grid) ^ INTERLEAVE_NOISE(time, t->secret, grid) ^ (t->worker | 1);
	a->asking |= (uint64_t)1 << i;
	a->time[i] = time;
	// The last bit of a T2 of ours is 0 here, and comes out on top else.
	a->place[i] = mark >> 1 | mark << 63;
	a->bucket[i] = bucket_of(t, time);
	__builtin_prefetch(a->bucket[i], 1);
}

static uint64_t pair_key(uint64_t time, unsigned queue)
{
	return time | queue << 1 | 1;
}

// What the lookups of a burst have in common.
struct lookup {
	uint64_t key; // of time 0
	uint64_t step;
	uint32_t told; // of a delay of 0
};

// Takes reply k out of those not asked for, and what the pair tells. False if it is not of this
// key.
static inline bool pair_take(struct interleave_pair *p, uint64_t key, const struct lookup *l,
	uint64_t k, uint32_t *ret_delay)
{
	uint32_t unused = p->unused;
	*ret_delay = p->told ^ l->told;
	if (p->key != key || *ret_delay > DELAY_MAX || !(unused >> k & 1))
		return false;
	p->unused = unused & ~(1u << k);
	return true;
}

// False if it is not known.
static inline bool transmit_find(const struct lookup *l, struct interleave_lookup *a, unsigned i)
{
	struct interleave_pair *p = a->bucket[i]->pair;
	const struct interleave_pair *end = p + INTERLEAVE_WAYS;
	uint64_t k = a->place[i];
	uint32_t delay;
	if (k >= INTERLEAVE_REPLIES)
		return false;
	while (!pair_take(p, a->time[i] | l->key, l, k, &delay))
		if (++p == end)
			return false;
	a->transmit[i] = a->time[i] + delay + k * l->step;
	return true;
}

void interleave_find(
	const struct interleave *t, unsigned queue, uint64_t step, struct interleave_lookup *a)
{
	const struct lookup l = {pair_key(0, queue), step, t->epoch << DELAY_BITS};
	uint64_t found = 0;
	for (uint64_t left = a->asking; left != 0; left &= left - 1)
		if (transmit_find(&l, a, (unsigned)__builtin_ctzll(left)))
			found |= left & -left;
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

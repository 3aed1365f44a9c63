// SPDX-License-Identifier: BSD-3-Clause
#include "core/interleave_burst.h"

#include <stddef.h>

#include "core/ntp.h"
#include "core/verdict.h"
#include "core/wire_int.h"

// RFC 9769 section 2 is of NTPv4 clients.
static void packet_seek(struct interleave_burst *s, const struct packet *p, unsigned i)
{
	const struct ntp_wire *m = (const struct ntp_wire *)p->frame.ntp;
	if (p->verdict != V_ANSWER_V4 || p->is_smeared)
		return;
	struct ntp_time origin = {be64_get(m->origin_time)};
	if (interleave_is_asked(origin, m->receive_time, m->transmit_time))
		interleave_ask(s->table, &s->asked, i, origin);
}

void interleave_burst_seek(struct interleave_burst *s, struct fastpath *c)
{
	fastpath_seek(c, s->table);
}

void interleave_burst_seek_end(
	struct interleave_burst *s, struct fastpath *c, const struct packet *packets)
{
	fastpath_seek_end(c, packets);
	s->asked.asking = 0;
	for (unsigned k = 0; k < c->left; k++)
		packet_seek(s, &packets[c->left_at[k]], c->left_at[k]);
}

// Looks up all who ask.
static void asked_find(struct interleave_burst *s, struct fastpath *c, uint64_t step)
{
	interleave_find(s->table, s->queue, step, &c->ip4.asked);
	interleave_find(s->table, s->queue, step, &c->ip6.asked);
	interleave_find(s->table, s->queue, step, &s->asked);
}

static void asked_clear(struct interleave_burst *s, struct fastpath *c)
{
	c->ip4.asked.asking = 0;
	c->ip6.asked.asking = 0;
	s->asked.asking = 0;
}

static struct ntp_time unmarked(struct ntp_time t)
{
	return (struct ntp_time){t.raw & ~(uint64_t)1};
}

struct ntp_time interleave_burst_begin(struct interleave_burst *s, struct fastpath *c,
	uint64_t step, struct ntp_time receive, bool may_pair)
{
	struct ntp_time time = interleave_time(s->table, receive);
	if (!may_pair)
		asked_clear(s, c);
	asked_find(s, c, step);
	s->marked = 0;
	s->stamped = 0;
	s->own_floor = s->last_own;
	s->is_marking = may_pair && interleave_is_new(s->table->last, time) &&
	                interleave_is_new(s->last_own, time);
	if (!s->is_marking)
		return unmarked(receive);
	s->table->last = time;
	s->time = time;
	interleave_fetch(s->table, time);
	return interleave_mark(s->table, time);
}

// The first n replies, as bits.
static uint32_t reply_bits(unsigned n)
{
	return n >= INTERLEAVE_REPLIES ? UINT32_MAX : (1u << n) - 1;
}

bool interleave_burst_take_all(struct interleave_burst *s, unsigned n)
{
	if (n > INTERLEAVE_REPLIES)
		return false;
	if (!s->is_marking)
		return true;
	s->marked = reply_bits(n);
	s->taken = s->time;
	return true;
}

// Stamps of a queue come in their order from burst to burst; one that does not is not given a mark.
// In a burst places tell them apart.
static struct ntp_time own_receive(struct interleave_burst *s, struct ntp_time stamp, unsigned k)
{
	struct ntp_time time = interleave_time(s->table, stamp);
	if (!s->is_marking || k >= INTERLEAVE_REPLIES || !interleave_is_new(s->taken, time) ||
		!interleave_is_new(s->own_floor, time))
		return unmarked(stamp);
	if (interleave_is_new(s->last_own, time))
		s->last_own = time;
	s->own[k] = time;
	s->stamped |= 1u << k;
	return (struct ntp_time){interleave_mark(s->table, time).raw ^ 2 * k};
}

struct ntp_time interleave_burst_receive(
	struct interleave_burst *s, const struct packet *p, unsigned k, struct ntp_time first)
{
	if (p->way == PATH_SLOW && p->is_smeared)
		return unmarked(p->has_rx_time ? p->rx_time : first);
	if (p->has_rx_time)
		return own_receive(s, p->rx_time, k);
	if (!s->is_marking || k >= INTERLEAVE_REPLIES)
		return unmarked(first);
	s->marked |= 1u << k;
	s->taken = s->time;
	return (struct ntp_time){first.raw ^ 2 * k};
}

// Two bits at a time, then four, then eight: the machine's own instruction is not there everywhere.
static unsigned bits_count(uint64_t bits)
{
	bits -= bits >> 1 & 0x5555555555555555u;
	bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (unsigned)(bits * 0x0101010101010101u >> 56);
}

// Of these packets, how many are answered. at: which packet each bit is; NULL: the one of its
// number.
static unsigned bits_answered(
	uint64_t bits, const uint8_t *at, const struct packet *packets, bool is_all)
{
	unsigned answered = 0;
	if (is_all)
		return bits_count(bits);
	for (; bits != 0; bits &= bits - 1) {
		unsigned i = (unsigned)__builtin_ctzll(bits);
		answered += verdict_is_answer(packets[at != NULL ? at[i] : i].verdict);
	}
	return answered;
}

static void asked_count(struct interleave_burst_tally *t, const struct interleave_lookup *a,
	const uint8_t *at, const struct packet *packets, bool is_all)
{
	if (a->asking == 0)
		return;
	t->told += bits_answered(a->found, at, packets, is_all);
	t->missed += bits_answered(a->asking & ~a->found, at, packets, is_all);
}

struct interleave_burst_tally interleave_burst_count(const struct interleave_burst *s,
	const struct fastpath *c, const struct packet *packets, bool is_all)
{
	struct interleave_burst_tally t = {0};
	asked_count(&t, &c->ip4.asked, c->ip4.at, packets, is_all);
	asked_count(&t, &c->ip6.asked, c->ip6.at, packets, is_all);
	asked_count(&t, &s->asked, NULL, packets, is_all);
	return t;
}

void interleave_burst_sent(struct interleave_burst *s, unsigned sent, struct ntp_time transmit)
{
	uint32_t left = reply_bits(sent);
	uint32_t stamped = s->stamped & left;
	if ((s->marked & left) != 0)
		interleave_save(s->table, s->queue, s->time, transmit, s->marked & left);
	for (; stamped != 0; stamped &= stamped - 1) {
		unsigned k = (unsigned)__builtin_ctz(stamped);
		interleave_save(s->table, s->queue, s->own[k], transmit, 1u << k);
	}
}

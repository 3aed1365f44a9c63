// SPDX-License-Identifier: BSD-3-Clause
#include "core/pairs.h"

#include "core/ntp.h"

static const struct ntp_wire *message_of(const struct packet *p)
{
	if (p->way == WAY_LONG)
		return (const struct ntp_wire *)p->frame.ntp;
	unsigned at = p->is_ip6 ? COLUMN_IP6_MESSAGE : COLUMN_IP4_MESSAGE;
	return (const struct ntp_wire *)(p->data + at);
}

static struct ntp_time origin_of(const struct packet *p)
{
	return (struct ntp_time){be64_get(message_of(p)->origin_time)};
}

// RFC 9769 section 2 is of NTPv4 clients.
static bool packet_asks(const struct packet *p)
{
	const struct ntp_wire *m = message_of(p);
	return p->verdict == V_ANSWER_V4 &&
	       interleave_is_asked(origin_of(p), (struct ntp_time){be64_get(m->receive_time)},
		       (struct ntp_time){be64_get(m->transmit_time)});
}

static uint64_t long_asking(const struct packet *packets, unsigned n)
{
	uint64_t asking = 0;
	for (unsigned i = 0; i < n; i++) {
		const struct packet *p = &packets[i];
		if (p->way == WAY_LONG && verdict_is_answer(p->verdict) && !p->is_smeared)
			asking |= (uint64_t)packet_asks(p) << i;
	}
	return asking;
}

void pairs_seek(struct pairs *s, const struct columns *c, const struct packet *packets, unsigned n)
{
	uint64_t odd = columns_odd_origins(c);
	s->asking = c->stay < n ? long_asking(packets, n) : 0;
	for (; odd != 0; odd &= odd - 1) {
		unsigned i = (unsigned)__builtin_ctzll(odd);
		s->asking |= (uint64_t)packet_asks(&packets[i]) << i;
	}
	for (uint64_t left = s->asking; left != 0; left &= left - 1)
		interleave_fetch(s->table, origin_of(&packets[__builtin_ctzll(left)]));
}

static void pairs_find(struct pairs *s, const struct packet *packets, uint64_t step)
{
	s->found = 0;
	for (uint64_t left = s->asking; left != 0; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);
		struct ntp_time transmit;
		if (!interleave_find(s->table, s->queue, origin_of(&packets[i]), step, &transmit))
			continue;
		s->transmit[i] = transmit.raw;
		s->found |= (uint64_t)1 << i;
	}
}

static struct ntp_time unmarked(struct ntp_time t)
{
	return (struct ntp_time){t.raw & ~(uint64_t)1};
}

struct ntp_time pairs_begin(struct pairs *s, const struct packet *packets, uint64_t step,
	struct ntp_time receive, bool may_pair)
{
	struct ntp_time time = interleave_time(s->table, receive);
	if (!may_pair)
		s->asking = 0;
	pairs_find(s, packets, step);
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

bool pairs_take_all(struct pairs *s, unsigned n)
{
	if (s->found != 0 || n > INTERLEAVE_REPLIES)
		return false;
	if (!s->is_marking)
		return true;
	s->marked = reply_bits(n);
	s->taken = s->time;
	return true;
}

// Stamps of a queue come in their order from burst to burst; one that does not is not given a mark. In a
// burst places tell them apart.
static struct ntp_time own_receive(struct pairs *s, struct ntp_time stamp, unsigned k)
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

struct ntp_time pairs_receive(
	struct pairs *s, const struct packet *p, unsigned k, struct ntp_time first)
{
	if (p->is_smeared)
		return unmarked(p->has_rx_time ? p->rx_time : first);
	if (p->has_rx_time)
		return own_receive(s, p->rx_time, k);
	if (!s->is_marking || k >= INTERLEAVE_REPLIES)
		return unmarked(first);
	s->marked |= 1u << k;
	s->taken = s->time;
	return (struct ntp_time){first.raw ^ 2 * k};
}

void pairs_sent(struct pairs *s, unsigned sent, struct ntp_time transmit)
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

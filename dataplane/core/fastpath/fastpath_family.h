// SPDX-License-Identifier: BSD-3-Clause
// What both families of the fast path do alike. For fastpath_ip4.c and fastpath_ip6.c alone.
#pragma once

#include "core/checksum.h"
#include "core/fastpath/fastpath_set.h"
#include "core/fastpath/fastpath_stamps.h"
#include "core/ntp.h"
#include "core/wire.h"

#define FAST_UDP_LENGTH (sizeof(struct udp_wire) + NTP_LENGTH)
#define MAC_BITS        ((1ull << 48) - 1)

// The pseudo-header's protocol and length.
LANES_INLINE uint64_t fast_pseudo_sum(void)
{
	return checksum_term16(PROTOCOL_UDP) + checksum_term16(FAST_UDP_LENGTH);
}

// Not zero in the lanes whose word k is not a plain frame's.
LANES_INLINE lanes fast_differs(const struct fast_plan *p, unsigned k, lanes word)
{
	return (word ^ lanes_load(p->want[k])) & lanes_load(p->mask[k]);
}

// The source MAC, from the first two words: its lower 48 bits.
LANES_INLINE lanes fast_source_mac(lanes word0, lanes word8)
{
	return (word0 >> 48 | word8 << 16) & MAC_BITS;
}

// Not zero in the lanes whose source MAC could never receive: zero, a group's, or our own.
LANES_INLINE lanes fast_mac_is_mismatch(const struct fast_plan *p, lanes mac)
{
	return (mac & 1) | lanes_equal(mac, lanes_all(0)) |
	       lanes_equal(mac, lanes_load(p->own_mac));
}

// Not zero in the lanes whose source may be one of our own addresses: by a word of the first one,
// and by two bytes of all.
LANES_INLINE lanes fast_may_be_own(const struct fast_plan *p, lanes word, lanes last, lanes other)
{
	lanes is_own =
		lanes_equal(word, lanes_load(p->own[0])) | lanes_equal(word, lanes_load(p->own[1]));
	if (!p->has_more)
		return is_own;
	return is_own | (lanes_load(p->own_last) >> (last & 63) &
				lanes_load(p->own_other) >> (other & 63) & 1);
}

// The reply's first word: where it goes, and the first bytes of where it comes from.
LANES_INLINE lanes fast_reply_mac(const struct fast_plan *p, lanes mac)
{
	lanes to = p->gateway[0] != 0 ? lanes_load(p->gateway) : mac;
	return to | lanes_load(p->own_mac) << 48;
}

// Mode 3 is answered by 4 and mode 1 by 2. `shift`: where the message's first byte is.
LANES_INLINE lanes fast_reply_mode(lanes word, unsigned shift)
{
	uint64_t version_mode = (uint64_t)0x3f << shift;
	uint64_t one = (uint64_t)1 << shift;
	return (word & version_mode) + one;
}

// True if any of four origin timestamps has bit 0 set: hardly any client but an interleaved one
// sends such an origin. tail: where a frame's last 32 bytes begin.
LANES_INLINE bool fast_may_ask(struct lanes_frames f, unsigned tail)
{
	unsigned last = tail + 15;
	return ((f.a[last] | f.b[last] | f.c[last] | f.d[last]) & 1) != 0;
}

// What interleave_ask does, for four: the frames from `first` on, of whose last 32 bytes these are
// the columns, if they may ask and receive and transmit timestamps differ.
LANES_INLINE void fast_seek_group(struct fast_set *set, unsigned first,
	const struct lanes_four *tail, const struct interleave *t)
{
	struct interleave_lookup *a = &set->asked;
	lanes origin = lanes_swap(tail->b);
	lanes is_none = lanes_equal(tail->c, tail->d) | ((origin & 1) - 1);
	uint64_t grid = interleave_grid(t);
	lanes time = origin & ~grid;
	lanes mark = (origin & grid) ^ INTERLEAVE_NOISE(time, t->secret, grid) ^ (t->worker | 1);
	lanes bucket = INTERLEAVE_BUCKET(time, t->grid_bits, t->hash_shift);
	a->asking |= (uint64_t)lanes_are_zero(is_none) << first;
	lanes_store(&a->time[first], time);
	lanes_store(&a->place[first], mark >> 1 | mark << 63);
	for (unsigned i = 0; i < LANES; i++) {
		a->bucket[first + i] = &t->bucket[bucket[i]];
		__builtin_prefetch(a->bucket[first + i], 1);
	}
	lanes_store(&set->asked_receive[first], tail->c);
}

LANES_INLINE void fast_seek(struct fast_set *set, const struct interleave *t, unsigned tail_at)
{
	set->asked.asking = 0;
	for (unsigned i = 0; i < set->n; i += LANES) {
		struct lanes_frames frames = lanes_frames_of(&set->data[i]);
		if (!fast_may_ask(frames, tail_at))
			continue;
		struct lanes_four tail = lanes_take(frames, tail_at);
		fast_seek_group(set, i, &tail, t);
	}
}

// The frames of a group in which nothing is odd.
LANES_INLINE void fast_note(struct fast_set *set, unsigned group, lanes mismatch)
{
	set->good[group] = (uint8_t)lanes_are_zero(mismatch);
}

// The UDP checksum field in its lane's lower 16 bits, for a sum over everything else (RFC 768).
LANES_INLINE lanes fast_udp_checksum(lanes sum)
{
	lanes field = lanes_checksum(sum);
	return field | (lanes_equal(field, lanes_all(0)) & UINT16_MAX);
}

LANES_INLINE void fast_store_row(uint8_t *at, lanes row)
{
	memcpy(at, &row, sizeof(row));
}

// Stores four columns as rows of the frames that are good.
LANES_INLINE void fast_store(
	struct lanes_frames f, unsigned good, unsigned offset, struct lanes_four column)
{
	struct lanes_four row = lanes_transpose(column);
	if (good & 1)
		fast_store_row(f.a + offset, row.a);
	if (good & 2)
		fast_store_row(f.b + offset, row.b);
	if (good & 4)
		fast_store_row(f.c + offset, row.c);
	if (good & 8)
		fast_store_row(f.d + offset, row.d);
}

// SPDX-License-Identifier: BSD-3-Clause
// Frames of 110 bytes: Ethernet, IPv6, UDP, NTP. Word n is the eight bytes from offset n on.
#include "core/checksum.h"
#include "core/fastpath/fast_reject.h"
#include "core/fastpath/fastpath_set.h"

// What is kept of a frame, as words of the reply.
enum {
	KEPT_ORIGIN = FAST_KEPT_ORIGIN,
	KEPT_0,
	KEPT_32,
	KEPT_40,
	KEPT_48,
	KEPT_56,  // and the message's first byte, with version and mode
	KEPT_64,  // the message's poll
	KEPT_SUM, // of what the UDP checksum covers before the message
};

struct ip6_columns {
	struct lanes_four word0;  // words 0, 8, 16, 24
	struct lanes_four word32; // words 32, 40, 48, 56
	struct lanes_four word64; // words 64, 72 and two that word78 has too
	struct lanes_four word78; // words 78, 86, 94, 102
};

// Sources that are never answered (service.c), except the rare prefixes below.
LANES_INLINE lanes source_is_mismatch(lanes source)
{
	return lanes_equal(source & 0xff, lanes_all(0xff)) |
	       lanes_equal(source & UINT32_MAX, lanes_all(0xb80d0120)) |
	       lanes_equal(source & 0xf0ffff, lanes_all(0x00ff3f));
}

// 0000::/8 and 0100::/8, which hold more of them than of others: they are looked at one by one.
LANES_INLINE lanes source_is_rare(lanes source)
{
	lanes first = source & 0xff;
	return lanes_equal(first, lanes_all(0)) | lanes_equal(first, lanes_all(1));
}

LANES_INLINE lanes headers_differ(const struct fast_plan *p, const struct ip6_columns *f)
{
	return fast_differs(p, 0, f->word0.a) | fast_differs(p, 1, f->word0.b) |
	       fast_differs(p, 2, f->word0.c) | fast_differs(p, 4, f->word32.a) |
	       fast_differs(p, 5, f->word32.b) | fast_differs(p, 6, f->word32.c) |
	       fast_differs(p, 7, f->word32.d);
}

// Of the datagram from its destination port on: the reply's source port, and the lengths.
LANES_INLINE struct lanes_sum rest_sum(const struct ip6_columns *f)
{
	struct lanes_sum sum = {f->word32.d, f->word32.d >> 32};
	sum = lanes_sum_add(sum, f->word64.a);
	sum = lanes_sum_add(sum, f->word64.b & MAC_BITS);
	sum = lanes_sum_add(sum, f->word78.a);
	sum = lanes_sum_add(sum, f->word78.b);
	sum = lanes_sum_add(sum, f->word78.c);
	return lanes_sum_add(sum, f->word78.d);
}

// Keeps what the reply needs.
LANES_INLINE void keep(
	const struct fast_plan *p, const struct ip6_columns *f, uint64_t kept[FAST_KEPT][LANES])
{
	lanes mac = fast_source_mac(f->word0.a, f->word0.b);
	lanes mode = fast_reply_mode(f->word32.d, 48);
	lanes_store(kept[KEPT_0], fast_reply_mac(p, mac));
	lanes_store(kept[KEPT_32], (f->word0.c & ~MAC_BITS) | lanes_load(p->reply[4]));
	lanes_store(kept[KEPT_40], f->word0.d);
	lanes_store(kept[KEPT_48], (f->word32.a & MAC_BITS) | lanes_load(p->reply[6]));
	lanes_store(kept[KEPT_56], f->word32.c >> 48 | mode | lanes_load(p->reply[7]));
	lanes_store(kept[KEPT_64], f->word64.a & 0xff);
	lanes_store(kept[KEPT_ORIGIN], f->word78.d);
}

LANES_INLINE lanes group_judge(
	const struct fast_plan *p, struct lanes_frames data, uint64_t kept[FAST_KEPT][LANES])
{
	struct ip6_columns f = {lanes_take(data, 0), lanes_take(data, 32), lanes_take(data, 64),
		lanes_take(data, 78)};
	struct lanes_sum addresses = {f.word0.d + (f.word0.c >> 48), f.word0.d >> 32};
	addresses = lanes_sum_add(addresses, f.word32.a);
	addresses = lanes_sum_add(addresses, f.word32.b);
	addresses = lanes_sum_add(addresses, f.word32.c);
	lanes before = lanes_sum_end(addresses) + fast_pseudo_sum();
	lanes mismatch = headers_differ(p, &f);
	mismatch |= fast_mac_is_mismatch(p, fast_source_mac(f.word0.a, f.word0.b));
	lanes source = f.word0.c >> 48 | f.word0.d << 16;
	mismatch |= source_is_mismatch(source) | source_is_rare(source);
	mismatch |= fast_may_be_own(
		p, f.word0.d >> 48 | f.word32.a << 16, f.word32.a >> 40, f.word0.d >> 40);
	mismatch |= lanes_equal(f.word32.c & ~MAC_BITS, lanes_all(0));
	mismatch |= lanes_equal(f.word32.d & 0xffffull << 32, lanes_all(0));
	mismatch |= lanes_fold(before + lanes_sum_end(rest_sum(&f))) ^ UINT16_MAX;
	keep(p, &f, kept);
	lanes_store(kept[KEPT_SUM], before + (f.word32.d & UINT32_MAX));
	return mismatch;
}

LANES_CLONES void fastpath_ip6_seek(struct fast_set *set, const struct interleave *t)
{
	fast_seek(set, t, 78);
}

LANES_CLONES void fastpath_ip6_judge(struct fast_set *set)
{
	for (unsigned i = 0; i < set->n; i += LANES)
		fast_note(set, i / LANES,
			group_judge(
				&set->plan, lanes_frames_of(&set->data[i]), set->kept[i / LANES]));
}

// The next headers that announce an extension (frame.c), a bit for each from 0 and from 128 on.
#define EXTENSIONS     (1ull << 0 | 1ull << 43 | 1ull << 44 | 1ull << 50 | 1ull << 51 | 1ull << 60)
#define EXTENSIONS_128 (1ull << (135 - 128) | 1ull << (139 - 128) | 1ull << (140 - 128))

LANES_INLINE lanes is_extension(lanes next_header)
{
	lanes part = next_header >> 6;
	lanes bits = (lanes_equal(part, lanes_all(0)) & EXTENSIONS) |
	             (lanes_equal(part, lanes_all(2)) & EXTENSIONS_128);
	return bits >> (next_header & 63) & 1;
}

// Version, length and what it says follows.
LANES_INLINE lanes header_mismatch(const struct fast_plan *p, lanes word8, lanes word16)
{
	lanes next_header = word16 >> 32 & 0xff;
	lanes length = fast_number16(word16 >> 16);
	lanes protocol = fast_differs(p, 2, word16) >> 32 & 0xff;
	return fast_mismatch(fast_differs(p, 1, word8) >> 48, MISMATCH_VERSION) |
	       fast_mismatch_where(fast_is_over(length, FAST_UDP_LENGTH), MISMATCH_LENGTH) |
	       fast_mismatch(length ^ FAST_UDP_LENGTH, MISMATCH_SHORTER) |
	       fast_mismatch(is_extension(next_header), MISMATCH_EXTENSION) |
	       fast_mismatch(protocol, MISMATCH_PROTOCOL);
}

LANES_INLINE lanes group_mismatch(const struct fast_plan *p, struct lanes_frames data)
{
	struct lanes_four head = lanes_take(data, 0);
	struct lanes_four body = lanes_take(data, 32);
	lanes destination = fast_differs(p, 4, body.a) | fast_differs(p, 5, body.b) |
	                    (fast_differs(p, 6, body.c) & MAC_BITS);
	lanes source = head.c >> 48 | head.d << 16;
	lanes takes_a_look =
		source_is_rare(source) |
		fast_may_be_own(p, head.d >> 48 | body.a << 16, body.a >> 40, head.d >> 40);
	return fast_ether_mismatch(p, head.a, head.b) | header_mismatch(p, head.b, head.c) |
	       fast_mismatch(destination, MISMATCH_DESTINATION) |
	       fast_mismatch(source_is_mismatch(source), MISMATCH_SOURCE) |
	       fast_mismatch(takes_a_look, MISMATCH_SOURCE_LOOK) |
	       fast_udp_mismatch(body.c >> 48 | body.d << 16);
}

LANES_CLONES void fastpath_ip6_mismatch(
	const struct fast_set *set, unsigned first, uint64_t ret_mismatch[LANES])
{
	lanes_store(ret_mismatch, group_mismatch(&set->plan, lanes_frames_of(&set->data[first])));
}

// What the message has in all replies, as its words fall into the frame's.
struct ip6_message {
	lanes word56;
	lanes word64;
	lanes word72;
	lanes word78;
	lanes sum;
};

LANES_INLINE struct ip6_message message_make(const struct fast_answer *a)
{
	return (struct ip6_message){
		.word56 = lanes_all(a->head << 48),
		.word64 = lanes_all(a->head >> 16 | a->middle << 48),
		.word72 = lanes_all(a->middle >> 16 | a->reference << 48),
		.word78 = lanes_all(a->reference),
		.sum = lanes_all(checksum_fold(
			checksum_join(checksum_join(a->head, a->middle), a->reference))),
	};
}

LANES_INLINE void group_answer(const struct fast_set *set, unsigned first,
	const struct ip6_message *m, struct fast_stamps stamp, unsigned good)
{
	const struct fast_plan *p = &set->plan;
	const uint64_t(*kept)[LANES] = set->kept[first / LANES];
	struct lanes_frames frames = lanes_frames_of(&set->data[first]);
	lanes origin = stamp.origin;
	lanes word56 = lanes_load(kept[KEPT_56]);
	lanes word64 = lanes_load(kept[KEPT_64]);
	lanes sum = lanes_load(kept[KEPT_SUM]) + m->sum + (word56 >> 48) + word64 +
	            lanes_halves(origin) + lanes_halves(stamp.receive) +
	            lanes_halves(stamp.transmit);
	word56 |= fast_udp_checksum(sum) << 32 | m->word56;
	fast_store(frames, good, 0,
		(struct lanes_four){lanes_load(kept[KEPT_0]), lanes_load(p->reply[1]),
			lanes_load(p->reply[2]), lanes_load(p->reply[3])});
	fast_store(frames, good, 32,
		(struct lanes_four){lanes_load(kept[KEPT_32]), lanes_load(kept[KEPT_40]),
			lanes_load(kept[KEPT_48]), word56});
	fast_store(frames, good, 64,
		(struct lanes_four){word64 | m->word64, m->word72, origin, origin});
	fast_store(frames, good, 78,
		(struct lanes_four){m->word78, origin, stamp.receive, stamp.transmit});
}

LANES_CLONES void fastpath_ip6_answer(const struct fast_set *set, const struct fast_answer *a)
{
	struct ip6_message m = message_make(a);
	struct fast_pace pace = fast_pace_make(a);
	for (unsigned i = 0; i < set->n; i += LANES) {
		unsigned good = set->good[i / LANES];
		struct fast_stamps stamp = fast_times(set, i, a, &pace);
		if (good == EVERY_LANE)
			group_answer(set, i, &m, stamp, EVERY_LANE);
		else if (good != 0)
			group_answer(set, i, &m, stamp, good);
	}
}

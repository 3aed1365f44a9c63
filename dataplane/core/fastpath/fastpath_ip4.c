// SPDX-License-Identifier: BSD-3-Clause
// Frames of 90 bytes: Ethernet, IPv4, UDP, NTP. Word n is the eight bytes from offset n on.
#include "core/checksum.h"
#include "core/fastpath/fast_reject.h"
#include "core/fastpath/fastpath_set.h"

// What is kept of a frame, as words of the reply.
enum {
	KEPT_ORIGIN = FAST_KEPT_ORIGIN,
	KEPT_0,
	KEPT_24,
	KEPT_32,
	KEPT_40,  // the message's version, mode and poll
	KEPT_SUM, // of what the UDP checksum covers before the message
};

// Sources that are never answered (service.c): 0/8, 127/8, from 224 on, documentation.
LANES_INLINE lanes source_is_mismatch(lanes source)
{
	lanes first = source & 0xff;
	lanes net = source & 0xffffff;
	return lanes_equal(first, lanes_all(0)) | lanes_equal(first, lanes_all(127)) |
	       lanes_equal(first & 0xe0, lanes_all(0xe0)) | lanes_equal(net, lanes_all(0x0200c0)) |
	       lanes_equal(net, lanes_all(0x6433c6)) | lanes_equal(net, lanes_all(0x7100cb));
}

// Words 58, 66, 74 and 82. Returns their sum.
LANES_INLINE struct lanes_sum tail_take(struct lanes_frames data, uint64_t kept[FAST_KEPT][LANES])
{
	struct lanes_four tail = lanes_take(data, 58);
	lanes_store(kept[KEPT_ORIGIN], tail.d);
	struct lanes_sum sum = {tail.a, tail.a >> 32};
	sum = lanes_sum_add(sum, tail.b);
	sum = lanes_sum_add(sum, tail.c);
	return lanes_sum_add(sum, tail.d);
}

// Words 32, 40, 48 and 56, before the tail; the sum of the message so far is added to *sum.
LANES_INLINE lanes body_judge(const struct fast_plan *p, const struct lanes_four *body,
	struct lanes_sum *sum, uint64_t kept[FAST_KEPT][LANES])
{
	lanes mode = fast_reply_mode(body->b, 16);
	lanes_store(kept[KEPT_40], mode | (body->b & 0xffull << 32));
	*sum = lanes_sum_add(*sum, body->b);
	*sum = lanes_sum_add(*sum, body->c);
	sum->all += body->d & UINT16_MAX;
	return fast_differs(p, 4, body->a) | lanes_equal(body->a & 0xffff0000, lanes_all(0)) |
	       lanes_equal(body->b & UINT16_MAX, lanes_all(0));
}

// Words 0, 8, 16 and 24, but for sums.
LANES_INLINE lanes head_judge(const struct fast_plan *p, const struct lanes_four *head,
	lanes source, uint64_t kept[FAST_KEPT][LANES])
{
	lanes mac = fast_source_mac(head->a, head->b);
	lanes_store(kept[KEPT_0], fast_reply_mac(p, mac));
	return fast_differs(p, 0, head->a) | fast_differs(p, 1, head->b) |
	       fast_differs(p, 2, head->c) | fast_differs(p, 3, head->d) |
	       fast_mac_is_mismatch(p, mac) | source_is_mismatch(source) |
	       fast_may_be_own(p, source, source >> 24, source >> 16);
}

// In the order in which words are done with: there are fewer registers than words.
LANES_INLINE lanes group_judge(
	const struct fast_plan *p, struct lanes_frames data, uint64_t kept[FAST_KEPT][LANES])
{
	struct lanes_sum message = tail_take(data, kept);
	struct lanes_four body = lanes_take(data, 32);
	lanes mismatch = body_judge(p, &body, &message, kept);
	struct lanes_four head = lanes_take(data, 0);
	lanes source = head.d >> 16 & UINT32_MAX;
	mismatch |= head_judge(p, &head, source, kept);
	lanes addresses = source + (head.d >> 48) + ((body.a & UINT16_MAX) << 16);
	lanes header = (head.b >> 48) + lanes_halves(head.c) + (head.d & UINT16_MAX) + addresses;
	mismatch |= lanes_fold(header) ^ UINT16_MAX;
	lanes udp = addresses + fast_pseudo_sum() + (body.a >> 48) + (body.a >> 16 & UINT32_MAX);
	lanes_store(kept[KEPT_SUM], udp);
	mismatch |= lanes_fold(udp + lanes_sum_end(message)) ^ UINT16_MAX;
	lanes checksum = lanes_checksum(addresses + lanes_load(p->reply_sum));
	lanes_store(kept[KEPT_24], checksum | source << 48 | lanes_load(p->reply[3]));
	lanes port = body.a >> 16 & UINT16_MAX;
	lanes_store(kept[KEPT_32], source >> 16 | port << 32 | lanes_load(p->reply[4]));
	return mismatch;
}

LANES_CLONES void fastpath_ip4_seek(struct fast_set *set, const struct interleave *t)
{
	fast_seek(set, t, 58);
}

LANES_CLONES void fastpath_ip4_judge(struct fast_set *set)
{
	for (unsigned i = 0; i < set->n; i += LANES)
		fast_note(set, i / LANES,
			group_judge(
				&set->plan, lanes_frames_of(&set->data[i]), set->kept[i / LANES]));
}

// Version, length of the header and all that says of the datagram.
LANES_INLINE lanes header_mismatch(
	const struct fast_plan *p, const struct lanes_four *head, lanes word32)
{
	lanes version = head->b >> 48 & 0xff;
	lanes differs2 = fast_differs(p, 2, head->c);
	lanes destination = fast_differs(p, 3, head->d) | (fast_differs(p, 4, word32) & UINT16_MAX);
	lanes is_short = ~fast_is_over(version & 15, 4);
	return fast_mismatch((version >> 4 ^ 4) | is_short, MISMATCH_VERSION) |
	       fast_mismatch_where(fast_is_over(version & 15, 5), MISMATCH_OPTIONS) |
	       fast_length_mismatch(head->c, sizeof(struct ip4_wire),
		       sizeof(struct ip4_wire) + FAST_UDP_LENGTH, MISMATCH_LENGTH,
		       MISMATCH_SHORTER) |
	       fast_mismatch(differs2 & 0xffffull << 32, MISMATCH_FRAGMENT) |
	       fast_mismatch(differs2 >> 56, MISMATCH_PROTOCOL) |
	       fast_mismatch(destination, MISMATCH_DESTINATION);
}

LANES_INLINE lanes group_mismatch(const struct fast_plan *p, struct lanes_frames data)
{
	struct lanes_four head = lanes_take(data, 0);
	struct lanes_four body = lanes_take(data, 32);
	lanes source = head.d >> 16 & UINT32_MAX;
	lanes sum = (head.b >> 48) + lanes_halves(head.c) + lanes_halves(head.d) +
	            (body.a & UINT16_MAX);
	return fast_ether_mismatch(p, head.a, head.b) | header_mismatch(p, &head, body.a) |
	       fast_mismatch(lanes_fold(sum) ^ UINT16_MAX, MISMATCH_HEADER_SUM) |
	       fast_mismatch(source_is_mismatch(source), MISMATCH_SOURCE) |
	       fast_mismatch(fast_may_be_own(p, source, source >> 24, source >> 16),
		       MISMATCH_SOURCE_LOOK) |
	       fast_udp_mismatch(body.a >> 16 | body.b << 48);
}

LANES_CLONES void fastpath_ip4_mismatch(
	const struct fast_set *set, unsigned first, uint64_t ret_mismatch[LANES])
{
	lanes_store(ret_mismatch, group_mismatch(&set->plan, lanes_frames_of(&set->data[first])));
}

// What the message has in all replies, as its words fall into the frame's.
struct ip4_message {
	lanes word40;
	lanes word48;
	lanes word56;
	lanes word58;
	lanes sum;
};

LANES_INLINE struct ip4_message message_make(const struct fast_answer *a)
{
	return (struct ip4_message){
		.word40 = lanes_all(a->head << 16),
		.word48 = lanes_all(a->head >> 48 | a->middle << 16),
		.word56 = lanes_all(a->middle >> 48 | a->reference << 16),
		.word58 = lanes_all(a->reference),
		.sum = lanes_all(checksum_fold(
			checksum_join(checksum_join(a->head, a->middle), a->reference))),
	};
}

LANES_INLINE void group_answer(const struct fast_set *set, unsigned first,
	const struct ip4_message *m, struct fast_stamps stamp, unsigned good)
{
	const struct fast_plan *p = &set->plan;
	const uint64_t(*kept)[LANES] = set->kept[first / LANES];
	struct lanes_frames frames = lanes_frames_of(&set->data[first]);
	lanes origin = stamp.origin;
	lanes word40 = lanes_load(kept[KEPT_40]);
	lanes sum = lanes_load(kept[KEPT_SUM]) + m->sum + lanes_halves(word40) +
	            lanes_halves(origin) + lanes_halves(stamp.receive) +
	            lanes_halves(stamp.transmit);
	word40 |= fast_udp_checksum(sum) | m->word40;
	fast_store(frames, good, 0,
		(struct lanes_four){lanes_load(kept[KEPT_0]), lanes_load(p->reply[1]),
			lanes_load(p->reply[2]), lanes_load(kept[KEPT_24])});
	fast_store(frames, good, 32,
		(struct lanes_four){lanes_load(kept[KEPT_32]), word40, m->word48, m->word56});
	fast_store(frames, good, 58,
		(struct lanes_four){m->word58, origin, stamp.receive, stamp.transmit});
}

LANES_CLONES void fastpath_ip4_answer(const struct fast_set *set, const struct fast_answer *a)
{
	struct ip4_message m = message_make(a);
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

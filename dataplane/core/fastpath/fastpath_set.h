// SPDX-License-Identifier: BSD-3-Clause
// What the fast path of one family works on: the plan of its plain frames, the frames of a burst,
// and what the replies have in common; and what each family does with them. For the fast path's own
// sources, the responder, which makes a fast_answer, and the proofs. Pure; a responder's own, on
// its thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/fastpath/lanes.h"
#include "core/interleave.h"
#include "core/ntp_time.h"
#include "core/packet.h"

#define FAST_WORDS       8 // of a frame's beginning that are compared
#define FAST_KEPT        8 // words of a frame between the passes
#define FAST_KEPT_ORIGIN 0 // of these the request's transmit time
#define FAST_GROUPS      (RESPONDER_BURST / LANES)

// Where the message of a plain frame begins.
#define FAST_IP4_MESSAGE 42
#define FAST_IP6_MESSAGE 62

// What plain frames of one family look like, and what their replies have in common. Each word is
// there once for every lane: read as one operand, it needs no register.
struct fast_plan {
	uint64_t facts;                    // fastpath_plan.h: what the caller says of a plain frame
	uint64_t want[FAST_WORDS][LANES];  // a plain frame equals this
	uint64_t mask[FAST_WORDS][LANES];  // where this has bits
	uint64_t reply[FAST_WORDS][LANES]; // a reply before the NTP message, without what varies
	uint64_t reply_sum[LANES]; // IPv4: of the reply's header without addresses and checksum
	uint64_t own_mac[LANES];   // in the lower 48 bits
	uint64_t gateway[LANES];   // the same; 0: replies go where the request came from
	uint64_t own[2][LANES];    // IPv4: our address and broadcast; IPv6: its last 8 bytes
	bool has_more;             // addresses than the first
	uint64_t own_last[LANES];  // struct service: ip4_last or ip6_last
	uint64_t own_other[LANES]; // ip4_third or ip6_net
	const uint8_t *reason; // by the lowest bit of the mismatch (fast_reject.h): an enum verdict
};

// The plain frames of one family in a burst.
struct fast_set {
	struct fast_plan plan;
	unsigned n;
	uint8_t at[RESPONDER_BURST];       // which packet each is
	uint8_t *data[RESPONDER_BURST];    // the last group is filled up with its first frame
	uint8_t good[FAST_GROUPS];         // bit i: frame i of the group is answered here
	uint64_t receive[RESPONDER_BURST]; // T2 and T3 of each, if has_times
	uint64_t transmit[RESPONDER_BURST];
	struct interleave_lookup
		asked; // of its frames: if has_pairs, those found are told that T3,
	uint64_t asked_receive[RESPONDER_BURST]; // and this for an origin, as it stands on the wire
	uint64_t kept[FAST_GROUPS][FAST_KEPT][LANES];
};

// What all replies of a burst have in common: times as numbers, the message as words of memory.
struct fast_answer {
	bool has_times;           // T2 and T3 of each frame are in the set; else they are these
	struct ntp_time receive;  // of all
	struct ntp_time transmit; // of the first, and step more of each after it
	uint64_t step;
	bool has_pairs;         // some replies tell an earlier one's T3
	uint64_t place;         // T2 of the k-th frame is `receive` XOR k times this
	uint64_t receive_mask;  // the bits below the precision, of T2
	uint64_t transmit_mask; // and of T3
	uint64_t even;          // 1: T3's last bit stays 0
	uint64_t random;        // for those bits
	uint64_t head;          // bytes 0 to 7 of the message, 8 to 15, 16 to 23
	uint64_t middle;
	uint64_t reference;
};

// Each family's part of fastpath_seek, fastpath_judge and fastpath_answer. seek fills set->asked.
// judge fills good of every group by the frames' bytes, whatever the message's first byte says. odd
// tells what is wrong in the group from frame `first` on, a word of bits for each frame
// (fast_reject.h): none if it is the UDP sum. answer writes the replies of the frames that are
// good.
void fastpath_ip4_seek(struct fast_set *set, const struct interleave *t);
void fastpath_ip6_seek(struct fast_set *set, const struct interleave *t);
void fastpath_ip4_judge(struct fast_set *set);
void fastpath_ip6_judge(struct fast_set *set);
void fastpath_ip4_mismatch(
	const struct fast_set *set, unsigned first, uint64_t ret_mismatch[LANES]);
void fastpath_ip6_mismatch(
	const struct fast_set *set, unsigned first, uint64_t ret_mismatch[LANES]);
void fastpath_ip4_answer(const struct fast_set *set, const struct fast_answer *a);
void fastpath_ip6_answer(const struct fast_set *set, const struct fast_answer *a);

// SPDX-License-Identifier: BSD-3-Clause
// Every received frame is judged: whose reply it is, and whether it is right.
//
// A right reply is the request turned round, so all that is fixed of it is known beforehand and
// compared a word at a time; what is left are the client's address and port, two checksums, stratum
// and times. Only when something differs is there a second, slow look that finds the reason.
//
// A reply whose origin is the request's receive timestamp is in interleaved mode: its T3 is of the
// reply before, which left after its own request came and before this one did. Pure, no DPDK, no
// clock; one thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "judge/histogram.h"
#include "judge/offsets.h"
#include "judge/reply_template.h"
#include "judge/rx_stats.h"
#include "judge/stamps.h"
#include "traffic/clients.h"
#include "traffic/plan.h"

// The run before, whose late replies are not this one's mistakes.
struct reply_check_before {
	uint64_t key;
	uint64_t next; // 0: there was none
};

struct reply_check {
	const struct plan *plan;
	enum expect expect;
	bool allow_unsynchronised;
	struct client *clients; // the plan's, if they are in interleaved mode; NULL: in basic mode
	uint64_t next;          // sequence number of the next frame; writer: who makes frames
	struct reply_check_before before;
	uint64_t last;     // highest sequence number answered
	uint16_t id_at[2]; // IPv4, IPv6
	uint32_t now;      // stamp of the frames being judged; writer: who receives them
	struct rx_stats stats;
	struct histogram latency;   // of right first replies, in stamps
	struct histogram residency; // of one reply, transmit less receive timestamp, in 2^-32 s
	struct reply_template template[PLAN_TEMPLATES];
	struct window window;
	struct offsets offsets; // writer of `sent` and `now`: who makes and receives frames
	struct stamps stamps;   // writer: who makes frames
};

// A check of replies to the plan's frames, none of which has been sent. There was no run before;
// clients are in basic mode.
void reply_check_init(struct reply_check *c, const struct plan *p, enum expect expect);

// Judges the `length` bytes at `frame` and counts them in c->stats. Reads up to REPLY_CHECK_FRAME
// bytes whatever the length is: a receive buffer has them.
#define REPLY_CHECK_FRAME 256
void reply_check_frame(struct reply_check *c, const uint8_t *frame, uint16_t length);

// SPDX-License-Identifier: BSD-3-Clause
// Interleaved mode in a burst: who asks for the T3 of an earlier reply and gets it, and what each
// reply is named by. One per responder, on its thread.
//
// A T2 is time's grid and a mark (interleave.h). A burst's replies share its time and have places;
// one whose T2 the port stamped has a time of its own. A reply on another port of the worker's may
// have the same: what is asked for is looked up by the queue too. Times only go on: after a step
// back, replies have no mark until time is where it was. Replies of smeared time have none.
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/fastpath/fastpath.h"
#include "core/interleave.h"
#include "core/packet.h"

static_assert(RESPONDER_BURST == INTERLEAVE_ASKED, "each packet of a burst has a place, and a bit");

struct interleave_burst {
	struct interleave *table; // the worker's; NULL: basic mode only
	unsigned queue;           // this responder's number in it

	// Of a burst. Bit k is reply k.
	uint32_t marked;          // k: its T2 has the burst's time
	uint32_t stamped;         // k: its T2 has a time of its own
	bool is_marking;          // replies get marks
	struct ntp_time time;     // the burst's
	struct ntp_time taken;    // the latest burst's whose T2 some reply has; 0: none yet
	struct ntp_time last_own; // the latest of the port's stamps that was given a mark; the same
	struct ntp_time own_floor; // last_own before this burst
	struct ntp_time own[INTERLEAVE_REPLIES];
	struct interleave_lookup asked; // of packets that take the slow path, by their number
};

// Pass 1, if there is a table. Before packets are judged: finds out which of the fast path may ask,
// and begins to fetch what is known of them, which takes as long as judging does.
void interleave_burst_seek(struct interleave_burst *s, struct fastpath *c);

// After that, of the packets that will be answered: who asks.
void interleave_burst_seek_end(
	struct interleave_burst *s, struct fastpath *c, const struct packet *packets);

// Pass 2, if there is a table: looks up who asks, with `step` units between two replies, and begins
// a burst that came at `receive`. Returns the first reply's T2: marked if that time is new, else
// with a last bit of 0. Each `asked` tells who is told what. Without may_pair all is in basic mode.
struct ntp_time interleave_burst_begin(struct interleave_burst *s, struct fastpath *c,
	uint64_t step, struct ntp_time receive, bool may_pair);

// All n replies of the burst have its T2. True if they can: else interleave_burst_receive is to be
// asked for each.
bool interleave_burst_take_all(struct interleave_burst *s, unsigned n);

// T2 of reply k to p, if the burst's first is `first`; that of packets of the burst, unless
// stamped, is first XOR 2k while the burst is marked.
struct ntp_time interleave_burst_receive(
	struct interleave_burst *s, const struct packet *p, unsigned k, struct ntp_time first);

// Whether packet i, which takes the slow path, is told an earlier reply's T3.
static inline bool interleave_burst_has(const struct interleave_burst *s, unsigned i)
{
	return s->asked.found >> i & 1;
}

// How many of a burst's replies told when an earlier one left, and how many that were asked for it
// did not.
struct interleave_burst_tally {
	unsigned told;
	unsigned missed;
};

// After interleave_burst_begin: counts those of the burst's packets whose verdict is an answer.
// is_all: it is of all of which it was in pass 1.
struct interleave_burst_tally interleave_burst_count(const struct interleave_burst *s,
	const struct fastpath *c, const struct packet *packets, bool is_all);

// After the send of the first `sent` replies, of which the first left at `transmit`.
void interleave_burst_sent(struct interleave_burst *s, unsigned sent, struct ntp_time transmit);

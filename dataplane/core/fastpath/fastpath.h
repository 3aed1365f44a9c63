// SPDX-License-Identifier: BSD-3-Clause
// The fast path: plain frames judged and answered four at a time, side by side.
//
// Nearly everyone sends the same frame: no VLAN tag, no IP option, an NTP message of 48 bytes to
// our first address. Word k of four such frames is one vector, so one instruction does for four
// frames what a packet's own way does for one. A frame as long as a plain one that must not be
// answered is dropped here, with its reason, where one look tells it. All others are left to the
// slow path (frame.h): the fast path never answers what the slow one would not, writes the same
// bytes and names the same reasons. Pure; a responder's own, on its thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/fastpath/fastpath_set.h"
#include "core/interleave.h"
#include "core/packet.h"
#include "core/service.h"

struct fastpath {
	struct fast_set ip4;
	struct fast_set ip6;
	unsigned stay;                    // frames that are answered here
	unsigned left;                    // and those that are left to the slow path
	uint8_t left_at[RESPONDER_BURST]; // which packets these are
	bool has_drops;                   // some first bytes are no request's
	bool has_others;                  // some first bytes are not an NTPv4 client's
	bool has_rx_times;                // some have a T2 of their own
};

// Makes c ready for service s. One without addresses makes every frame take the slow path.
void fastpath_init(struct fastpath *c, const struct service *s);

// Takes packets[0..n), n <= RESPONDER_BURST, that look plain from outside.
void fastpath_take(struct fastpath *c, struct packet *packets, unsigned n);

// Finds out who of them may ask for the T3 of an earlier reply, and begins to fetch what t knows of
// it.
void fastpath_seek(struct fastpath *c, const struct interleave *t);

// Judges the packets taken: way tells what became of each, and all but those left to the slow path
// have their verdict. Returns how many are answered here.
unsigned fastpath_judge(struct fastpath *c, struct packet *packets);

// After both: of those who ask, the NTPv4 clients' that are answered here (RFC 9769 section 2).
void fastpath_seek_end(struct fastpath *c, const struct packet *packets);

// Whether all n packets of the burst are in one set and have no T2 of their own.
bool fastpath_are_all(const struct fastpath *c, unsigned n);

// Gives each frame the T2 and T3 of its packet; t[0] are the burst's first.
void fastpath_time(struct fastpath *c, const struct burst_times *t);

// Writes the replies of the packets that are PATH_FAST, once they have their times.
void fastpath_answer(const struct fastpath *c, const struct fast_answer *a);

// SPDX-License-Identifier: BSD-3-Clause
// The order of the checks, over a burst: what a worker does between receive and send.
//
// Plain frames take the fast path (fastpath.h), all others the slow one (frame.h, ntp.h), to the
// same result. Two passes, because the transmit time is to be read as late as possible:
// responder_open judges every packet, responder_answer writes the replies. The core's whole state
// is in the arguments. One responder per worker and port, on the worker's thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/auth/auth.h"
#include "core/fastpath/fastpath.h"
#include "core/counters.h"
#include "core/ntp.h"
#include "core/ntp_time.h"
#include "core/packet.h"
#include "core/interleave_burst.h"
#include "core/service.h"
#include "core/smear.h"
#include "core/snapshot.h"
#include "core/verdict.h"

struct responder {
	struct service service;
	uint64_t random;           // state of the generator that fills the bits below the precision
	uint64_t tx_step;          // NTP units between two replies of a burst on the wire
	uint64_t extra_dispersion; // NTP units the worker's way of polling adds to T2's error
	struct smear_line smear;   // of this burst, for addresses of smeared time, and
	struct ntp_answer smeared; // what their answers have in common: responder_smear
	unsigned answers;          // of this burst, as responder_open returned
	struct fastpath fastpath;  // between the passes, what takes the fast path
	struct burst_times
		times[RESPONDER_BURST];     // of each packet, where they are not a burst's alone
	struct interleave_burst interleave; // responder_interleave; none at first
	struct auth auth; // responder_give_keys and responder_give_key_counters; the same
};

// What the replies of a burst that were sent come to.
struct burst_sent {
	unsigned replies;
	unsigned ip6;         // of the replies: over IPv6
	unsigned interleaved; // of the replies: told when an earlier one left
	unsigned missed;      // of the replies: asked for that, and not told
	unsigned codes;       // requests whose authentication code was right, sent a reply or not
};

// A responder for a service; seed starts the bits below the precision.
void responder_init(struct responder *r, const struct service *s, uint64_t seed);

// From the next burst on: which keys are known, NULL for none. The caller keeps them until it gives
// others. Between bursts, on the responder's thread.
void responder_give_keys(struct responder *r, const struct keys *keys);

// Where right and wrong codes are counted by key; as long as there are keys, there must be such.
// Before the first burst.
void responder_give_key_counters(struct responder *r, struct key_counters *counters);

// Interleaved mode by this table, in which the responder's replies are those of number `queue`;
// NULL: basic mode only. The caller keeps the table. Between bursts.
void responder_interleave(struct responder *r, struct interleave *table, unsigned queue);

// Whether it has a table, and so wants to know when replies left.
static inline bool responder_is_interleaved(const struct responder *r)
{
	return r->interleave.table != NULL;
}

// Pass 1: opens and judges packets[0..n), n <= RESPONDER_BURST. Returns how many will be answered.
unsigned responder_open(struct responder *r, struct packet *packets, unsigned n);

// Before pass 2, if service_smears: makes ready what addresses of smeared time answer, as
// ntp_answer_prepare does for the others.
void responder_smear(struct responder *r, const struct clock_view *v, struct cycles now,
	uint64_t extra_dispersion);

// Pass 2: writes the replies of all packets whose verdict is an answer: T2 < T3 in each, T3 later
// by tx_step from one to the next, origin the request's transmit time; in interleaved mode T3 is an
// earlier reply's and origin the request's receive time. Other packets are not touched. A message
// authentication code is over T3 and so is made after it: T3 of all replies of a burst is early,
// never late, by the time that the burst's codes take (code/ in bench/micro); requests' codes are
// checked in pass 1, before T3 is read.
void responder_answer(struct responder *r, struct packet *packets, unsigned n,
	const struct ntp_answer *a, const struct burst_times *t);

// After the send of the burst's first `sent` replies: returns what they come to. The verdict of the
// others, which the port did not take, becomes V_TX_FULL. left: when the first of them left, which
// is kept for clients in interleaved mode; NULL: unknown.
struct burst_sent responder_sent(struct responder *r, struct packet *packets, unsigned n,
	unsigned sent, const struct ntp_time *left);

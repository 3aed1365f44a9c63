// SPDX-License-Identifier: BSD-3-Clause
// When a burst's replies leave: planned before they are written (T3 of basic mode), and known after the send
// (T3 of interleaved mode, RFC 9769). Neither is ever later than the wire has the first of them.
//
// All of it is the worker's thread's, for its own queues.
#pragma once

#include "worker/worker.h"

// Begins a burst of replies: the counter to plan them by. Where the kernel sends, and long after the last send, it
// is made to look for frames first, of which there are none yet: the way to them is in the caches then, and the
// true send is shorter and of a steadier length.
struct cycles tx_time_begin(struct worker *w, struct worker_queue *q);

// The transmit time of a burst's first reply if writing begins `now`. With launch time it is the moment ahead
// that the port will be told, and q->is_launched says so.
struct ntp_time tx_time_planned(
	const struct clock_view *view, struct worker_queue *q, struct cycles now);

// Tells the port, in the burst's first frame, when to send it. If that moment is over `now` all leave at once,
// and q->is_launched is false.
void tx_time_launch(struct worker_queue *q, struct cycles now, struct rte_mbuf *first);

// Whether the burst's moment is still to come: a card sends at once, or drops, what it gets after it.
bool tx_time_is_ahead(const struct worker_queue *q, struct cycles now);

// Right before the send of replies whose time will be asked for: the kernel is to tell when they leave, if it can.
void tx_time_want(const struct worker_queue *q);

// When the burst's first reply left, right after the send of it, which began at `before`. False if the send
// does not tell: the kernel did not, and it took longer than is usual, or nothing is usual yet.
bool tx_time_left(const struct worker *w, struct worker_queue *q, struct cycles before,
	struct ntp_time *ret_left);

// SPDX-License-Identifier: BSD-3-Clause
// When a burst's replies leave: planned before they are written (T3 of basic mode), and known after
// the send (T3 of interleaved mode, RFC 9769). Neither is ever later than the wire has the first of
// them.
//
// A burst goes through three values, each made of the one before: the plan, by which replies are
// written; the send, by which they are handed to the port; and when they left. A part of a queue,
// on its worker's thread.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/ntp_time.h"
#include "core/port_snap.h"
#include "core/snapshot.h"
#include "worker/worker_clock.h"

// What every send touches comes first.
struct tx_time {
	// Constant while the worker runs; writer: control, before.
	uint64_t launch_flag;        // the mbuf flag that says "send it then"; 0: send at once
	int64_t latency;             // NTP units from the send to the wire
	struct cycles tx_idle_limit; // longer after a send the next is a slow one; 0: never
	bool tx_is_synchronous;      // the kernel sends before a send returns
	uint16_t launch_offset;      // where in an mbuf "then" lies, by the port's clock

	struct cycles sent; // private to the worker: the counter when the last replies were begun

	// Constant while the worker runs; writer: control, before.
	_Atomic uint64_t
		*stamp; // where the kernel says when: worker/xdp_stamp.h; NULL: it does not
	struct cycles launch_lead;      // how far ahead "then" is; if launch_flag
	const struct port_snap *stamps; // the port's clock, on this node; if launch_flag

	// Private to the worker; zero before it runs.
	int64_t send_sum; // cycles of a send by their weight; 0: unknown; < 0: one was seen
	struct port_snap_cache stamp_cache;
};

// What a burst's times are read from.
struct tx_clocks {
	const struct worker_clock *clock;
	const struct clock_view *view;  // the time served
	const struct crosststamp *pair; // read when the burst came; if tx_time.stamp
};

// How a burst is to leave.
struct tx_plan {
	struct cycles now;        // the counter when its replies begin to be written
	struct ntp_time transmit; // T3 of the first of them
	bool is_launched;         // it is to leave at a moment ahead, which is told to the port
	struct cycles launch_at;  // if is_launched: that moment, by the counter
	uint64_t launch_ticks;    // and by the port's clock
};

// How it is sent.
struct tx_send {
	struct tx_plan plan; // as carried out: is_launched is false if the moment is over
	struct cycles begun; // the counter right before the send
};

enum tx_left {
	TX_LEFT_UNKNOWN, // the send does not tell
	TX_LEFT_RECKONED,
	TX_LEFT_STAMPED, // by the kernel
};

// Forgets how long sends take.
void tx_time_begin(struct tx_time *t);

// A burst of replies begins at `now`. True if the last one was so long ago that a send of nothing
// is to be made first: it warms the kernel's transmit path, so that the true send is shorter and of
// a steadier length.
bool tx_time_is_cold(struct tx_time *t, struct cycles now);

// The plan of a burst whose replies begin to be written `now`. With launch time it leaves at a
// moment ahead, unless the port's clock is not known.
struct tx_plan tx_time_plan(struct tx_time *t, const struct clock_view *view, struct cycles now);

// Right before the send, at `now`: a burst whose moment is over leaves at once. is_asked:
// tx_time_left will be asked, so the kernel is to tell when replies leave, if it can.
struct tx_send tx_time_send(
	const struct tx_time *t, const struct tx_plan *plan, struct cycles now, bool is_asked);

// Right after the send of at least one reply: when the first of them left. Unknown, and nothing
// written, if the burst's moment went by during the send, or the kernel did not tell and the send
// took longer than is usual, or nothing is usual yet.
enum tx_left tx_time_left(struct tx_time *t, const struct tx_send *send, const struct tx_clocks *by,
	struct ntp_time *ret_left);

// SPDX-License-Identifier: BSD-3-Clause
// When a queue's packets came: by the port's stamps, where they can be believed, and how long a
// packet may have waited in the queue unseen. A part of a queue, on its worker's thread.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/counters.h"
#include "core/ntp_time.h"
#include "core/packet.h"
#include "core/port_snap.h"
#include "core/snapshot.h"
#include "worker/worker_clock.h"

struct rte_mbuf;

// What every poll touches comes first.
struct rx_time {
	// Private to the worker; zero before it runs.
	struct cycles polled; // the counter after the last poll
	struct cycles
		late;      // a packet may have waited this long unseen; 0: the queue was seen empty
	unsigned suspects; // packets that may yet have waited so long

	// Constant while the worker runs; writer: control, before.
	uint16_t backlog;      // packets that the queue can hold
	uint16_t stamp_offset; // where in an mbuf a stamp of the port lies
	uint64_t stamp_flag;   // the mbuf flag that says there is one; 0: do not look
	uint64_t meta_cookie;  // of stamps before frames: worker/xdp_stamp.h; 0: do not look
	const struct port_snap *stamps; // what they mean, on this node; if stamp_flag

	// Private to the worker; zero before it runs.
	uint64_t stamp_error;    // NTP units that a stamp of the burst may be off; 0: it has none
	struct crosststamp pair; // of the burst, if meta_cookie
	struct port_snap_cache stamp_cache;
};

// A burst as it was received. The packets are the mbufs', in their order.
struct rx_burst {
	struct rte_mbuf *const *mbuf;
	struct packet *packet;
	unsigned n;
	struct cycles arrival;         // the counter when it was received
	const struct clock_view *view; // the time served
};

// Begins: the queue was last polled at `polled`, or never. What lies in it has no known arrival
// time: with may_drop it is treated as older than any limit.
void rx_time_begin(struct rx_time *t, struct cycles polled, bool may_drop);

// The part of rx_time_poll for a queue that was left alone for `gap`: packets that came meanwhile
// have no arrival time worth the name, and go on waiting while the bursts before them are answered.
// Until they must be gone, every gap adds to how long the next burst may have waited.
__attribute__((cold, noinline)) void rx_time_wait(
	struct rx_time *t, uint64_t gap, struct cycles late_gap, _Atomic uint64_t *traffic);

// The queue was polled at `arrival`, right after the worker slept for `slept`, which is accounted
// for separately. A gap of more than late_gap is counted in traffic, the worker's.
static inline void rx_time_poll(struct rx_time *t, struct cycles arrival, struct cycles slept,
	struct cycles late_gap, _Atomic uint64_t *traffic)
{
	uint64_t gap = arrival.n - t->polled.n - slept.n;
	t->polled = arrival;
	if (gap > late_gap.n || t->late.n != 0)
		rx_time_wait(t, gap, late_gap, traffic);
}

// The poll found nothing.
static inline void rx_time_empty(struct rx_time *t)
{
	t->late.n = 0;
}

// Whether packets of the queue may have stamps.
static inline bool rx_time_has_stamps(const struct rx_time *t)
{
	return (t->stamp_flag | t->meta_cookie) != 0;
}

// Gives packets that the port stamped the time of their stamp, where it can be believed: the flag
// decides, packet by packet, because a port may promise stamps and give none, and the other way
// round. A card's clock may err; the machine's own does not, and what is old by it gets no answer.
// fate: the port's counters, of STAMP_COUNT.
__attribute__((noinline)) void rx_time_stamps(struct rx_time *t, const struct rx_burst *b,
	const struct worker_clock *clock, _Atomic uint64_t *fate);

// After that, if late: packets that may have waited for longer than drop_gap, and have no stamp
// that tells how long, get no answer. A shorter wait is told in root dispersion.
__attribute__((cold, noinline)) void rx_time_suspect(
	const struct rx_time *t, const struct rx_burst *b, struct cycles drop_gap);

// NTP units that T2 of the burst may be off by waiting and by stamps, at mult (struct clock_view).
static inline uint64_t rx_time_error(
	const struct rx_time *t, struct cycles slept, struct cycles drop_gap, uint64_t mult)
{
	struct cycles waited = {slept.n + (t->late.n > drop_gap.n ? 0 : t->late.n)};
	return (uint64_t)ntp_time_from_cycles(waited, mult) + t->stamp_error;
}

// After a burst of n of `asked`, if late or after a sleep: a queue that gave less than was asked
// for is empty, and what comes from now on came after the gap; so is one that gave all it can hold.
// Else the rest goes on waiting, as it did in the sleep.
__attribute__((cold, noinline)) void rx_time_settle(
	struct rx_time *t, unsigned n, unsigned asked, struct cycles slept);

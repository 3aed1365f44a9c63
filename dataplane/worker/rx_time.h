// SPDX-License-Identifier: BSD-3-Clause
// When a burst's packets came: by the port's stamps, where they can be believed, and how long a packet may have
// waited in the queue unseen. All of it is the worker's thread's, for its own queues.
#pragma once

#include "worker/worker.h"

// A queue that was left alone for `gap` cycles: what came meanwhile has no arrival time worth the name, and waits on
// while the bursts before it are answered. Until it must be gone, every gap adds to what the next burst may
// have waited.
__attribute__((cold, noinline)) void rx_time_waits(
	struct worker *w, struct worker_queue *q, uint64_t gap);

// Gives those of w->packet[0..n), received at `now`, that the port stamped the time of their stamp, where it can be
// believed: the flag decides, packet by packet, because a port may promise stamps and give none, and the other
// way round. A card's clock may err; the machine's own does not, and what is old by it is.
__attribute__((noinline)) void rx_time_stamps(
	struct worker *w, struct worker_queue *q, unsigned n, struct cycles now);

// After that: packets that may have waited for longer than drop_gap, and have no stamp of the port's that tells
// how long, get no answer. A shorter wait is told in root dispersion.
__attribute__((cold, noinline)) void rx_time_suspect(
	struct worker *w, const struct worker_queue *q, unsigned n);

// After a burst of n: a queue that gave less than was asked for is empty, and what comes from now on
// came after the gap; so is one that gave all it can hold. Else the rest waits on, as it did in a sleep.
__attribute__((cold, noinline)) void rx_time_settle(
	const struct worker *w, struct worker_queue *q, unsigned n);

// SPDX-License-Identifier: BSD-3-Clause
// How control keeps a worker off some of its queues, while their port is reset.
//
// Control shuts queues and waits until the worker has heeded that; from then on the worker touches
// them no more, and control may take their port apart, until it opens them again. The worker looks
// between two rounds and never waits. What control tells carries a number, so that a worker who has
// not yet come back from the last time is not taken for one who has left again.
#pragma once

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define QUIESCE_QUEUES 32

// Of one worker; zero it to begin with: all queues are open.
struct quiesce {
	_Atomic uint64_t told;   // writer: control; a number over a bit for each queue that is shut
	_Atomic uint64_t heeded; // writer: worker; the last of these that it took
};

static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "the words of a gate must be lock-free");

// Shuts and opens queues, a bit for each. Control thread.
void quiesce_request(struct quiesce *g, uint32_t queues);
void quiesce_release(struct quiesce *g, uint32_t queues);

// Whether the worker does what it was told last. Control thread.
bool quiesce_is_acked(const struct quiesce *g);

// Takes what was told: the queues that are shut now. The worker must not touch these after the
// call, nor before it the ones that were. Worker's thread.
uint32_t quiesce_take(struct quiesce *g);

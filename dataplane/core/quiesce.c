// SPDX-License-Identifier: BSD-3-Clause
#include "core/quiesce.h"

static void quiesce_own_quiesce_tell(struct quiesce *g, uint32_t clear, uint32_t set)
{
	uint64_t told = atomic_load_explicit(&g->told, memory_order_relaxed);
	uint64_t number = (told >> QUIESCE_QUEUES) + 1;
	uint32_t queues = ((uint32_t)told & ~clear) | set;
	// Pairs with quiesce_take: who may come back sees the port as it was made.
	atomic_store_explicit(&g->told, number << QUIESCE_QUEUES | queues, memory_order_release);
}

void quiesce_request(struct quiesce *g, uint32_t queues)
{
	quiesce_own_quiesce_tell(g, 0, queues);
}

void quiesce_release(struct quiesce *g, uint32_t queues)
{
	quiesce_own_quiesce_tell(g, queues, 0);
}

bool quiesce_is_acked(const struct quiesce *g)
{
	// Pairs with quiesce_take: the worker's last touch of what is shut is over.
	return atomic_load_explicit(&g->heeded, memory_order_acquire) ==
	       atomic_load_explicit(&g->told, memory_order_relaxed);
}

uint32_t quiesce_take(struct quiesce *g)
{
	uint64_t told = atomic_load_explicit(&g->told, memory_order_acquire);
	if (told != atomic_load_explicit(&g->heeded, memory_order_relaxed))
		atomic_store_explicit(&g->heeded, told, memory_order_release);
	return (uint32_t)told;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "core/gate.h"

static void gate_tell(struct gate *g, uint32_t clear, uint32_t set)
{
	uint64_t told = atomic_load_explicit(&g->told, memory_order_relaxed);
	uint64_t number = (told >> GATE_QUEUES) + 1;
	uint32_t queues = ((uint32_t)told & ~clear) | set;
	// Pairs with gate_take: who may come back sees the port as it was made.
	atomic_store_explicit(&g->told, number << GATE_QUEUES | queues, memory_order_release);
}

void gate_shut(struct gate *g, uint32_t queues)
{
	gate_tell(g, 0, queues);
}

void gate_open(struct gate *g, uint32_t queues)
{
	gate_tell(g, queues, 0);
}

bool gate_is_heeded(const struct gate *g)
{
	// Pairs with gate_take: the worker's last touch of what is shut is over.
	return atomic_load_explicit(&g->heeded, memory_order_acquire) ==
	       atomic_load_explicit(&g->told, memory_order_relaxed);
}

uint32_t gate_take(struct gate *g)
{
	uint64_t told = atomic_load_explicit(&g->told, memory_order_acquire);
	if (told != atomic_load_explicit(&g->heeded, memory_order_relaxed))
		atomic_store_explicit(&g->heeded, told, memory_order_release);
	return (uint32_t)told;
}

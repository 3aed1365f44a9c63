// SPDX-License-Identifier: BSD-3-Clause
#include "port/port_events.h"

#include <rte_ethdev.h>

#include <errno.h>
#include <sched.h>

static const enum rte_eth_event_type types[PORT_EVENTS] = {
	[PORT_EVENT_LINK] = RTE_ETH_EVENT_INTR_LSC,
	[PORT_EVENT_RESET] = RTE_ETH_EVENT_INTR_RESET,
	[PORT_EVENT_RECOVERING] = RTE_ETH_EVENT_ERR_RECOVERING,
	[PORT_EVENT_RECOVERED] = RTE_ETH_EVENT_RECOVERY_SUCCESS,
	[PORT_EVENT_FAILED] = RTE_ETH_EVENT_RECOVERY_FAILED,
	[PORT_EVENT_REMOVED] = RTE_ETH_EVENT_INTR_RMV,
};

static enum port_event event_of(enum rte_eth_event_type type)
{
	unsigned e = 0;
	while (e < PORT_EVENTS && types[e] != type)
		e++;
	return (enum port_event)e;
}

static int note(uint16_t port, enum rte_eth_event_type type, void *context, void *result)
{
	struct port_events *e = context;
	enum port_event event = event_of(type);
	(void)port;
	(void)result;
	if (event == PORT_EVENTS)
		return 0;
	uint32_t bits = 1u << event;
	if (event == PORT_EVENT_RECOVERING)
		bits |= PORT_RECOVERS_NOW;
	atomic_fetch_add_explicit(&e->count[event], 1, memory_order_relaxed);
	// Pairs with port_events_take: who sees the note sees the port as its driver left it.
	atomic_fetch_or_explicit(&e->noted, bits, memory_order_release);
	// In this order: who sees that it is over sees how it ended, too.
	if (event == PORT_EVENT_RECOVERED || event == PORT_EVENT_FAILED)
		atomic_fetch_and_explicit(&e->noted, ~PORT_RECOVERS_NOW, memory_order_release);
	return 0;
}

int port_events_open(struct port_events *e, uint16_t port)
{
	for (unsigned i = 0; i < PORT_EVENTS; i++) {
		int r = rte_eth_dev_callback_register(port, types[i], note, e);
		if (r < 0)
			return r;
	}
	return 0;
}

uint32_t port_events_take(struct port_events *e)
{
	return atomic_fetch_and_explicit(&e->noted, PORT_RECOVERS_NOW, memory_order_acquire);
}

void port_events_close(struct port_events *e, uint16_t port)
{
	// While it is being called it cannot be taken away.
	for (unsigned i = 0; i < PORT_EVENTS; i++)
		while (rte_eth_dev_callback_unregister(port, types[i], note, e) == -EAGAIN)
			(void)sched_yield();
}

// SPDX-License-Identifier: BSD-3-Clause
// What a driver tells of its port while that runs. DPDK calls on its own interrupt thread, where
// nothing is done but to note it; the control thread takes the notes and acts (port_recovery.h).
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "status/port_words.h"

// Beside a bit for each event: its driver recovers right now, and the port is not to be touched.
#define PORT_RECOVERS_NOW (1u << PORT_EVENTS)

struct port_events {
	_Atomic uint32_t noted;              // writers: interrupt thread sets, control takes
	_Atomic uint64_t count[PORT_EVENTS]; // writer: interrupt thread; times since the start
};

// Has events of DPDK's port noted in e, which must stay where it is. Once, or again. -errno.
int port_events_open(struct port_events *e, uint16_t port);

// What was noted since the last call, a bit for each event; PORT_RECOVERS_NOW stays for as long as
// it is so. Control thread.
uint32_t port_events_take(struct port_events *e);

// Afterwards nothing is noted any more. Also for one that was never opened.
void port_events_close(struct port_events *e, uint16_t port);

// SPDX-License-Identifier: BSD-3-Clause
// What the control thread does about a port while it runs: measures its clock, reads its counters,
// and answers what its driver tells (port_events.h).
//
// A driver that asks for a reset, or recovers from an error by itself, gets its port to itself:
// workers leave it, then nothing is asked of it until the driver is done. Then it is reset if that
// was asked for, its clock is measured anew, and the workers come back. They leave, too, to be told
// that the link has another speed: how far replies are apart on the wire. A port that did not
// recover, or was removed, is lost. Main thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/diagnostic.h"
#include "status/statseg.h"
#include "port/port.h"
#include "status/port_words.h"
#include "server/workers.h"

struct port_recovery {
	struct port *port;
	unsigned slot; // its number in the configuration
	struct workers *workers;
	const struct statseg *statseg;
	enum port_state state;
	uint32_t wants;   // events that were not answered yet, a bit for each
	uint64_t tx_step; // that the workers go by
	unsigned turn;
	unsigned patience; // turns that may still pass before it is lost
};

// Begins to care for an open port. All but c must stay where they are, and no worker has it shut.
void port_recovery_init(struct port_recovery *c, struct port *port, unsigned slot,
	struct workers *workers, const struct statseg *statseg);

// One turn, CLOCK_RATE times a second. -errno, once and with one sentence in d, when the port is
// lost; from then on nobody touches it but port_close.
int port_recovery_tick(struct port_recovery *c, struct diagnostic *d);

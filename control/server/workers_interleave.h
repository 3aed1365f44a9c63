// SPDX-License-Identifier: BSD-3-Clause
// What workers need for interleaved mode (RFC 9769): a table each, and the kernel's transmit
// timestamps. Main thread.
#pragma once

#include "common/diagnostic.h"
#include "server/workers.h"

// Gives equipped workers what interleaved mode needs, if it is configured. -errno, with one
// sentence.
int workers_interleave(
	struct workers *w, const struct config *c, const struct topology *t, struct diagnostic *d);

// Gives the workers' queues the kernel's word of when replies leave, on ports that can have it.
// Only interleaved mode asks for it; without it that is less precise there, and works: a warning
// says so.
void workers_ask_tx_stamps(struct workers *w, const struct topology *t, const struct port *ports);

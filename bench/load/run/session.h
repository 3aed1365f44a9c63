// SPDX-License-Identifier: BSD-3-Clause
// What every command is given: the options, an open port whose link is up, and the user's wish to
// stop. Main thread.
#pragma once

#include "options/options.h"
#include "run/link.h"
#include "traffic/clients.h"

struct session {
	const struct options *options;
	const struct link *link;
	const volatile int
		*stop; // how often the user said so: 1 ends sending, 2 waiting for replies
	struct clients *clients; // who remember from run to run, in interleaved mode
};

// Says one sentence on stderr. Returns the exit code of a failure.
int session_complain(const char *sentence);

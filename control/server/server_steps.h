// SPDX-License-Identifier: BSD-3-Clause
// The steps of a server's start, in order, each with its undo. Main thread.
#pragma once

#include "server/server_state.h"

struct server_step {
	const char *name; // of what it starts
	// 0; -errno with the sentence in s->diagnostic.
	int (*start)(struct server *s);
	// Takes down whatever start made, also where that failed half-way, made nothing, or was not
	// even called. NULL: there is nothing, or it goes with an earlier step's.
	void (*stop)(struct server *s);
};

// NULL behind the last one.
const struct server_step *server_step_at(unsigned i);

// Starts one, whose turn it is: all before it were started.
int server_step_start(struct server *s, const struct server_step *step);

// Takes it down: none after it stands any more.
void server_step_stop(struct server *s, const struct server_step *step);

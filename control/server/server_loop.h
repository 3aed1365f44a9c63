// SPDX-License-Identifier: BSD-3-Clause
// What a server does over and over: the turns of its control thread. Main thread.
#pragma once

#include <stdint.h>

#include "server/server_state.h"

// Waits for one round of events and does the clock's part of them, and the ports'. -errno.
int server_turn(struct server *s, struct happened *ret_happened);

// Turns until the server is told to stop and has drained. What it ended by: 0, or -errno with the
// sentence in s.
int server_loop(struct server *s);

// TAI - UTC at `utc`, by the list of leap seconds, else by the kernel; 0: unknown. context: the
// struct server.
int server_tai_offset(void *context, struct nanos utc);

// Logs what the workers counted. Of stopped workers.
void server_counters_tell(const struct server *s);

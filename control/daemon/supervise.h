// SPDX-License-Identifier: BSD-3-Clause
// What the server says to its supervisor (systemd, or whoever sets NOTIFY_SOCKET): that it is
// ready, its state in words, a sign of life for as long as every thread of it lives, and that it
// stops.
//
// It knows what the status segment shows, and nothing else. Workers that hang are told in the log,
// too, with or without a supervisor. Where none waits for signs of life, nobody else would end a
// server of which a worker hangs for good, and whose clients get no answer for ever: it is to end
// itself. Control thread; no DPDK.
#pragma once

#include "common/diagnostic.h"
#include "daemon/notify.h"
#include "status/statseg.h"
#include "daemon/watchdog.h"

#define SUPERVISE_STATUS 256

struct supervise {
	struct notify notify;
	struct watchdog watchdog;
	unsigned until_status;         // ticks before which no other state is told
	char status[SUPERVISE_STATUS]; // told last
};

// Finds the supervisor. Before any other call.
void supervise_begin(struct supervise *s);

// The server answers: from now on the supervisor may wait for signs of life.
void supervise_ready(struct supervise *s, const struct statseg *p);

// Once a tick of a server that is ready. -ETIMEDOUT, with a sentence: a worker hangs for good, and
// the server must end.
int supervise_tick(struct supervise *s, const struct statseg *p, struct diagnostic *d);

// The server was told to stop: the last word to the supervisor.
void supervise_stopping(struct supervise *s);

// Lets go of the supervisor, whatever was said before.
void supervise_end(struct supervise *s);

// SPDX-License-Identifier: BSD-3-Clause
// What the control thread waits for: its tick, signals, and the kernel's word that the clock was
// set. All by file descriptors, so nothing ever runs inside a signal handler. Main thread.
#pragma once

#include <stdbool.h>

struct events {
	int signal_fd;
	int tick_fd;
	int set_fd; // CLOCK_REALTIME timer that is cancelled when the clock is set
};

struct happened {
	bool tick;
	bool clock_was_set;
	unsigned stops; // SIGTERM and SIGINT
	bool reload;    // SIGHUP
};

// Blocks the signals for this thread and all that it will start; call it before any other thread
// is made. -errno.
int events_open(struct events *ret_events);

// Starts the ticks, `rate` a second.
int events_start_ticks(const struct events *e, unsigned rate);

// Waits until something happened. -errno.
int events_wait(const struct events *e, struct happened *ret_happened);

// Closes what is open; fine on a zeroed or closed one.
void events_close(struct events *e);

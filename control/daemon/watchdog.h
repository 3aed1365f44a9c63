// SPDX-License-Identifier: BSD-3-Clause
// Whether the server lives: the control thread turns, and every worker's heartbeat goes on. What
// the supervisor is told, and when, follows from it.
//
// Time here is the control thread's ticks, not a clock: where the whole process was stopped, or the
// machine slept, no tick passed, and no worker hangs. Pure; one thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/units.h"
#include "config/config.h"

// A heartbeat that stands still for so many ticks, a second, is a worker that hangs.
#define WATCHDOG_STILL CLOCK_RATE
// And for so many, ten seconds, is one that hangs for good: what a supervisor would have acted on.
#define WATCHDOG_LOST (10 * CLOCK_RATE)

// One worker.
struct watchdog_pulse {
	uint64_t beat;
	unsigned still; // ticks since it changed, up to WATCHDOG_LOST
};

// What is new of a worker.
enum watchdog_news {
	WATCHDOG_NOTHING,
	WATCHDOG_HANGS,
	WATCHDOG_GOES_ON,
	WATCHDOG_IS_LOST, // it hangs for good, and nobody waits for signs of life
};

struct watchdog {
	unsigned interval; // ticks between two signs of life; 0: nobody waits for them
	unsigned until;    // ticks to the next
	unsigned hanging;  // workers
	struct watchdog_pulse pulse[CONFIG_WORKERS];
};

// us: how long the supervisor waits for a sign of life; 0: it does not. It gets two in that time,
// and one a second at the least.
void watchdog_init(struct watchdog *w, uint64_t us);

// Looks at a worker's heartbeat, once a tick.
enum watchdog_news watchdog_look(struct watchdog *w, unsigned worker, uint64_t beat);

// After the looks of a tick: whether it is time for a sign of life. While a worker hangs it never
// is; once all go on it is at once.
bool watchdog_turn(struct watchdog *w);

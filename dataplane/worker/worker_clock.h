// SPDX-License-Identifier: BSD-3-Clause
// What a worker reads time by: the counter, and the clock of stamps in front of frames.
#pragma once

#include <stdint.h>

#include "core/crosststamp.h"
#include "core/ntp_time.h"

// Which functions read them. Constant while the worker runs; tests bring their own.
struct worker_clock {
	uint64_t (*counter_read)(void); // the machine's counter, cycles
	uint64_t (*stamps_read)(void);  // the clock of stamps in front of frames, ns
};

// The counter as c reads it. Worker's thread.
static inline struct cycles worker_now(const struct worker_clock *c)
{
	return (struct cycles){c->counter_read()};
}

// The machine's counter: x86 TSC, arm64 CNTVCT. Any thread.
uint64_t worker_counter(void);

// The kernel's clock in its place, in ns: CLOCK_MONOTONIC_RAW, which nobody steers. No system call
// where the kernel's clock source can be read without one. Any thread.
uint64_t worker_counter_kernel(void);

// The clock of stamps in front of frames, in ns: CLOCK_BOOTTIME. Any thread.
uint64_t worker_stamps_clock(void);

// Reads the stamps' clock, in ns, between two readings of the counter: again if it took long,
// because the worker was away then, and gives the closest pair. Worker's thread.
void worker_pair_read(const struct worker_clock *c, struct crosststamp *ret_pair);

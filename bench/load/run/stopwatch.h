// SPDX-License-Identifier: BSD-3-Clause
// The machine's counter as a measure of time, or the kernel's clock where that is unfit. Its rate
// is measured against CLOCK_MONOTONIC_RAW, which nobody steers; what the kernel or DPDK believe it
// to be is not asked. One thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <rte_cycles.h>

// CLOCK_MONOTONIC_RAW is read, in ns, and not the counter. Constant after stopwatch_choose.
extern bool stopwatch_is_kernel;

// Before anything is measured: takes the kernel's clock where the counter is unfit to be one, and
// says so on stderr in one line that begins with `who`.
void stopwatch_choose(const char *who);

// As it is called in reports. Static storage.
const char *stopwatch_name(void);

// The kernel's clock now.
uint64_t stopwatch_read_kernel(void);

// The counter now: x86 TSC, arm64 CNTVCT; or the kernel's clock.
static inline uint64_t stopwatch_read(void)
{
	if (__builtin_expect(stopwatch_is_kernel, false))
		return stopwatch_read_kernel();
	return rte_rdtsc();
}

// CLOCK_REALTIME now, as a 64-bit NTP timestamp.
uint64_t stopwatch_read_ntp(void);

// The counter's rate in Hz, to a few parts in a million. Takes a fifth of a second the first time;
// later calls say the same again.
uint64_t stopwatch_measure_hz(void);

// SPDX-License-Identifier: BSD-3-Clause
// The machine's counter as a measure of time. Its rate is measured against CLOCK_MONOTONIC_RAW,
// which nobody steers; what the kernel or DPDK believe it to be is not asked. One thread.
#pragma once

#include <stdint.h>

#include <rte_cycles.h>

// The counter now: x86 TSC, arm64 CNTVCT.
static inline uint64_t stopwatch_read(void)
{
	return rte_rdtsc();
}

// CLOCK_REALTIME now, as a 64-bit NTP timestamp.
uint64_t stopwatch_read_ntp(void);

// The counter's rate in Hz, to a few parts in a million. Takes a fifth of a second the first time; later
// calls say the same again.
uint64_t stopwatch_measure_hz(void);

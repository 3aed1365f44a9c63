// SPDX-License-Identifier: BSD-3-Clause
// The kernel's clock state. It is read once a second and passed on by value, so that all who judge
// by it judge by the same. Any thread; sets no clock.
#pragma once

#include <stdint.h>
#include <sys/timex.h>

struct kernel_clock {
	int state;        // TIME_OK and the like; -1: not known, and all else says nothing
	int status;       // STA_UNSYNC and the like
	int64_t maxerror; // us
	int64_t offset;   // that is still being corrected: us, or ns with STA_NANO
	int tai;          // TAI - UTC, s; 0: unknown
};

// Asks the kernel.
struct kernel_clock kernel_clock_read(void);

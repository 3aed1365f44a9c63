// SPDX-License-Identifier: BSD-3-Clause
// A real PTP hardware clock, read by the kernel: PTP_SYS_OFFSET_PRECISE, _EXTENDED, or the plain
// one. Only reads, though the file is opened for writing where it may be: kernels before 6.15 tell
// the frequency of a clock to nobody else. Sets no clock. One thread; no DPDK.
#pragma once

#include "reference/phc.h"

struct phc_device {
	int fd; // -1: closed
};

// How the clock behind d is read; d must outlive it.
struct phc_source phc_device_source(struct phc_device *d);

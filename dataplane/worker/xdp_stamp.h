// SPDX-License-Identifier: BSD-3-Clause
// What the filter of an AF_XDP port puts in front of each frame that it hands over: when the driver gave
// it to the filter. The kernel keeps it there (XDP metadata) on its way to the socket, where the driver
// can; a frame without the mark has none.
#pragma once

#include <linux/types.h>

// Nobody writes here but the kernel: it tells a stamp from what lay in the buffer before.
#define XDP_STAMP_MARK 0x5d2b71c6e94a830full

struct xdp_stamp {
	__u64 mark;
	__u64 ns; // CLOCK_BOOTTIME: it goes on while the machine sleeps
};

// SPDX-License-Identifier: BSD-3-Clause
// What the filter of an AF_XDP port puts in front of each frame that it hands over: when the driver gave
// it to the filter. The kernel keeps it there (XDP metadata) on its way to the socket, where the driver
// can; a frame without the mark has none.
#pragma once

#include <linux/types.h>

// The mark is a number that was drawn when the server started: it tells a stamp from what lay in the buffer
// before, which may be anybody's packet.
struct xdp_stamp {
	__u64 mark;
	__u64 ns; // CLOCK_BOOTTIME: it goes on while the machine sleeps
};

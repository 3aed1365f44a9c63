// SPDX-License-Identifier: BSD-3-Clause
// What the kernel's side of an AF_XDP port tells of the time.
//
// What the filter of an AF_XDP port puts in front of each frame that it hands over: when the driver
// gave it to the filter. The kernel keeps it there (XDP metadata) on its way to the socket, where
// the driver can; a frame without the mark has none.
#pragma once

#include <linux/types.h>

// The mark is a number that was drawn when the server started: it tells a stamp from what lay in
// the buffer before, which may be anybody's packet.
struct xdp_stamp {
	__u64 mark;
	__u64 ns; // CLOCK_BOOTTIME: it goes on while the machine sleeps
};

// When a frame that a worker sends goes by, within the kernel (tx_stamp.bpf.c): one place for each
// CPU, a cache line of its own. A worker, which is alone on its CPU, writes TX_STAMP_WANTED before
// a send; the first frame after that writes its time, unless a softirq comes first, which ends the
// waiting.
struct tx_stamp {
	__u64 ns; // CLOCK_BOOTTIME
	__u64 unused[7];
};

#define TX_STAMP_NONE   0
#define TX_STAMP_WANTED 1

// SPDX-License-Identifier: BSD-3-Clause
// What is known of each driver's receive stamps: a capability that a driver announces says neither
// that every packet is stamped nor how many bits of a stamp are the hardware's. Pure, any thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// How a port's clock is read.
enum nic_clock_kind {
	NIC_CLOCK_ANY,      // not known: whichever of the next two the port answers
	NIC_CLOCK_READ,     // rte_eth_read_clock
	NIC_CLOCK_TIMESYNC, // rte_eth_timesync_read_time
	NIC_CLOCK_XDP_META, // none is: the filter's stamps (worker/xdp_stamp.h) are the kernel's
	                    // time
	NIC_CLOCK_SYSTEM,   // stamps are CLOCK_REALTIME in microseconds
};

struct nic_profile {
	const char *driver; // its name begins with this
	bool is_trusted;    // rx_timestamps: auto uses it
	bool zero_is_none;  // a stamp of zero says that there is none
	bool is_syscall;    // the kernel sends what it is given before a send returns
	bool is_start;      // stamped at a frame's start, else at its end
	uint8_t width;      // bits of a stamp that count
	enum nic_clock_kind clock;
	uint32_t unit_hz; // what the clock should run at, to tell people how far it is off; 0:
	                  // unknown
};

// The profile of a driver by DPDK's name; of any driver where none is known. Static storage.
const struct nic_profile *nic_profile_find(const char *driver);

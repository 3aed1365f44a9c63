// SPDX-License-Identifier: BSD-3-Clause
// How long a reply takes from the worker's hand to the wire, measured: one port sends frames of an
// NTP reply's size over a cable to another, whose receive stamps tell when each began to arrive.
//
// What is measured is tx_latency: the difference between the stamp, brought back to the counter by
// the line of the receiving port's clock, and the counter just before the send. The cable's 5 ns a
// metre are in it. Main thread, without workers.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "core/service.h"
#include "time/rx_ts_monitor.h"

#define CALIBRATE_FRAMES 1000

struct rte_mempool;

// A way from one port to another, and what is found on it.
struct calibration {
	uint16_t tx_port; // DPDK's
	uint16_t rx_port;
	struct mac from;
	struct mac to;
	struct rte_mempool *pool;    // of what is sent
	uint64_t rx_flag;            // of a stamped mbuf
	uint16_t offset;             // of its stamp
	uint64_t hz;                 // of the counter
	uint32_t byte_time;          // of the link; see struct port_view
	struct rx_ts_monitor *watch; // of the receiving port; its source's counter is the counter
	void (*rest)(void *context, unsigned us); // lets time pass; the source's context
	// Results.
	unsigned sent;
	unsigned arrived;
	unsigned stamped; // with a stamp that can be believed
	double ns[CALIBRATE_FRAMES];
};

struct calibration_sum {
	double median_ns;
	double low_ns;  // 10 % are earlier
	double high_ns; // 10 % are later
	double least_ns;
};

// Measures the receiving port's clock and sends the frames. -ENOTSUP: its clock gave no line;
// -EIO: the port did not take the frames; results are then not complete.
int calibrate_measure(struct calibration *c);

// The tx_latency to configure, ns, or -1 where the differences cannot be. It is the least of them:
// by a greater one some frames leave before their transmit time. A coarse clock's may be below 0.
int calibrate_latency(const struct calibration_sum *sum);

// What the differences come to. At least half of the frames must have come with a stamp: -ENODATA
// where they did not.
int calibrate_sum(struct calibration *c, struct calibration_sum *ret_sum);

// The command: brings up the configuration's first two ports, measures both ways, and prints what
// to write into the configuration. -errno, logged.
int calibrate_run(const struct config *c);

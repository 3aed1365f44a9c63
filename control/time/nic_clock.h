// SPDX-License-Identifier: BSD-3-Clause
// The line between a port's clock and the machine's counter, kept true by measuring.
//
// Each tick reads the clock eight times between two readings of the counter and keeps the shortest
// of these brackets; the line is a regression over the last 32. Nothing is believed that was not
// measured: neither the clock's unit nor its epoch, so that a free-running card, one on TAI and one
// on UTC give the same line. A clock that jumps, stops, or runs at another rate is fitted anew.
// One thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/crosststamp.h"
#include "core/ntp_time.h"
#include "core/port_snap.h"

#define NIC_CLOCK_SAMPLES 32
#define NIC_CLOCK_RATE    10 // ticks a second
#define NIC_CLOCK_ENOUGH  10 // samples for a line that may be used

// Where ticks and counter come from: the port and the machine, or a test that owns time.
struct nic_clock_source {
	int (*ticks)(void *context, uint64_t *ret_ticks); // 0 or -errno
	struct cycles (*counter)(void *context);
	void *context;
};

enum nic_clock_event {
	NIC_CLOCK_FITTING,    // not enough samples yet
	NIC_CLOCK_GOOD,       // there is a line
	NIC_CLOCK_UNREADABLE, // the port does not tell its time; the line ages
	// Fitting began again, because the clock
	NIC_CLOCK_JUMPED,  // is not where it must be
	NIC_CLOCK_STOPPED, // did not move, or backwards
	NIC_CLOCK_ROUGH,   // was off the line by over 1 us three times in a row
	NIC_CLOCK_SLOPE,   // runs over 1000 ppm off its rate of the first second
};

struct nic_clock {
	struct nic_clock_source source;
	unsigned width;                               // bits of the clock that count
	struct crosststamp sample[NIC_CLOCK_SAMPLES]; // ring; the clock in ticks, unwrapped
	unsigned count;
	unsigned newest;
	unsigned rough;     // fits in a row whose residual was too large
	double first_slope; // cycles per tick as first known; 0: not yet
	double slope;       // of the line; 0: none
	double offset;      // cycles from the newest sample to the line
	double residual;    // root mean square of the samples about the line, cycles
	uint64_t shortest;  // bracket among the samples
	uint32_t epoch;     // 1 and up; rises whenever fitting began again
};

// A clock without samples.
void nic_clock_init(struct nic_clock *c, const struct nic_clock_source *source, unsigned width);

// Measures once; to be called NIC_CLOCK_RATE times a second. hz: the counter's rate.
enum nic_clock_event nic_clock_tick(struct nic_clock *c, uint64_t hz);

// Forgets the samples: after the port was restarted.
void nic_clock_restart(struct nic_clock *c);

// Fills what the line says of a port's view: references, rate, life, error bound, width, epoch, and
// the flag PORT_VIEW_FIT; the rest is left alone. False while there is no line; nothing is then
// touched.
bool nic_clock_line(const struct nic_clock *c, uint64_t hz, struct port_view *ret_view);

// How fast the clock is, in Hz by the counter; 0 while there is no line.
double nic_clock_rate(const struct nic_clock *c, uint64_t hz);

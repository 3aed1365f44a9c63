// SPDX-License-Identifier: BSD-3-Clause
// A port's receive stamp as T2, if it can be believed: no stamp is better than the reason to think
// so.
//
// A stamp is in ticks of the port's own clock, of which `width` bits count. It is unwrapped against
// the reference of the port's line, carried from the frame's start to its end (RFC 5905 means the
// end by a receive timestamp), and held against the worker's own reading of the counter: a
// packet is never from the future, and never older than it can have waited. Pure, no DPDK.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/counters.h"
#include "core/ntp_time.h"
#include "core/port_snap.h"
#include "core/snapshot.h"

// What the stamps of one burst are read with.
struct rx_stamp_line {
	uint64_t ref_ticks;
	uint64_t mult;     // NTP units per tick, times 2^PORT_MULT_SHIFT
	int64_t since_ref; // NTP units from the reference to the burst's reading of the counter
	struct ntp_time ref_time;
	uint64_t error_bound; // NTP units
	uint32_t max_age;
	uint32_t byte_time;
	uint8_t shift; // bits that do not count
	bool zero_is_invalid;
	enum stamp usable; // STAMP_USED, or why none of the burst's stamps can be used
};

// The line for a burst that was received at `now`, by the port's view and the time served.
void rx_stamp_prepare(const struct port_view *p, const struct clock_view *time, struct cycles now,
	struct rx_stamp_line *ret_line);

// The kernel slews its clocks by 83,333 ppm at the most: one part in so many of an age by them may
// be an error.
#define RX_STAMP_SLEW 12

// The stamp, in ns of CLOCK_BOOTTIME, that the filter of an AF_XDP port put in front of the frame
// at data with this mark, if it did: there are `room` bytes before it. It is taken, so that it is
// not there for the buffer's next frame.
bool rx_stamp_take(uint8_t *data, size_t room, uint64_t mark, uint64_t *ret_ns);

// The line for a burst whose stamps are nanoseconds of a clock of the machine's own, which reads
// `ns` at time `now`, give or take error_bound NTP units: nothing was fitted, so what the clock did
// before now is its own error.
void rx_stamp_prepare_ns(
	uint64_t ns, struct ntp_time now, uint64_t error_bound, struct rx_stamp_line *ret_line);

// The other way round, for a burst that is to leave at a moment: the port's ticks at `at`, rounded
// down. False, and nothing written, while the line may not be used at `now`.
bool rx_stamp_ticks(
	const struct port_view *p, struct cycles now, struct cycles at, uint64_t *ret_ticks);

// The T2 of a frame of `length` bytes, FCS not counted, that was stamped `ticks`. STAMP_USED and
// *ret_time written, or the reason why not.
enum stamp rx_stamp_read(
	const struct rx_stamp_line *l, uint64_t ticks, unsigned length, struct ntp_time *ret_time);

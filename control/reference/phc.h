// SPDX-License-Identifier: BSD-3-Clause
// A PTP hardware clock as the reference: what it says the system clock is off, and whether that can
// be.
//
// Of several readings of it between two of the system clock the shortest counts; half of it bounds
// the error. A clock that stands still, jumps, or shows no possible time is no reference. One that
// nobody steers any more goes on just as smoothly; only that its frequency stays what it is gives
// it away, and the error grows from there. What decides is here; how a real one is read is
// phc_device.h's. One thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/diagnostic.h"
#include "config/config.h"
#include "core/ntp_time.h"
#include "reference/reference.h"

#define PHC_READINGS 9
// Steady polls in a row before a clock that jumped is believed again.
#define PHC_STEADY 3

// Ways to read it, the best first.
enum phc_method { PHC_PRECISE, PHC_EXTENDED, PHC_BASIC, PHC_METHODS };

// One reading of it, between two of the system clock; all since 1970.
struct phc_sample {
	struct nanos before;
	struct nanos phc; // in its own scale
	struct nanos after;
};

// How it is read.
struct phc_source {
	void *context;
	// 0, -errno.
	int (*open)(void *context, const char *device);
	// How many samples there are, at most PHC_READINGS; -errno. -EOPNOTSUPP and -ENOTTY: it has
	// no such method.
	int (*read)(void *context, enum phc_method method, struct phc_sample *ret_samples);
	// Its frequency as it was last set, in 2^-16 ppm. 0, -errno.
	int (*frequency)(void *context, long *ret_frequency);
	// A clock that nobody steers, to see how long passes.
	struct nanos (*raw)(void *context);
	// Fine on one that could not be opened.
	void (*close)(void *context);
};

// Who knows TAI - UTC.
struct phc_tai {
	void *context;
	// At `utc`, since 1970; 0: unknown. NULL: nobody knows.
	int (*offset)(void *context, struct nanos utc);
};

// What is kept of it between polls.
struct phc {
	enum phc_method method; // the first that it has
	bool has_last;
	struct nanos last;    // what it showed
	struct nanos earlier; // the raw clock before that reading, and after it
	struct nanos later;
	unsigned doubt; // polls until it is believed again
	bool has_frequency;
	long frequency;       // of the last poll
	bool is_steered;      // it was seen to change, at `steered` last
	struct nanos steered; // of the raw clock
	struct diagnostic why;
};

// Reads the clock of c and says what it is worth. 0, or -1 with the end of a sentence in p->why and
// *ret_reference untouched.
int phc_look(struct phc *p, const struct phc_source *source, const struct config_reference *c,
	const struct phc_tai *tai, struct reference *ret_reference);

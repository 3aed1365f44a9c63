// SPDX-License-Identifier: BSD-3-Clause
// The server's timestamps against this machine's clock, where both read the same one: a request is
// received after it was sent, its reply is sent before it is received. Times are NTP's 64 bits.
// Pure, no clock; one thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "judge/stamps.h"

// A running mean and what is around it, in nanoseconds.
struct deviation {
	uint64_t count;
	double min_ns; // 0, like the rest, before the first value
	double mean_ns;
	double max_ns;
	double squares; // of the distances from the mean, summed
};

struct offsets {
	bool is_on;
	uint64_t now; // when the replies being looked at came
	struct deviation t2_less_sent;
	struct deviation t3_less_received;
	struct deviation offset; // the mean of the two: what a client would compute
	uint64_t early_t2;       // replies with T2 before the request was sent
	uint64_t late_t3;        // replies with T3 after they were received
	uint64_t sent[STAMPS_SIZE];
};

// Takes a value.
void deviation_add(struct deviation *d, double ns);

// Of the values so far; 0 for fewer than two.
double deviation_stddev_ns(const struct deviation *d);

// Nothing compared yet. Off: the other functions are not called.
void offsets_init(struct offsets *o, bool is_on);

// Notes that the n requests from sequence number `first` on were sent at `time`.
void offsets_put(struct offsets *o, uint64_t first, unsigned n, uint64_t time);

// Takes the timestamps of a right reply to a request that the stamps still hold.
void offsets_take(struct offsets *o, uint64_t sequence, uint64_t t2, uint64_t t3);

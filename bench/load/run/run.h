// SPDX-License-Identifier: BSD-3-Clause
// One run: frames out on schedule, replies in and judged, on one core that does both in turn.
#pragma once

#include <stdint.h>

#include "judge/reply_check.h"
#include "options/options.h"
#include "run/link.h"
#include "traffic/pace.h"
#include "traffic/plan.h"

struct rte_mbuf;
struct session;

// Frames made that the port has not taken yet.
struct run_pending {
	uint16_t queue; // for which they were made
	uint16_t first;
	uint16_t count;
	struct rte_mbuf *frame[OPTIONS_BURST];
};

// What one run of several with one port differs in.
struct run_want {
	uint64_t rate; // frames a second; 0: as many as the port takes
	double seconds;
	uint32_t clients;
};

struct run {
	const struct options *options;
	const struct link *link;
	struct run_want want;
	uint64_t counter_hz;
	uint64_t begin; // counter when the first frame could be sent
	uint64_t end;   // and when the last one was
	uint64_t sent;  // frames that the port took: sequence numbers below
	uint64_t tx_calls;
	uint64_t tx_refused; // calls of which the port took less than it was given
	uint64_t preempted;  // times that the kernel gave the core to somebody else
	double cpu_seconds;  // of the core's time that this program got while sending
	uint64_t rx_calls;
	uint64_t rx_empty;
	uint32_t client;         // of the next frame
	uint64_t asking;         // requests made in interleaved mode
	struct clients *clients; // the session's; NULL: all in basic mode
	struct pace pace;
	struct run_pending pending;
	struct rte_mbuf *received[OPTIONS_BURST];
	struct plan plan;
	struct reply_check check;
};

// What is shown while it runs, once a second; context is what run_execute() was given with it.
typedef void run_progress(void *context, const struct run *r, uint64_t now);

// A run as the session's options say over its link. Measures the counter's rate. NULL without
// memory; freed with free(). The session's parts must live as long.
struct run *run_create(const struct session *s);

// Makes an executed run one that is still to be executed, with other wants. Late replies to the run
// before count as late.
void run_again(struct run *r, const struct run_want *want);

// Runs until the time is over or *stop is set, waits for late replies, and leaves the results in r.
// progress may be NULL.
void run_execute(struct run *r, run_progress *progress, void *context, const volatile int *stop);

// Requests sent: frames that a right reply is due to.
uint64_t run_requests(const struct run *r);

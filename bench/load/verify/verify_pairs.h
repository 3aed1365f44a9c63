// SPDX-License-Identifier: BSD-3-Clause
// Interleaved mode (RFC 9769), which a server may have and need not: clients that ask step by step,
// each naming the reply before by its receive timestamp. What is asked in which step, and what the
// timestamps of all replies must be beside one another. Pure, no DPDK; one thread.
#pragma once

#include "verify/verify_check.h"

#define VERIFY_PAIR_STEPS   5
#define VERIFY_PAIR_CLIENTS 32 // of each family, who ask together
#define VERIFY_STAMPS       (VERIFY_PAIR_STEPS * 2 * VERIFY_PAIR_CLIENTS)

struct verify_stamps {
	unsigned count;       // of replies
	bool has_interleaved; // among them
	uint64_t receive[VERIFY_STAMPS];
	uint64_t transmit[VERIFY_STAMPS]; // of the reply itself; 0: it told an earlier one's
};

// What each client asks in a step. Static storage.
const struct verify_case *verify_pairs_case(unsigned step);

// Whether the rule is one about the replies of this step.
bool verify_pairs_concern(unsigned step, const char *rule);

// Makes x, an exchange of the step before, its client's next; the frame is still to be made. False
// if there was no reply that could be named.
bool verify_pairs_follow(struct verify_exchange *x, unsigned step);

// Adds x's reply, if it has one.
void verify_stamps_add(struct verify_stamps *t, const struct verify_exchange *x);

// Whether every receive timestamp is one reply's alone (I5).
enum verify_verdict verify_stamps_judge(const struct verify_stamps *t, char why[VERIFY_WHY]);

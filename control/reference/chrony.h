// SPDX-License-Identifier: BSD-3-Clause
// What chronyd says of itself: its command protocol's question for the tracking report and the
// answer to it, 104 bytes each way, the same in chronyd 4.3 to 4.8.
//
//   0  version 6, type (1: question, 2: answer), two zeros
//   4  command 33 (tracking), then the question's attempt or the answer's kind, 5 (tracking)
//   8  the question's sequence; the answer's status, and its sequence at 16
//  28  reference id, address (16 bytes, its family, padding), stratum, leap
//  56  when the clock was last set right: seconds (two halves) and nanoseconds
//  68  correction, last offset, RMS offset, frequency, residual frequency, skew, root delay, root
//      dispersion, update interval, as floats of chronyd's own: 7 bits of exponent, 25 of
//      coefficient
//
// All in network order. An answer that does not hold what it must is useless, and the reason is
// told. Pure; one thread; no DPDK.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/ntp_time.h"
#include "reference/reference.h"

// chronyd is silent to a question that is shorter than its answer.
#define CHRONY_MESSAGE 104

enum chrony_take {
	CHRONY_TOLD,   // the answer
	CHRONY_OTHERS, // not to this question: passed over
	CHRONY_BAD,    // the answer cannot be used
};

struct chrony_question {
	uint32_t sequence;
	struct nanos now; // since 1970: when it was put
};

// The question of this number: writes its CHRONY_MESSAGE bytes.
void chrony_ask(uint32_t sequence, uint8_t *ret_message);

// Takes one datagram as the answer to the question.
// *ret_reference is written for CHRONY_TOLD alone; *ret_why, a static text, for CHRONY_BAD alone.
enum chrony_take chrony_take(const uint8_t *message, size_t length,
	const struct chrony_question *question, struct reference *ret_reference,
	const char **ret_why);

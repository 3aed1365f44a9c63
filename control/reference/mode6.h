// SPDX-License-Identifier: BSD-3-Clause
// NTP control messages (mode 6, RFC 9327): asking ntpd of ntpsec or ntp.org for its system
// variables, and gathering the answer, which may come in fragments and in any order.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// |LI | VN  | 6   |R|E|M| opcode  |           sequence            |
// |            status             |         association           |
// |            offset             |             count             |  count bytes of text, padded
//
// Pure; one thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODE6_HEADER    12
#define MODE6_DATA_MAX  468 // of one message (RFC 9327 section 2)
#define MODE6_TEXT_MAX  4096
#define MODE6_FRAGMENTS 16

struct mode6_span {
	uint16_t from;
	uint16_t to; // behind its last byte
};

// An answer as it comes in.
struct mode6 {
	uint16_t sequence;
	bool has_last;   // the fragment without M came: total is known
	uint16_t total;  // bytes
	uint16_t gotten; // of them
	unsigned count;
	struct mode6_span span[MODE6_FRAGMENTS];
	char text[MODE6_TEXT_MAX + 1]; // once it is whole, with an end
};

enum mode6_take {
	MODE6_MORE,   // taken; there is more to come
	MODE6_WHOLE,  // taken; m->text holds total bytes
	MODE6_OTHERS, // not of this question: passed over
	MODE6_BAD,    // the answer cannot be used
};

// Begins a question of the given number; writes its MODE6_HEADER bytes.
void mode6_ask(struct mode6 *m, uint16_t sequence, uint8_t *ret_message);

// Takes one datagram. *ret_why is set, to a static text, for MODE6_BAD alone.
enum mode6_take mode6_take(
	struct mode6 *m, const uint8_t *message, size_t length, const char **ret_why);

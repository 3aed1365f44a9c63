// SPDX-License-Identifier: BSD-3-Clause
// What is known of a reply before it comes, as words to compare a frame with. Filled before the
// run, constant in it. Pure, any thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "traffic/plan.h"

#define REPLY_TEMPLATE_WORDS 16
// The shortest template ends behind the first byte of an NTP message over IPv4.
#define REPLY_TEMPLATE_WORDS_LEAST 6

// What the reply to the frames of one template looks like.
struct reply_template {
	uint64_t value[REPLY_TEMPLATE_WORDS];
	uint64_t mask[REPLY_TEMPLATE_WORDS]; // bits that are fixed
	uint32_t net;                        // as in the template
	uint16_t length;
	uint16_t client_at; // last four bytes of the client's address
	uint16_t port_at;   // the client's port
	uint8_t words;      // beyond these nothing is fixed
	bool is_junk;
};

// The bits of a reply's first byte that are not the request's.
#define REPLY_TEMPLATE_LEAP_MASK 0xc0
#define REPLY_TEMPLATE_MODE_MASK 0x07

// The template of replies to the frames of t, which has the layout l.
void reply_template_make(struct reply_template *r, const struct plan_layout *l,
	const struct plan_template *t, enum expect e);

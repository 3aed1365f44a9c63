// SPDX-License-Identifier: BSD-3-Clause
// Every kind of frame that the generator sends: requests that a server answers, and junk that it
// must not. Tables only; pure, any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// X(symbol, name, first byte of the message, mode of the reply)
#define REQUEST_KINDS(X)                                                                           \
	X(V1_MODE0, "v1-mode0", 0x08, 4)                                                           \
	X(V1, "v1", 0x0b, 4)                                                                       \
	X(V2, "v2", 0x13, 4)                                                                       \
	X(V3, "v3", 0x1b, 4)                                                                       \
	X(V4, "v4", 0x23, 4)                                                                       \
	X(SYMMETRIC, "symmetric", 0x21, 2)

enum request_kind {
#define X(symbol, name, first, mode) REQUEST_##symbol,
	REQUEST_KINDS(X)
#undef X
		REQUEST_COUNT
};

struct request_kind_row {
	const char *name;
	uint8_t first;      // leap 0, version, mode
	uint8_t reply_mode; // 4, or 2 to a symmetric request
};

extern const struct request_kind_row request_kinds[REQUEST_COUNT];

// Where in a frame an edit counts from.
enum edit_base { EDIT_NONE, EDIT_ETHER, EDIT_IP, EDIT_UDP, EDIT_NTP };

// One byte of a good version 4 request made wrong.
struct edit {
	uint8_t base; // enum edit_base
	uint8_t offset;
	uint8_t mask;  // bits that stay
	uint8_t value; // bits turned over after that
};

#define JUNK_EDITS 2

struct junk_kind_row {
	const char *name;
	struct edit edit[JUNK_EDITS];
	uint8_t message; // bytes of NTP message, declared as such; 0: the usual 48
	uint8_t cut;     // bytes of IP packet that the frame still holds; 0: all
	bool bad_ip_sum;
	bool bad_udp_sum;
	bool no_udp_sum; // the field is zero
	bool is_ip4_only;
	bool is_ip6_only;
};

#define JUNK_MESSAGE_MAX 76

extern const struct junk_kind_row junk_kinds[];
extern const size_t junk_kind_count;

// Room for a table with an entry for every junk kind.
#define JUNK_MAX 32

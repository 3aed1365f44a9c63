// SPDX-License-Identifier: BSD-3-Clause
// One question and what came back: the request's frame made from a case, a reply told from other
// traffic and taken apart. Replies are found by the request's own source port or by its transmit
// timestamp, whatever else is wrong with them. Pure, no DPDK; one thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/auth/keys.h"
#include "core/ntp.h"
#include "core/service.h"
#include "traffic/profile.h"
#include "verify/verify_case.h"

#define VERIFY_FRAME 1600 // bytes kept of a frame

// Source ports of requests: far from those that others use by habit.
#define VERIFY_PORT_FIRST 32768u
#define VERIFY_PORTS      16384u

// The two sides.
struct verify_ends {
	struct profile profile;   // MACs, VLAN, servers; clients take turns
	uint64_t key;             // makes transmit timestamps that nobody guesses
	const struct key *secret; // that the server has too; NULL: none was given
};

// Where things are in a reply. All of it lies inside the frame.
struct verify_layout {
	uint16_t type; // the EtherType behind all tags
	uint16_t ip;
	uint16_t udp;
	uint16_t ntp;
	uint16_t ntp_length; // bytes of message there are, and declared by UDP
	bool is_ip6;
};

struct verify_exchange {
	const struct verify_case *what;
	bool is_ip6;
	unsigned index;    // of this request among those of the case
	bool has_own_port; // by which a reply is known whatever is in it
	uint16_t port;
	uint32_t client;       // whose address is the source
	uint16_t message;      // bytes of the request's NTP message
	uint64_t id;           // the request's transmit timestamp in memory order
	uint64_t named;        // the receive timestamp of an earlier reply to this client; 0: none
	bool was_told;         // this client was, in interleaved mode, before
	const struct key *key; // of the code; NULL: there is none
	struct verify_layout in;
	uint16_t request_length;
	uint8_t request[VERIFY_FRAME];
	unsigned replies;         // 0: silence
	struct verify_layout out; // of the first of them
	uint16_t reply_length;    // as it came; bytes beyond VERIFY_FRAME are not kept
	uint8_t reply[VERIFY_FRAME];
};

// Makes the request for x's case, family and index; `number` is another for every request of this
// program. The exchange is then without a reply. A case that names an earlier reply keeps x's
// client; one with a code needs e's secret.
void verify_request_make(const struct verify_ends *e, struct verify_exchange *x, unsigned number);

// Takes apart the `length` bytes at `frame`. False if they are not UDP.
bool verify_layout_find(const uint8_t *frame, size_t length, struct verify_layout *ret_layout);

// Whether the frame is a reply to x; it is then counted, and the first is kept.
bool verify_reply_take(struct verify_exchange *x, const uint8_t *frame, size_t length);

// The request's and the reply's message. Only where there are 48 bytes of it.
const struct ntp_wire *verify_request(const struct verify_exchange *x);
const struct ntp_wire *verify_reply(const struct verify_exchange *x);

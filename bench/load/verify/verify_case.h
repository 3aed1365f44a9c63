// SPDX-License-Identifier: BSD-3-Clause
// What a server is asked to find out whether it keeps a rule: every row one frame, or one frame for
// each length, of a kind that the rule speaks of. Tables only; pure, any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traffic/kinds.h"

// The rule of cases that are plain requests: what is asked of the fields of a reply is asked of
// theirs.
#define VERIFY_PLAIN "plain"

// That of requests which name an earlier reply: verify_pairs.h.
#define VERIFY_PAIRS "pairs"

enum verify_source {
	VERIFY_FROM_US,
	VERIFY_FROM_SERVER, // its own address
	VERIFY_FROM_LOOPBACK,
	VERIFY_FROM_MULTICAST,
	VERIFY_FROM_BROADCAST, // IPv4; IPv6: an embedded IPv4 address
	VERIFY_FROM_NOWHERE,   // 0.0.0.0, ::
};

enum verify_destination {
	VERIFY_TO_SERVER,
	VERIFY_TO_NEIGHBOUR, // an address of the server's network that is not the server's
	VERIFY_TO_MULTICAST, // 224.0.1.1, ff02::101
};

enum verify_mac {
	VERIFY_MAC_SERVER,
	VERIFY_MAC_OTHER,
	VERIFY_MAC_BROADCAST,
	VERIFY_MAC_MULTICAST, // of the multicast destination
};

enum verify_sum {
	VERIFY_SUM_RIGHT,
	VERIFY_SUM_WRONG,
	VERIFY_SUM_NONE, // the field is zero
	VERIFY_SUM_TUNED // the message is such that the sum is computed as zero
};

enum verify_transmit { VERIFY_TRANSMIT_RANDOM, VERIFY_TRANSMIT_ZERO, VERIFY_TRANSMIT_ONES };

// The code of the key that the user gave. Without a key there are no such requests.
enum verify_code {
	VERIFY_CODE_NONE,
	VERIFY_CODE_RIGHT,
	VERIFY_CODE_WRONG_FIRST, // in the first bit of its digest
	VERIFY_CODE_WRONG_LAST,  // in the last bit
	VERIFY_CODE_ZERO,        // the digest is
};

// The earlier reply that a request names by its receive timestamp.
enum verify_pair {
	VERIFY_PAIR_NONE,
	VERIFY_PAIR_NEXT,  // the last one
	VERIFY_PAIR_AGAIN, // the one that the request before named
	VERIFY_PAIR_EQUAL, // the last one, and receive and transmit timestamp are the same
};

// A request's source port: its own, unless the case says which.
#define VERIFY_PORT_OWN  0
#define VERIFY_PORT_ZERO (-1)

// What stands behind the 48 bytes: an extension field, or a key and a digest.
struct verify_tail {
	uint16_t type;
	uint16_t length; // as it is written; key numbers are type << 16 | length
	uint16_t bytes;  // that there are; 0: as many as are written, the end at 0 length
	bool is_zero;    // else the bytes behind the first four are not
};

// IPv6 extension headers.
#define VERIFY_FRAGMENT            44 // with more fragments to come
#define VERIFY_DESTINATION_OPTIONS 60

#define VERIFY_TAILS 4
#define VERIFY_EDITS 2

struct verify_case {
	const char *rule;
	const char *words;     // what is special about the frame
	uint8_t first;         // of the message: leap, version, mode; 0: 0x23
	uint16_t message;      // bytes; 0: 48, and what the tails add
	uint16_t message_last; // not 0: a frame for each length from message to this
	struct verify_tail tail[VERIFY_TAILS];
	struct edit edit[VERIFY_EDITS];
	enum verify_source source;
	enum verify_destination destination;
	enum verify_mac mac;
	enum verify_sum ip_sum;
	enum verify_sum udp_sum;
	enum verify_transmit transmit;
	enum verify_code code; // behind everything else
	enum verify_pair pair;
	int32_t port;
	uint16_t padding;  // bytes behind the IP packet
	uint16_t cut;      // bytes of IP packet that the frame still holds; 0: all
	uint8_t tags;      // VLAN tags beyond the one that all frames may have
	uint8_t extension; // IPv6: an extension header of this type
	bool has_options;  // IPv4
	uint8_t ttl;       // 0: 64
	uint8_t traffic_class;
	bool is_ip4_only;
	bool is_ip6_only;
};

extern const struct verify_case verify_cases[];
extern const size_t verify_case_count;

// How many frames one family is sent for a case; none if it does not exist there.
unsigned verify_case_frames(const struct verify_case *c, bool is_ip6);

// SPDX-License-Identifier: BSD-3-Clause
// What became of the requests: every received frame is counted in exactly one place. Plain data.
#pragma once

#include <stdint.h>

// X(symbol, stable name, sentence): why a reply is not a right one. In the order they are looked
// for: a reply is counted under the first that applies.
#define FAULT_LIST(X)                                                                              \
	X(LENGTH, length, "not as long as the reply must be")                                      \
	X(ORIGIN, origin, "origin timestamp is no request's of this run")                          \
	X(JUNK_ANSWERED, junk_answered, "answers a frame that must not be answered")               \
	X(ETHERNET, ethernet, "MAC addresses or VLAN tag are not the request's turned round")      \
	X(IP_HEADER, ip_header, "IP header is not the request's turned round, or a fragment")      \
	X(CLIENT, client, "sent to another client than the one with this origin timestamp")        \
	X(PORTS, ports, "UDP ports or length are not the request's turned round")                  \
	X(IP_CHECKSUM, ip_checksum, "IPv4 header checksum is wrong")                               \
	X(UDP_CHECKSUM, udp_checksum, "UDP checksum is wrong, or missing over IPv6")               \
	X(VERSION, version, "version is not the request's")                                        \
	X(MODE, mode, "mode is not the one that answers the request's")                            \
	X(PAYLOAD, payload, "reflected message is not what was sent")                              \
	X(UNSYNCHRONISED, unsynchronised, "leap 3 or stratum 0: the server has no time to give")   \
	X(STRATUM, stratum, "stratum is above 15")                                                 \
	X(NO_TIME, no_time, "receive or transmit timestamp is zero")                               \
	X(TIMES, times, "transmit timestamp is earlier than the receive timestamp")                \
	X(TOLD, told, "the reply before left before its request came, or after this one's")

enum fault {
#define X(symbol, name, sentence) FAULT_##symbol,
	FAULT_LIST(X)
#undef X
		FAULT_COUNT
};

struct rx_stats {
	uint64_t received;    // frames of any kind
	uint64_t foreign;     // of these, no reply to us: neighbour discovery and the like
	uint64_t answered;    // requests that got a right reply
	uint64_t interleaved; // of these, in interleaved mode
	uint64_t duplicates;  // right replies beyond the first
	uint64_t late;        // replies to requests so old that only their number is known
	uint64_t reordered;   // right first replies that came after one to a later request
	uint64_t fault[FAULT_COUNT];
};

// All clean, ready to count.
void rx_stats_init(struct rx_stats *t);

// Replies that were wrong, for whatever reason.
uint64_t rx_stats_invalid(const struct rx_stats *t);

// Stable name and one sentence. Static storage.
const char *fault_name(enum fault f);
const char *fault_sentence(enum fault f);

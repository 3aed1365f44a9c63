// SPDX-License-Identifier: BSD-3-Clause
// What one port serves: its MAC and addresses, and how replies look. Also the judgement which
// destinations are ours and which sources are never answered.
//
// Filled by the control side before workers start and constant while they run; each worker holds
// its own copy. Pure, any thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/wire_int.h"

// Addresses of each family on one port. Proofs take fewer: every walk over them is the same.
#ifndef SERVICE_ADDRESSES
#define SERVICE_ADDRESSES 64
#endif

struct mac {
	uint8_t byte[6];
};

struct ip6 {
	uint8_t byte[16];
};

struct service {
	struct mac mac;        // the port's: what requests are addressed to
	struct mac gateway;    // where replies go if has_gateway
	bool has_gateway;      // else replies go to the MAC the request came from
	bool offload;          // the port finishes checksums: leave the pseudo-header sum
	uint8_t ttl;           // of replies; IPv6: hop limit
	uint8_t traffic_class; // DSCP << 2, ECN 0
	uint16_t ip4_count;    // addresses in ip4 and ip4_broadcast
	uint16_t ip6_count;    // addresses in ip6
	// Bit b: one of our addresses has b = that byte % 64. Most clients differ from all of us in
	// one.
	uint64_t ip4_last;  // of ip4 or ip4_broadcast, byte 3
	uint64_t ip4_third; // the same, byte 2
	uint64_t ip6_last;  // of ip6, byte 15
	uint64_t ip6_net;   // of ip6, byte 7
	// Bit i: ip4[i] or ip6[i] serves smeared time.
	uint64_t ip4_smeared;
	uint64_t ip6_smeared;
	uint8_t smear; // enum smear_kind: how those do
	struct be32 ip4[SERVICE_ADDRESSES];
	struct be32
		ip4_broadcast[SERVICE_ADDRESSES]; // of the same subnet; the address itself if none
	struct ip6 ip6[SERVICE_ADDRESSES];
};

// A service on this MAC without addresses: TTL 64, DSCP 0, reflect MACs, checksums in software.
void service_init(struct service *s, struct mac mac);

// Adds an address with its prefix length (0..32), from which the subnet's broadcast address follows
// (none for /31 and /32, RFC 3021). False if the table is full.
bool service_add_ip4(struct service *s, struct be32 address, unsigned prefix_length);

// Adds an address. False if the table is full.
bool service_add_ip6(struct service *s, struct ip6 address);

// Makes an address of ours one that serves smeared time. False if it is none of ours.
bool service_smear_ip4(struct service *s, struct be32 address);
bool service_smear_ip6(struct service *s, struct ip6 address);

// Whether any address serves smeared time.
static inline bool service_smears(const struct service *s)
{
	return (s->ip4_smeared | s->ip6_smeared) != 0;
}

// Whether the address of ours that this one is serves smeared time.
bool service_smears_ip4(const struct service *s, const uint8_t address[static 4]);
bool service_smears_ip6(const struct service *s, const uint8_t address[static 16]);

// Whether address is one of ours.
bool service_has_ip4(const struct service *s, const uint8_t address[static 4]);
bool service_has_ip6(const struct service *s, const uint8_t address[static 16]);

// Whether a packet from this source may be answered at all: not "this network", loopback,
// multicast, reserved, broadcast, documentation, one of our own addresses or a subnet's broadcast
// address (reliability rule L3; RFC 6890). Private and link-local sources are answered.
bool service_answers_ip4(const struct service *s, const uint8_t source[static 4]);
bool service_answers_ip6(const struct service *s, const uint8_t source[static 16]);

// SPDX-License-Identifier: BSD-3-Clause
// The headers around an NTP message as they stand on the wire, from Ethernet to UDP. Byte arrays
// only: alignment 1, no padding.
#pragma once

#include <assert.h>
#include <stdint.h>

#include "core/service.h"
#include "core/wire_int.h"

#define ETHER_TYPE_IP4  0x0800
#define ETHER_TYPE_IP6  0x86dd
#define ETHER_TYPE_VLAN 0x8100
#define ETHER_TYPE_QINQ 0x88a8
#define PROTOCOL_UDP    17
#define IP4_DF          0x4000
#define IP4_FRAGMENT    0x3fff // more fragments, or an offset

struct ether_wire {
	struct mac destination;
	struct mac source;
	struct be16 type;
};

struct vlan_wire {
	struct be16 tag;
	struct be16 type;
};

struct ip4_wire {
	uint8_t version_ihl;
	uint8_t traffic_class;
	struct be16 total_length;
	struct be16 id;
	struct be16 fragment;
	uint8_t ttl;
	uint8_t protocol;
	struct be16 checksum;
	struct be32 source;
	struct be32 destination;
};

struct ip6_wire {
	struct be32 version_class_flow;
	struct be16 payload_length;
	uint8_t next_header;
	uint8_t hop_limit;
	struct ip6 source;
	struct ip6 destination;
};

struct udp_wire {
	struct be16 source;
	struct be16 destination;
	struct be16 length;
	struct be16 checksum;
};

static_assert(sizeof(struct ether_wire) == 14, "IEEE 802.3");
static_assert(sizeof(struct vlan_wire) == 4, "IEEE 802.1Q");
static_assert(sizeof(struct ip4_wire) == 20, "RFC 791");
static_assert(sizeof(struct ip6_wire) == 40, "RFC 8200");
static_assert(sizeof(struct udp_wire) == 8, "RFC 768");

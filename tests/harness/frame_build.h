// SPDX-License-Identifier: BSD-3-Clause
// Requests as bytes: start from a good one, change what the test is about, build.
//
// Everything a sender may get wrong is a field here. Bytes are written by offset from the RFCs, so
// that nothing of the core's own understanding of a frame is in them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_ROOM    10240 // of a built frame
#define FRAME_PAYLOAD 2048
#define FRAME_AUTO    (-1) // a length as it should be

enum sum_kind {
	SUM_RIGHT,
	SUM_WRONG,
	SUM_ZERO,
	SUM_ONES,   // 0xffff, whatever would be right
	SUM_PSEUDO, // of the pseudo-header only, as a stack with transmit offload leaves it
	SUM_KINDS
};

struct frame_spec {
	uint8_t destination[6], source[6];
	unsigned vlan_count; // up to 4
	uint16_t vlan_type[4], vlan_tag[4];
	int ether_type; // FRAME_AUTO: by family

	bool is_ip6;
	unsigned version; // IP version in the header
	unsigned ihl;     // IPv4, 32-bit words
	uint8_t traffic_class;
	uint32_t flow;         // IPv6
	uint16_t id, fragment; // IPv4
	uint8_t ttl, protocol;
	int ip_length; // IPv4 total length, IPv6 payload length
	enum sum_kind ip_sum;
	uint8_t ip_source[16], ip_destination[16];
	uint8_t extra[64]; // IPv4 options, IPv6 extension headers
	unsigned extra_length;

	uint16_t source_port, destination_port;
	int udp_length;
	enum sum_kind udp_sum;

	uint8_t payload[FRAME_PAYLOAD];
	size_t payload_length;
	size_t padding; // bytes behind the IP packet
	int cut;        // bytes of the frame that arrive; FRAME_AUTO: all
};

// A good NTPv4 client request of 48 bytes to the desk's first address (harness/desk.h).
void frame_spec_ip4(struct frame_spec *s);
void frame_spec_ip6(struct frame_spec *s);

// Puts another NTP message of `length` bytes into s: the header with this version and mode, then
// zeros. Every other byte of the header differs from its neighbours.
void frame_spec_ntp(struct frame_spec *s, unsigned version, unsigned mode, size_t length);

// Appends an extension field (RFC 7822) of `length` bytes, or of 4 when that is shorter; the length
// written into it is `length`.
void frame_spec_extension(struct frame_spec *s, uint16_t type, uint16_t length);

// Appends n bytes of value.
void frame_spec_append(struct frame_spec *s, uint8_t value, size_t n);

// Tunes the last two bytes of the payload so that its right UDP checksum is computed as 0.
void frame_spec_tune_zero_sum(struct frame_spec *s);

// Writes the frame; returns its length. The last payload byte is at offset
// frame_ntp_offset + payload_length - 1.
size_t frame_build(const struct frame_spec *s, uint8_t to[static FRAME_ROOM]);

// Where the IP header and the NTP message begin in the built frame.
size_t frame_ip_offset(const struct frame_spec *s);
size_t frame_ntp_offset(const struct frame_spec *s);

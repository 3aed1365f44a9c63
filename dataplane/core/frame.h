// SPDX-License-Identifier: BSD-3-Clause
// A frame's bytes from Ethernet to UDP: opened, checked, and turned round into the reply.
//
// frame_open is the one place where every declared length meets the received length; CBMC proves
// it. What it hands out, later steps use without computing an offset again. Replies are built in
// the request's own bytes and are never longer than it. Pure, any thread.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/service.h"
#include "core/verdict.h"

// What the port said about one of the request's checksums.
enum checksum_state {
	CHECKSUM_UNKNOWN, // nobody looked: verify here
	CHECKSUM_GOOD,
	CHECKSUM_BAD,
	CHECKSUM_ABSENT, // data intact, but the field is not a checksum (virtio, partial)
};

// Both, by value: they are two bytes.
struct checksum_report {
	uint8_t ip;  // enum checksum_state of the IPv4 header
	uint8_t udp; // enum checksum_state of the UDP datagram
};

// An opened frame. Valid until the bytes are written.
struct frame {
	uint8_t *ip;          // the IP header
	uint8_t *ntp;         // the UDP payload
	uint64_t address_sum; // one's complement sum of source and destination address
	uint16_t ntp_length;  // bytes at ntp
	uint16_t source_port; // host order
	bool is_ip6;
};

// Opens the `length` received bytes at `data` (Ethernet header first, no FCS) as a UDP datagram to
// port 123 of one of s's addresses. V_ANSWER_V4 means "open, go on": ret_frame is filled; any other
// verdict is the reason for silence. Trailing Ethernet padding is ignored. Never reads outside
// data[0..length), writes nothing there.
enum verdict frame_open(const struct service *s, uint8_t *data, size_t length,
	struct checksum_report port_says, struct frame *ret_frame);

// Whether an opened frame came to an address that serves smeared time.
bool frame_is_smeared(const struct service *s, const struct frame *f);

// Turns the opened frame round: MACs, addresses and ports swapped (or the configured gateway MAC as
// destination), fresh IP and UDP headers for an NTP message of 48 bytes, checksums. message_sum is
// the one's complement sum of these 48 bytes, which stand at f->ntp already. VLAN tags stay.
// Returns the reply's length in bytes, at most what was opened.
size_t frame_reply(
	const struct service *s, uint8_t *data, const struct frame *f, uint64_t message_sum);

// The same for a message of `length` bytes, at most what was opened.
size_t frame_reply_length(const struct service *s, uint8_t *data, const struct frame *f,
	unsigned length, uint64_t message_sum);

// SPDX-License-Identifier: BSD-3-Clause
// What does not match in frames of a plain one's length, four at a time and without a branch: where
// kinds of junk come in any order, no processor foresees them. For fastpath.c, fastpath_ip4.c and
// fastpath_ip6.c alone.
#pragma once

#include "core/fastpath/fastpath_family.h"

// Bits of what does not match, in the order in which the slow path (frame.c) looks: the lowest is
// its reason.
enum fast_mismatch {
	MISMATCH_DESTINATION_MAC,
	MISMATCH_OTHER_TYPE, // a tag's, or the other family's
	MISMATCH_TYPE,
	MISMATCH_VERSION,
	MISMATCH_OPTIONS,
	MISMATCH_LENGTH,
	MISMATCH_SHORTER, // than plain, with bytes behind
	MISMATCH_FRAGMENT,
	MISMATCH_EXTENSION,
	MISMATCH_PROTOCOL,
	MISMATCH_DESTINATION,
	MISMATCH_UDP_LENGTH,
	MISMATCH_UDP_SHORTER,
	MISMATCH_PORT,
	MISMATCH_SOURCE_MAC,
	MISMATCH_HEADER_SUM,
	MISMATCH_SOURCE,
	MISMATCH_SOURCE_LOOK, // rarely a client's, or perhaps our own
	MISMATCH_SOURCE_PORT,
	MISMATCH_NO_UDP_SUM,
	MISMATCH_UDP_SUM, // if nothing else is
	MISMATCH_COUNT
};

// As a little-endian load has them.
#define FAST_TYPE_IP4  0x0008u
#define FAST_TYPE_IP6  0xdd86u
#define FAST_TYPE_VLAN 0x0081u
#define FAST_TYPE_QINQ 0xa888u

// The bit in the lanes where `differs` is not zero.
LANES_INLINE lanes fast_mismatch(lanes differs, enum fast_mismatch bit)
{
	return ~lanes_equal(differs, lanes_all(0)) & lanes_all(1ull << bit);
}

// The bit in the lanes that are all ones.
LANES_INLINE lanes fast_mismatch_where(lanes is_mismatch, enum fast_mismatch bit)
{
	return is_mismatch & lanes_all(1ull << bit);
}

// A number of 16 bits on the wire, from the lane's lowest ones.
LANES_INLINE lanes fast_number16(lanes word)
{
	return (word & 0xff) << 8 | (word >> 8 & 0xff);
}

// All ones in the lanes where a number of 16 bits is over `most`.
LANES_INLINE lanes fast_is_over(lanes number, uint64_t most)
{
	return (lanes)((lanes_signed)number > (lanes_signed)lanes_all(most));
}

// From the first two words.
LANES_INLINE lanes fast_ether_mismatch(const struct fast_plan *p, lanes word0, lanes word8)
{
	lanes differs = fast_differs(p, 1, word8) >> 32 & UINT16_MAX;
	lanes type = word8 >> 32 & UINT16_MAX;
	lanes is_known = lanes_equal(type, lanes_all(FAST_TYPE_IP4)) |
	                 lanes_equal(type, lanes_all(FAST_TYPE_IP6)) |
	                 lanes_equal(type, lanes_all(FAST_TYPE_VLAN)) |
	                 lanes_equal(type, lanes_all(FAST_TYPE_QINQ));
	return fast_mismatch(fast_differs(p, 0, word0), MISMATCH_DESTINATION_MAC) |
	       fast_mismatch(differs & is_known, MISMATCH_OTHER_TYPE) |
	       fast_mismatch(differs, MISMATCH_TYPE) |
	       fast_mismatch(
		       fast_mac_is_mismatch(p, fast_source_mac(word0, word8)), MISMATCH_SOURCE_MAC);
}

// What the IP header says is the length of what follows, against `plain` bytes of it; under `least`
// is none.
LANES_INLINE lanes fast_length_mismatch(lanes length, uint64_t least, uint64_t plain,
	enum fast_mismatch none, enum fast_mismatch shorter)
{
	lanes number = fast_number16(length);
	lanes is_under = ~fast_is_over(number, least - 1);
	return fast_mismatch_where(fast_is_over(number, plain) | is_under, none) |
	       fast_mismatch(number ^ plain, shorter);
}

// Of the UDP header, as one word.
LANES_INLINE lanes fast_udp_mismatch(lanes udp)
{
	const uint64_t port = (uint64_t)(NTP_PORT & 0xff) << 24 | (uint64_t)(NTP_PORT >> 8) << 16;
	return fast_mismatch((udp & 0xffff0000u) ^ port, MISMATCH_PORT) |
	       fast_length_mismatch(udp >> 32, sizeof(struct udp_wire), FAST_UDP_LENGTH,
		       MISMATCH_UDP_LENGTH, MISMATCH_UDP_SHORTER) |
	       fast_mismatch_where(
		       lanes_equal(udp & UINT16_MAX, lanes_all(0)), MISMATCH_SOURCE_PORT) |
	       fast_mismatch_where(lanes_equal(udp >> 48, lanes_all(0)), MISMATCH_NO_UDP_SUM);
}

// SPDX-License-Identifier: BSD-3-Clause
// What is odd in frames of a plain one's length, four at a time and without a branch: where kinds of junk
// come in any order, no processor foresees them. For columns.c, columns_ip4.c and columns_ip6.c alone.
#pragma once

#include "core/columns/columns_family.h"

// Bits of what is odd, in the order in which the long way (frame.c) looks: the lowest is its reason.
enum column_odd {
	ODD_DESTINATION_MAC,
	ODD_OTHER_TYPE, // a tag's, or the other family's
	ODD_TYPE,
	ODD_VERSION,
	ODD_OPTIONS,
	ODD_LENGTH,
	ODD_SHORTER, // than plain, with bytes behind
	ODD_FRAGMENT,
	ODD_EXTENSION,
	ODD_PROTOCOL,
	ODD_DESTINATION,
	ODD_UDP_LENGTH,
	ODD_UDP_SHORTER,
	ODD_PORT,
	ODD_SOURCE_MAC,
	ODD_HEADER_SUM,
	ODD_SOURCE,
	ODD_SOURCE_LOOK, // rarely a client's, or perhaps our own
	ODD_SOURCE_PORT,
	ODD_NO_UDP_SUM,
	ODD_UDP_SUM, // if nothing else is
	ODD_COUNT
};

// As a little-endian load has them.
#define COLUMN_TYPE_IP4  0x0008u
#define COLUMN_TYPE_IP6  0xdd86u
#define COLUMN_TYPE_VLAN 0x0081u
#define COLUMN_TYPE_QINQ 0xa888u

// The bit in the lanes where `differs` is not zero.
LANES_INLINE lanes column_odd(lanes differs, enum column_odd bit)
{
	return ~lanes_equal(differs, lanes_all(0)) & lanes_all(1ull << bit);
}

// The bit in the lanes that are all ones.
LANES_INLINE lanes column_odd_where(lanes is_odd, enum column_odd bit)
{
	return is_odd & lanes_all(1ull << bit);
}

// A number of 16 bits on the wire, from the lane's lowest ones.
LANES_INLINE lanes column_number16(lanes word)
{
	return (word & 0xff) << 8 | (word >> 8 & 0xff);
}

// All ones in the lanes where a number of 16 bits is over `most`.
LANES_INLINE lanes column_is_over(lanes number, uint64_t most)
{
	return (lanes)((lanes_signed)number > (lanes_signed)lanes_all(most));
}

// From the first two words.
LANES_INLINE lanes column_ether_odd(const struct column_plan *p, lanes word0, lanes word8)
{
	lanes differs = column_differs(p, 1, word8) >> 32 & UINT16_MAX;
	lanes type = word8 >> 32 & UINT16_MAX;
	lanes is_known = lanes_equal(type, lanes_all(COLUMN_TYPE_IP4)) |
	                 lanes_equal(type, lanes_all(COLUMN_TYPE_IP6)) |
	                 lanes_equal(type, lanes_all(COLUMN_TYPE_VLAN)) |
	                 lanes_equal(type, lanes_all(COLUMN_TYPE_QINQ));
	return column_odd(column_differs(p, 0, word0), ODD_DESTINATION_MAC) |
	       column_odd(differs & is_known, ODD_OTHER_TYPE) | column_odd(differs, ODD_TYPE) |
	       column_odd(column_mac_is_odd(p, column_source_mac(word0, word8)), ODD_SOURCE_MAC);
}

// What the IP header says is the length of what follows, against `plain` bytes of it; under `least` is none.
LANES_INLINE lanes column_length_odd(
	lanes length, uint64_t least, uint64_t plain, enum column_odd none, enum column_odd shorter)
{
	lanes number = column_number16(length);
	lanes is_under = ~column_is_over(number, least - 1);
	return column_odd_where(column_is_over(number, plain) | is_under, none) |
	       column_odd(number ^ plain, shorter);
}

// Of the UDP header, as one word.
LANES_INLINE lanes column_udp_odd(lanes udp)
{
	const uint64_t port = (uint64_t)(NTP_PORT & 0xff) << 24 | (uint64_t)(NTP_PORT >> 8) << 16;
	return column_odd((udp & 0xffff0000u) ^ port, ODD_PORT) |
	       column_length_odd(udp >> 32, sizeof(struct udp_wire), COLUMN_UDP_LENGTH,
		       ODD_UDP_LENGTH, ODD_UDP_SHORTER) |
	       column_odd_where(lanes_equal(udp & UINT16_MAX, lanes_all(0)), ODD_SOURCE_PORT) |
	       column_odd_where(lanes_equal(udp >> 48, lanes_all(0)), ODD_NO_UDP_SUM);
}

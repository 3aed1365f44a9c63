// SPDX-License-Identifier: BSD-3-Clause
#include "verify/verify_case.h"

// clang-format 14 and 19 differ about such macros.
// clang-format off
#define BECOMES(base, offset, value) {base, offset, 0x00, value}
#define FLIPS(base, offset, bits) {base, offset, 0xff, bits}
// clang-format on

#define ASK(id, what) .rule = id, .words = what

// clang-format 14 and 19 differ about such macros.
// clang-format off
#define TAIL(kind, says, has) {.type = kind, .length = says, .bytes = has}
#define TAIL_ZERO(kind, says, has) {.type = kind, .length = says, .bytes = has, .is_zero = true}
// clang-format on

// The first byte of a message.
#define FIRST(version, mode) ((version) << 3 | (mode))

const struct verify_case verify_cases[] = {
	{ASK(VERIFY_PLAIN, "version 4")},
	{ASK(VERIFY_PLAIN, "version 4 once more"), .ttl = 255},
	{ASK(VERIFY_PLAIN, "version 3"), .first = FIRST(3, 3)},
	{ASK(VERIFY_PLAIN, "a transmit timestamp of zero"), .transmit = VERIFY_TRANSMIT_ZERO},
	{ASK(VERIFY_PLAIN, "a transmit timestamp of all ones"), .transmit = VERIFY_TRANSMIT_ONES},
	{ASK(VERIFY_PLAIN, "TTL 5"), .ttl = 5},
	{ASK(VERIFY_PLAIN, "ECN: congestion experienced"), .traffic_class = 0x03},
	{ASK(VERIFY_PLAIN, "leap 3"), .first = 0xe3},

	{ASK("H1a", "a short message"), .message = 0, .message_last = 47},
	{ASK("H1b", "a length not divisible by 4"), .message = 49, .message_last = 51},
	{ASK("H1b", "a length not divisible by 4"), .message = 53, .message_last = 55},
	{ASK("H1b", "a length not divisible by 4"), .message = 57, .message_last = 59},
	{ASK("H1b", "a length not divisible by 4"), .message = 66},
	{ASK("H1b", "a length not divisible by 4"), .message = 1449, .message_last = 1451},

	{ASK("H2a", "version 4"), .first = FIRST(4, 3)},
	{ASK("H2a", "version 3"), .first = FIRST(3, 3)},
	{ASK("H2b", "version 2"), .first = FIRST(2, 3)},
	{ASK("H2b", "version 1"), .first = FIRST(1, 3)},
	{ASK("H2d", "version 0"), .first = FIRST(0, 3)},
	{ASK("H2d", "version 6"), .first = FIRST(6, 3)},
	{ASK("H2d", "version 7"), .first = FIRST(7, 3)},
	{ASK("H2e", "version 5"), .first = FIRST(5, 3)},

	{ASK("H3b", "version 4, mode 1"), .first = FIRST(4, 1)},
	{ASK("H3b", "version 3, mode 1"), .first = FIRST(3, 1)},
	{ASK("H3b", "version 2, mode 1"), .first = FIRST(2, 1)},
	{ASK("H4a", "version 1, mode 0"), .first = FIRST(1, 0)},
	{ASK("H4b", "version 1, mode 1"), .first = FIRST(1, 1)},
	{ASK("H4c", "version 1, mode 0, from port 123"), .first = FIRST(1, 0), .port = 123},
	{ASK("H4d", "version 1, mode 0, 68 bytes"), .first = FIRST(1, 0), .message = 68},

	{ASK("H5a", "version 4, mode 2"), .first = FIRST(4, 2)},
	{ASK("H5a", "version 3, mode 2"), .first = FIRST(3, 2)},
	{ASK("H5a", "version 1, mode 2"), .first = FIRST(1, 2)},
	{ASK("H5b", "version 4, mode 4"), .first = FIRST(4, 4)},
	{ASK("H5b", "version 4, mode 4, from port 123"), .first = FIRST(4, 4), .port = 123},
	{ASK("H5b", "version 3, mode 4"), .first = FIRST(3, 4)},
	{ASK("H5b", "version 1, mode 4"), .first = FIRST(1, 4)},
	{ASK("H5c", "version 4, mode 5"), .first = FIRST(4, 5)},
	{ASK("H5c", "version 3, mode 5"), .first = FIRST(3, 5)},
	{ASK("H5c", "version 1, mode 5, from port 123"), .first = FIRST(1, 5), .port = 123},
	{ASK("H5d", "version 2, mode 6, read variables"), .first = FIRST(2, 6), .message = 12,
		.edit = {BECOMES(EDIT_NTP, 1, 0x02)}},
	{ASK("H5d", "version 4, mode 6"), .first = FIRST(4, 6)},
	{ASK("H5d", "version 3, mode 6"), .first = FIRST(3, 6)},
	{ASK("H5d", "version 1, mode 6"), .first = FIRST(1, 6)},
	{ASK("H5e", "version 2, mode 7, monlist"), .first = FIRST(2, 7), .message = 8,
		.edit = {BECOMES(EDIT_NTP, 2, 0x03), BECOMES(EDIT_NTP, 3, 0x2a)}},
	{ASK("H5e", "version 2, mode 7, monlist, 192 bytes"), .first = FIRST(2, 7), .message = 192,
		.edit = {BECOMES(EDIT_NTP, 2, 0x03), BECOMES(EDIT_NTP, 3, 0x2a)}},
	{ASK("H5e", "version 4, mode 7"), .first = FIRST(4, 7)},
	{ASK("H5e", "version 1, mode 7"), .first = FIRST(1, 7)},
	{ASK("H5f", "version 4, mode 0"), .first = FIRST(4, 0)},
	{ASK("H5f", "version 3, mode 0"), .first = FIRST(3, 0)},
	{ASK("H5f", "version 2, mode 0"), .first = FIRST(2, 0)},

	{ASK("H19c", "a request from port 123"), .port = 123},
	{ASK("H19c", "a request from port 1"), .port = 1},
	{ASK("H19c", "a request from port 65535"), .port = 65535},
	{ASK("H20a", "a request to the NTP multicast group"), .destination = VERIFY_TO_MULTICAST},
	{ASK("H20a", "the same in a multicast frame"), .destination = VERIFY_TO_MULTICAST,
		.mac = VERIFY_MAC_MULTICAST},
	{ASK("I1a", "an origin timestamp that the server never sent")},

	{ASK("L1a", "a wrong header checksum"), .ip_sum = VERIFY_SUM_WRONG, .is_ip4_only = true},
	{ASK("L1b", "a total length beyond the frame"), .edit = {FLIPS(EDIT_IP, 2, 0x04)},
		.is_ip4_only = true},
	{ASK("L1b", "a total length inside of the header"),
		.edit = {BECOMES(EDIT_IP, 2, 0), BECOMES(EDIT_IP, 3, 19)}, .is_ip4_only = true},
	{ASK("L1b", "a total length that leaves no room for the message"),
		.edit = {BECOMES(EDIT_IP, 3, 40)}, .is_ip4_only = true},
	{ASK("L1b", "a header length below 5 words"), .edit = {BECOMES(EDIT_IP, 0, 0x44)},
		.is_ip4_only = true},
	{ASK("L1b", "a payload length beyond the frame"), .edit = {FLIPS(EDIT_IP, 4, 0x04)},
		.is_ip6_only = true},
	{ASK("L1b", "a payload length that leaves no room for the message"),
		.edit = {BECOMES(EDIT_IP, 5, 20)}, .is_ip6_only = true},
	{ASK("L1b", "a frame that ends inside the IP header"), .cut = 18},
	{ASK("L1b", "a frame that ends inside the message"), .cut = 60},
	{ASK("L1c", "a UDP length beyond the packet"), .edit = {FLIPS(EDIT_UDP, 4, 0x04)}},
	{ASK("L1c", "a UDP length one too high"), .edit = {FLIPS(EDIT_UDP, 5, 0x01)}},
	{ASK("L1c", "a UDP length of 7"),
		.edit = {BECOMES(EDIT_UDP, 4, 0), BECOMES(EDIT_UDP, 5, 7)}},
	{ASK("L1d", "a first fragment"), .edit = {BECOMES(EDIT_IP, 6, 0x20)}, .is_ip4_only = true},
	{ASK("L1d", "a later fragment"),
		.edit = {BECOMES(EDIT_IP, 6, 0x00), BECOMES(EDIT_IP, 7, 0x40)},
		.is_ip4_only = true},
	{ASK("L1d", "a first fragment"), .extension = VERIFY_FRAGMENT, .is_ip6_only = true},
	{ASK("L1e", "IPv4 options"), .has_options = true, .is_ip4_only = true},
	{ASK("L1e", "an extension header"), .extension = VERIFY_DESTINATION_OPTIONS,
		.is_ip6_only = true},
	{ASK("L1f", "TCP's protocol number"), .edit = {BECOMES(EDIT_IP, 9, 6)},
		.is_ip4_only = true},
	{ASK("L1f", "TCP's protocol number"), .edit = {BECOMES(EDIT_IP, 6, 6)},
		.is_ip6_only = true},
	{ASK("L1f", "IP version 5"), .edit = {FLIPS(EDIT_IP, 0, 0x10)}, .is_ip4_only = true},
	{ASK("L1f", "IP version 7"), .edit = {FLIPS(EDIT_IP, 0, 0x10)}, .is_ip6_only = true},
	{ASK("L1f", "another EtherType"),
		.edit = {BECOMES(EDIT_ETHER, 0, 0x88), BECOMES(EDIT_ETHER, 1, 0xb5)}},
	{ASK("L1f", "destination port 124"), .edit = {BECOMES(EDIT_UDP, 3, 124)}},
	{ASK("L1g", "6 bytes of padding behind the packet"), .padding = 6},
	{ASK("L1g", "40 bytes of padding behind the packet"), .padding = 40},

	{ASK("L2a", "a wrong UDP checksum"), .udp_sum = VERIFY_SUM_WRONG},
	{ASK("L2b", "no UDP checksum"), .udp_sum = VERIFY_SUM_NONE, .is_ip4_only = true},
	{ASK("L2c", "no UDP checksum"), .udp_sum = VERIFY_SUM_NONE, .is_ip6_only = true},
	{ASK("L2d", "a UDP checksum that is computed as zero"), .udp_sum = VERIFY_SUM_TUNED},

	{ASK("L3a", "the server's own address"), .source = VERIFY_FROM_SERVER},
	{ASK("L3a", "a loopback address"), .source = VERIFY_FROM_LOOPBACK},
	{ASK("L3a", "a multicast address"), .source = VERIFY_FROM_MULTICAST},
	{ASK("L3a", "a broadcast or embedded address"), .source = VERIFY_FROM_BROADCAST},
	{ASK("L3a", "the address zero"), .source = VERIFY_FROM_NOWHERE},
	{ASK("L3b", "source port 0"), .port = VERIFY_PORT_ZERO},
	{ASK("L3c", "another IP address"), .destination = VERIFY_TO_NEIGHBOUR},
	{ASK("L3d", "another station's MAC address"), .mac = VERIFY_MAC_OTHER},
	{ASK("L3e", "the broadcast MAC address"), .mac = VERIFY_MAC_BROADCAST},
	{ASK("L7", "a VLAN tag"), .tags = 1},
	{ASK("L7", "two VLAN tags"), .tags = 2},

	{ASK("E1", "version 3 with 28 bytes more"), .first = FIRST(3, 3),
		.tail = {TAIL(0x0104, 28, 0)}},
	{ASK("E2a", "an extension field of length 0"), .tail = {TAIL(0x0104, 0, 28)}},
	{ASK("E2a", "an extension field of length 12"), .tail = {TAIL(0x0104, 12, 28)}},
	{ASK("E2a", "an extension field of length 30"), .tail = {TAIL(0x0104, 30, 32)}},
	{ASK("E2a", "an extension field beyond the message"), .tail = {TAIL(0x0104, 64, 28)}},
	{ASK("E2a", "a bad field behind a good one"),
		.tail = {TAIL(0x0104, 32, 0), TAIL(0x2005, 4, 28)}},
	{ASK("E2b", "8 bytes more"), .tail = {TAIL(0, 5, 8)}},
	{ASK("E2b", "12 bytes more"), .tail = {TAIL(0, 5, 12)}},
	{ASK("E2b", "16 bytes more"), .tail = {TAIL(0, 5, 16)}},
	{ASK("E3", "an unknown extension field"), .tail = {TAIL(0xf7aa, 28, 0)}},
	{ASK("E3", "a long unknown extension field"), .tail = {TAIL(0xf7aa, 256, 0)}},
	{ASK("E3", "two unknown extension fields"),
		.tail = {TAIL(0xf7aa, 32, 0), TAIL(0xf7ab, 28, 0)}},
	{ASK("E3", "a checksum complement"), .tail = {TAIL(0x2005, 28, 0)}},
	{ASK("E4", "an NTS request with a cookie that nobody made"),
		.tail = {TAIL(0x0104, 36, 0), TAIL(0x0204, 104, 0), TAIL(0x0404, 40, 0)}},
	{ASK("E5", "a crypto-NAK"), .tail = {TAIL(0, 0, 4)}},
	{ASK("E6a", "version 4, an MD5 digest of an unknown key"),
		.tail = {TAIL(0x7fff, 0xfffe, 20)}},
	{ASK("E6a", "version 4, a SHA-1 digest of an unknown key"),
		.tail = {TAIL(0x7fff, 0xfffe, 24)}},
	{ASK("E6a", "version 3, an MD5 digest of an unknown key"), .first = FIRST(3, 3),
		.tail = {TAIL(0x7fff, 0xfffe, 20)}},
	{ASK("E6a", "a digest behind an extension field"),
		.tail = {TAIL(0xf7aa, 16, 0), TAIL(0x7fff, 0xfffe, 20)}},
	{ASK("E6b", "version 4, a right code"), .code = VERIFY_CODE_RIGHT},
	{ASK("E6b", "version 3, a right code"), .first = FIRST(3, 3), .code = VERIFY_CODE_RIGHT},
	{ASK("E6b", "a right code behind an extension field"), .tail = {TAIL(0xf7aa, 16, 0)},
		.code = VERIFY_CODE_RIGHT},
	{ASK("E6c", "a code wrong in its first bit"), .code = VERIFY_CODE_WRONG_FIRST},
	{ASK("E6c", "a code wrong in its last bit"), .code = VERIFY_CODE_WRONG_LAST},
	{ASK("E6c", "a code of zeros"), .code = VERIFY_CODE_ZERO},
	{ASK("E6c", "version 3, a code wrong in its first bit"), .first = FIRST(3, 3),
		.code = VERIFY_CODE_WRONG_FIRST},
	{ASK("E8", "an MS-SNTP request"), .first = FIRST(3, 3),
		.tail = {TAIL_ZERO(0x7fff, 0xfffe, 20)}},
	{ASK("E8", "an extended MS-SNTP request"), .first = FIRST(3, 3),
		.tail = {TAIL_ZERO(0x7fff, 0xfffe, 72)}},
};

const size_t verify_case_count = sizeof(verify_cases) / sizeof(verify_cases[0]);

unsigned verify_case_frames(const struct verify_case *c, bool is_ip6)
{
	if (is_ip6 ? c->is_ip4_only : c->is_ip6_only)
		return 0;
	if (c->message_last == 0)
		return 1;
	return c->message_last - c->message + 1u;
}

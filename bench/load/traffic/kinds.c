// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/kinds.h"

#include <assert.h>

const struct request_kind_row request_kinds[REQUEST_COUNT] = {
#define X(symbol, name, first, mode) [REQUEST_##symbol] = {name, first, mode},
	REQUEST_KINDS(X)
#undef X
};

// clang-format 14 and 19 differ about such macros.
// clang-format off
#define BECOMES(base, offset, value) {base, offset, 0x00, value}
#define FLIPS(base, offset, bits) {base, offset, 0xff, bits}
// clang-format on

const struct junk_kind_row junk_kinds[] = {
	{.name = "mode0", .edit = {BECOMES(EDIT_NTP, 0, 0x20)}},
	{.name = "mode4", .edit = {BECOMES(EDIT_NTP, 0, 0x24)}},
	{.name = "mode5", .edit = {BECOMES(EDIT_NTP, 0, 0x25)}},
	{.name = "mode6", .edit = {BECOMES(EDIT_NTP, 0, 0x26)}},
	{.name = "mode7", .edit = {BECOMES(EDIT_NTP, 0, 0x27)}},
	{.name = "version0", .edit = {BECOMES(EDIT_NTP, 0, 0x03)}},
	{.name = "version7", .edit = {BECOMES(EDIT_NTP, 0, 0x3b)}},
	{.name = "short", .message = 44},
	{.name = "odd-length", .message = 50},
	{.name = "crypto-nak", .message = 52},
	// Key 5; a digest that is not zero, or it would be an MS-SNTP request.
	{.name = "unknown-mac",
		.message = 68,
		.edit = {BECOMES(EDIT_NTP, 51, 5), BECOMES(EDIT_NTP, 67, 0x5a)}},
	{.name = "ms-sntp", .message = 68, .edit = {BECOMES(EDIT_NTP, 51, 5)}},
	// A field that says it is 12 bytes long, where 16 is the least (RFC 7822 section 3).
	{.name = "bad-extension", .message = 76, .edit = {BECOMES(EDIT_NTP, 51, 12)}},
	{.name = "udp-checksum", .bad_udp_sum = true},
	{.name = "udp-length", .edit = {FLIPS(EDIT_UDP, 4, 0x04)}},
	{.name = "udp-port", .edit = {BECOMES(EDIT_UDP, 3, 124)}},
	{.name = "no-udp-checksum", .no_udp_sum = true, .is_ip6_only = true},
	{.name = "ip-checksum", .bad_ip_sum = true, .is_ip4_only = true},
	{.name = "ip-fragment", .edit = {BECOMES(EDIT_IP, 6, 0x20)}, .is_ip4_only = true},
	{.name = "ip4-length", .edit = {FLIPS(EDIT_IP, 2, 0x04)}, .is_ip4_only = true},
	{.name = "ip6-length", .edit = {FLIPS(EDIT_IP, 4, 0x04)}, .is_ip6_only = true},
	{.name = "ip4-destination", .edit = {FLIPS(EDIT_IP, 19, 0x40)}, .is_ip4_only = true},
	{.name = "ip6-destination", .edit = {FLIPS(EDIT_IP, 39, 0x40)}, .is_ip6_only = true},
	{.name = "ip4-protocol", .edit = {BECOMES(EDIT_IP, 9, 6)}, .is_ip4_only = true},
	{.name = "ip6-protocol", .edit = {BECOMES(EDIT_IP, 6, 6)}, .is_ip6_only = true},
	{.name = "cut", .cut = 18},
	{.name = "ether-type",
		.edit = {BECOMES(EDIT_ETHER, 0, 0x88), BECOMES(EDIT_ETHER, 1, 0xb5)}},
};

const size_t junk_kind_count = sizeof(junk_kinds) / sizeof(junk_kinds[0]);

static_assert(sizeof(junk_kinds) / sizeof(junk_kinds[0]) <= JUNK_MAX, "tables of the others");

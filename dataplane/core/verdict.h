// SPDX-License-Identifier: BSD-3-Clause
// Everything that can happen to a packet, by name. The name is its counter: in metrics, in
// ntpwirectl, and in every test that produces it.
//
// One list makes the enumeration, the stable texts and the sentences, so that they cannot drift
// apart. The first group is answered, all others get silence. Pure, any thread.
#pragma once

#include <stdbool.h>

#include "core/words.h"

// X(symbol, stable text for metrics, sentence for people)
#define VERDICT_ANSWERED(X)                                                                        \
	X(ANSWER_V1_MODE0, answer_v1_mode0, "answered: NTPv1 without a mode field, as a server")   \
	X(ANSWER_V1, answer_v1, "answered: NTPv1 client request")                                  \
	X(ANSWER_V2, answer_v2, "answered: NTPv2 client request")                                  \
	X(ANSWER_V3, answer_v3, "answered: NTPv3 client request")                                  \
	X(ANSWER_V4, answer_v4, "answered: NTPv4 client request")                                  \
	X(ANSWER_SYMMETRIC, answer_symmetric, "answered: symmetric active, as symmetric passive")

#define VERDICT_DROPPED(X)                                                                         \
	X(MULTI_SEGMENT, multi_segment, "frame in more than one buffer")                           \
	X(ETHER_SHORT, ether_short, "frame ends inside the Ethernet header or a VLAN tag")         \
	X(ETHER_DESTINATION, ether_destination, "destination MAC is not this port's")              \
	X(ETHER_SOURCE, ether_source, "source MAC is zero, multicast or our own")                  \
	X(ETHER_VLAN, ether_vlan, "more than two VLAN tags")                                       \
	X(ETHER_TYPE, ether_type, "neither IPv4 nor IPv6")                                         \
	X(IP4_SHORT, ip4_short, "frame ends inside the IPv4 header")                               \
	X(IP4_VERSION, ip4_version, "IPv4 frame with another IP version, or a header under 20")    \
	X(IP4_OPTIONS, ip4_options, "IPv4 options")                                                \
	X(IP4_LENGTH, ip4_length, "IPv4 total length does not fit the frame or its headers")       \
	X(IP4_FRAGMENT, ip4_fragment, "IPv4 fragment")                                             \
	X(IP4_CHECKSUM, ip4_checksum, "IPv4 header checksum is wrong")                             \
	X(IP6_SHORT, ip6_short, "frame ends inside the IPv6 header")                               \
	X(IP6_VERSION, ip6_version, "IPv6 frame with another IP version")                          \
	X(IP6_LENGTH, ip6_length, "IPv6 payload length does not fit the frame")                    \
	X(IP6_EXTENSION, ip6_extension, "IPv6 extension header or fragment")                       \
	X(IP_PROTOCOL, ip_protocol, "IP protocol is not UDP")                                      \
	X(IP_DESTINATION, ip_destination, "destination is not a service address")                  \
	X(IP_SOURCE, ip_source, "source address that is never answered")                           \
	X(UDP_LENGTH, udp_length, "UDP length does not fit the IP payload")                        \
	X(UDP_DESTINATION, udp_destination, "destination port is not 123")                         \
	X(UDP_SOURCE, udp_source, "source port is 0")                                              \
	X(UDP_NO_CHECKSUM, udp_no_checksum, "UDP over IPv6 without a checksum")                    \
	X(UDP_CHECKSUM, udp_checksum, "UDP checksum is wrong")                                     \
	X(NTP_SHORT, ntp_short, "NTP message under 48 bytes")                                      \
	X(NTP_LENGTH, ntp_length, "NTP length is no multiple of 4, or no message has it")          \
	X(NTP_VERSION, ntp_version, "NTP version 0, 6 or 7")                                       \
	X(NTP_VERSION5, ntp_version5, "NTPv5, which this server does not speak")                   \
	X(NTP_MODE_RESERVED, ntp_mode_reserved, "mode 0 that is not an NTPv1 client's")            \
	X(NTP_MODE_REPLY, ntp_mode_reply, "mode 2, 4 or 5: a reply or a broadcast")                \
	X(NTP_MODE_CONTROL, ntp_mode_control, "mode 6 or 7: control and private messages")         \
	X(NTP_EXTENSION, ntp_extension, "malformed extension field")                               \
	X(NTP_CRYPTO_NAK, ntp_crypto_nak, "crypto-NAK")                                            \
	X(NTP_MAC, ntp_mac, "message authentication code with a key not known here")               \
	X(NTP_MAC_WRONG, ntp_mac_wrong, "message authentication code that is not its key's")       \
	X(NTP_MS_SNTP, ntp_ms_sntp, "MS-SNTP request, which needs a domain's signer")              \
	X(NTP_NTS, ntp_nts, "NTS request, and NTS is not offered here")                            \
	X(LATE_POLL, late_poll, "came too long before it was polled, or nobody knows when")        \
	X(TX_FULL, tx_full, "answered, but the port did not take the reply")

#define VERDICT_LIST(X) VERDICT_ANSWERED(X) VERDICT_DROPPED(X)

enum verdict {
#define X(symbol, text, sentence) V_##symbol,
	VERDICT_LIST(X)
#undef X
		VERDICT_COUNT
};

// The first verdict that means silence.
#define VERDICT_FIRST_DROP V_MULTI_SEGMENT

// Whether a packet with this verdict leaves as a reply.
static inline bool verdict_is_answer(enum verdict v)
{
	return v < VERDICT_FIRST_DROP;
}

extern const struct word_table verdict_words;

// The stable text of v, for metrics and JSON: lower case, digits and underscores. Static storage;
// "unknown" for a number that is no verdict.
const char *verdict_text(enum verdict v);

// One sentence about v for people. Static storage.
const char *verdict_sentence(enum verdict v);

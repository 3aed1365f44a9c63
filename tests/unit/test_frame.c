// SPDX-License-Identifier: BSD-3-Clause
// The packet layer: reliability list S-13 and the acceptance rules. Every question goes to the
// desk, which asks it four ways. More about replies is in test_responder.c.
#include "core/frame.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "harness/desk_case.h"
#include "harness/reply_check.h"
#include "harness/slow_checksum.h"

enum { IP4, IP6 }; // for desk_good

static void a_good_request_is_opened(void **state)
{
	(void)state;
	struct frame_spec s4 = desk_good(IP4);
	struct frame_spec s6 = desk_good(IP6);
	EXPECT(&s4, V_ANSWER_V4, 4);
	assert_false(desk.frame.is_ip6);
	assert_int_equal(desk.frame.ntp_length, 48);
	assert_int_equal(desk.frame.source_port, 40123);
	EXPECT(&s6, V_ANSWER_V4, 6);
	assert_true(desk.frame.is_ip6);
	assert_int_equal(desk.frame.ntp_length, 48);
	assert_int_equal(desk.frame.source_port, 40123);
}

// The contract of frame_open itself: what it hands out points where the RFCs say.
static void what_is_handed_out_lies_in_the_frame(void **state)
{
	(void)state;
	for (unsigned tags = 0; tags < 3; tags++) {
		static uint8_t bytes[FRAME_ROOM];
		struct frame_spec s = tags == 1 ? desk_good(IP6) : desk_good(IP4);
		struct frame f;
		s.vlan_count = tags;
		s.vlan_type[0] = s.vlan_type[1] = 0x8100;
		frame_spec_extension(&s, 0x0104, 28);
		size_t length = frame_build(&s, bytes);
		struct checksum_report says = {0};
		assert_int_equal(frame_open(&desk.service, bytes, length, says, &f), V_ANSWER_V4);
		assert_ptr_equal(f.ip, bytes + frame_ip_offset(&s));
		assert_ptr_equal(f.ntp, bytes + frame_ntp_offset(&s));
		assert_int_equal(f.ntp_length, 76);
		size_t address = s.is_ip6 ? 8 : 12;
		uint16_t sum = slow_sum(0, f.ip + address, s.is_ip6 ? 32 : 8);
		uint64_t twice = f.address_sum % 0xffff;
		assert_int_equal(twice, htons(sum) % 0xffff);
	}
}

static void what_is_not_opened_leaves_the_result_untouched(void **state)
{
	(void)state;
	struct frame_spec s = desk_good(IP4);
	uint8_t bytes[FRAME_ROOM];
	struct frame f, before;
	size_t length = frame_build(&s, bytes);
	memset(&f, 0x5a, sizeof(f));
	before = f;
	for (size_t n = 0; n < length; n++) {
		struct checksum_report says = {0};
		assert_false(verdict_is_answer(frame_open(&desk.service, bytes, n, says, &f)));
		assert_memory_equal(&f, &before, sizeof(f));
	}
}

// Runts: a frame cut after each byte is never opened, and the verdict says where it ends.
static void a_frame_cut_anywhere_is_dropped(void **state)
{
	(void)state;
	struct frame_spec s4 = desk_good(IP4);
	struct frame_spec s6 = desk_good(IP6);
	for (s4.cut = 0; s4.cut < 90; s4.cut++) {
		enum verdict want = s4.cut < 14 ? V_ETHER_SHORT :
		                    s4.cut < 34 ? V_IP4_SHORT :
		                                  V_IP4_LENGTH;
		EXPECT(&s4, want, s4.cut);
	}
	for (s6.cut = 0; s6.cut < 110; s6.cut++) {
		enum verdict want = s6.cut < 14 ? V_ETHER_SHORT :
		                    s6.cut < 54 ? V_IP6_SHORT :
		                                  V_IP6_LENGTH;
		EXPECT(&s6, want, s6.cut);
	}
}

static void a_tagged_frame_cut_in_its_tags_is_short(void **state)
{
	(void)state;
	struct frame_spec s = desk_good(IP4);
	s.vlan_count = 2;
	s.vlan_type[0] = 0x88a8;
	s.vlan_type[1] = 0x8100;
	for (s.cut = 14; s.cut < 22; s.cut++)
		EXPECT(&s, V_ETHER_SHORT, s.cut);
	for (; s.cut < 42; s.cut++)
		EXPECT(&s, V_IP4_SHORT, s.cut);
}

// Priority tags (VID 0), the highest VID and all priorities; 802.1Q and 802.1ad in any order.
static void up_to_two_tags_are_kept(void **state)
{
	(void)state;
	static const uint16_t type[] = {0x8100, 0x88a8};
	static const uint16_t tag[] = {0, 1, 0xe000, 0xefff, 0xffff};
	for (unsigned i = 0; i < 2 * 2 * 5 * 2; i++) {
		struct frame_spec s = i & 1 ? desk_good(IP6) : desk_good(IP4);
		s.vlan_count = 2;
		s.vlan_type[0] = type[i / 2 % 2];
		s.vlan_type[1] = type[i / 4 % 2];
		s.vlan_tag[0] = tag[i / 8];
		s.vlan_tag[1] = tag[4 - i / 8];
		EXPECT(&s, V_ANSWER_V4, i);
		s.vlan_count = 1;
		EXPECT(&s, V_ANSWER_V4, i);
	}
}

static void three_tags_are_too_many(void **state)
{
	(void)state;
	struct frame_spec s = desk_good(IP4);
	for (s.vlan_count = 3; s.vlan_count <= 4; s.vlan_count++) {
		for (unsigned i = 0; i < 4; i++)
			s.vlan_type[i] = i & 1 ? 0x88a8 : 0x8100;
		EXPECT(&s, V_ETHER_VLAN, s.vlan_count);
	}
}

// 802.3 length fields, ARP, MPLS, PPPoE, old QinQ types, jumbo LLC.
static void other_ethertypes_are_dropped(void **state)
{
	(void)state;
	static const uint16_t type[] = {0, 46, 90, 0x05dc, 0x05ff, 0x0600, 0x0806, 0x8035, 0x8847,
		0x8864, 0x8870, 0x88cc, 0x88f7, 0x9100, 0x9200, 0x0801, 0x86de, 0xffff};
	for (unsigned i = 0; i < TABLE_LENGTH(type); i++) {
		struct frame_spec s = i & 1 ? desk_good(IP6) : desk_good(IP4);
		s.ether_type = type[i];
		EXPECT(&s, V_ETHER_TYPE, type[i]);
		s.vlan_count = 1;
		s.vlan_type[0] = 0x8100;
		EXPECT(&s, V_ETHER_TYPE, type[i]);
	}
}

static void a_family_in_the_others_ethertype_is_dropped(void **state)
{
	(void)state;
	struct frame_spec s4 = desk_good(IP4);
	struct frame_spec s6 = desk_good(IP6);
	s4.ether_type = 0x86dd;
	s6.ether_type = 0x0800;
	EXPECT(&s4, V_IP6_VERSION, 4);
	EXPECT(&s6, V_IP4_VERSION, 6);
}

static void other_destination_macs_are_dropped(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 48; bit++) {
		struct frame_spec s = bit & 1 ? desk_good(IP6) : desk_good(IP4);
		s.destination[bit / 8] ^= (uint8_t)(1u << bit % 8);
		EXPECT(&s, V_ETHER_DESTINATION, bit);
	}
	struct frame_spec s = desk_good(IP4);
	memset(s.destination, 0xff, 6);
	EXPECT(&s, V_ETHER_DESTINATION, 48);
}

static void source_macs_that_cannot_receive_are_dropped(void **state)
{
	(void)state;
	static const uint8_t mac[][6] = {{0}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		{0x01, 0, 0x5e, 0, 1, 1}, {0x33, 0x33, 0, 0, 1, 1}, {3}, {2, 0, 0, 0, 0, 1}};
	for (unsigned i = 0; i < 2 * TABLE_LENGTH(mac); i++) {
		struct frame_spec s = i & 1 ? desk_good(IP6) : desk_good(IP4);
		memcpy(s.source, mac[i / 2], 6);
		EXPECT(&s, V_ETHER_SOURCE, i);
	}
}

static void any_other_source_mac_is_reflected(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 48; bit++) {
		struct frame_spec s = bit & 1 ? desk_good(IP6) : desk_good(IP4);
		memset(s.source, 0, 6);
		s.source[bit / 8] = (uint8_t)(1u << bit % 8);
		EXPECT(&s, bit == 0 ? V_ETHER_SOURCE : V_ANSWER_V4, bit);
	}
}

static void only_ihl_5_of_version_4_is_opened(void **state)
{
	(void)state;
	for (unsigned version = 0; version < 16; version++) {
		for (unsigned ihl = 0; ihl < 16; ihl++) {
			struct frame_spec s = desk_good(IP4);
			s.version = version;
			s.ihl = ihl;
			if (ihl > 5)
				s.extra_length = 4 * (ihl - 5);
			memset(s.extra, 1, sizeof(s.extra));
			enum verdict want = version != 4 || ihl < 5 ? V_IP4_VERSION :
			                    ihl > 5                 ? V_IP4_OPTIONS :
			                                              V_ANSWER_V4;
			EXPECT(&s, want, version << 4 | ihl);
		}
	}
}

static void only_version_6_is_opened_as_ip6(void **state)
{
	(void)state;
	struct frame_spec s = desk_good(IP6);
	for (s.version = 0; s.version < 16; s.version++)
		EXPECT(&s, s.version == 6 ? V_ANSWER_V4 : V_IP6_VERSION, s.version);
}

// Every total length from nothing to beyond the frame, without and with Ethernet padding.
static void an_ip4_length_must_fit(void **state)
{
	(void)state;
	for (unsigned padding = 0; padding < 40; padding += 20) {
		struct frame_spec s = desk_good(IP4);
		s.padding = padding;
		for (s.ip_length = 0; s.ip_length < 200; s.ip_length++) {
			int received = 76 + (int)padding;
			enum verdict want = s.ip_length < 20 || s.ip_length > received ?
			                            V_IP4_LENGTH :
			                    s.ip_length < 76 ? V_UDP_LENGTH :
			                                       V_ANSWER_V4;
			EXPECT(&s, want, s.ip_length);
		}
		s.ip_length = 0xffff;
		EXPECT(&s, V_IP4_LENGTH, s.ip_length);
	}
}

// 0 is a jumbogram's (RFC 2675) and leaves no room for UDP.
static void an_ip6_length_must_fit(void **state)
{
	(void)state;
	for (unsigned padding = 0; padding < 40; padding += 20) {
		struct frame_spec s = desk_good(IP6);
		s.padding = padding;
		for (s.ip_length = 0; s.ip_length < 200; s.ip_length++) {
			enum verdict want = s.ip_length > 56 + (int)padding ? V_IP6_LENGTH :
			                    s.ip_length < 56                ? V_UDP_LENGTH :
			                                                      V_ANSWER_V4;
			EXPECT(&s, want, s.ip_length);
		}
		s.ip_length = 0xffff;
		EXPECT(&s, V_IP6_LENGTH, s.ip_length);
	}
}

static void a_udp_length_must_fit(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct frame_spec s = family == 6 ? desk_good(IP6) : desk_good(IP4);
		for (s.udp_length = 0; s.udp_length < 100; s.udp_length++) {
			enum verdict want = s.udp_length < 8 || s.udp_length > 56 ? V_UDP_LENGTH :
			                    s.udp_length < 56                     ? V_NTP_SHORT :
			                                                            V_ANSWER_V4;
			EXPECT(&s, want, s.udp_length);
		}
		s.udp_length = 0xffff;
		EXPECT(&s, V_UDP_LENGTH, s.udp_length);
	}
}

// RFC 768 lets a datagram end before its packet does; what follows is nobody's.
static void bytes_behind_the_datagram_are_ignored(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct frame_spec s = family == 6 ? desk_good(IP6) : desk_good(IP4);
		frame_spec_append(&s, 0x77, 20);
		s.udp_length = 56;
		EXPECT(&s, V_ANSWER_V4, family);
	}
}

static void ethernet_padding_is_ignored_and_cut_off(void **state)
{
	(void)state;
	static const size_t padding[] = {1, 2, 3, 4, 6, 17, 60, 1400, 8900};
	for (unsigned i = 0; i < 2 * TABLE_LENGTH(padding); i++) {
		struct frame_spec s = i & 1 ? desk_good(IP6) : desk_good(IP4);
		s.padding = padding[i / 2];
		EXPECT(&s, V_ANSWER_V4, i);
	}
}

// First, middle, last and atomic fragments; the reserved and the DF bit are no fragment.
static void fragments_are_dropped(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 16; bit++) {
		struct frame_spec s = desk_good(IP4);
		s.fragment = (uint16_t)(1u << bit);
		EXPECT(&s, bit < 14 ? V_IP4_FRAGMENT : V_ANSWER_V4, bit);
	}
	struct frame_spec s = desk_good(IP4);
	s.fragment = 0x2001;
	EXPECT(&s, V_IP4_FRAGMENT, s.fragment);
	s.fragment = 0x3fff;
	EXPECT(&s, V_IP4_FRAGMENT, s.fragment);
	s.fragment = 0xc000;
	EXPECT(&s, V_ANSWER_V4, s.fragment);
}

static void only_udp_is_opened_over_ip4(void **state)
{
	(void)state;
	for (unsigned protocol = 0; protocol < 256; protocol++) {
		struct frame_spec s = desk_good(IP4);
		s.protocol = (uint8_t)protocol;
		EXPECT(&s, protocol == 17 ? V_ANSWER_V4 : V_IP_PROTOCOL, protocol);
	}
}

// Hop-by-hop, routing, fragment, ESP, AH, destination options, mobility, HIP, shim6 (RFC 7045).
static void ip6_extension_headers_are_not_walked(void **state)
{
	(void)state;
	static const uint8_t extension[] = {0, 43, 44, 50, 51, 60, 135, 139, 140};
	for (unsigned next = 0; next < 256; next++) {
		bool is_extension = memchr(extension, (int)next, sizeof(extension)) != NULL;
		struct frame_spec s = desk_good(IP6);
		s.protocol = (uint8_t)next;
		if (is_extension) {
			s.extra_length = 8;
			s.extra[0] = 17;
		}
		EXPECT(&s,
			next == 17   ? V_ANSWER_V4 :
			is_extension ? V_IP6_EXTENSION :
				       V_IP_PROTOCOL,
			next);
	}
}

// TTL 0 and 1, any type of service and ECN, any flow label and identification.
static void fields_a_receiver_must_not_care_for_are_ignored(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 256; n++) {
		struct frame_spec s4 = desk_good(IP4);
		struct frame_spec s6 = desk_good(IP6);
		s4.traffic_class = s6.traffic_class = (uint8_t)n;
		s4.ttl = s6.ttl = (uint8_t)(255 - n);
		s4.id = (uint16_t)(n * 257);
		s6.flow = n * 0x01010 | n >> 4;
		EXPECT(&s4, V_ANSWER_V4, n);
		EXPECT(&s6, V_ANSWER_V4, n);
	}
}

static void set_address(struct frame_spec *s, const char *text, uint8_t *address)
{
	assert_int_equal(inet_pton(s->is_ip6 ? AF_INET6 : AF_INET, text, address), 1);
}

// H20 and L3; all source blocks are in test_service.c.
static void addresses_that_are_not_served_are_dropped(void **state)
{
	(void)state;
	static const char *const to4[] = {"10.123.0.2", "224.0.1.1", "255.255.255.255",
		"10.123.0.255", "0.0.0.0", "127.0.0.1", "1.0.123.10"};
	static const char *const to6[] = {"fd00:123::2", "ff02::101", "ff0e::101", "::", "::1",
		"ff02::1", "::ffff:10.123.0.1"};
	for (unsigned i = 0; i < TABLE_LENGTH(to4); i++) {
		struct frame_spec s4 = desk_good(IP4);
		struct frame_spec s6 = desk_good(IP6);
		set_address(&s4, to4[i], s4.ip_destination);
		set_address(&s6, to6[i], s6.ip_destination);
		EXPECT(&s4, V_IP_DESTINATION, i);
		EXPECT(&s6, V_IP_DESTINATION, i);
	}
}

static void sources_that_must_not_be_answered_are_dropped(void **state)
{
	(void)state;
	static const char *const from4[] = {"10.123.0.1", "10.200.0.4", "10.123.0.255", "0.0.0.0",
		"127.0.0.1", "224.0.1.1", "255.255.255.255"};
	static const char *const from6[] = {"fd00:123::1", "fd00:123::53", "::", "::1", "ff02::101",
		"::ffff:10.0.0.1", "100::1"};
	for (unsigned i = 0; i < TABLE_LENGTH(from4); i++) {
		struct frame_spec s4 = desk_good(IP4);
		struct frame_spec s6 = desk_good(IP6);
		set_address(&s4, from4[i], s4.ip_source);
		set_address(&s6, from6[i], s6.ip_source);
		EXPECT(&s4, V_IP_SOURCE, i);
		EXPECT(&s6, V_IP_SOURCE, i);
	}
}

static void every_served_address_answers_from_itself(void **state)
{
	(void)state;
	struct frame_spec s4 = desk_good(IP4);
	struct frame_spec s6 = desk_good(IP6);
	set_address(&s4, "10.200.0.4", s4.ip_destination);
	set_address(&s6, "fd00:123::53", s6.ip_destination);
	EXPECT(&s4, V_ANSWER_V4, 4);
	EXPECT(&s6, V_ANSWER_V4, 6);
}

static void only_port_123_is_served(void **state)
{
	(void)state;
	static const uint16_t port[] = {0, 1, 122, 124, 0x7b00, 0x7b7b, 319, 4460, 0xffff};
	for (unsigned i = 0; i < 2 * TABLE_LENGTH(port); i++) {
		struct frame_spec s = i & 1 ? desk_good(IP6) : desk_good(IP4);
		s.destination_port = port[i / 2];
		EXPECT(&s, V_UDP_DESTINATION, port[i / 2]);
	}
}

// H19: any source port but 0.
static void every_source_port_is_answered(void **state)
{
	(void)state;
	for (unsigned port = 0; port <= 0xffff; port += port < 1100 ? 1 : 257) {
		struct frame_spec s = port & 1 ? desk_good(IP6) : desk_good(IP4);
		s.source_port = (uint16_t)port;
		EXPECT(&s, port == 0 ? V_UDP_SOURCE : V_ANSWER_V4, port);
	}
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, a_good_request_is_opened);
	TABLE_ADD(&t, what_is_handed_out_lies_in_the_frame);
	TABLE_ADD(&t, what_is_not_opened_leaves_the_result_untouched);
	TABLE_ADD(&t, a_frame_cut_anywhere_is_dropped);
	TABLE_ADD(&t, a_tagged_frame_cut_in_its_tags_is_short);
	TABLE_ADD(&t, up_to_two_tags_are_kept);
	TABLE_ADD(&t, three_tags_are_too_many);
	TABLE_ADD(&t, other_ethertypes_are_dropped);
	TABLE_ADD(&t, a_family_in_the_others_ethertype_is_dropped);
	TABLE_ADD(&t, other_destination_macs_are_dropped);
	TABLE_ADD(&t, source_macs_that_cannot_receive_are_dropped);
	TABLE_ADD(&t, any_other_source_mac_is_reflected);
	TABLE_ADD(&t, only_ihl_5_of_version_4_is_opened);
	TABLE_ADD(&t, only_version_6_is_opened_as_ip6);
	TABLE_ADD(&t, an_ip4_length_must_fit);
	TABLE_ADD(&t, an_ip6_length_must_fit);
	TABLE_ADD(&t, a_udp_length_must_fit);
	TABLE_ADD(&t, bytes_behind_the_datagram_are_ignored);
	TABLE_ADD(&t, ethernet_padding_is_ignored_and_cut_off);
	TABLE_ADD(&t, fragments_are_dropped);
	TABLE_ADD(&t, only_udp_is_opened_over_ip4);
	TABLE_ADD(&t, ip6_extension_headers_are_not_walked);
	TABLE_ADD(&t, fields_a_receiver_must_not_care_for_are_ignored);
	TABLE_ADD(&t, addresses_that_are_not_served_are_dropped);
	TABLE_ADD(&t, sources_that_must_not_be_answered_are_dropped);
	TABLE_ADD(&t, every_served_address_answers_from_itself);
	TABLE_ADD(&t, only_port_123_is_served);
	TABLE_ADD(&t, every_source_port_is_answered);
	return table_run_between("frame", &t, desk_set_up, desk_tear_down);
}

// SPDX-License-Identifier: BSD-3-Clause
// Frames by the hundred thousand through the whole core: S-03 to S-06 as they come from the wire,
// and random damage. What holds for every question is in harness/desk.c: at most one reply, never
// longer than the request, silence leaves every byte.
#include <stdio.h>
#include <string.h>

#include "harness/desk_case.h"
#include "harness/random.h"
#include "harness/reply_check.h"

// S-06.
static void udp_payloads_of_0_to_1500_bytes(void **state)
{
	(void)state;
	for (unsigned length = 0; length <= 1500; length++) {
		struct frame_spec s = desk_good(length);
		unsigned field = length - 48;
		enum verdict want = length < 48 ? V_NTP_SHORT :
		                    length % 4  ? V_NTP_LENGTH :
		                                  V_ANSWER_V4;
		frame_spec_ntp(&s, 4, 3, length);
		if (length >= 76) {
			s.payload[48] = 0x7f;
			s.payload[50] = (uint8_t)(field >> 8);
			s.payload[51] = (uint8_t)field;
		} else if (length > 48 && length % 4 == 0) {
			want = field == 4  ? V_NTP_CRYPTO_NAK :
			       field == 20 ? V_NTP_MS_SNTP :
			       field == 24 ? V_NTP_MAC :
			                     V_NTP_LENGTH;
		}
		s.vlan_count = length % 3;
		s.vlan_type[0] = s.vlan_type[1] = 0x8100;
		desk_expect(&s, want, "length", length);
	}
}

// S-05, each as it is and behind tags and IPv6.
static void requests_with_more_than_a_header(void **state)
{
	(void)state;
	static const struct {
		enum verdict want;
		unsigned version;
		uint16_t type[3], length[3];
		uint8_t tail_byte;
		uint8_t tail;
	} row[] = {
		{V_NTP_NTS, 4, {0x0104, 0x0204, 0x0404}, {36, 104, 40}, 0, 0},
		{V_NTP_CRYPTO_NAK, 4, {0}, {0}, 0, 4},
		{V_NTP_CRYPTO_NAK, 3, {0}, {0}, 0, 4},
		{V_NTP_MAC, 4, {0}, {0}, 1, 20},
		{V_NTP_MAC, 3, {0}, {0}, 1, 24},
		{V_NTP_MS_SNTP, 3, {0}, {0}, 0, 20},
		{V_NTP_MS_SNTP, 3, {0}, {0}, 3, 72},
		{V_ANSWER_V4, 4, {0x0102}, {32}, 0, 0}, // Autokey
		{V_ANSWER_V4, 4, {0x0102, 0x0502}, {16, 256}, 0, 0},
		{V_ANSWER_V4, 4, {0xabcd}, {28}, 0, 0}, // unknown
		{V_NTP_MAC, 4, {0xabcd}, {16}, 1, 20},
		{V_NTP_EXTENSION, 4, {0xabcd}, {0}, 0, 28},
		{V_NTP_EXTENSION, 4, {0xabcd}, {1}, 0, 28},
		{V_NTP_EXTENSION, 4, {0xabcd}, {3}, 0, 28},
		{V_NTP_EXTENSION, 4, {0xabcd, 0xffff}, {16, 2}, 0xff, 28},
	};
	for (unsigned i = 0; i < 2 * TABLE_LENGTH(row); i++) {
		struct frame_spec s = desk_good(i);
		frame_spec_ntp(&s, row[i / 2].version, 3, 48);
		for (unsigned k = 0; k < 3 && row[i / 2].type[k] != 0; k++)
			frame_spec_extension(&s, row[i / 2].type[k], row[i / 2].length[k]);
		frame_spec_append(&s, row[i / 2].tail_byte, row[i / 2].tail);
		desk_expect(&s, row[i / 2].want, "row", i / 2);
	}
}

// The first byte and the port decide; the rest of a 48-byte message may be anything.
static void first_bytes_and_ports_over_both_families(void **state)
{
	(void)state;
	static const uint16_t port[] = {123, 1024, 1, 65535};
	unsigned answers = 0;
	for (unsigned i = 0; i < 256 * 2 * TABLE_LENGTH(port); i++) {
		struct frame_spec s = desk_good(i);
		unsigned version = i / 2 >> 3 & 7;
		unsigned mode = i / 2 & 7;
		s.payload[0] = (uint8_t)(i / 2);
		s.source_port = port[i / 512];
		bool want = version >= 1 && version <= 4 &&
		            (mode == 3 || mode == 1 ||
				    (mode == 0 && version == 1 && s.source_port != 123));
		assert_int_equal(verdict_is_answer(desk_ask_spec(&desk, &s)), want);
		if (want)
			reply_check(&desk);
		answers += want;
	}
	// 4 leaps, 2 families: 4 ports x 4 versions x 2 modes, and mode 0 from 3 ports.
	assert_int_equal(answers, 4 * 2 * (4 * 4 * 2 + 3));
}

// Half of the specs are answerable: damage must have something to hit.
static void random_spec(struct frame_spec *s, uint64_t *random)
{
	uint64_t bits = random_u64(random);
	*s = desk_good(bits);
	if (bits >> 15 & 1)
		frame_spec_ntp(s, bits >> 1 & 7, bits >> 4 & 7, 48);
	for (uint64_t i = 0; i < (bits >> 8 & 3); i++)
		frame_spec_extension(
			s, (uint16_t)(bits >> 16), (uint16_t)(4 * (bits >> (40 + 4 * i) & 15)));
	if ((bits >> 10 & 7) == 0)
		frame_spec_append(s, (uint8_t)(bits >> 32), 4 * (bits >> 13 & 7));
	s->vlan_count = bits >> 56 & 15;
	s->vlan_count = s->vlan_count > 3 ? 0 : s->vlan_count;
	for (unsigned i = 0; i < 3; i++)
		s->vlan_type[i] = bits >> 60 & 1 ? 0x8100 : 0x88a8;
	s->padding = bits >> 61;
	s->udp_sum = bits >> 50 & 3 ? SUM_RIGHT : (enum sum_kind)(bits >> 52 & 3);
}

// Some bytes, mostly of the headers, become others; now and then the end is missing.
static size_t damage(uint8_t *frame, size_t length, uint64_t *random)
{
	uint64_t bits = random_u64(random);
	for (uint64_t i = 0; i < (bits & 7 & bits >> 3) && length > 0; i++) {
		size_t at = random_below(random, bits >> 8 & 1 ? length :
						 length < 60   ? length :
								 60);
		frame[at] = (uint8_t)(bits >> 9 & 1 ? random_u64(random) :
						      frame[at] ^ 1u << (bits >> 10 & 7));
	}
	if ((bits >> 16 & 7) == 0)
		length = random_below(random, length + 1);
	return length;
}

// S-04.
static void random_damage_never_makes_a_longer_reply(void **state)
{
	(void)state;
	static uint8_t frame[FRAME_ROOM];
	uint64_t random = random_seed("S-04");
	unsigned answers = 0;
	for (unsigned i = 0; i < 100000; i++) {
		struct frame_spec s;
		random_spec(&s, &random);
		size_t length = damage(frame, frame_build(&s, frame), &random);
		bool knows = random_below(&random, 2);
		desk.port_says.ip = knows ? (uint8_t)random_below(&random, 4) : CHECKSUM_UNKNOWN;
		desk.port_says.udp = knows ? (uint8_t)random_below(&random, 4) : CHECKSUM_UNKNOWN;
		if (!verdict_is_answer(desk_ask(&desk, frame, length)))
			continue;
		reply_check(&desk);
		answers++;
	}
	desk.port_says = (struct checksum_report){0};
	printf("# %u of 100000 answered\n", answers);
	// A test in which hardly anything is answered, or everything, tests nothing.
	assert_in_range(answers, 5000, 90000);
}

static void noise_is_not_answered_by_accident(void **state)
{
	(void)state;
	static uint8_t frame[FRAME_ROOM];
	uint64_t random = random_seed("noise");
	for (unsigned i = 0; i < 20000; i++) {
		size_t length = random_below(&random, 400);
		random_fill(&random, frame, length);
		assert_false(verdict_is_answer(desk_ask(&desk, frame, length)));
		// The same behind our MAC address and an ethertype.
		if (length < 60)
			continue;
		memcpy(frame, desk.service.mac.byte, 6);
		memcpy(frame + 12, i & 1 ? "\x86\xdd\x60" : "\x08\x00\x45", 3);
		assert_false(verdict_is_answer(desk_ask(&desk, frame, length)));
	}
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, udp_payloads_of_0_to_1500_bytes);
	TABLE_ADD(&t, requests_with_more_than_a_header);
	TABLE_ADD(&t, first_bytes_and_ports_over_both_families);
	TABLE_ADD(&t, random_damage_never_makes_a_longer_reply);
	TABLE_ADD(&t, noise_is_not_answered_by_accident);
	return table_run_between("random_frames", &t, desk_set_up, desk_tear_down);
}

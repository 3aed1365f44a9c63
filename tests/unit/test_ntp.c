// SPDX-License-Identifier: BSD-3-Clause
// Which messages are answered (protocol rules H1-H5, E1-E8; S-01, S-03, S-05, S-06) and what the
// answer's fields hold (H8, H9, H13, H15).
#include "core/ntp.h"

#include <stdio.h>
#include <string.h>

#include "core/checksum.h"
#include "harness/frame_build.h"
#include "harness/guard.h"
#include "harness/slow_checksum.h"
#include "harness/table.h"

static struct guard guard;

static int set_up(void **state)
{
	(void)state;
	guard_make(&guard, FRAME_ROOM);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	guard_free(&guard);
	return 0;
}

// Judged with inaccessible memory behind and before.
static enum verdict judge(const struct frame_spec *s)
{
	uint8_t *at = guard_place_end(&guard, s->payload, s->payload_length);
	enum verdict v = ntp_request_read(at, s->payload_length, s->source_port);
	at = guard_place_begin(&guard, s->payload, s->payload_length);
	assert_int_equal(ntp_request_read(at, s->payload_length, s->source_port), v);
	assert_memory_equal(at, s->payload, s->payload_length);
	guard_check(&guard);
	return v;
}

static void expect_named(
	const struct frame_spec *s, enum verdict want, const char *what, unsigned n)
{
	enum verdict got = judge(s);
	if (got != want)
		fail_msg("%s %u: %s, not %s", what, n, verdict_text(got), verdict_text(want));
}

#define EXPECT(s, want, n) expect_named(s, want, __func__, (unsigned)(n))

static struct frame_spec message(unsigned version, unsigned mode, size_t length)
{
	struct frame_spec s;
	frame_spec_ip4(&s);
	frame_spec_ntp(&s, version, mode, length);
	return s;
}

// H2 to H5 for a message of 48 bytes.
static enum verdict first_byte_rule(unsigned version, unsigned mode, uint16_t port)
{
	static const enum verdict client[8] = {
		[1] = V_ANSWER_V1, [2] = V_ANSWER_V2, [3] = V_ANSWER_V3, [4] = V_ANSWER_V4};
	if (version == 5)
		return V_NTP_VERSION5;
	if (version == 0 || version > 5)
		return V_NTP_VERSION;
	switch (mode) {
	case 0:
		return version == 1 && port != 123 ? V_ANSWER_V1_MODE0 : V_NTP_MODE_RESERVED;
	case 1:
		return V_ANSWER_SYMMETRIC;
	case 3:
		return client[version];
	case 6:
	case 7:
		return V_NTP_MODE_CONTROL;
	}
	return V_NTP_MODE_REPLY;
}

// What zeros behind an answerable header mean: E1, E2, E8.
static enum verdict zero_tail_rule(unsigned version, size_t tail)
{
	switch (tail) {
	case 4:
		return V_NTP_CRYPTO_NAK;
	case 20:
		return V_NTP_MS_SNTP;
	case 24:
		return V_NTP_MAC;
	case 36: // this and the next two: whole SHA-256, SHA-384 and SHA-512 digests
	case 52:
	case 68:
		return version == 4 ? V_NTP_EXTENSION : V_NTP_MAC;
	case 72:
		return version == 4 ? V_NTP_EXTENSION : V_NTP_MS_SNTP;
	}
	return tail > 24 && version == 4 ? V_NTP_EXTENSION : V_NTP_LENGTH;
}

static enum verdict rule(unsigned version, unsigned mode, uint16_t port, size_t length)
{
	enum verdict v = first_byte_rule(version, mode, port);
	if (v == V_ANSWER_V1_MODE0 && length != 48)
		return V_NTP_MODE_RESERVED; // H4: "48 B only"
	return verdict_is_answer(v) && length > 48 ? zero_tail_rule(version, length - 48) : v;
}

static void check_table_cell(unsigned version, unsigned mode)
{
	static const uint16_t port[] = {123, 1024, 1, 65535};
	static const size_t length[] = {48, 52, 68, 72, 76, 84, 100, 104, 116, 120, 228};
	for (size_t i = 0; i < TABLE_LENGTH(port) * TABLE_LENGTH(length); i++) {
		size_t bytes = length[i / TABLE_LENGTH(port)];
		for (unsigned leap = 0; leap < 4; leap++) {
			struct frame_spec s = message(version, mode, bytes);
			s.source_port = port[i % TABLE_LENGTH(port)];
			s.payload[0] |= (uint8_t)(leap << 6);
			EXPECT(&s, rule(version, mode, s.source_port, bytes), version * 10 + mode);
		}
	}
}

// S-01.
static void versions_modes_ports_and_lengths_are_answered_by_the_table(void **state)
{
	(void)state;
	for (unsigned version = 0; version < 8; version++) {
		for (unsigned mode = 0; mode < 8; mode++)
			check_table_cell(version, mode);
	}
}

// H1, S-06: too short and odd lengths, with every kind of message.
static void short_and_odd_lengths_are_never_answered(void **state)
{
	(void)state;
	for (size_t length = 0; length <= 1500; length++) {
		for (unsigned version = 1; version <= 4; version++) {
			struct frame_spec s = message(version, 3, length);
			if (length < 48)
				EXPECT(&s, V_NTP_SHORT, length);
			else if (length % 4 != 0)
				EXPECT(&s, V_NTP_LENGTH, length);
			else if (length > 48)
				EXPECT(&s, zero_tail_rule(version, length - 48), length);
		}
	}
}

// S-06 with one extension field as long as the room: answered wherever RFC 7822 allows one.
static void one_extension_field_of_every_length(void **state)
{
	(void)state;
	for (uint16_t length = 4; length <= 1452; length++) {
		struct frame_spec s = message(4, 3, 48);
		frame_spec_extension(&s, 0x0104, length);
		enum verdict want = length % 4 != 0              ? V_NTP_LENGTH :
		                    length >= 28                 ? V_ANSWER_V4 :
		                    length == 4                  ? V_NTP_CRYPTO_NAK :
		                    length == 20 || length == 24 ? V_NTP_MAC :
		                                                   V_NTP_LENGTH;
		EXPECT(&s, want, length);
	}
}

// E2: the declared length against what is left of 76 bytes, all 65536 of them.
static void an_extension_length_must_fit(void **state)
{
	(void)state;
	for (unsigned length = 0; length <= 0xffff; length++) {
		struct frame_spec s = message(4, 3, 48);
		frame_spec_extension(&s, 0x0104, 64);
		s.payload[50] = (uint8_t)(length >> 8);
		s.payload[51] = (uint8_t)length;
		unsigned left = 64 - length;
		enum verdict want = V_NTP_EXTENSION;
		if (length == 64)
			want = V_ANSWER_V4;
		else if (length >= 16 && length < 64 && length % 4 == 0 && left <= 24)
			want = left == 4                ? V_NTP_CRYPTO_NAK :
			       left == 20 || left == 24 ? V_NTP_MAC :
			                                  V_NTP_LENGTH;
		else if (length >= 16 && length < 64 && length % 4 == 0)
			continue; // the next field is judged by the filler's bytes
		EXPECT(&s, want, length);
	}
}

// E3: also NTS's unique identifier alone, Autokey's types and the experimental ones.
static void unknown_extension_fields_are_answered_without(void **state)
{
	(void)state;
	static const uint16_t type[] = {0x0000, 0x0002, 0x0102, 0x0104, 0x0202, 0x0302, 0x0402,
		0x0502, 0x2005, 0x010a, 0x8102, 0xc102, 0xf323, 0xf324, 0xf501, 0xf5ff, 0xffff};
	for (unsigned i = 0; i < TABLE_LENGTH(type); i++) {
		struct frame_spec s = message(4, 3, 48);
		frame_spec_extension(&s, type[i], 28);
		EXPECT(&s, V_ANSWER_V4, type[i]);
		frame_spec_extension(&s, type[i], 16);
		frame_spec_extension(&s, type[i], 28);
		EXPECT(&s, V_ANSWER_V4, type[i]);
		s.payload[0] = 4 << 3 | 1;
		EXPECT(&s, V_ANSWER_SYMMETRIC, type[i]);
	}
}

// E1: before version 4 whatever follows is a MAC, so a field is an impossible length.
static void versions_before_4_have_no_extension_fields(void **state)
{
	(void)state;
	for (unsigned version = 1; version <= 3; version++) {
		struct frame_spec s = message(version, 3, 48);
		frame_spec_extension(&s, 0x0104, 28);
		EXPECT(&s, V_NTP_LENGTH, version);
	}
}

// S-05: as many fields as an MTU holds.
static void tiny_extension_fields_are_walked_to_the_end(void **state)
{
	(void)state;
	struct frame_spec s = message(4, 3, 48);
	while (s.payload_length + 16 + 28 <= 1472)
		frame_spec_extension(&s, 0x0104, 16);
	struct frame_spec whole = s;
	frame_spec_extension(&whole, 0x0104, 28);
	EXPECT(&whole, V_ANSWER_V4, 28);
	whole = s;
	frame_spec_append(&whole, 1, 20);
	EXPECT(&whole, V_NTP_MAC, 20);
	whole = s;
	frame_spec_extension(&whole, 0x0104, 28);
	whole.payload[whole.payload_length - 25] = 12;
	EXPECT(&whole, V_NTP_EXTENSION, 12);
}

// E5, E6: who authenticates is never answered without authentication.
static void macs_get_silence(void **state)
{
	(void)state;
	for (unsigned version = 1; version <= 4; version++) {
		for (unsigned mode = 1; mode <= 3; mode += 2) {
			struct frame_spec s = message(version, mode, 48);
			frame_spec_append(&s, 0, 3);
			frame_spec_append(&s, 0x41, 17);
			EXPECT(&s, V_NTP_MAC, version);
			frame_spec_append(&s, 0x42, 4);
			EXPECT(&s, V_NTP_MAC, version);
			frame_spec_append(&s, 0x43, 12);
			EXPECT(&s, version == 4 ? V_NTP_EXTENSION : V_NTP_MAC, version);
			s = message(version, mode, 52);
			EXPECT(&s, V_NTP_CRYPTO_NAK, version);
			s.payload[51] = 1;
			EXPECT(&s, V_NTP_CRYPTO_NAK, version);
		}
	}
}

static void a_mac_behind_extension_fields_gets_silence(void **state)
{
	(void)state;
	static const struct {
		size_t tail;
		enum verdict want;
	} row[] = {{4, V_NTP_CRYPTO_NAK}, {8, V_NTP_LENGTH}, {12, V_NTP_LENGTH}, {16, V_NTP_LENGTH},
		{20, V_NTP_MAC}, {24, V_NTP_MAC}};
	for (unsigned i = 0; i < TABLE_LENGTH(row); i++) {
		struct frame_spec s = message(4, 3, 48);
		frame_spec_extension(&s, 0x0104, 16);
		frame_spec_extension(&s, 0x0104, 32);
		frame_spec_append(&s, 0x55, row[i].tail);
		EXPECT(&s, row[i].want, row[i].tail);
	}
}

// E8.
static void ms_sntp_requests_get_silence(void **state)
{
	(void)state;
	struct frame_spec s = message(3, 3, 48);
	frame_spec_append(&s, 7, 4);
	frame_spec_append(&s, 0, 16);
	EXPECT(&s, V_NTP_MS_SNTP, 68);
	s.payload[67] = 1;
	EXPECT(&s, V_NTP_MAC, 68);
	s = message(3, 3, 48);
	frame_spec_append(&s, 9, 72);
	EXPECT(&s, V_NTP_MS_SNTP, 120);
}

// S-05: what a client with NTS sends (RFC 8915 5.7).
static void nts_requests_get_silence(void **state)
{
	(void)state;
	struct frame_spec s = message(4, 3, 48);
	frame_spec_extension(&s, 0x0104, 36);
	EXPECT(&s, V_ANSWER_V4, 0x0104);
	frame_spec_extension(&s, 0x0204, 104);
	EXPECT(&s, V_NTP_NTS, 0x0204);
	frame_spec_extension(&s, 0x0304, 104);
	frame_spec_extension(&s, 0x0404, 40);
	EXPECT(&s, V_NTP_NTS, 0x0404);
	s = message(4, 3, 48);
	frame_spec_extension(&s, 0x0404, 40);
	frame_spec_extension(&s, 0xf323, 28);
	EXPECT(&s, V_NTP_NTS, 0xf323);
}

// S-03: what amplifiers are asked for, by their first four bytes: ntpdc's monlist in its
// variants, ntpq's readvar and mrulist.
static void control_and_private_messages_get_silence(void **state)
{
	(void)state;
	static const uint32_t corpus[] = {0x1700032a, 0x1700022a, 0x9700032a, 0x1f000300,
		0x16020001, 0x160a0001, 0x16010001, 0x26020001, 0x56820001, 0xd68a0001, 0x2700032a,
		0x0e020001, 0x0f00032a};
	static const size_t length[] = {8, 12, 48, 52, 60, 72, 192, 440, 468};
	for (unsigned i = 0; i < TABLE_LENGTH(corpus) * TABLE_LENGTH(length); i++) {
		struct frame_spec s = message(0, 0, length[i % TABLE_LENGTH(length)]);
		struct be32 begin = be32_put(corpus[i / TABLE_LENGTH(length)]);
		memcpy(s.payload, begin.byte, sizeof(begin));
		EXPECT(&s, V_NTP_MODE_CONTROL, i);
	}
}

static struct clock_view good_view(void)
{
	return (struct clock_view){
		.ref_cycles = {1000},
		.ref_time = {0xe000000000000000u},
		.mult = 1ull << NTP_MULT_SHIFT,
		.reference_time = {0xdfffffff00000000u},
		.root_dispersion = 0x123456789,
		.dispersion_rate = 64425,
		.valid_cycles = {300ull << 32},
		.root_delay = 0x4567,
		.reference_id = 0x47505300,
		.leap = LEAP_INSERT,
		.stratum = 1,
		.precision = -24,
	};
}

static struct ntp_answer prepare(const struct clock_view *v, uint64_t now, uint64_t extra)
{
	struct ntp_answer a;
	memset(&a, 0xcc, sizeof(a));
	ntp_answer_prepare(v, (struct cycles){now}, extra, &a);
	return a;
}

static void a_synchronised_answer_is_the_view(void **state)
{
	(void)state;
	struct clock_view v = good_view();
	struct ntp_answer a = prepare(&v, 1000, 0);
	assert_int_equal(a.leap, LEAP_INSERT);
	assert_int_equal(a.stratum, 1);
	assert_int_equal(a.precision, -24);
	assert_int_equal(be32_get(a.root_delay), 0x4567);
	assert_int_equal(be32_get(a.root_dispersion), 0x12346); // 0x1.23456789 rounded up (H13)
	assert_memory_equal(a.reference_id.byte, "GPS\0", 4);
	assert_true(be64_get(a.reference_time) == v.reference_time.raw);
}

// H13: the age and the caller's own error are on top, and nothing wraps.
static void dispersion_is_added_up_and_saturates(void **state)
{
	(void)state;
	struct clock_view v = good_view();
	v.root_dispersion = 0x10000;
	v.dispersion_rate = 1u << 31;
	struct ntp_answer a = prepare(&v, 1000 + 0x40000, 0x30000);
	assert_in_range(be32_get(a.root_dispersion), 6, 7);
	a = prepare(&v, 1000, UINT64_MAX - 5);
	assert_int_equal(be32_get(a.root_dispersion), UINT32_MAX);
	v.root_dispersion = UINT64_MAX;
	a = prepare(&v, 1000, UINT64_MAX);
	assert_int_equal(be32_get(a.root_dispersion), UINT32_MAX);
	a = prepare(&v, 1000, 0);
	assert_int_equal(be32_get(a.root_dispersion), UINT32_MAX);
}

static void expect_unsynchronised(const struct clock_view *v, uint64_t now)
{
	static const uint8_t zero[8];
	struct ntp_answer a = prepare(v, now, 0);
	assert_int_equal(a.leap, LEAP_UNKNOWN);
	assert_int_equal(a.stratum, 0);
	assert_memory_equal(a.reference_id.byte, zero, 4);
	assert_memory_equal(a.reference_time.byte, zero, 8);
	assert_true(be32_get(a.root_dispersion) >= 0x10000);
}

// H8, H9.
static void an_unsynchronised_answer_claims_nothing(void **state)
{
	(void)state;
	struct clock_view v = good_view();
	v.leap = LEAP_UNKNOWN;
	expect_unsynchronised(&v, 1000);
	v = good_view();
	v.stratum = 0;
	expect_unsynchronised(&v, 1000);
	v = good_view();
	expect_unsynchronised(&v, 1001 + v.valid_cycles.n);
	assert_int_equal(prepare(&v, 1000 + v.valid_cycles.n, 0).stratum, 1);
	memset(&v, 0, sizeof(v));
	expect_unsynchronised(&v, 0);
	expect_unsynchronised(&v, 1ull << 50);
	v = good_view();
	v.leap = LEAP_UNKNOWN;
	v.root_dispersion = 5ull << 32;
	assert_int_equal(be32_get(prepare(&v, 1000, 0).root_dispersion), 5 << 16);
}

// H15: "not in the future" also of a reply whose low bits are noise: the published reference time
// loses the bits below the precision, never more, and never rises.
static void the_reference_time_has_no_bits_below_the_precision(void **state)
{
	(void)state;
	for (int precision = -32; precision <= -6; precision++) {
		struct clock_view v = good_view();
		v.precision = (int8_t)precision;
		v.reference_time.raw = 0xdfffffffffffffffu;
		struct ntp_answer a = prepare(&v, 1000, 0);
		uint64_t unit = 1ull << (32 + precision);
		assert_true(be64_get(a.reference_time) == 0xdfffffffffffffffu / unit * unit);
	}
}

// H3, H4, H6, H11: who asked what, in the reply.
static void a_reply_holds_what_the_request_decides(void **state)
{
	(void)state;
	static const struct {
		unsigned version, mode, want;
		enum verdict verdict;
	} row[] = {{1, 0, 4, V_ANSWER_V1_MODE0}, {1, 3, 4, V_ANSWER_V1}, {2, 3, 4, V_ANSWER_V2},
		{3, 3, 4, V_ANSWER_V3}, {4, 3, 4, V_ANSWER_V4}, {1, 1, 2, V_ANSWER_SYMMETRIC},
		{4, 1, 2, V_ANSWER_SYMMETRIC}};
	struct clock_view v = good_view();
	struct ntp_answer a = prepare(&v, 1000, 0);
	for (size_t i = 0; i < TABLE_LENGTH(row) * 256; i++) {
		struct frame_spec s = message(row[i / 256].version, row[i / 256].mode, 48);
		s.payload[0] |= 0xc0;
		s.payload[2] = (uint8_t)i;
		uint8_t *m = guard_place_end(&guard, s.payload, 48);
		uint64_t sum = ntp_reply_write(m, row[i / 256].verdict, &a,
			(struct ntp_time){0x1122334455667788},
			(struct ntp_time){0x99aabbccddeeff00});
		guard_check(&guard);
		assert_int_equal(m[0], 0x40 | row[i / 256].version << 3 | row[i / 256].want);
		assert_int_equal(m[2], (uint8_t)i);
		assert_memory_equal(m + 24, s.payload + 40, 8);
		assert_int_equal(
			checksum_fold(sum) % 0xffff, checksum_fold(checksum_bytes(m, 48)) % 0xffff);
		struct be16 field = checksum_field(sum);
		assert_int_equal((uint16_t)~be16_get(field) % 0xffff, slow_sum(0, m, 48) % 0xffff);
	}
}

static void a_reply_is_these_48_bytes(void **state)
{
	(void)state;
	static const uint8_t want[48] = {0x64, 1, 6, 0xe8, 0, 0, 0x45, 0x67, 0, 1, 0x23, 0x46, 'G',
		'P', 'S', 0, 0xdf, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xd9, 0xde, 0xe3, 0xe8, 0xed, 0xf2,
		0xf7, 0xfc, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc,
		0xdd, 0xee, 0xff, 0x00};
	struct clock_view v = good_view();
	struct ntp_answer a = prepare(&v, 1000, 0);
	struct frame_spec s = message(4, 3, 48);
	uint8_t *m = guard_place_begin(&guard, s.payload, 48);
	ntp_reply_write(m, V_ANSWER_V4, &a, (struct ntp_time){0x1122334455667788},
		(struct ntp_time){0x99aabbccddeeff00});
	guard_check(&guard);
	assert_memory_equal(m, want, sizeof(want));
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, versions_modes_ports_and_lengths_are_answered_by_the_table);
	TABLE_ADD(&t, short_and_odd_lengths_are_never_answered);
	TABLE_ADD(&t, one_extension_field_of_every_length);
	TABLE_ADD(&t, an_extension_length_must_fit);
	TABLE_ADD(&t, unknown_extension_fields_are_answered_without);
	TABLE_ADD(&t, versions_before_4_have_no_extension_fields);
	TABLE_ADD(&t, tiny_extension_fields_are_walked_to_the_end);
	TABLE_ADD(&t, macs_get_silence);
	TABLE_ADD(&t, a_mac_behind_extension_fields_gets_silence);
	TABLE_ADD(&t, ms_sntp_requests_get_silence);
	TABLE_ADD(&t, nts_requests_get_silence);
	TABLE_ADD(&t, control_and_private_messages_get_silence);
	TABLE_ADD(&t, a_synchronised_answer_is_the_view);
	TABLE_ADD(&t, dispersion_is_added_up_and_saturates);
	TABLE_ADD(&t, an_unsynchronised_answer_claims_nothing);
	TABLE_ADD(&t, the_reference_time_has_no_bits_below_the_precision);
	TABLE_ADD(&t, a_reply_holds_what_the_request_decides);
	TABLE_ADD(&t, a_reply_is_these_48_bytes);
	return table_run_between("ntp", &t, set_up, tear_down);
}

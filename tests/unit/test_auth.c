// SPDX-License-Identifier: BSD-3-Clause
// Message authentication codes in requests and replies: protocol rules E1, E2, E5, E6, E7, E8; S-02
// and S-05. Codes are made and judged with OpenSSL.
#include "core/auth/auth.h"

#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "core/ntp.h"
#include "harness/desk_case.h"
#include "harness/random.h"
#include "harness/slow_checksum.h"

#define KEY_LENGTH 16  // but of AES-256: all 32
#define FIRST_ID   100 // key of type t has id 100 + t

static struct keys keys;
static struct key_counters counters;
static const uint8_t secret[2 * KEY_LENGTH] = {
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xf0, 0x80, 0x40};

static size_t secret_length(enum key_type type)
{
	return type == KEY_AES256 ? 2 * KEY_LENGTH : KEY_LENGTH;
}

static uint32_t id_of(enum key_type type)
{
	return FIRST_ID + (uint32_t)type;
}

static int auth_set_up(void **state)
{
	keys.count = KEY_TYPES;
	keys.unit = aes_unit_best();
	for (unsigned t = 0; t < KEY_TYPES; t++) {
		struct key *k = &keys.key[t];
		keys.id[t] = id_of((enum key_type)t);
		*k = (struct key){.id = keys.id[t], .slot = (uint16_t)(10 + t)};
		enum key_type type = (enum key_type)t;
		key_prepare(k, type, (struct span){secret, secret_length(type)});
	}
	return desk_set_up(state);
}

static void desk_give_keys(void)
{
	desk.fast_path.auth.keys = desk.slow_path.auth.keys = &keys;
	desk.fast_path.auth.counters = desk.slow_path.auth.counters = &counters;
}

static void openssl_cmac(
	enum key_type type, const uint8_t *bytes, size_t length, uint8_t *ret_digest)
{
	char cipher[2][12] = {"AES-128-CBC", "AES-256-CBC"};
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string("cipher", cipher[type == KEY_AES256], 0),
		OSSL_PARAM_construct_end()};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
	size_t size = 0;
	assert_int_equal(EVP_MAC_init(context, secret, secret_length(type), params), 1);
	assert_int_equal(EVP_MAC_update(context, bytes, length), 1);
	assert_int_equal(EVP_MAC_final(context, ret_digest, &size, 16), 1);
	EVP_MAC_CTX_free(context);
	EVP_MAC_free(mac);
}

static void openssl_digest(
	enum key_type type, const uint8_t *bytes, size_t length, uint8_t ret_digest[KEY_DIGEST_MAX])
{
	uint8_t both[KEY_LENGTH + FRAME_ROOM];
	unsigned size;
	if (type == KEY_AES128 || type == KEY_AES256) {
		openssl_cmac(type, bytes, length, ret_digest);
		return;
	}
	memcpy(both, secret, KEY_LENGTH);
	memcpy(both + KEY_LENGTH, bytes, length);
	assert_int_equal(EVP_Digest(both, KEY_LENGTH + length, ret_digest, &size,
				 EVP_get_digestbyname(key_type_text(type)), NULL),
		1);
}

// What a client of this version puts behind its message: NTPv4 has room for 20 bytes of digest.
static unsigned digest_room(enum key_type type, unsigned version)
{
	unsigned whole = key_digest_length(type);
	return version == 4 && whole > 20 ? 20 : whole;
}

static void spec_sign(struct frame_spec *s, enum key_type type, uint32_t id, unsigned room)
{
	uint8_t digest[KEY_DIGEST_MAX] = {0};
	openssl_digest(type, s->payload, s->payload_length, digest);
	size_t at = s->payload_length;
	frame_spec_append(s, 0, 4 + room);
	for (unsigned i = 0; i < 4; i++)
		s->payload[at + i] = (uint8_t)(id >> (24 - 8 * i));
	memcpy(s->payload + at + 4, digest, room);
}

// The frame that a client of this version makes with this key.
static struct frame_spec signed_request(uint64_t n, unsigned version, enum key_type type)
{
	struct frame_spec s = desk_good(n);
	frame_spec_ntp(&s, version, 3, 48);
	spec_sign(&s, type, id_of(type), digest_room(type, version));
	return s;
}

// The reply's frame is whole: lengths and checksums as they are counted by hand.
static void expect_frame(const struct frame_spec *s, const uint8_t *frame, size_t length)
{
	size_t ntp = frame_ntp_offset(s);
	const uint8_t *udp = frame + ntp - 8;
	const uint8_t *ip = udp - (s->is_ip6 ? 40 : 20);
	uint16_t udp_length = (uint16_t)(length - ntp + 8);
	assert_int_equal(udp[4] << 8 | udp[5], udp_length);
	if (s->is_ip6)
		assert_int_equal(ip[4] << 8 | ip[5], udp_length);
	else
		assert_int_equal(ip[2] << 8 | ip[3], udp_length + 20);
	if (!s->is_ip6)
		assert_int_equal(slow_sum(0, ip, 20), 0xffff);
	uint16_t pseudo = slow_pseudo_sum(
		s->is_ip6, s->is_ip6 ? ip + 8 : ip + 12, s->is_ip6 ? ip + 24 : ip + 16, udp_length);
	assert_int_equal(slow_sum(pseudo, udp, udp_length), 0xffff);
}

// E6: the same key, type and length, over the reply's 48 bytes.
static void expect_signed(
	const struct frame_spec *s, const uint8_t *frame, size_t length, enum key_type type)
{
	size_t ntp = frame_ntp_offset(s);
	const uint8_t *message = frame + ntp;
	unsigned room = digest_room(type, s->payload[0] >> 3 & 7);
	uint8_t digest[KEY_DIGEST_MAX] = {0};
	assert_int_equal(length, ntp + 48 + 4 + room);
	assert_int_equal(message[0] & 7, 4);
	assert_memory_equal(message + 24, s->payload + 40, 8);
	openssl_digest(type, message, 48, digest);
	assert_memory_equal(message + 48, "\0\0\0", 3);
	assert_int_equal(message[51], id_of(type));
	assert_memory_equal(message + 52, digest, room);
	expect_frame(s, frame, length);
}

static void e6_a_right_code_is_answered_with_one(void **state)
{
	(void)state;
	desk_give_keys();
	for (unsigned i = 0; i < 2 * 4 * KEY_TYPES; i++) {
		unsigned version = 1 + i / 2 % 4;
		enum key_type type = (enum key_type)(i / 8);
		struct frame_spec s = signed_request(i, version, type);
		s.vlan_count = i % 3;
		s.vlan_type[0] = s.vlan_type[1] = 0x8100;
		enum verdict v = desk_ask_spec(&desk, &s);
		assert_int_equal(v, V_ANSWER_V1 + version - 1);
		expect_signed(&s, desk.reply, desk.reply_length, type);
		assert_ptr_equal(desk_reply_ntp(&desk), desk.reply + frame_ntp_offset(&s));
	}
}

// E1, E2: the code is over header and fields; the reply has no field.
static void e1_a_code_behind_extension_fields(void **state)
{
	(void)state;
	desk_give_keys();
	for (unsigned i = 0; i < 2 * KEY_TYPES; i++) {
		enum key_type type = (enum key_type)(i / 2);
		struct frame_spec s = desk_good(i);
		frame_spec_extension(&s, 0x0104, 16);
		frame_spec_extension(&s, 0xabcd, (uint16_t)(28 + 4 * i));
		spec_sign(&s, type, id_of(type), digest_room(type, 4));
		assert_int_equal(desk_ask_spec(&desk, &s), V_ANSWER_V4);
		expect_signed(&s, desk.reply, desk.reply_length, type);
	}
}

// A long digest before NTPv4: the first 20 bytes alone are as good, and are answered in kind.
static void e5_a_cut_digest_is_answered_in_kind(void **state)
{
	static const enum key_type types[] = {KEY_SHA256, KEY_SHA384, KEY_SHA512};
	(void)state;
	desk_give_keys();
	for (unsigned i = 0; i < TABLE_LENGTH(types); i++) {
		struct frame_spec s = desk_good(i);
		uint8_t digest[KEY_DIGEST_MAX] = {0};
		frame_spec_ntp(&s, 3, 3, 48);
		spec_sign(&s, types[i], id_of(types[i]), 20);
		assert_int_equal(desk_ask_spec(&desk, &s), V_ANSWER_V3);
		const uint8_t *message = desk.reply + frame_ntp_offset(&s);
		openssl_digest(types[i], message, 48, digest);
		assert_int_equal(desk.reply_length, frame_ntp_offset(&s) + 72);
		assert_memory_equal(message + 52, digest, 20);
	}
}

// E7: every bit of message, id and digest counts.
static void e7_one_wrong_bit_is_silence(void **state)
{
	(void)state;
	desk_give_keys();
	for (unsigned t = 0; t < KEY_TYPES; t++) {
		uint64_t wrong = counters_get(&counters.wrong[10 + t]);
		uint64_t right = counters_get(&counters.right[10 + t]);
		unsigned asked = 0;
		struct frame_spec good = signed_request(t, 4, (enum key_type)t);
		for (unsigned bit = 8; bit < 8 * good.payload_length; bit++) {
			struct frame_spec s = good;
			s.payload[bit / 8] ^= (uint8_t)(1u << bit % 8);
			enum verdict v = desk_ask_spec(&desk, &s);
			bool is_id = bit / 32 == 12;
			if (is_id && v == V_NTP_MAC)
				continue;
			assert_int_equal(v, V_NTP_MAC_WRONG);
			asked += !is_id;
		}
		assert_int_equal(counters_get(&counters.right[10 + t]), right);
		assert_true(counters_get(&counters.wrong[10 + t]) - wrong >= 4 * asked);
	}
}

// E6: whoever authenticates with what is not known here hears nothing.
static void e6_an_unknown_key_is_silence(void **state)
{
	(void)state;
	static const uint32_t ids[] = {
		0, 1, 99, 100 + KEY_TYPES, 65535, 65536 + 100, 0x7fffffff, 0xffffffff};
	desk_give_keys();
	for (unsigned i = 0; i < TABLE_LENGTH(ids); i++) {
		struct frame_spec s = desk_good(i);
		spec_sign(&s, KEY_SHA1, ids[i], 20);
		EXPECT(&s, V_NTP_MAC, i);
	}
	desk_reset();
	for (unsigned i = 0; i < KEY_TYPES; i++) {
		struct frame_spec s = signed_request(i, 4, (enum key_type)i);
		EXPECT(&s, V_NTP_MAC, i);
	}
}

// A digest of another length than the key's type has is not looked at.
static void e2_a_code_of_another_length_is_wrong(void **state)
{
	(void)state;
	static const struct {
		enum key_type type;
		unsigned version, room;
	} row[] = {{KEY_MD5, 4, 20}, {KEY_AES128, 4, 20}, {KEY_SHA1, 4, 16}, {KEY_SHA256, 4, 16},
		{KEY_SHA1, 3, 32}, {KEY_MD5, 3, 32}, {KEY_AES128, 2, 32}, {KEY_AES256, 4, 20},
		{KEY_AES256, 3, 32}, {KEY_SHA384, 4, 16}, {KEY_SHA384, 3, 32}, {KEY_SHA384, 3, 64},
		{KEY_SHA512, 4, 16}, {KEY_SHA512, 3, 48}, {KEY_SHA256, 3, 48}};
	desk_give_keys();
	for (unsigned i = 0; i < TABLE_LENGTH(row); i++) {
		struct frame_spec s = desk_good(i);
		frame_spec_ntp(&s, row[i].version, 3, 48);
		spec_sign(&s, row[i].type, id_of(row[i].type), row[i].room);
		EXPECT(&s, V_NTP_MAC_WRONG, i);
	}
}

// S-05, E5, E8: with keys at hand as without.
static void e8_crypto_naks_and_ms_sntp_stay_silence(void **state)
{
	(void)state;
	static const struct {
		size_t tail;
		enum verdict want;
	} row[] = {{4, V_NTP_CRYPTO_NAK}, {20, V_NTP_MS_SNTP}, {72, V_NTP_MS_SNTP},
		{8, V_NTP_LENGTH}, {28, V_NTP_LENGTH}, {40, V_NTP_LENGTH}};
	desk_give_keys();
	for (unsigned i = 0; i < TABLE_LENGTH(row); i++) {
		struct frame_spec s = desk_good(i);
		frame_spec_ntp(&s, 3, 3, 48);
		frame_spec_append(&s, 0, row[i].tail);
		s.payload[51] = FIRST_ID;
		EXPECT(&s, row[i].want, row[i].tail);
	}
}

// S-02: a signed reply that comes back is silence.
static void a_signed_reply_is_never_answered(void **state)
{
	(void)state;
	static uint8_t reply[FRAME_ROOM];
	desk_give_keys();
	for (unsigned t = 0; t < KEY_TYPES; t++) {
		struct frame_spec s = signed_request(t, 4, (enum key_type)t);
		s.source_port = 123;
		assert_true(verdict_is_answer(desk_ask_spec(&desk, &s)));
		size_t length = desk.reply_length;
		memcpy(reply, desk.reply, length);
		assert_false(verdict_is_answer(desk_ask(&desk, reply, length)));
		memcpy(s.payload, reply + frame_ntp_offset(&s), s.payload_length);
		EXPECT(&s, V_NTP_MODE_REPLY, t);
	}
}

// Bursts in which plain requests, right codes of all types and wrong ones stand in any order.
static void a_burst_of_all_kinds(void **state)
{
	(void)state;
	static uint8_t bytes[RESPONDER_BURST][FRAME_ROOM];
	static struct frame_spec spec[RESPONDER_BURST];
	static struct packet packets[RESPONDER_BURST];
	uint64_t random = random_seed("burst");
	desk_give_keys();
	for (unsigned run = 0; run < 60; run++) {
		unsigned n = 1 + (unsigned)random_below(&random, RESPONDER_BURST);
		unsigned kind[RESPONDER_BURST]; // below KEY_TYPES: right; then plain, then wrong
		unsigned want = 0;
		for (unsigned i = 0; i < n; i++) {
			kind[i] = (unsigned)random_below(&random, KEY_TYPES + 2);
			enum key_type type = (enum key_type)(kind[i] % KEY_TYPES);
			spec[i] = kind[i] == KEY_TYPES ? desk_good(run + i) :
			                                 signed_request(run + i, 4, type);
			if (kind[i] > KEY_TYPES)
				spec[i].payload[60] ^= 1;
			want += kind[i] <= KEY_TYPES;
			packets[i] = (struct packet){.data = bytes[i], .is_whole = true};
			packets[i].length = (uint16_t)frame_build(&spec[i], bytes[i]);
		}
		assert_int_equal(responder_open(&desk.fast_path, packets, n), want);
		responder_answer(&desk.fast_path, packets, n, &desk.answer, &desk.times);
		for (unsigned i = 0; i < n; i++) {
			if (kind[i] < KEY_TYPES)
				expect_signed(&spec[i], bytes[i], packets[i].length,
					(enum key_type)kind[i]);
			else if (kind[i] == KEY_TYPES)
				expect_frame(&spec[i], bytes[i], packets[i].length);
			else
				assert_int_equal(packets[i].verdict, V_NTP_MAC_WRONG);
		}
	}
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, e6_a_right_code_is_answered_with_one);
	TABLE_ADD(&t, e1_a_code_behind_extension_fields);
	TABLE_ADD(&t, e5_a_cut_digest_is_answered_in_kind);
	TABLE_ADD(&t, e7_one_wrong_bit_is_silence);
	TABLE_ADD(&t, e6_an_unknown_key_is_silence);
	TABLE_ADD(&t, e2_a_code_of_another_length_is_wrong);
	TABLE_ADD(&t, e8_crypto_naks_and_ms_sntp_stay_silence);
	TABLE_ADD(&t, a_signed_reply_is_never_answered);
	TABLE_ADD(&t, a_burst_of_all_kinds);
	return table_run_between("auth", &t, auth_set_up, desk_tear_down);
}

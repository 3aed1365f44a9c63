// SPDX-License-Identifier: BSD-3-Clause
// AES-CMAC (E5; RFC 4493, RFC 8573, SP 800-38B): published answers, OpenSSL's for any length, and
// the lanes: a message's tag does not depend on what goes beside it, nor on which unit makes it.
#include "core/auth/aes_cmac.h"

#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "harness/random.h"
#include "harness/table.h"

#define MOST    19 // messages at once: two full rounds of lanes, and some
#define LONGEST 1500

static const uint8_t rfc_key[16] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7,
	0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
static const uint8_t rfc_message[64] = {0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96, 0xe9, 0x3d,
	0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a, 0xae, 0x2d, 0x8a, 0x57, 0x1e, 0x03, 0xac, 0x9c, 0x9e,
	0xb7, 0x6f, 0xac, 0x45, 0xaf, 0x8e, 0x51, 0x30, 0xc8, 0x1c, 0x46, 0xa3, 0x5c, 0xe4, 0x11,
	0xe5, 0xfb, 0xc1, 0x19, 0x1a, 0x0a, 0x52, 0xef, 0xf6, 0x9f, 0x24, 0x45, 0xdf, 0x4f, 0x9b,
	0x17, 0xad, 0x2b, 0x41, 0x7b, 0xe6, 0x6c, 0x37, 0x10};

// RFC 4493 section 4: subkeys, and the tags of 0, 16, 40 and 64 bytes.
static const uint8_t rfc_k1[16] = {0xfb, 0xee, 0xd6, 0x18, 0x35, 0x71, 0x33, 0x66, 0x7c, 0x85, 0xe0,
	0x8f, 0x72, 0x36, 0xa8, 0xde};
static const uint8_t rfc_k2[16] = {0xf7, 0xdd, 0xac, 0x30, 0x6a, 0xe2, 0x66, 0xcc, 0xf9, 0x0b, 0xc1,
	0x1e, 0xe4, 0x6d, 0x51, 0x3b};
struct published {
	size_t length;
	uint8_t tag[16];
};

static const struct published rfc_tags[] = {
	{0, {0xbb, 0x1d, 0x69, 0x29, 0xe9, 0x59, 0x37, 0x28, 0x7f, 0xa3, 0x7d, 0x12, 0x9b, 0x75,
		    0x67, 0x46}},
	{16, {0x07, 0x0a, 0x16, 0xb4, 0x6b, 0x4d, 0x41, 0x44, 0xf7, 0x9b, 0xdd, 0x9d, 0xd0, 0x4a,
		     0x28, 0x7c}},
	{40, {0xdf, 0xa6, 0x67, 0x47, 0xde, 0x9a, 0xe6, 0x30, 0x30, 0xca, 0x32, 0x61, 0x14, 0x97,
		     0xc8, 0x27}},
	{64, {0x51, 0xf0, 0xbe, 0xbf, 0x7e, 0x3b, 0x9d, 0x92, 0xfc, 0x49, 0x74, 0x17, 0x79, 0x36,
		     0x3c, 0xfe}},
};

// SP 800-38B's examples of AES-256, over the same messages.
static const uint8_t nist_key[32] = {0x60, 0x3d, 0xeb, 0x10, 0x15, 0xca, 0x71, 0xbe, 0x2b, 0x73,
	0xae, 0xf0, 0x85, 0x7d, 0x77, 0x81, 0x1f, 0x35, 0x2c, 0x07, 0x3b, 0x61, 0x08, 0xd7, 0x2d,
	0x98, 0x10, 0xa3, 0x09, 0x14, 0xdf, 0xf4};
static const uint8_t nist_k1[16] = {0xca, 0xd1, 0xed, 0x03, 0x29, 0x9e, 0xed, 0xac, 0x2e, 0x9a,
	0x99, 0x80, 0x86, 0x21, 0x50, 0x2f};
static const uint8_t nist_k2[16] = {0x95, 0xa3, 0xda, 0x06, 0x53, 0x3d, 0xdb, 0x58, 0x5d, 0x35,
	0x33, 0x01, 0x0c, 0x42, 0xa0, 0xd9};
static const struct published nist_tags[] = {
	{0, {0x02, 0x89, 0x62, 0xf6, 0x1b, 0x7b, 0xf8, 0x9e, 0xfc, 0x6b, 0x55, 0x1f, 0x46, 0x67,
		    0xd9, 0x83}},
	{16, {0x28, 0xa7, 0x02, 0x3f, 0x45, 0x2e, 0x8f, 0x82, 0xbd, 0x4b, 0xf2, 0x8d, 0x8c, 0x37,
		     0xc3, 0x5c}},
	{40, {0xaa, 0xf3, 0xd8, 0xf1, 0xde, 0x56, 0x40, 0xc2, 0x32, 0xf5, 0xb1, 0x69, 0xb9, 0xc9,
		     0x11, 0xe6}},
	{64, {0xe1, 0x99, 0x21, 0x90, 0x54, 0x9f, 0x6e, 0xd5, 0x69, 0x6a, 0x2c, 0x05, 0x6c, 0x31,
		     0x54, 0x10}},
};

static const enum aes_unit portable = AES_PORTABLE;
static const enum aes_unit machine = AES_MACHINE;

// A unit that this processor lacks is skipped aloud.
static enum aes_unit unit_of(void **state)
{
	enum aes_unit unit = *(const enum aes_unit *)*state;
	if (unit > aes_unit_best())
		skip();
	return unit;
}

static void expect_tags(const struct aes_cmac_key *key, const struct published *tags, unsigned n,
	enum aes_unit unit)
{
	for (unsigned i = 0; i < n; i++) {
		struct aes_cmac_job j = {.key = key, .message = {rfc_message, tags[i].length}};
		aes_cmac_compute(&j, 1, unit);
		assert_memory_equal(j.tag, tags[i].tag, 16);
	}
}

static void published_answers(void **state)
{
	enum aes_unit unit = unit_of(state);
	struct aes_cmac_key key;
	aes_cmac_key_init(&key, rfc_key, AES_KEY_128);
	assert_memory_equal(key.last_whole, rfc_k1, 16);
	assert_memory_equal(key.last_padded, rfc_k2, 16);
	expect_tags(&key, rfc_tags, TABLE_LENGTH(rfc_tags), unit);
	aes_cmac_key_init(&key, nist_key, AES_KEY_256);
	assert_memory_equal(key.last_whole, nist_k1, 16);
	assert_memory_equal(key.last_padded, nist_k2, 16);
	expect_tags(&key, nist_tags, TABLE_LENGTH(nist_tags), unit);
}

static void openssl_cmac(struct span key, struct span message, uint8_t tag[16])
{
	char cipher[2][12] = {"AES-128-CBC", "AES-256-CBC"};
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("cipher", cipher[key.len == 32], 0),
		OSSL_PARAM_construct_end()};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
	size_t length = 0;
	assert_int_equal(EVP_MAC_init(context, key.at, key.len, params), 1);
	assert_int_equal(EVP_MAC_update(context, message.at, message.len), 1);
	assert_int_equal(EVP_MAC_final(context, tag, &length, 16), 1);
	assert_int_equal(length, 16);
	EVP_MAC_CTX_free(context);
	EVP_MAC_free(mac);
}

// Random keys of both lengths, in no order, and random lengths of messages, any number side by
// side.
static void lanes_do_not_mix(void **state)
{
	enum aes_unit unit = unit_of(state);
	uint64_t random = random_seed(unit == AES_MACHINE ? "machine" : "portable");
	static uint8_t bytes[MOST][LONGEST];
	static struct aes_cmac_key key[MOST];
	static uint8_t raw[MOST][32];
	static enum aes_key_length bits[MOST];
	for (unsigned run = 0; run < 120; run++) {
		unsigned n = (unsigned)random_below(&random, MOST + 1);
		uint64_t range = run % 3 == 0 ? LONGEST + 1 : 81;
		struct aes_cmac_job jobs[MOST];
		for (unsigned i = 0; i < n; i++) {
			size_t length = run % 3 == 1 ? 48 : (size_t)random_below(&random, range);
			bits[i] = random_below(&random, 3) == 0 ? AES_KEY_256 : AES_KEY_128;
			random_fill(&random, raw[i], sizeof(raw[i]));
			random_fill(&random, bytes[i], length);
			aes_cmac_key_init(&key[i], raw[i], bits[i]);
			jobs[i] = (struct aes_cmac_job){
				.key = &key[i], .message = {bytes[i], length}};
		}
		aes_cmac_compute(jobs, n, unit);
		for (unsigned i = 0; i < n; i++) {
			uint8_t want[16] = {0};
			openssl_cmac((struct span){raw[i], bits[i]}, jobs[i].message, want);
			assert_memory_equal(jobs[i].tag, want, 16);
		}
	}
}

int main(void)
{
	static struct table t;
	table_add(&t, "published_answers_portable", published_answers, &portable);
	table_add(&t, "published_answers_machine", published_answers, &machine);
	table_add(&t, "lanes_do_not_mix_portable", lanes_do_not_mix, &portable);
	table_add(&t, "lanes_do_not_mix_machine", lanes_do_not_mix, &machine);
	return table_run("aes_cmac", &t);
}

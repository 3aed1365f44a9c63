// SPDX-License-Identifier: BSD-3-Clause
// Digests over key and message (E5): published answers, and OpenSSL's for any length and any cut
// between the two. A context is used again and again, and is not changed by it.
#include "core/auth/digest.h"

#include <openssl/evp.h>
#include <string.h>

#include "harness/guard.h"
#include "harness/random.h"
#include "harness/table.h"

#define LONGEST 1500

struct method {
	const char *name;
	enum digest_method method;
	unsigned length;
	const char *empty; // digests of "" and of "abc" in RFC 1321, RFC 3174 and FIPS 180-4
	const char *abc;
};

static const struct method methods[] = {
	{"MD5", DIGEST_MD5, 16, "d41d8cd98f00b204e9800998ecf8427e",
		"900150983cd24fb0d6963f7d28e17f72"},
	{"SHA1", DIGEST_SHA1, 20, "da39a3ee5e6b4b0d3255bfef95601890afd80709",
		"a9993e364706816aba3e25717850c26c9cd0d89d"},
	{"SHA256", DIGEST_SHA256, 32,
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"SHA384", DIGEST_SHA384, 48,
		"38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
		"274edebfe76f65fbd51ad2f14898b95b",
		"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
		"8086072ba1e7cc2358baeca134c825a7"},
	{"SHA512", DIGEST_SHA512, 64,
		"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
		"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};

static void expect_text(const struct method *m, const char *key, const char *text, const char *want)
{
	struct digest d;
	uint8_t digest[DIGEST_LENGTH_MAX];
	char hex[2 * DIGEST_LENGTH_MAX + 1];
	digest_begin(&d, m->method, (struct span){(const uint8_t *)key, strlen(key)});
	digest_finish(&d, (struct span){(const uint8_t *)text, strlen(text)}, digest);
	for (unsigned i = 0; i < m->length; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", digest[i]);
	assert_string_equal(hex, want);
}

static void published_answers(void **state)
{
	const struct method *m = *state;
	assert_int_equal(digest_length(m->method), m->length);
	expect_text(m, "", "", m->empty);
	expect_text(m, "", "abc", m->abc);
	expect_text(m, "a", "bc", m->abc);
	expect_text(m, "abc", "", m->abc);
}

static void openssl_digest(
	const struct method *m, struct span key, struct span message, uint8_t *ret_digest)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	unsigned size = 0;
	assert_int_equal(EVP_DigestInit_ex(c, EVP_get_digestbyname(m->name), NULL), 1);
	assert_int_equal(EVP_DigestUpdate(c, key.at, key.len), 1);
	assert_int_equal(EVP_DigestUpdate(c, message.at, message.len), 1);
	assert_int_equal(EVP_DigestFinal_ex(c, ret_digest, &size), 1);
	assert_int_equal(size, m->length);
	EVP_MD_CTX_free(c);
}

// Not a byte behind the digest is written.
static void expect_openssl(
	const struct digest *d, const struct method *m, struct span key, struct span message)
{
	uint8_t want[EVP_MAX_MD_SIZE] = {0};
	uint8_t got[DIGEST_LENGTH_MAX + 1] = {0};
	got[m->length] = 0x5a;
	openssl_digest(m, key, message, want);
	digest_finish(d, message, got);
	assert_memory_equal(got, want, m->length);
	assert_int_equal(got[m->length], 0x5a);
}

// Every length of key and message together, cut in two anywhere, and a second message after the
// first.
static void every_length_as_openssl_has_it(void **state)
{
	const struct method *m = *state;
	uint64_t random = random_seed(m->name);
	struct guard guard;
	guard_make(&guard, LONGEST);
	uint8_t bytes[LONGEST];
	for (size_t length = 0; length <= LONGEST; length += length < 300 ? 1 : 37) {
		random_fill(&random, bytes, length);
		const uint8_t *at = guard_place_end(&guard, bytes, length);
		size_t cut = (size_t)random_below(&random, length + 1);
		struct span key = {at, cut};
		struct digest d;
		digest_begin(&d, m->method, key);
		const struct digest copy = d;
		expect_openssl(&d, m, key, (struct span){at + cut, length - cut});
		expect_openssl(&d, m, key, (struct span){at, length});
		expect_openssl(&copy, m, key, (struct span){at + cut, (length - cut) / 2});
	}
	guard_free(&guard);
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(methods); i++) {
		table_add(&t, "published_answers", published_answers, &methods[i]);
		table_add(&t, "every_length_as_openssl_has_it", every_length_as_openssl_has_it,
			&methods[i]);
	}
	return table_run("digest", &t);
}

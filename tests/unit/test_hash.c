// SPDX-License-Identifier: BSD-3-Clause
// MD5, SHA-1 and SHA-256 (E5): published answers, and OpenSSL's for any length and any cut.
#include <openssl/evp.h>
#include <string.h>

#include "core/auth/md5.h"
#include "core/auth/sha1.h"
#include "core/auth/sha256.h"
#include "harness/guard.h"
#include "harness/random.h"
#include "harness/table.h"

#define LONGEST 1500

struct method {
	const char *name;
	void (*digest)(struct span first, struct span second, uint8_t *ret_digest);
	unsigned length;
	const char *empty; // digests of "" and of "abc" in RFC 1321, RFC 3174 and FIPS 180-4
	const char *abc;
};

static void md5_plain(struct span first, struct span second, uint8_t *ret_digest)
{
	md5_digest(first, second, ret_digest);
}

static void sha1_plain(struct span first, struct span second, uint8_t *ret_digest)
{
	sha1_digest(first, second, ret_digest);
}

static void sha256_plain(struct span first, struct span second, uint8_t *ret_digest)
{
	sha256_digest(first, second, ret_digest);
}

static const struct method methods[] = {
	{"MD5", md5_plain, MD5_LENGTH, "d41d8cd98f00b204e9800998ecf8427e",
		"900150983cd24fb0d6963f7d28e17f72"},
	{"SHA1", sha1_plain, SHA1_LENGTH, "da39a3ee5e6b4b0d3255bfef95601890afd80709",
		"a9993e364706816aba3e25717850c26c9cd0d89d"},
	{"SHA256", sha256_plain, SHA256_LENGTH,
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
};

static struct span text_span(const char *text)
{
	return (struct span){(const uint8_t *)text, strlen(text)};
}

static void expect_hex(const uint8_t *digest, unsigned length, const char *want)
{
	char hex[2 * SHA256_LENGTH + 1];
	for (unsigned i = 0; i < length; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", digest[i]);
	assert_string_equal(hex, want);
}

static void published_answers(void **state)
{
	const struct method *m = *state;
	uint8_t digest[SHA256_LENGTH];
	m->digest(text_span(""), text_span(""), digest);
	expect_hex(digest, m->length, m->empty);
	m->digest(text_span("a"), text_span("bc"), digest);
	expect_hex(digest, m->length, m->abc);
}

static void expect_openssl(const struct method *m, const uint8_t *bytes, size_t length, size_t cut)
{
	uint8_t want[EVP_MAX_MD_SIZE] = {0};
	uint8_t got[SHA256_LENGTH + 1] = {0};
	unsigned size = 0;
	got[m->length] = 0x5a;
	assert_int_equal(
		EVP_Digest(bytes, length, want, &size, EVP_get_digestbyname(m->name), NULL), 1);
	assert_int_equal(size, m->length);
	m->digest((struct span){bytes, cut}, (struct span){bytes + cut, length - cut}, got);
	assert_memory_equal(got, want, size);
	assert_int_equal(got[m->length], 0x5a);
}

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
		expect_openssl(m, at, length, random_below(&random, length + 1));
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
	return table_run("hash", &t);
}

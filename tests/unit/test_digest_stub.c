// SPDX-License-Identifier: BSD-3-Clause
// What stands for the library of digests in the builds for MSan and fuzzers: as long, told apart by
// every bit, the same as tests/fuzz/seed computes it, and strict with its callers.
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/auth/digest.h"
#include "harness/table.h"

#define MESSAGE 48

static void digest_of(enum digest_method method, const void *key, size_t length,
	const uint8_t *message, uint8_t *ret_digest)
{
	struct digest d;
	memset(ret_digest, 0, DIGEST_LENGTH_MAX);
	digest_begin(&d, method, (struct span){key, length});
	digest_finish(&d, (struct span){message, MESSAGE}, ret_digest);
}

static void digests_are_as_long_as_the_librarys(void **state)
{
	static const unsigned lengths[DIGEST_METHODS] = {16, 20, 32, 48, 64};
	(void)state;
	for (unsigned m = 0; m < DIGEST_METHODS; m++)
		assert_int_equal(digest_length((enum digest_method)m), lengths[m]);
}

static void seeds_have_the_same(void **state)
{
	(void)state;
	static const uint8_t want[16] = {0x83, 0x2d, 0x40, 0x3a, 0xe9, 0x82, 0xb8, 0x5a, 0x34, 0x9a,
		0xae, 0x46, 0xbe, 0xdd, 0x00, 0xc0};
	uint8_t got[DIGEST_LENGTH_MAX] = {0};
	struct digest d;
	digest_begin(&d, DIGEST_MD5, (struct span){(const uint8_t *)"a", 1});
	digest_finish(&d, (struct span){(const uint8_t *)"bc", 2}, got);
	assert_memory_equal(got, want, sizeof(want));
	assert_int_equal(got[sizeof(want)], 0);
}

static void every_bit_of_key_and_message_counts(void **state)
{
	(void)state;
	uint8_t key[4] = {1, 2, 3, 4};
	uint8_t message[MESSAGE] = {0x23};
	uint8_t digest[2][DIGEST_LENGTH_MAX];
	for (unsigned m = 0; m < DIGEST_METHODS; m++) {
		enum digest_method method = (enum digest_method)m;
		digest_of(method, key, sizeof(key), message, digest[0]);
		for (unsigned bit = 0; bit < 8 * (sizeof(key) + MESSAGE); bit++) {
			uint8_t *byte = bit < 32 ? &key[bit / 8] : &message[bit / 8 - 4];
			*byte ^= (uint8_t)(1u << bit % 8);
			digest_of(method, key, sizeof(key), message, digest[1]);
			*byte ^= (uint8_t)(1u << bit % 8);
			assert_memory_not_equal(digest[0], digest[1], 16);
		}
	}
}

// Whoever goes on from a context that was never begun ends there.
static void a_context_that_was_not_begun_is_told(void **state)
{
	(void)state;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		static const struct digest d = {.method = DIGEST_SHA1};
		uint8_t digest[DIGEST_LENGTH_MAX];
		(void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		digest_finish(&d, (struct span){digest, 0}, digest);
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, digests_are_as_long_as_the_librarys);
	TABLE_ADD(&t, seeds_have_the_same);
	TABLE_ADD(&t, every_bit_of_key_and_message_counts);
	TABLE_ADD(&t, a_context_that_was_not_begun_is_told);
	return table_run("digest_stub", &t);
}

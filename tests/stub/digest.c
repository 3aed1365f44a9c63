// SPDX-License-Identifier: BSD-3-Clause
// Stands for the core's digest.c where the library cannot: in builds for the memory sanitizer and
// the fuzzers, which see nothing of what a library reads and writes, and in proofs. It holds its
// callers to digest.h: every byte that the library would read must be there, and have been written;
// every byte that it would write has room. What comes out is no digest. For a proof it is any
// bytes; else it depends on method, key and message alone, and on each of their bytes
// (tests/fuzz/seed computes the same).
#include "core/auth/digest.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const unsigned lengths[DIGEST_METHODS] = {
	[DIGEST_MD5] = 16,
	[DIGEST_SHA1] = 20,
	[DIGEST_SHA256] = 32,
	[DIGEST_SHA384] = 48,
	[DIGEST_SHA512] = 64,
};

#ifdef __CPROVER__

#define must(condition) __CPROVER_assert(condition, #condition)

uint8_t nondet_uint8(void);
struct digest nondet_digest(void);

void digest_begin(struct digest *d, enum digest_method method, struct span key)
{
	must((unsigned)method < DIGEST_METHODS);
	must(__CPROVER_w_ok(d, sizeof(*d)));
	must(key.len == 0 || __CPROVER_r_ok(key.at, key.len));
	*d = nondet_digest();
	d->method = method;
}

void digest_finish(const struct digest *d, struct span message, uint8_t *ret_digest)
{
	must(__CPROVER_r_ok(d, sizeof(*d)));
	must((unsigned)d->method < DIGEST_METHODS);
	must(message.len == 0 || __CPROVER_r_ok(message.at, message.len));
	must(__CPROVER_w_ok(ret_digest, lengths[d->method]));
	for (unsigned i = 0; i < lengths[d->method]; i++)
		ret_digest[i] = nondet_uint8();
}

#else

#define BASIS 0xcbf29ce484222325u
#define PRIME 0x100000001b3u
#define MADE  0x6d616465u // by digest_begin

struct context {
	uint64_t sum;
	uint32_t made;
};

static void must(bool condition)
{
	if (!condition)
		abort();
}

static uint64_t sum_add(uint64_t sum, struct span bytes)
{
	const uint8_t *byte;
	while ((byte = span_take(&bytes, 1)) != NULL)
		sum = (sum ^ *byte) * PRIME;
	return sum;
}

void digest_begin(struct digest *d, enum digest_method method, struct span key)
{
	must((unsigned)method < DIGEST_METHODS);
	struct context c = {.sum = sum_add(BASIS + method, key), .made = MADE};
	*d = (struct digest){.method = method};
	memcpy(d->state, &c, sizeof(c));
}

void digest_finish(const struct digest *d, struct span message, uint8_t *ret_digest)
{
	struct context c;
	memcpy(&c, d->state, sizeof(c));
	must((unsigned)d->method < DIGEST_METHODS && c.made == MADE);
	uint64_t sum = sum_add(c.sum, message);
	for (unsigned i = 0; i < lengths[d->method]; i++) {
		sum = (sum ^ i) * PRIME;
		ret_digest[i] = (uint8_t)(sum >> 32);
	}
}

#endif

unsigned digest_length(enum digest_method method)
{
	must((unsigned)method < DIGEST_METHODS);
	return lengths[method];
}

// SPDX-License-Identifier: BSD-3-Clause
#include "core/auth/digest.h"

#include <assert.h>
#include <string.h>

#include <nettle/md5.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

// A context as the library has it. It is copied in and out: the bytes of struct digest have no
// type.
union context {
	struct md5_ctx md5;
	struct sha1_ctx sha1;
	struct sha256_ctx sha256;
	struct sha512_ctx sha512; // SHA-384's too
};

static_assert(sizeof(union context) <= DIGEST_STATE, "a context fits");

static const struct nettle_hash *const hashes[DIGEST_METHODS] = {
	[DIGEST_MD5] = &nettle_md5,
	[DIGEST_SHA1] = &nettle_sha1,
	[DIGEST_SHA256] = &nettle_sha256,
	[DIGEST_SHA384] = &nettle_sha384,
	[DIGEST_SHA512] = &nettle_sha512,
};

unsigned digest_length(enum digest_method method)
{
	return hashes[method]->digest_size;
}

void digest_begin(struct digest *d, enum digest_method method, struct span key)
{
	const struct nettle_hash *hash = hashes[method];
	union context c;
	hash->init(&c);
	hash->update(&c, key.len, key.at);
	*d = (struct digest){.method = method};
	memcpy(d->state, &c, hash->context_size);
}

void digest_finish(const struct digest *d, struct span message, uint8_t *ret_digest)
{
	const struct nettle_hash *hash = hashes[d->method];
	union context c;
	memcpy(&c, d->state, hash->context_size);
	hash->update(&c, message.len, message.at);
	hash->digest(&c, hash->digest_size, ret_digest);
}

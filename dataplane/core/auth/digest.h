// SPDX-License-Identifier: BSD-3-Clause
// Digests over a key and a message (RFC 5905 7.3), computed by the cryptographic library.
//
// A context has read its key once, when the key was; each message goes on from a copy of it. This
// is all of the library that the core knows: what is computed without it (proofs, and builds that
// must see every byte that is read or written) has tests/stub/digest.c in its place, which holds
// callers to what stands here. Nothing fails and nothing is allocated. Pure, any thread.
#pragma once

#include <stdalign.h>
#include <stdint.h>

#include "core/span.h"

#define DIGEST_LENGTH_MAX 64  // bytes of the longest digest
#define DIGEST_STATE      256 // bytes: room for the library's largest context

enum digest_method {
	DIGEST_MD5,    // RFC 1321
	DIGEST_SHA1,   // RFC 3174
	DIGEST_SHA256, // this and the next two: RFC 6234
	DIGEST_SHA384,
	DIGEST_SHA512,
	DIGEST_METHODS
};

// May be copied. As secret as its key.
struct digest {
	enum digest_method method;
	alignas(16) uint8_t state[DIGEST_STATE];
};

// Bytes of a method's digest, at most DIGEST_LENGTH_MAX.
unsigned digest_length(enum digest_method method);

// Makes a context that has read the key, of any length.
void digest_begin(struct digest *d, enum digest_method method, struct span key);

// The digest of the key followed by message: digest_length bytes at ret_digest. d, made by
// digest_begin, stays as it is.
void digest_finish(const struct digest *d, struct span message, uint8_t *ret_digest);

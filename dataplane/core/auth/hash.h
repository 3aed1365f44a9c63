// SPDX-License-Identifier: BSD-3-Clause
// What MD5, SHA-1 and SHA-256 have in common: blocks of 64 bytes, a padding with the length, and a
// state of 32-bit words. One message at a time; pure, any thread; no branch and no address depends
// on the bytes.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/span.h"

#define HASH_BLOCK 64
#define HASH_WORDS 8

struct hash_method {
	void (*compress)(uint32_t state[static HASH_WORDS], const uint8_t block[static HASH_BLOCK]);
	uint32_t initial[HASH_WORDS];
	unsigned words;     // of the state that make the digest
	bool is_big_endian; // the order of words and length; else little
};

// The digest of `first` followed by `second`: 4 * m->words bytes at ret_digest.
void hash_digest(
	const struct hash_method *m, struct span first, struct span second, uint8_t *ret_digest);

// The 32-bit number at p, most significant byte first.
static inline uint32_t hash_load_big(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

// The same, least significant byte first.
static inline uint32_t hash_load_little(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

// x turned left by n bits, 0 < n < 32.
static inline uint32_t hash_turn(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "core/auth/sha256.h"

#include "core/auth/hash.h"

// RFC 6234 section 5.1.
static const uint32_t roots[64] = {
	0x428a2f98,
	0x71374491,
	0xb5c0fbcf,
	0xe9b5dba5,
	0x3956c25b,
	0x59f111f1,
	0x923f82a4,
	0xab1c5ed5,
	0xd807aa98,
	0x12835b01,
	0x243185be,
	0x550c7dc3,
	0x72be5d74,
	0x80deb1fe,
	0x9bdc06a7,
	0xc19bf174,
	0xe49b69c1,
	0xefbe4786,
	0x0fc19dc6,
	0x240ca1cc,
	0x2de92c6f,
	0x4a7484aa,
	0x5cb0a9dc,
	0x76f988da,
	0x983e5152,
	0xa831c66d,
	0xb00327c8,
	0xbf597fc7,
	0xc6e00bf3,
	0xd5a79147,
	0x06ca6351,
	0x14292967,
	0x27b70a85,
	0x2e1b2138,
	0x4d2c6dfc,
	0x53380d13,
	0x650a7354,
	0x766a0abb,
	0x81c2c92e,
	0x92722c85,
	0xa2bfe8a1,
	0xa81a664b,
	0xc24b8b70,
	0xc76c51a3,
	0xd192e819,
	0xd6990624,
	0xf40e3585,
	0x106aa070,
	0x19a4c116,
	0x1e376c08,
	0x2748774c,
	0x34b0bcb5,
	0x391c0cb3,
	0x4ed8aa4a,
	0x5b9cca4f,
	0x682e6ff3,
	0x748f82ee,
	0x78a5636f,
	0x84c87814,
	0x8cc70208,
	0x90befffa,
	0xa4506ceb,
	0xbef9a3f7,
	0xc67178f2,
};

// x turned right by a, b and c bits, and these joined.
static uint32_t turn_three(uint32_t x, unsigned a, unsigned b, unsigned c)
{
	return hash_turn(x, 32 - a) ^ hash_turn(x, 32 - b) ^ hash_turn(x, 32 - c);
}

static void schedule(const uint8_t block[static HASH_BLOCK], uint32_t w[static 64])
{
	for (unsigned i = 0; i < 16; i++)
		w[i] = hash_load_big(block + (size_t)4 * i);
	for (unsigned i = 16; i < 64; i++) {
		uint32_t low = hash_turn(w[i - 15], 25) ^ hash_turn(w[i - 15], 14) ^ w[i - 15] >> 3;
		uint32_t high = hash_turn(w[i - 2], 15) ^ hash_turn(w[i - 2], 13) ^ w[i - 2] >> 10;
		w[i] = high + w[i - 7] + low + w[i - 16];
	}
}

static void sha256_compress(
	uint32_t state[static HASH_WORDS], const uint8_t block[static HASH_BLOCK])
{
	uint32_t w[64];
	uint32_t s[HASH_WORDS];
	schedule(block, w);
	for (unsigned i = 0; i < HASH_WORDS; i++)
		s[i] = state[i];
	for (unsigned i = 0; i < 64; i++) {
		uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
		uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
		uint32_t first = s[7] + turn_three(s[4], 6, 11, 25) + choice + roots[i] + w[i];
		uint32_t second = turn_three(s[0], 2, 13, 22) + majority;
		for (unsigned j = HASH_WORDS - 1; j > 0; j--)
			s[j] = s[j - 1];
		s[4] += first;
		s[0] = first + second;
	}
	for (unsigned i = 0; i < HASH_WORDS; i++)
		state[i] += s[i];
}

void sha256_digest(struct span first, struct span second, uint8_t ret_digest[static SHA256_LENGTH])
{
	static const struct hash_method method = {
		.compress = sha256_compress,
		.initial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
			0x1f83d9ab, 0x5be0cd19},
		.words = 8,
		.is_big_endian = true,
	};
	hash_digest(&method, first, second, ret_digest);
}

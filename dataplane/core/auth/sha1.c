// SPDX-License-Identifier: BSD-3-Clause
#include "core/auth/sha1.h"

#include "core/auth/hash.h"

static uint32_t mix(unsigned step, const uint32_t s[static 5])
{
	switch (step / 20) {
	case 0:
		return ((s[1] & s[2]) | (~s[1] & s[3])) + 0x5a827999;
	case 1:
		return (s[1] ^ s[2] ^ s[3]) + 0x6ed9eba1;
	case 2:
		return ((s[1] & s[2]) | (s[1] & s[3]) | (s[2] & s[3])) + 0x8f1bbcdc;
	}
	return (s[1] ^ s[2] ^ s[3]) + 0xca62c1d6;
}

static void sha1_compress(uint32_t state[static HASH_WORDS], const uint8_t block[static HASH_BLOCK])
{
	uint32_t w[80];
	uint32_t s[5] = {state[0], state[1], state[2], state[3], state[4]};
	for (unsigned i = 0; i < 16; i++)
		w[i] = hash_load_big(block + (size_t)4 * i);
	for (unsigned i = 16; i < 80; i++)
		w[i] = hash_turn(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (unsigned i = 0; i < 80; i++) {
		uint32_t sum = hash_turn(s[0], 5) + mix(i, s) + s[4] + w[i];
		s[4] = s[3];
		s[3] = s[2];
		s[2] = hash_turn(s[1], 30);
		s[1] = s[0];
		s[0] = sum;
	}
	for (unsigned i = 0; i < 5; i++)
		state[i] += s[i];
}

void sha1_digest(struct span first, struct span second, uint8_t ret_digest[static SHA1_LENGTH])
{
	static const struct hash_method method = {
		.compress = sha1_compress,
		.initial = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0},
		.words = 5,
		.is_big_endian = true,
	};
	hash_digest(&method, first, second, ret_digest);
}

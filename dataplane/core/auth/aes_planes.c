// SPDX-License-Identifier: BSD-3-Clause
#include "core/auth/aes_planes.h"

struct aes_planes aes_planes_load(const uint8_t blocks[static AES_PLANE_LANES * AES_BLOCK])
{
	struct aes_planes p = {{0}};
	for (unsigned i = 0; i < AES_PLANE_LANES * AES_BLOCK; i++)
		for (unsigned b = 0; b < AES_PLANES; b++)
			p.bit[b] |= (uint64_t)(blocks[i] >> b & 1) << i;
	return p;
}

void aes_planes_store(
	const struct aes_planes *p, uint8_t ret_blocks[static AES_PLANE_LANES * AES_BLOCK])
{
	for (unsigned i = 0; i < AES_PLANE_LANES * AES_BLOCK; i++) {
		unsigned byte = 0;
		for (unsigned b = 0; b < AES_PLANES; b++)
			byte |= (unsigned)(p->bit[b] >> i & 1) << b;
		ret_blocks[i] = (uint8_t)byte;
	}
}

// A product of degree 14 brought below degree 8 by x^8 = x^4 + x^3 + x + 1.
static struct aes_planes reduce(uint64_t wide[static 2 * AES_PLANES - 1])
{
	struct aes_planes p;
	for (unsigned i = 2 * AES_PLANES - 2; i >= AES_PLANES; i--) {
		wide[i - 4] ^= wide[i];
		wide[i - 5] ^= wide[i];
		wide[i - 7] ^= wide[i];
		wide[i - 8] ^= wide[i];
	}
	for (unsigned b = 0; b < AES_PLANES; b++)
		p.bit[b] = wide[b];
	return p;
}

static struct aes_planes product(struct aes_planes x, struct aes_planes y)
{
	uint64_t wide[2 * AES_PLANES - 1] = {0};
	for (unsigned i = 0; i < AES_PLANES; i++)
		for (unsigned j = 0; j < AES_PLANES; j++)
			wide[i + j] ^= x.bit[i] & y.bit[j];
	return reduce(wide);
}

// In characteristic 2 the square of a sum is the sum of the squares.
static struct aes_planes square(struct aes_planes x)
{
	uint64_t wide[2 * AES_PLANES - 1] = {0};
	for (unsigned i = 0; i < AES_PLANES; i++)
		wide[2 * i] = x.bit[i];
	return reduce(wide);
}

// x^254 is the inverse of x, and 0 of 0.
static struct aes_planes inverse(struct aes_planes x)
{
	struct aes_planes x2 = square(x);
	struct aes_planes x3 = product(x2, x);
	struct aes_planes x12 = square(square(x3));
	struct aes_planes x15 = product(x12, x3);
	struct aes_planes x240 = square(square(square(square(x15))));
	return product(product(x240, x12), x2);
}

void aes_planes_substitute(struct aes_planes *p)
{
	struct aes_planes x = inverse(*p);
	for (unsigned b = 0; b < AES_PLANES; b++) {
		uint64_t sum = x.bit[b] ^ x.bit[(b + 4) % 8] ^ x.bit[(b + 5) % 8] ^
		               x.bit[(b + 6) % 8] ^ x.bit[(b + 7) % 8];
		p->bit[b] = 0x63 >> b & 1 ? ~sum : sum;
	}
}

// Byte 4c + r of a block is row r of column c. Row r turns by r columns.
static uint64_t rows_shift(uint64_t x)
{
	uint64_t row0 = x & 0x1111111111111111u;
	uint64_t row1 = (x >> 4 & 0x0222022202220222u) | (x << 12 & 0x2000200020002000u);
	uint64_t row2 = (x >> 8 & 0x0044004400440044u) | (x << 8 & 0x4400440044004400u);
	uint64_t row3 = (x >> 12 & 0x0008000800080008u) | (x << 4 & 0x8880888088808880u);
	return row0 | row1 | row2 | row3;
}

// Row r takes what row r + 1 of its column has; the same by two rows.
static uint64_t row_next(uint64_t x)
{
	return (x >> 1 & 0x7777777777777777u) | (x << 3 & 0x8888888888888888u);
}

static uint64_t row_second(uint64_t x)
{
	return (x >> 2 & 0x3333333333333333u) | (x << 2 & 0xccccccccccccccccu);
}

// FIPS 197 section 5.1.3: 2 a + 3 b + c + d is 2 (a + b) + b + c + d.
static void fastpath_mix(struct aes_planes *p)
{
	uint64_t twice[AES_PLANES];
	uint64_t rest[AES_PLANES];
	for (unsigned b = 0; b < AES_PLANES; b++) {
		uint64_t next = row_next(p->bit[b]);
		twice[b] = p->bit[b] ^ next;
		rest[b] = next ^ row_second(twice[b]);
	}
	for (unsigned b = 0; b < AES_PLANES; b++) {
		uint64_t carry = 0x1b >> b & 1 ? twice[7] : 0;
		p->bit[b] = rest[b] ^ carry ^ (b > 0 ? twice[b - 1] : 0);
	}
}

static void aes_planes_key_add(struct aes_planes *p,
	const struct aes_cmac_key *const keys[static AES_PLANE_LANES], unsigned round)
{
	for (unsigned b = 0; b < AES_PLANES; b++)
		for (unsigned lane = 0; lane < AES_PLANE_LANES; lane++)
			p->bit[b] ^= (uint64_t)keys[lane]->plane[round][b] << (16 * lane);
}

void aes_planes_encrypt(
	struct aes_planes *p, const struct aes_cmac_key *const keys[static AES_PLANE_LANES])
{
	unsigned rounds = keys[0]->rounds;
	aes_planes_key_add(p, keys, 0);
	for (unsigned round = 1; round <= rounds; round++) {
		aes_planes_substitute(p);
		for (unsigned b = 0; b < AES_PLANES; b++)
			p->bit[b] = rows_shift(p->bit[b]);
		if (round < rounds)
			fastpath_mix(p);
		aes_planes_key_add(p, keys, round);
	}
}

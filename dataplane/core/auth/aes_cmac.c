// SPDX-License-Identifier: BSD-3-Clause
#include "core/auth/aes_cmac.h"

#include <string.h>

#include "core/auth/aes_machine.h"
#include "core/auth/aes_planes.h"

enum aes_unit aes_unit_best(void)
{
	return aes_machine_is_there() ? AES_MACHINE : AES_PORTABLE;
}

// The S-box on the four bytes of a word of the key schedule.
static void word_substitute(uint8_t word[static 4])
{
	uint8_t bytes[AES_PLANE_LANES * AES_BLOCK] = {0};
	memcpy(bytes, word, 4);
	struct aes_planes p = aes_planes_load(bytes);
	aes_planes_substitute(&p);
	aes_planes_store(&p, bytes);
	memcpy(word, bytes, 4);
}

// FIPS 197 section 5.2: the words of all rounds' keys, each from the one before and the one a key's
// length before.
static void aes_cmac_schedule_make(struct aes_cmac_key *key, unsigned length)
{
	uint8_t *bytes = (uint8_t *)key->round;
	unsigned constant = 1;
	for (unsigned at = length; at < (key->rounds + 1) * AES_BLOCK; at += 4) {
		const uint8_t *last = bytes + at - 4;
		uint8_t word[4] = {last[0], last[1], last[2], last[3]};
		if (at % length == 0) {
			memcpy(word, (const uint8_t[4]){last[1], last[2], last[3], last[0]}, 4);
			word_substitute(word);
			word[0] ^= (uint8_t)constant;
			constant = constant << 1 ^ (0x11b & (0 - (constant >> 7)));
		} else if (length == AES_KEY_256 && at % length == AES_BLOCK) {
			word_substitute(word);
		}
		for (unsigned i = 0; i < 4; i++)
			bytes[at + i] = bytes[at + i - length] ^ word[i];
	}
}

// Twice the number in GF(2^128), RFC 4493 section 2.3, without a branch on its highest bit.
static void block_double(const uint8_t from[static AES_BLOCK], uint8_t to[static AES_BLOCK])
{
	unsigned carry = (unsigned)from[0] >> 7;
	for (unsigned i = 0; i < AES_BLOCK - 1; i++)
		to[i] = (uint8_t)(from[i] << 1 | from[i + 1] >> 7);
	to[AES_BLOCK - 1] = (uint8_t)((unsigned)from[AES_BLOCK - 1] << 1 ^ (0x87 & (0 - carry)));
}

static void planes_keep(struct aes_cmac_key *key)
{
	for (unsigned round = 0; round <= key->rounds; round++) {
		uint8_t bytes[AES_PLANE_LANES * AES_BLOCK] = {0};
		memcpy(bytes, key->round[round], AES_BLOCK);
		struct aes_planes p = aes_planes_load(bytes);
		for (unsigned b = 0; b < AES_PLANES; b++)
			key->plane[round][b] = (uint16_t)p.bit[b];
	}
}

void aes_cmac_key_init(struct aes_cmac_key *key, const uint8_t *bytes, enum aes_key_length length)
{
	uint8_t blocks[AES_PLANE_LANES * AES_BLOCK] = {0};
	const struct aes_cmac_key *keys[AES_PLANE_LANES] = {key, key, key, key};
	key->rounds = length == AES_KEY_256 ? AES_ROUNDS_256 : AES_ROUNDS_128;
	memcpy(key->round, bytes, length);
	aes_cmac_schedule_make(key, length);
	planes_keep(key);
	struct aes_planes p = aes_planes_load(blocks);
	aes_planes_encrypt(&p, keys);
	aes_planes_store(&p, blocks);
	block_double(blocks, key->last_whole);
	block_double(key->last_whole, key->last_padded);
}

static void planes_join(struct aes_planes *p, const struct aes_cmac_job *jobs, unsigned n, size_t i)
{
	uint8_t blocks[AES_PLANE_LANES * AES_BLOCK] = {0};
	for (unsigned lane = 0; lane < n; lane++)
		(void)aes_cmac_block(&jobs[lane], i, blocks + (size_t)AES_BLOCK * lane);
	struct aes_planes more = aes_planes_load(blocks);
	for (unsigned b = 0; b < AES_PLANES; b++)
		p->bit[b] ^= more.bit[b];
}

// The tags of the messages that end with block i.
static void planes_take(const struct aes_planes *p, struct aes_cmac_job *jobs, unsigned n, size_t i)
{
	uint8_t blocks[AES_PLANE_LANES * AES_BLOCK];
	aes_planes_store(p, blocks);
	for (unsigned lane = 0; lane < n; lane++)
		if (aes_cmac_blocks(jobs[lane].message.len) == i + 1)
			memcpy(jobs[lane].tag, blocks + (size_t)AES_BLOCK * lane, AES_CMAC_LENGTH);
}

static void planes_compute(struct aes_cmac_job *jobs, unsigned n)
{
	const struct aes_cmac_key *keys[AES_PLANE_LANES];
	struct aes_planes p = {{0}};
	size_t least = SIZE_MAX;
	size_t most = 0;
	for (unsigned lane = 0; lane < AES_PLANE_LANES; lane++) {
		const struct aes_cmac_job *j = &jobs[lane < n ? lane : 0];
		size_t blocks = aes_cmac_blocks(j->message.len);
		keys[lane] = j->key;
		least = blocks < least ? blocks : least;
		most = blocks > most ? blocks : most;
	}
	for (size_t i = 0; i < most; i++) {
		planes_join(&p, jobs, n, i);
		aes_planes_encrypt(&p, keys);
		if (i + 1 >= least)
			planes_take(&p, jobs, n, i);
	}
}

// How many jobs go side by side: from the first on, as many as have a key of its length.
static unsigned lanes_alike(const struct aes_cmac_job *jobs, unsigned n, unsigned lanes)
{
	unsigned some = 1;
	while (some < n && some < lanes && jobs[some].key->rounds == jobs[0].key->rounds)
		some++;
	return some;
}

void aes_cmac_compute(struct aes_cmac_job *jobs, unsigned n, enum aes_unit unit)
{
	bool by_machine = unit == AES_MACHINE && aes_machine_is_there();
	unsigned lanes = by_machine ? AES_CMAC_LANES : AES_PLANE_LANES;
	unsigned some;
	for (unsigned i = 0; i < n; i += some) {
		some = lanes_alike(&jobs[i], n - i, lanes);
		if (by_machine)
			aes_machine_compute(&jobs[i], some);
		else
			planes_compute(&jobs[i], some);
	}
}

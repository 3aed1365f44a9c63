// SPDX-License-Identifier: BSD-3-Clause
// What AES-CMAC's two ways of computing share: keys, jobs, and a message cut into blocks. See
// aes_cmac.h, which is for everyone else. Pure, any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/span.h"

#define AES_CMAC_LENGTH 16
#define AES_CMAC_LANES  8
#define AES_BLOCK       16
#define AES_ROUNDS_128  10
#define AES_ROUNDS_256  14
#define AES_ROUNDS_MAX  AES_ROUNDS_256

enum aes_key_length {
	AES_KEY_128 = 16, // bytes
	AES_KEY_256 = 32,
};

// All that can be computed from a key before a message is there.
struct aes_cmac_key {
	uint8_t round[AES_ROUNDS_MAX + 1][AES_BLOCK];
	uint8_t last_whole[AES_BLOCK];         // what a last block of 16 bytes is joined with: K1
	uint8_t last_padded[AES_BLOCK];        // the same of a shorter one: K2
	uint16_t plane[AES_ROUNDS_MAX + 1][8]; // bit b of the 16 bytes of each round's key
	unsigned rounds;
};

struct aes_cmac_job {
	const struct aes_cmac_key *key;
	struct span message;
	uint8_t tag[AES_CMAC_LENGTH]; // out
};

enum aes_unit {
	AES_PORTABLE, // any processor
	AES_MACHINE,  // the processor's own AES
};

// The blocks that a message of this length has: at least one.
static inline size_t aes_cmac_blocks(size_t length)
{
	return length == 0 ? 1 : (length + AES_BLOCK - 1) / AES_BLOCK;
}

// Block i of the job's message as CMAC joins it to the state: the last one padded and masked. False
// beyond the last: ret_block is then zero.
bool aes_cmac_block(const struct aes_cmac_job *j, size_t i, uint8_t ret_block[static AES_BLOCK]);

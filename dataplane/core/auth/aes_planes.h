// SPDX-License-Identifier: BSD-3-Clause
// AES on bit planes: the arithmetic of four blocks side by side in eight 64-bit words.
//
// Bit 16 * lane + i of plane b is bit b of byte i of that lane's block. Everything is AND, XOR and
// shifts of whole words, hence constant-time. Pure, any thread.
#pragma once

#include <stdint.h>

#include "core/auth/aes.h"

#define AES_PLANES      8
#define AES_PLANE_LANES 4

struct aes_planes {
	uint64_t bit[AES_PLANES];
};

// Packs the bytes of four blocks, and takes them apart again.
struct aes_planes aes_planes_load(const uint8_t blocks[static AES_PLANE_LANES * AES_BLOCK]);
void aes_planes_store(
	const struct aes_planes *p, uint8_t ret_blocks[static AES_PLANE_LANES * AES_BLOCK]);

// The S-box of FIPS 197 section 5.1.1 on every byte.
void aes_planes_substitute(struct aes_planes *p);

// Encrypts the four blocks; keys[lane] is each one's, all of one length.
void aes_planes_encrypt(
	struct aes_planes *p, const struct aes_cmac_key *const keys[static AES_PLANE_LANES]);

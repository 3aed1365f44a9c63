// SPDX-License-Identifier: BSD-3-Clause
// Integers as they stand on the wire: most significant byte first, no alignment.
//
// A wire structure is made of these and of byte arrays only, so it has no padding, needs no
// alignment, and may lie over any received bytes. A be32 is not a number until be32_get makes it
// one, so a forgotten swap does not compile. Written without loops: gcc 12 turns a byte loop into
// a byte loop, and these shifts into one load and one bswap. Pure, any thread.
#pragma once

#include <stdint.h>

struct be16 {
	uint8_t byte[2];
};

struct be32 {
	uint8_t byte[4];
};

struct be64 {
	uint8_t byte[8];
};

// The number in v.
static inline uint16_t be16_get(struct be16 v)
{
	return (uint16_t)(v.byte[0] << 8 | v.byte[1]);
}

// n as it goes onto the wire.
static inline struct be16 be16_put(uint16_t n)
{
	return (struct be16){{(uint8_t)(n >> 8), (uint8_t)n}};
}

// The number in v.
static inline uint32_t be32_get(struct be32 v)
{
	return (uint32_t)v.byte[0] << 24 | (uint32_t)v.byte[1] << 16 | (uint32_t)v.byte[2] << 8 |
	       (uint32_t)v.byte[3];
}

// n as it goes onto the wire.
static inline struct be32 be32_put(uint32_t n)
{
	return (struct be32){
		{(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}

// The number in v.
static inline uint64_t be64_get(struct be64 v)
{
	return (uint64_t)v.byte[0] << 56 | (uint64_t)v.byte[1] << 48 | (uint64_t)v.byte[2] << 40 |
	       (uint64_t)v.byte[3] << 32 | (uint64_t)v.byte[4] << 24 | (uint64_t)v.byte[5] << 16 |
	       (uint64_t)v.byte[6] << 8 | (uint64_t)v.byte[7];
}

// n as it goes onto the wire.
static inline struct be64 be64_put(uint64_t n)
{
	return (struct be64){
		{(uint8_t)(n >> 56), (uint8_t)(n >> 48), (uint8_t)(n >> 40), (uint8_t)(n >> 32),
			(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}

// SPDX-License-Identifier: BSD-3-Clause
// The Internet checksum (RFC 1071) in 64-bit arithmetic.
//
// A sum is kept as a 64-bit one's complement number in the byte order of memory; sums of pieces may
// be added in any order with checksum_join as long as every piece but the last has even length.
// Memory order is enough: the checksum is the same sum in either order, stored the way it was
// loaded (RFC 1071 section 2, "byte order independence"). Pure, any thread.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/wire_int.h"

// a + b with the carry brought round.
static inline uint64_t checksum_join(uint64_t a, uint64_t b)
{
	uint64_t sum = a + b;
	return sum + (sum < a);
}

// The 8 bytes at p as one term of a sum.
static inline uint64_t checksum_load64(const uint8_t *p)
{
	uint64_t term;
	memcpy(&term, p, sizeof(term));
	return term;
}

// The 4 bytes at p as one term of a sum.
static inline uint64_t checksum_load32(const uint8_t *p)
{
	uint32_t term;
	memcpy(&term, p, sizeof(term));
	return term;
}

// The 2 bytes at p as one term of a sum.
static inline uint64_t checksum_load16(const uint8_t *p)
{
	uint16_t term;
	memcpy(&term, p, sizeof(term));
	return term;
}

// A number in host order as the term it makes once it stands on the wire.
static inline uint64_t checksum_term16(uint16_t host)
{
	struct be16 wire = be16_put(host);
	return checksum_load16(wire.byte);
}

// A 64-bit number as the eight bytes it makes on the wire, held in a register: a word that is built
// so can be stored and summed without being loaded back.
static inline uint64_t checksum_term64(uint64_t host)
{
	struct be64 wire = be64_put(host);
	return checksum_load64(wire.byte);
}

// Folds a sum to 16 bits, in memory order, not complemented: 0xffff means "intact" where the
// summed bytes held their own checksum. Adding a number to itself turned by half its width leaves
// the end-around sum of its halves in the upper half.
static inline uint16_t checksum_fold(uint64_t sum)
{
	uint32_t word = (uint32_t)((sum + (sum << 32 | sum >> 32)) >> 32);
	return (uint16_t)((word + (word << 16 | word >> 16)) >> 16);
}

// The checksum field for a sum over everything else, in wire bytes. For UDP, where 0 means "none"
// (RFC 768), ask checksum_field_udp.
static inline struct be16 checksum_field(uint64_t sum)
{
	uint16_t memory = (uint16_t)~checksum_fold(sum);
	struct be16 field;
	memcpy(field.byte, &memory, sizeof(field.byte));
	return field;
}

// The same for UDP: a computed 0 is sent as 0xffff (RFC 768).
static inline struct be16 checksum_field_udp(uint64_t sum)
{
	uint16_t memory = (uint16_t)~checksum_fold(sum);
	if (memory == 0)
		memory = UINT16_MAX;
	struct be16 field;
	memcpy(field.byte, &memory, sizeof(field.byte));
	return field;
}

// The sum of the 56 bytes at p: a UDP datagram with an NTP message that has nothing behind it.
static inline uint64_t checksum_56_bytes(const uint8_t *p)
{
	uint64_t a = checksum_join(checksum_load64(p), checksum_load64(p + 8));
	uint64_t b = checksum_join(checksum_load64(p + 16), checksum_load64(p + 24));
	uint64_t c = checksum_join(checksum_load64(p + 32), checksum_load64(p + 40));
	return checksum_join(checksum_join(a, b), checksum_join(c, checksum_load64(p + 48)));
}

// The sum of the n bytes at p, an odd last byte padded with zero.
uint64_t checksum_bytes(const uint8_t *p, size_t n);

// SPDX-License-Identifier: BSD-3-Clause
// Vectors of four 64-bit words, one of each of four frames.
//
// Written with the compiler's own vectors, so one text serves every machine; LANES_CLONES has a
// function compiled once for each class of x86-64 and chosen when the program is loaded. Words are
// in the byte order of memory, which must be the little end first: shifts move bytes between
// fields.
#pragma once

#include <assert.h>
#include <stdint.h>
#include <string.h>

#define LANES      4
#define EVERY_LANE ((1u << LANES) - 1)

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the columns' shifts take it for granted");

typedef uint64_t lanes __attribute__((vector_size(8 * LANES)));
typedef int64_t lanes_signed __attribute__((vector_size(8 * LANES)));
typedef uint8_t lanes_bytes __attribute__((vector_size(8 * LANES)));

// How vectors are passed to functions differs between the classes; none is, all are inlined.
#pragma GCC diagnostic ignored "-Wpsabi"

// Inlined in any case: code for one class of machines may not call code for another.
#define LANES_INLINE static inline __attribute__((always_inline))

// A resolver of clones runs before the thread sanitizer is ready for it.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define LANES_CLONES                                                                               \
	__attribute__((                                                                            \
		target_clones("arch=x86-64-v4", "arch=x86-64-v3", "arch=x86-64-v2", "default")))
#else
#define LANES_CLONES
#endif

LANES_INLINE lanes lanes_load(const uint64_t words[static LANES])
{
	lanes v;
	memcpy(&v, words, sizeof(v));
	return v;
}

LANES_INLINE void lanes_store(uint64_t words[static LANES], lanes v)
{
	memcpy(words, &v, sizeof(v));
}

// The same word in every lane.
LANES_INLINE lanes lanes_all(uint64_t word)
{
	return (lanes){word, word, word, word};
}

// Four vectors: four rows of a frame each, or four columns. Named, not an array: what has an
// address stays in memory.
struct lanes_four {
	lanes a, b, c, d;
};

// Rows become columns: lane i of one is lane k of another. Turning twice turns back.
LANES_INLINE struct lanes_four lanes_transpose(struct lanes_four v)
{
	lanes even_ab = __builtin_shufflevector(v.a, v.b, 0, 4, 2, 6);
	lanes odd_ab = __builtin_shufflevector(v.a, v.b, 1, 5, 3, 7);
	lanes even_cd = __builtin_shufflevector(v.c, v.d, 0, 4, 2, 6);
	lanes odd_cd = __builtin_shufflevector(v.c, v.d, 1, 5, 3, 7);
	return (struct lanes_four){
		.a = __builtin_shufflevector(even_ab, even_cd, 0, 1, 4, 5),
		.b = __builtin_shufflevector(odd_ab, odd_cd, 0, 1, 4, 5),
		.c = __builtin_shufflevector(even_ab, even_cd, 2, 3, 6, 7),
		.d = __builtin_shufflevector(odd_ab, odd_cd, 2, 3, 6, 7),
	};
}

// The frames of four lanes, by value: what is stored between could be pointers else.
struct lanes_frames {
	uint8_t *a, *b, *c, *d;
};

LANES_INLINE struct lanes_frames lanes_frames_of(uint8_t *const data[static LANES])
{
	return (struct lanes_frames){data[0], data[1], data[2], data[3]};
}

LANES_INLINE lanes lanes_row(const uint8_t *at)
{
	lanes row;
	memcpy(&row, at, sizeof(row));
	return row;
}

// 32 bytes of each frame, from `offset` on, as four columns.
LANES_INLINE struct lanes_four lanes_take(struct lanes_frames f, unsigned offset)
{
	return lanes_transpose((struct lanes_four){lanes_row(f.a + offset), lanes_row(f.b + offset),
		lanes_row(f.c + offset), lanes_row(f.d + offset)});
}

// Every 64-bit word with its bytes in the other order.
LANES_INLINE lanes lanes_swap(lanes v)
{
	lanes_bytes b = (lanes_bytes)v;
	return (lanes)__builtin_shufflevector(b, b, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10,
		9, 8, 23, 22, 21, 20, 19, 18, 17, 16, 31, 30, 29, 28, 27, 26, 25, 24);
}

// The sum of both halves: a term for a one's complement sum that cannot overflow.
LANES_INLINE lanes lanes_halves(lanes v)
{
	return (v & UINT32_MAX) + (v >> 32);
}

// A one's complement sum of up to 255 words, still in two parts.
struct lanes_sum {
	lanes all;   // modulo 2^64
	lanes upper; // of the upper halves
};

LANES_INLINE struct lanes_sum lanes_sum_add(struct lanes_sum s, lanes word)
{
	return (struct lanes_sum){s.all + word, s.upper + (word >> 32)};
}

// The sum of all halves: under 2^41.
LANES_INLINE lanes lanes_sum_end(struct lanes_sum s)
{
	return s.all - (s.upper << 32) + s.upper;
}

// A sum under 2^41, folded to at most 0x10000: 0xffff if and only if it is a multiple
// of 0xffff and not 0.
LANES_INLINE lanes lanes_fold(lanes sum)
{
	sum = lanes_halves(sum);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	return (sum & UINT16_MAX) + (sum >> 16);
}

// The checksum field for such a sum over everything else.
LANES_INLINE lanes lanes_checksum(lanes sum)
{
	sum = lanes_fold(sum);
	return ~(sum + (sum >> 16)) & UINT16_MAX;
}

// All ones in the lanes where a equals b.
LANES_INLINE lanes lanes_equal(lanes a, lanes b)
{
	return (lanes)(a == b);
}

// Bit i: lane i is zero.
LANES_INLINE unsigned lanes_are_zero(lanes v)
{
	lanes bits = lanes_equal(v, lanes_all(0)) & (lanes){1, 2, 4, 8};
	bits |= __builtin_shufflevector(bits, bits, 2, 3, 0, 1);
	return (unsigned)(bits[0] | bits[1]);
}

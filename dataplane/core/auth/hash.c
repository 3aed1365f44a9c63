// SPDX-License-Identifier: BSD-3-Clause
#include "core/auth/hash.h"

#include <string.h>

// A message on its way: the state, and what does not fill a block yet.
struct stream {
	const struct hash_method *method;
	uint32_t state[HASH_WORDS];
	uint64_t length;
	uint8_t block[HASH_BLOCK];
};

static void stream_add(struct stream *s, struct span bytes)
{
	while (bytes.len > 0) {
		size_t used = (size_t)(s->length % HASH_BLOCK);
		size_t n = HASH_BLOCK - used < bytes.len ? HASH_BLOCK - used : bytes.len;
		memcpy(s->block + used, span_take(&bytes, n), n);
		s->length += n;
		if (used + n == HASH_BLOCK)
			s->method->compress(s->state, s->block);
	}
}

static void number_store(bool is_big_endian, uint64_t number, unsigned bytes, uint8_t *to)
{
	for (unsigned i = 0; i < bytes; i++)
		to[is_big_endian ? bytes - 1 - i : i] = (uint8_t)(number >> (8 * i));
}

// A bit of one, zeros, and the length in bits at the end of a block.
static void stream_end(struct stream *s)
{
	static const uint8_t one_and_zeros[HASH_BLOCK] = {0x80};
	uint8_t length[8];
	number_store(s->method->is_big_endian, s->length * 8, sizeof(length), length);
	size_t used = (size_t)(s->length % HASH_BLOCK);
	size_t end = HASH_BLOCK - sizeof(length);
	size_t fill = used < end ? end - used : HASH_BLOCK + end - used;
	stream_add(s, (struct span){one_and_zeros, fill});
	stream_add(s, (struct span){length, sizeof(length)});
}

void hash_digest(
	const struct hash_method *m, struct span first, struct span second, uint8_t *ret_digest)
{
	struct stream s = {.method = m};
	memcpy(s.state, m->initial, sizeof(s.state));
	stream_add(&s, first);
	stream_add(&s, second);
	stream_end(&s);
	for (unsigned i = 0; i < m->words; i++)
		number_store(m->is_big_endian, s.state[i], 4, ret_digest + (size_t)4 * i);
}

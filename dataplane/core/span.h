// SPDX-License-Identifier: BSD-3-Clause
// Bytes that were received, and the only way to get at them: take n, or get nothing.
//
// A span never grows. Whoever holds an address from span_take may touch exactly the n bytes that
// were asked for; no caller computes an offset of its own. Pure, any thread.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct span {
	const uint8_t *at; // first byte not yet taken
	size_t len;        // bytes left
};

// The next n bytes of s, which is shortened by them; NULL, with s unchanged, if fewer are left.
static inline const uint8_t *span_take(struct span *s, size_t n)
{
	if (n > s->len)
		return NULL;
	const uint8_t *taken = s->at;
	s->at += n;
	s->len -= n;
	return taken;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "core/checksum.h"

// Piece by piece: eight bytes that were just stored one by one are loaded only when all have
// arrived.
static uint64_t checksum_tail(const uint8_t *p, size_t n)
{
	uint64_t sum = 0;
	if ((n & 4) != 0)
		sum = checksum_load32(p);
	p += n & 4;
	if ((n & 2) != 0)
		sum += checksum_load16(p);
	p += n & 2;
	if ((n & 1) != 0)
		sum += *p;
	return sum;
}

uint64_t checksum_bytes(const uint8_t *p, size_t n)
{
	uint64_t sum = 0;
	for (; n >= 8; p += 8, n -= 8)
		sum = checksum_join(sum, checksum_load64(p));
	return n == 0 ? sum : checksum_join(sum, checksum_tail(p, n));
}

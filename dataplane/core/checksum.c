// SPDX-License-Identifier: BSD-3-Clause
#include "core/checksum.h"

static uint64_t checksum_tail(const uint8_t *p, size_t n)
{
	uint8_t tail[8] = {0};
	for (size_t i = 0; i < n; i++)
		tail[i] = p[i];
	return checksum_load64(tail);
}

uint64_t checksum_bytes(const uint8_t *p, size_t n)
{
	uint64_t sum = 0;
	for (; n >= 8; p += 8, n -= 8)
		sum = checksum_join(sum, checksum_load64(p));
	return n == 0 ? sum : checksum_join(sum, checksum_tail(p, n));
}

// SPDX-License-Identifier: BSD-3-Clause
#include "harness/slow_checksum.h"

uint16_t slow_sum16(uint16_t sum, uint16_t n)
{
	uint32_t wide = (uint32_t)sum + n;
	if (wide > 0xffff)
		wide -= 0xffff;
	return (uint16_t)wide;
}

uint16_t slow_sum(uint16_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i += 2) {
		uint16_t low = i + 1 < n ? p[i + 1] : 0;
		sum = slow_sum16(sum, (uint16_t)(p[i] * 256 + low));
	}
	return sum;
}

uint16_t slow_pseudo_sum(
	int is_ip6, const uint8_t *source, const uint8_t *destination, size_t udp_length)
{
	size_t address = is_ip6 ? 16 : 4;
	uint16_t sum = slow_sum(0, source, address);
	sum = slow_sum(sum, destination, address);
	sum = slow_sum16(sum, (uint16_t)(udp_length >> 16));
	sum = slow_sum16(sum, (uint16_t)udp_length);
	return slow_sum16(sum, 17);
}

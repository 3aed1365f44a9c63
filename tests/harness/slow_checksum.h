// SPDX-License-Identifier: BSD-3-Clause
// The Internet checksum as RFC 1071 section 1 says it: 16-bit words in network order, one at a
// time, carry brought round after each. Slow, and sharing nothing with the core's.
#pragma once

#include <stddef.h>
#include <stdint.h>

// sum + the n bytes at p, an odd last byte padded with zero. Start with 0.
uint16_t slow_sum(uint16_t sum, const uint8_t *p, size_t n);

// sum + one 16-bit number.
uint16_t slow_sum16(uint16_t sum, uint16_t n);

// The sum of the pseudo-header of a UDP datagram of udp_length bytes (RFC 768; RFC 8200 8.1).
// Addresses are 4 bytes each, or 16 with is_ip6.
uint16_t slow_pseudo_sum(
	int is_ip6, const uint8_t *source, const uint8_t *destination, size_t udp_length);

// SPDX-License-Identifier: BSD-3-Clause
// Sources: checksum
// Seconds: 5
#include "proof.h"

#include "core/checksum.h"

// RFC 1071 as it is written: carries are brought round until there are none.
static uint16_t fold_slowly(uint64_t sum)
{
	sum = (sum >> 32) + (sum & UINT32_MAX);
	sum = (sum >> 16) + (sum & UINT16_MAX);
	sum = (sum >> 16) + (sum & UINT16_MAX);
	sum = (sum >> 16) + (sum & UINT16_MAX);
	return (uint16_t)sum;
}

int main(void)
{
	uint64_t sum = nondet_uint64();
	uint16_t folded = checksum_fold(sum);
	claim(folded == fold_slowly(sum));
	claim((folded == 0) == (sum == 0));
	struct be16 udp = checksum_field_udp(sum);
	claim(udp.byte[0] != 0 || udp.byte[1] != 0);
	// The sums themselves: no byte outside, whatever the length.
	size_t n = nondet_size();
	assume(n <= 64);
	struct proof_room room;
	uint8_t *bytes = proof_bytes(&room, n);
	(void)checksum_bytes(bytes, n);
	if (n == 56)
		(void)checksum_56_bytes(bytes);
#ifdef CANARY
	claim(folded != 0xfffe);
#endif
	return 0;
}

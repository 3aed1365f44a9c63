// SPDX-License-Identifier: BSD-3-Clause
#include "core/auth/aes_machine.h"

#include <string.h>

#if defined(__x86_64__)

typedef long long block __attribute__((vector_size(AES_BLOCK)));

#define WITH_AES __attribute__((target("aes,sse2")))

bool aes_machine_is_there(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("aes") != 0;
}

WITH_AES static block block_load(const uint8_t *from)
{
	block b;
	memcpy(&b, from, sizeof(b));
	return b;
}

// What every lane does with its next block. Those behind n, and those whose message has ended, work
// on zeros: what they make is looked at no more.
struct lanes_of_aes {
	block state[AES_CMAC_LANES];
	const struct aes_cmac_key *key[AES_CMAC_LANES];
};

WITH_AES static void lanes_join(
	struct lanes_of_aes *l, const struct aes_cmac_job *jobs, unsigned n, size_t i)
{
	uint8_t bytes[AES_BLOCK];
	for (unsigned lane = 0; lane < n; lane++) {
		(void)aes_cmac_block(&jobs[lane], i, bytes);
		l->state[lane] ^= block_load(bytes);
	}
}

// Unrolled, so that the states stay in registers; made once for each number of rounds.
WITH_AES static inline __attribute__((always_inline)) void lanes_encrypt_rounds(
	struct lanes_of_aes *l, unsigned rounds)
{
	block s[AES_CMAC_LANES];
#pragma GCC unroll 8
	for (unsigned lane = 0; lane < AES_CMAC_LANES; lane++)
		s[lane] = l->state[lane] ^ block_load(l->key[lane]->round[0]);
	for (unsigned round = 1; round < rounds; round++) {
#pragma GCC unroll 8
		for (unsigned lane = 0; lane < AES_CMAC_LANES; lane++)
			s[lane] = __builtin_ia32_aesenc128(
				s[lane], block_load(l->key[lane]->round[round]));
	}
#pragma GCC unroll 8
	for (unsigned lane = 0; lane < AES_CMAC_LANES; lane++)
		l->state[lane] = __builtin_ia32_aesenclast128(
			s[lane], block_load(l->key[lane]->round[rounds]));
}

WITH_AES static void lanes_encrypt(struct lanes_of_aes *l)
{
	if (l->key[0]->rounds == AES_ROUNDS_128)
		lanes_encrypt_rounds(l, AES_ROUNDS_128);
	else
		lanes_encrypt_rounds(l, AES_ROUNDS_256);
}

// The same for a message alone.
WITH_AES static void one_encrypt(block *state, const struct aes_cmac_key *key)
{
	block s = *state ^ block_load(key->round[0]);
	for (unsigned round = 1; round < key->rounds; round++)
		s = __builtin_ia32_aesenc128(s, block_load(key->round[round]));
	*state = __builtin_ia32_aesenclast128(s, block_load(key->round[key->rounds]));
}

WITH_AES static void one_compute(struct aes_cmac_job *j)
{
	block state = {0};
	uint8_t bytes[AES_BLOCK];
	for (size_t i = 0; aes_cmac_block(j, i, bytes); i++) {
		state ^= block_load(bytes);
		one_encrypt(&state, j->key);
	}
	memcpy(j->tag, &state, sizeof(state));
}

void aes_machine_compute(struct aes_cmac_job *jobs, unsigned n)
{
	struct lanes_of_aes l;
	size_t most = 0;
	if (n == 1) {
		one_compute(&jobs[0]);
		return;
	}
	memset(l.state, 0, sizeof(l.state));
	for (unsigned lane = 0; lane < AES_CMAC_LANES; lane++) {
		const struct aes_cmac_job *j = &jobs[lane < n ? lane : 0];
		size_t blocks = aes_cmac_blocks(j->message.len);
		l.key[lane] = j->key;
		most = blocks > most ? blocks : most;
	}
	for (size_t i = 0; i < most; i++) {
		lanes_join(&l, jobs, n, i);
		lanes_encrypt(&l);
		for (unsigned lane = 0; lane < n; lane++)
			if (aes_cmac_blocks(jobs[lane].message.len) == i + 1)
				memcpy(jobs[lane].tag, &l.state[lane], AES_CMAC_LENGTH);
	}
}

#else

// Other processors go through the bit planes.
bool aes_machine_is_there(void)
{
	return false;
}

void aes_machine_compute(struct aes_cmac_job *jobs, unsigned n)
{
	(void)jobs;
	(void)n;
}

#endif

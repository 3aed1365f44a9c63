// SPDX-License-Identifier: BSD-3-Clause
#include "core/auth/aes.h"

#include <string.h>

bool aes_cmac_block(const struct aes_cmac_job *j, size_t i, uint8_t ret_block[static AES_BLOCK])
{
	size_t blocks = aes_cmac_blocks(j->message.len);
	memset(ret_block, 0, AES_BLOCK);
	if (i >= blocks)
		return false;
	size_t left = j->message.len - i * AES_BLOCK;
	bool is_whole = left >= AES_BLOCK;
	if (left > 0)
		memcpy(ret_block, j->message.at + i * AES_BLOCK, is_whole ? AES_BLOCK : left);
	if (i + 1 < blocks)
		return true;
	const uint8_t *mask = is_whole ? j->key->last_whole : j->key->last_padded;
	if (!is_whole)
		ret_block[left] = 0x80;
	for (unsigned k = 0; k < AES_BLOCK; k++)
		ret_block[k] ^= mask[k];
	return true;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "verify_key.h"

#include <string.h>
#include <strings.h>

#include "core/md5.h"
#include "core/sha1.h"
#include "core/sha256.h"
#include "core/wire_int.h"
#include "values.h"

#define ID_DIGITS 10

static bool id_read(const char *text, size_t length, uint32_t *ret_id)
{
	char digits[ID_DIGITS + 1] = "";
	uint64_t n;
	if (length > ID_DIGITS)
		return false;
	memcpy(digits, text, length);
	if (!value_read_count(digits, 1, UINT32_MAX, &n))
		return false;
	*ret_id = (uint32_t)n;
	return true;
}

static bool type_read(const char *text, size_t length, enum key_type *ret_type)
{
	for (unsigned type = 0; type < KEY_TYPES; type++) {
		const char *name = key_type_text((enum key_type)type);
		if (strlen(name) != length || strncasecmp(name, text, length) != 0)
			continue;
		*ret_type = (enum key_type)type;
		return true;
	}
	return false;
}

static int digit_value(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;
	if (at == NULL)
		return -1;
	return at - digits < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

static bool secret_read(const char *text, struct key *k)
{
	uint8_t bytes[KEY_SECRET_MAX];
	size_t length = strlen(text) / 2;
	if (length == 0 || length > sizeof(bytes) || strlen(text) % 2 != 0)
		return false;
	for (size_t i = 0; i < length; i++) {
		int high = digit_value(text[2 * i]);
		int low = digit_value(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	k->secret_length = (uint16_t)length;
	if (k->type != KEY_AES128)
		memcpy(k->secret, bytes, length);
	else if (length == AES_CMAC_KEY)
		aes_cmac_key_init(&k->aes, bytes);
	return k->type != KEY_AES128 || length == AES_CMAC_KEY;
}

bool verify_key_read(const char *text, struct key *ret_key)
{
	struct key k = {.id = 0};
	const char *type = strchr(text, ':');
	const char *secret = type != NULL ? strchr(type + 1, ':') : NULL;
	if (secret == NULL || !id_read(text, (size_t)(type - text), &k.id) ||
		!type_read(type + 1, (size_t)(secret - type - 1), &k.type) ||
		!secret_read(secret + 1, &k))
		return false;
	*ret_key = k;
	return true;
}

unsigned verify_code_length(const struct key *k)
{
	unsigned digest = key_digest_length(k->type);
	return digest < VERIFY_CODE_MAX - VERIFY_CODE_ID ? VERIFY_CODE_ID + digest :
	                                                   VERIFY_CODE_MAX;
}

static void cmac_make(const struct key *k, struct span message, uint8_t *ret_digest)
{
	struct aes_cmac_job job = {.key = &k->aes, .message = message};
	aes_cmac_compute(&job, 1, aes_unit_best());
	memcpy(ret_digest, job.tag, sizeof(job.tag));
}

void verify_code_write(
	const struct key *k, const uint8_t *message, size_t length, uint8_t *ret_code)
{
	uint8_t digest[KEY_DIGEST_MAX];
	struct span secret = {k->secret, k->secret_length};
	struct span text = {message, length};
	struct be32 id = be32_put(k->id);
	switch (k->type) {
	case KEY_MD5:
		md5_digest(secret, text, digest);
		break;
	case KEY_SHA1:
		sha1_digest(secret, text, digest);
		break;
	case KEY_SHA256:
		sha256_digest(secret, text, digest);
		break;
	case KEY_AES128:
		cmac_make(k, text, digest);
		break;
	case KEY_TYPES:
		return;
	}
	memcpy(ret_code, id.byte, sizeof(id));
	memcpy(ret_code + sizeof(id), digest, verify_code_length(k) - sizeof(id));
}

// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/key.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/auth/aes_cmac.h"
#include "core/wire_int.h"
#include "keys/keys_line.h"

// A keys file's line has more words, and more names for a type.
#define NOT_HERE " \t\r\n\v\f#"
#define LINE     (2 * KEY_SECRET_MAX + 64)

static bool key_is_type(const char *text, size_t length, enum key_type type)
{
	const char *name = key_type_text(type);
	return strlen(name) == length && strncasecmp(name, text, length) == 0;
}

bool key_read(const char *text, struct key *ret_key)
{
	char line[LINE];
	struct key k = {.id = 0};
	bool is_key = false;
	const char *type = strchr(text, ':');
	const char *secret = type != NULL ? strchr(type + 1, ':') : NULL;
	if (secret == NULL || strpbrk(text, NOT_HERE) != NULL)
		return false;
	int n = snprintf(line, sizeof(line), "%.*s %.*s HEX:%s", (int)(type - text), text,
		(int)(secret - type - 1), type + 1, secret + 1);
	if (n >= (int)sizeof(line) || keys_line_read(line, &is_key, &k) != NULL || !is_key ||
		!key_is_type(type + 1, (size_t)(secret - type - 1), k.type))
		return false;
	*ret_key = k;
	return true;
}

unsigned key_code_length(const struct key *k)
{
	unsigned digest = key_digest_length(k->type);
	return digest < KEY_CODE_MAX - KEY_ID_LENGTH ? KEY_ID_LENGTH + digest : KEY_CODE_MAX;
}

static void cmac_make(const struct key *k, struct span message, uint8_t *ret_digest)
{
	struct aes_cmac_job job = {.key = &k->aes, .message = message};
	aes_cmac_compute(&job, 1, aes_unit_best());
	memcpy(ret_digest, job.tag, sizeof(job.tag));
}

void key_code_write(const struct key *k, const uint8_t *message, size_t length, uint8_t *ret_code)
{
	uint8_t digest[KEY_DIGEST_MAX];
	struct span text = {message, length};
	struct be32 id = be32_put(k->id);
	if (key_is_cmac(k->type))
		cmac_make(k, text, digest);
	else
		key_hash(k, text, digest);
	memcpy(ret_code, id.byte, sizeof(id));
	memcpy(ret_code + sizeof(id), digest, key_code_length(k) - sizeof(id));
}

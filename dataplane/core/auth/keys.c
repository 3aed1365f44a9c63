// SPDX-License-Identifier: BSD-3-Clause
#include "core/auth/keys.h"

static const struct {
	enum aes_key_length cmac_secret; // 0: a hash
	enum digest_method method;
} kinds[KEY_TYPES] = {
	[KEY_MD5] = {.method = DIGEST_MD5},
	[KEY_SHA1] = {.method = DIGEST_SHA1},
	[KEY_SHA256] = {.method = DIGEST_SHA256},
	[KEY_AES128] = {.cmac_secret = AES_KEY_128},
	[KEY_SHA384] = {.method = DIGEST_SHA384},
	[KEY_SHA512] = {.method = DIGEST_SHA512},
	[KEY_AES256] = {.cmac_secret = AES_KEY_256},
};

static const struct word types[KEY_TYPES] = {
	[KEY_MD5] = {"MD5", "MD5 over key and message"},
	[KEY_SHA1] = {"SHA1", "SHA-1 over key and message"},
	[KEY_SHA256] = {"SHA256", "SHA-256 over key and message"},
	[KEY_AES128] = {"AES128", "AES-128-CMAC (RFC 8573)"},
	[KEY_SHA384] = {"SHA384", "SHA-384 over key and message"},
	[KEY_SHA512] = {"SHA512", "SHA-512 over key and message"},
	[KEY_AES256] = {"AES256", "AES-256-CMAC"},
};
const struct word_table key_type_words = WORD_TABLE("key_type", types);

#define TRUNCATED 20

const struct key *keys_find(const struct keys *keys, uint32_t id)
{
	if (keys == NULL)
		return NULL;
	unsigned low = 0;
	unsigned high = keys->count;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (keys->id[middle] == id)
			return &keys->key[middle];
		if (keys->id[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool key_is_cmac(enum key_type type)
{
	return kinds[type].cmac_secret != 0;
}

unsigned key_secret_length(enum key_type type)
{
	return kinds[type].cmac_secret;
}

void key_prepare(struct key *k, enum key_type type, struct span secret)
{
	k->type = type;
	if (key_is_cmac(type))
		aes_cmac_key_init(&k->aes, secret.at, kinds[type].cmac_secret);
	else
		digest_begin(&k->digest, kinds[type].method, secret);
}

unsigned key_digest_length(enum key_type type)
{
	return key_is_cmac(type) ? AES_CMAC_LENGTH : digest_length(kinds[type].method);
}

bool key_has_length(const struct key *k, size_t n)
{
	unsigned whole = key_digest_length(k->type);
	return n == whole || (n == TRUNCATED && whole > TRUNCATED);
}

void key_hash(const struct key *k, struct span message, uint8_t *ret_digest)
{
	digest_finish(&k->digest, message, ret_digest);
}

const char *key_type_text(enum key_type type)
{
	return word_text(&key_type_words, type);
}

void key_handover_publish(struct key_handover *p, const struct keys *keys)
{
	// Pairs with key_handover_adopt: who sees the pointer sees the table.
	atomic_store_explicit(&p->given, keys, memory_order_release);
}

bool key_handover_is_adopted(const struct key_handover *p)
{
	const struct keys *given = atomic_load_explicit(&p->given, memory_order_relaxed);
	// Pairs with key_handover_adopt: the worker's last look at the old table is over.
	return atomic_load_explicit(&p->taken, memory_order_acquire) == given;
}

bool key_handover_adopt(struct key_handover *p, const struct keys **ret_keys)
{
	const struct keys *given = atomic_load_explicit(&p->given, memory_order_acquire);
	if (given == atomic_load_explicit(&p->taken, memory_order_relaxed))
		return false;
	*ret_keys = given;
	atomic_store_explicit(&p->taken, given, memory_order_release);
	return true;
}

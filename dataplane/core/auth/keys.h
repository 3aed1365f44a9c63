// SPDX-License-Identifier: BSD-3-Clause
// The table of symmetric keys that workers look up (RFC 5905 7.3), and how it changes hands.
//
// Control builds a table, gives it to every worker and never changes it again. A worker takes a new
// one between two bursts and says so; then control frees the old one. Counters are per worker and
// slot; a key keeps its slot for as long as its id stays in the file.
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/auth/aes_cmac.h"
#include "core/auth/digest.h"
#include "core/words.h"

#define KEYS_MAX       1024
#define KEY_SLOTS      (2 * KEYS_MAX) // so that a table of all new keys finds its slots free
#define KEY_SECRET_MAX 256            // bytes
#define KEY_DIGEST_MAX DIGEST_LENGTH_MAX
#define KEY_ID_LENGTH  4 // of the number before a digest

enum key_type {
	KEY_MD5,
	KEY_SHA1,
	KEY_SHA256,
	KEY_AES128, // CMAC, RFC 8573
	KEY_SHA384,
	KEY_SHA512,
	KEY_AES256, // CMAC
	KEY_TYPES
};

// All that can be computed from the secret, which is not kept.
struct key {
	uint32_t id;   // 1 to 2^32 - 1
	uint16_t slot; // of its counters
	enum key_type type;
	union {
		struct digest digest;
		struct aes_cmac_key aes; // where key_is_cmac
	};
};

// Sorted by id, no id twice.
struct keys {
	unsigned count;
	enum aes_unit unit;
	uint32_t id[KEYS_MAX]; // of key[i], close together for the search
	struct key key[KEYS_MAX];
};

struct key_counters {
	alignas(128) _Atomic uint64_t right[KEY_SLOTS]; // writer: worker; readers: anyone
	_Atomic uint64_t wrong[KEY_SLOTS];              // writer: worker; readers: anyone
};

// Where one worker gets its table.
struct key_handover {
	_Atomic(const struct keys *) given; // writer: control; reader: worker
	_Atomic(const struct keys *) taken; // writer: worker; reader: control
};

// The key of this id, in at most eleven steps; NULL if there is none or keys is NULL. Any thread.
const struct key *keys_find(const struct keys *keys, uint32_t id);

// Whether a type's codes are computed of many messages at once (aes_cmac.h).
bool key_is_cmac(enum key_type type);

// Bytes that a secret of this type has; 0: any number up to KEY_SECRET_MAX.
unsigned key_secret_length(enum key_type type);

// Makes k one of this type, by a secret as long as key_secret_length says; id and slot stay. Main
// thread.
void key_prepare(struct key *k, enum key_type type, struct span secret);

// Bytes of a type's whole digest.
unsigned key_digest_length(enum key_type type);

// Whether a digest of n bytes is one of this type's: the whole, or the first 20 of a longer one,
// which is how much NTPv4 has room for beside extension fields.
bool key_has_length(const struct key *k, size_t n);

// The digest of message with a key of one of the hashes (RFC 5905 7.3), as many bytes as
// key_digest_length says; not where key_is_cmac. Any thread.
void key_hash(const struct key *k, struct span message, uint8_t *ret_digest);

extern const struct word_table key_type_words;

// The name of a type as it stands in a keys file. Static storage.
const char *key_type_text(enum key_type type);

// Gives keys (NULL: none) to the worker. Control thread.
void key_handover_publish(struct key_handover *p, const struct keys *keys);

// Whether the worker works with what it was given last. Control thread.
bool key_handover_is_adopted(const struct key_handover *p);

// Takes what was given: true, with the table in *ret_keys, if it is another one than before. The
// one before must not be used after this. Worker's thread.
bool key_handover_adopt(struct key_handover *p, const struct keys **ret_keys);

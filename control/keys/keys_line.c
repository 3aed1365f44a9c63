// SPDX-License-Identifier: BSD-3-Clause
#include "keys/keys_line.h"

#include <string.h>
#include <strings.h>

// Longest key that ntpd takes for text.
#define BARE_TEXT 20
#define BLANK     " \t\r\v\f"

#define TYPES "MD5, SHA1, SHA256, SHA384, SHA512, AES128 or AES256"

// clang-format 14 and 19 differ about such macros.
// clang-format off
#define REFUSED(name)                                                                              \
	{name, -1, "type " name " is not had here; make the key " TYPES}
// clang-format on

// Every name by which a type had here goes. A type not had is refused by its own name.
static const struct {
	const char *name;
	int type; // enum key_type; -1: not had
	const char *refusal;
} names[] = {
	{"MD5", KEY_MD5, NULL},
	{"M", KEY_MD5, NULL},
	{"SHA1", KEY_SHA1, NULL},
	{"SHA", KEY_SHA1, NULL},
	{"SHA256", KEY_SHA256, NULL},
	{"SHA384", KEY_SHA384, NULL},
	{"SHA512", KEY_SHA512, NULL},
	{"AES128", KEY_AES128, NULL},
	{"AES", KEY_AES128, NULL},
	{"AES-128", KEY_AES128, NULL},
	{"AES128CMAC", KEY_AES128, NULL},
	{"AES-128-CMAC", KEY_AES128, NULL},
	{"AES256", KEY_AES256, NULL},
	{"AES-256", KEY_AES256, NULL},
	{"AES256CMAC", KEY_AES256, NULL},
	{"AES-256-CMAC", KEY_AES256, NULL},
	REFUSED("AES-192"),
	REFUSED("MD4"),
	REFUSED("MDC2"),
	REFUSED("RIPEMD160"),
	REFUSED("RMD160"),
	REFUSED("SHA224"),
	REFUSED("SHA3-224"),
	REFUSED("SHA3-256"),
	REFUSED("SHA3-384"),
	REFUSED("SHA3-512"),
	REFUSED("TIGER"),
	REFUSED("WHIRLPOOL"),
};

// The next word of *rest, ended in place; NULL at the end of the line.
static char *keys_line_word_take(char **rest)
{
	char *word = *rest + strspn(*rest, BLANK);
	size_t length = strcspn(word, BLANK);
	if (length == 0)
		return NULL;
	*rest = word + length;
	if (**rest != '\0')
		*(*rest)++ = '\0';
	return word;
}

static const char *id_read(const char *word, uint32_t *ret_id)
{
	static const char refusal[] =
		"the first word is not a key's number; write one from 1 to 4294967295";
	uint64_t n = 0;
	size_t digits = strspn(word, "0123456789");
	if (digits == 0 || digits > 10 || word[digits] != '\0')
		return refusal;
	for (size_t i = 0; i < digits; i++)
		n = n * 10 + (uint64_t)(word[i] - '0');
	if (n == 0 || n > UINT32_MAX)
		return refusal;
	*ret_id = (uint32_t)n;
	return NULL;
}

static bool keys_line_is_type(const char *word)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(names[i].name, word) == 0)
			return true;
	return false;
}

static const char *type_read(const char *word, enum key_type *ret_type)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(names[i].name, word) != 0)
			continue;
		if (names[i].type < 0)
			return names[i].refusal;
		*ret_type = (enum key_type)names[i].type;
		return NULL;
	}
	// The word may be a key in the wrong place: it is not told.
	return "the second word is no type that is known here; write " TYPES;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool text_is_hex(const char *text)
{
	size_t length = strlen(text);
	for (size_t i = 0; i < length; i++)
		if (digit_value(text[i]) < 0)
			return false;
	return length % 2 == 0 && length > 0;
}

// A key as it stands on the line.
struct line_key {
	enum key_type type;
	size_t length;
	uint8_t secret[KEY_SECRET_MAX];
};

static const char *secret_take(const void *from, size_t length, struct line_key *k)
{
	if (length == 0)
		return "the key is empty; write one, e.g. with chronyc keygen";
	if (length > KEY_SECRET_MAX)
		return "the key is longer than 256 bytes; write a shorter one";
	memcpy(k->secret, from, length);
	k->length = length;
	return NULL;
}

static const char *hex_take(const char *text, struct line_key *k)
{
	uint8_t bytes[KEY_SECRET_MAX];
	size_t length = strlen(text) / 2;
	if (!text_is_hex(text))
		return "HEX: is not followed by an even number of hexadecimal digits; write two "
		       "for "
		       "each byte";
	for (size_t i = 0; i < length && i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(digit_value(text[2 * i]) << 4 | digit_value(text[2 * i + 1]));
	const char *why = secret_take(bytes, length, k);
	explicit_bzero(bytes, sizeof(bytes));
	return why;
}

static const char *secret_read(const char *word, struct line_key *k)
{
	if (strncasecmp(word, "HEX:", 4) == 0)
		return hex_take(word + 4, k);
	if (strncasecmp(word, "ASCII:", 6) == 0)
		return secret_take(word + 6, strlen(word + 6), k);
	if (strlen(word) > BARE_TEXT && text_is_hex(word))
		return hex_take(word, k);
	return secret_take(word, strlen(word), k);
}

// What stands behind the number: `KEY`, or `TYPE KEY`, and no more but a comment.
static const char *keys_line_rest_read(char *rest, struct line_key *k)
{
	char *type = keys_line_word_take(&rest);
	char *secret = keys_line_word_take(&rest);
	char *more = secret == NULL ? NULL : keys_line_word_take(&rest);
	if (type == NULL || type[0] == '#')
		return "there is no key behind the number; write ID TYPE KEY";
	if (secret == NULL || secret[0] == '#') {
		// An MD5 key of this text would be anybody's guess.
		if (keys_line_is_type(type))
			return "there is no key behind the type; write ID TYPE KEY";
		k->type = KEY_MD5;
		return secret_read(type, k);
	}
	const char *why = type_read(type, &k->type);
	if (why != NULL)
		return why;
	if (more != NULL && more[0] != '#')
		return "something stands behind the key; a list of addresses that may use it is "
		       "not "
		       "had here: remove it";
	return secret_read(secret, k);
}

// AES has keys of one length only.
static const char *length_check(const struct line_key *k)
{
	unsigned length = key_secret_length(k->type);
	if (length == 0 || k->length == length)
		return NULL;
	if (length == AES_KEY_256)
		return "an AES256 key is exactly 32 bytes: write 64 digits behind HEX:";
	return "an AES128 key is exactly 16 bytes: write 32 digits behind HEX:";
}

// What is computed from the secret takes its place.
static const char *keys_line_key_read(char *rest, struct key *ret_key)
{
	struct line_key k = {.length = 0};
	const char *why = keys_line_rest_read(rest, &k);
	if (why == NULL)
		why = length_check(&k);
	if (why == NULL)
		key_prepare(ret_key, k.type, (struct span){k.secret, k.length});
	explicit_bzero(&k, sizeof(k));
	return why;
}

const char *keys_line_read(char *line, bool *ret_is_key, struct key *ret_key)
{
	char *rest = line;
	char *word = keys_line_word_take(&rest);
	if (word == NULL || strchr("#%!;", word[0]) != NULL) {
		*ret_is_key = false;
		return NULL;
	}
	*ret_key = (struct key){.id = 0};
	const char *why = id_read(word, &ret_key->id);
	if (why == NULL)
		why = keys_line_key_read(rest, ret_key);
	*ret_is_key = why == NULL;
	return why;
}

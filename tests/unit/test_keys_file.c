// SPDX-License-Identifier: BSD-3-Clause
// Keys files in chrony's and ntpd's formats (E5), mistakes in one sentence without any of a key,
// and a file read again while workers hold the table before (E7).
#include "keys/keys_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/scratch.h"
#include "harness/table.h"
#include "keys/keyring.h"

static char path[] = "/tmp/ntpwire-keys-XXXXXX";
static struct diagnostic diagnostic;
static const char *written_meanwhile; // into the file as soon as its size is known; NULL: nothing

static void file_write(const char *text, size_t length)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

// The library's, and then what another program may do before the file is read.
int fstat(int fd, struct stat *ret_stat)
{
	const char *text = written_meanwhile;
	int r = fstatat(fd, "", ret_stat, AT_EMPTY_PATH);
	written_meanwhile = NULL;
	if (text != NULL)
		file_write(text, strlen(text));
	return r;
}

static int set_up(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

static struct keys *load(const char *text)
{
	struct keys *keys = NULL;
	bool is_exposed;
	file_write(text, strlen(text));
	if (keys_file_load(path, &keys, &is_exposed, &diagnostic) < 0)
		fail_msg("%s", diagnostic.sentence);
	return keys;
}

struct good {
	const char *line;
	uint32_t id;
	enum key_type type;
	unsigned length;
	const char *secret;
};

static const struct good goods[] = {
	{"1 MD5 HEX:00ff7F", 1, KEY_MD5, 3, "\x00\xff\x7f"},
	{"2 SHA1 ASCII:secret", 2, KEY_SHA1, 6, "secret"},
	{"3 SHA256 plain", 3, KEY_SHA256, 5, "plain"},
	{"4 barekey", 4, KEY_MD5, 7, "barekey"},
	{"5 barekey # of an old client", 5, KEY_MD5, 7, "barekey"},
	{"4294967295 sha1 ascii:A", 4294967295u, KEY_SHA1, 1, "A"},
	{"6 M 12345678901234567890", 6, KEY_MD5, 20, "12345678901234567890"},
	{"7 SHA1 000102030405060708090a0b0c0d0e0f10111213", 7, KEY_SHA1, 20,
		"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13"},
	{"8 SHA1 a_text_of_more_than_twenty_characters", 8, KEY_SHA1, 37,
		"a_text_of_more_than_twenty_characters"},
	{"\t9  SHA256 HEX:aB  # comment\r", 9, KEY_SHA256, 1, "\xab"},
	{"10 SHA384 HEX:00ff7F", 10, KEY_SHA384, 3, "\x00\xff\x7f"},
	{"11 sha512 ASCII:secret", 11, KEY_SHA512, 6, "secret"},
	{"65535 SHA a#b", 65535, KEY_SHA1, 3, "a#b"},
};

// The secret is not kept: two keys are the same if they make the same digests.
static void expect_secret(const struct key *k, const char *secret, size_t length)
{
	static const uint8_t ntp[48] = {0x23};
	struct key want;
	uint8_t digest[2][KEY_DIGEST_MAX] = {{0}};
	key_prepare(&want, k->type, (struct span){(const uint8_t *)secret, length});
	key_hash(&want, (struct span){ntp, sizeof(ntp)}, digest[0]);
	key_hash(k, (struct span){ntp, sizeof(ntp)}, digest[1]);
	assert_memory_equal(digest[0], digest[1], KEY_DIGEST_MAX);
}

static void a_line_is_its_key(void **state)
{
	const struct good *g = *state;
	struct keys *keys = load(g->line);
	assert_int_equal(keys->count, 1);
	const struct key *k = keys_find(keys, g->id);
	assert_non_null(k);
	assert_int_equal(k->type, g->type);
	expect_secret(k, g->secret, g->length);
	keys_file_free(keys);
}

// Each by its first subkey, as RFC 4493 and SP 800-38B have them.
static void an_aes_key_has_its_schedule(void **state)
{
	(void)state;
#define KEY_128 " 2b7e151628aed2a6abf7158809cf4f3c"
#define KEY_256 " 603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
	static const struct {
		const char *line;
		enum key_type type;
		uint8_t k1[4];
	} rows[] = {{"1 AES128 HEX:2b7e151628aed2a6abf7158809cf4f3c", KEY_AES128,
			    {0xfb, 0xee, 0xd6, 0x18}},
		{"1 AES128CMAC" KEY_128, KEY_AES128, {0xfb, 0xee, 0xd6, 0x18}},
		{"1 AES-128" KEY_128, KEY_AES128, {0xfb, 0xee, 0xd6, 0x18}},
		{"1 AES" KEY_128, KEY_AES128, {0xfb, 0xee, 0xd6, 0x18}},
		{"1 AES256" KEY_256, KEY_AES256, {0xca, 0xd1, 0xed, 0x03}},
		{"1 AES-256" KEY_256, KEY_AES256, {0xca, 0xd1, 0xed, 0x03}},
		{"1 aes-256-cmac" KEY_256, KEY_AES256, {0xca, 0xd1, 0xed, 0x03}},
		{"1 AES256CMAC" KEY_256, KEY_AES256, {0xca, 0xd1, 0xed, 0x03}}};
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++) {
		struct keys *keys = load(rows[i].line);
		assert_int_equal(keys->key[0].type, rows[i].type);
		assert_memory_equal(keys->key[0].aes.last_whole, rows[i].k1, sizeof(rows[i].k1));
		keys_file_free(keys);
	}
}

static void lines_are_sorted_and_comments_skipped(void **state)
{
	(void)state;
	struct keys *keys = load("# all\n\n! keys\n30 MD5 c\n10 a\n  # b\n20 SHA1 b\n;\n%");
	assert_int_equal(keys->count, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(keys->id[i], 10 * (i + 1));
		assert_int_equal(keys->key[i].id, 10 * (i + 1));
		expect_secret(&keys->key[i], &"abc"[i], 1);
	}
	keys_file_free(keys);
}

// Every wrong file has "TheSecret" in it where a key would be.
static const struct {
	const char *text;
	const char *says;
} bads[] = {
	{"", "holds no key"},
	{"# nothing\n", "holds no key"},
	{"1 MD5 ok\nx MD5 TheSecret\n", ":2: the first word is not a key's number"},
	{"0 MD5 TheSecret", ":1: the first word"},
	{"4294967296 MD5 TheSecret", ":1: the first word"},
	{"-1 MD5 TheSecret", ":1: the first word"},
	{"TheSecret", ":1: the first word"},
	{"7", ":1: there is no key behind the number"},
	{"7 # TheSecret", ":1: there is no key behind the number"},
	{"7 AES128 # TheSecret", ":1: there is no key behind the type"},
	{"7 sha1", ":1: there is no key behind the type"},
	{"7 SHA512", ":1: there is no key behind the type"},
	{"7 SHA224", ":1: there is no key behind the type"},
	{"7 SHA224 TheSecret",
		":1: type SHA224 is not had here; make the key MD5, SHA1, SHA256, SHA384,"},
	{"7 AES-192 HEX:TheSecret", ":1: type AES-192 is not had here"},
	{"7 TheSecret MD5", ":1: the second word is no type"},
	{"7 MD5 TheSecret 192.0.2.1", ":1: something stands behind the key; a list of addresses"},
	{"7 MD5 HEX:TheSecret", ":1: HEX: is not followed by"},
	{"7 MD5 HEX:abc", ":1: HEX: is not followed by"},
	{"7 MD5 HEX:", ":1: HEX: is not followed by"},
	{"7 MD5 ASCII:", ":1: the key is empty"},
	{"7 AES128 TheSecret", ":1: an AES128 key is exactly 16 bytes"},
	{"7 AES256 TheSecret", ":1: an AES256 key is exactly 32 bytes"},
	{"7 AES256 HEX:2b7e151628aed2a6abf7158809cf4f3c", ":1: an AES256 key is exactly 32 bytes"},
	{"7 MD5 TheSecret\n8 a\n7 SHA1 b\n", ":3: key 7 is there already, on line 1"},
};

static void a_mistake_is_one_sentence_without_the_key(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(bads); i++) {
		struct keys *keys = NULL;
		bool is_exposed;
		file_write(bads[i].text, strlen(bads[i].text));
		assert_true(keys_file_load(path, &keys, &is_exposed, &diagnostic) < 0);
		assert_null(keys);
		if (strstr(diagnostic.sentence, bads[i].says) == NULL ||
			strstr(diagnostic.sentence, "TheSecret") != NULL ||
			strchr(diagnostic.sentence, '\n') != NULL ||
			strstr(diagnostic.sentence, path) != diagnostic.sentence)
			fail_msg("%u: %s", i, diagnostic.sentence);
	}
}

static void odd_files_are_refused(void **state)
{
	(void)state;
	static char many[(KEYS_MAX + 1) * 16];
	struct keys *keys = NULL;
	bool is_exposed;
	file_write("1 MD5 a\0b\n", 10);
	assert_true(keys_file_load(path, &keys, &is_exposed, &diagnostic) < 0);
	assert_non_null(strstr(diagnostic.sentence, ":1: holds a NUL byte"));
	assert_true(keys_file_load("/", &keys, &is_exposed, &diagnostic) < 0);
	assert_non_null(strstr(diagnostic.sentence, "/: is not a regular file"));
	assert_true(keys_file_load("/no/keys", &keys, &is_exposed, &diagnostic) < 0);
	assert_non_null(strstr(diagnostic.sentence, "/no/keys: cannot be read"));
	size_t used = 0;
	for (unsigned i = 0; i <= KEYS_MAX; i++)
		used += (size_t)snprintf(
			many + used, sizeof(many) - used, "%u k\n", KEYS_MAX + 1 - i);
	file_write(many, used);
	assert_true(keys_file_load(path, &keys, &is_exposed, &diagnostic) < 0);
	assert_non_null(strstr(diagnostic.sentence, ":1025: is one more key than the 1024"));
	keys = load(strchr(many, '\n') + 1);
	assert_int_equal(keys->count, KEYS_MAX);
	keys_file_free(keys);
}

static void a_file_that_changes_length_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *before;
		const char *meanwhile;
		const char *says;
	} changes[] = {
		{"1 MD5 TheSec", "1 MD5 TheSecret", ": grew while it was read; try again"},
		{"1 MD5 a\n", "1 MD5 a\n2 MD5 TheSecret\n", ": grew while it was read; try again"},
		{"1 MD5 TheSecret", "1 MD5 TheSec", ": shrank while it was read; try again"},
		{"1 MD5 TheSecret", "", ": shrank while it was read; try again"},
	};
	for (unsigned i = 0; i < TABLE_LENGTH(changes); i++) {
		struct keys *keys = NULL;
		bool is_exposed;
		file_write(changes[i].before, strlen(changes[i].before));
		written_meanwhile = changes[i].meanwhile;
		assert_int_equal(keys_file_load(path, &keys, &is_exposed, &diagnostic), -EAGAIN);
		assert_null(keys);
		assert_non_null(strstr(diagnostic.sentence, changes[i].says));
	}
}

static void permissions_are_told(void **state)
{
	(void)state;
	struct keys *keys;
	bool is_exposed;
	file_write("1 a\n", 4);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(chmod(path, i == 0 ? 0640 : 0644), 0);
		assert_int_equal(keys_file_load(path, &keys, &is_exposed, &diagnostic), 0);
		assert_int_equal(is_exposed, i);
		keys_file_free(keys);
	}
	assert_int_equal(chmod(path, 0600), 0);
}

// Two workers; what they hold is not freed before both let it go, and a bad file changes nothing.
static void a_file_is_read_again_without_loss(void **state)
{
	(void)state;
	struct keyring ring;
	struct key_handover post[2] = {{.given = NULL}};
	const struct keys *mine[2] = {NULL, NULL};
	file_write("1 a\n2 b\n", 8);
	assert_int_equal(keyring_open(&ring, path, &diagnostic), 0);
	for (unsigned i = 0; i < 2; i++) {
		keyring_join(&ring, &post[i]);
		assert_true(key_handover_adopt(&post[i], &mine[i]));
	}
	const struct keys *first = ring.current;
	file_write("1 a\n3 c\n", 8);
	keyring_ask(&ring);
	keyring_tick(&ring);
	assert_ptr_equal(ring.retired, first);
	assert_true(key_handover_adopt(&post[0], &mine[0]));
	file_write("nonsense\n", 9);
	keyring_ask(&ring);
	keyring_tick(&ring);
	assert_ptr_equal(ring.retired, first);
	assert_non_null(keys_find(mine[1], 2));
	assert_true(key_handover_adopt(&post[1], &mine[1]));
	keyring_tick(&ring);
	assert_null(ring.retired);
	assert_ptr_equal(mine[0], ring.current);
	assert_ptr_equal(mine[1], ring.current);
	// Key 1 keeps its slot; key 3 has none that a key of the table before had.
	assert_int_equal(keys_find(ring.current, 1)->slot, 0);
	assert_int_equal(keys_find(ring.current, 3)->slot, 2);
	assert_null(keys_find(ring.current, 2));
	keyring_close(&ring);
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(goods); i++)
		table_add(&t, goods[i].line, a_line_is_its_key, &goods[i]);
	TABLE_ADD(&t, an_aes_key_has_its_schedule);
	TABLE_ADD(&t, lines_are_sorted_and_comments_skipped);
	TABLE_ADD(&t, a_mistake_is_one_sentence_without_the_key);
	TABLE_ADD(&t, odd_files_are_refused);
	TABLE_ADD(&t, a_file_that_changes_length_is_refused);
	TABLE_ADD(&t, permissions_are_told);
	TABLE_ADD(&t, a_file_is_read_again_without_loss);
	return table_run_between("keys_file", &t, set_up, tear_down);
}

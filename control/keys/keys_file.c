// SPDX-License-Identifier: BSD-3-Clause
#include "keys/keys_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/file.h"
#include "core/auth/aes_cmac.h"
#include "keys/keys_line.h"

#define FILE_MAX (1u << 20)

// A file on its way into a table.
struct load {
	const char *path;
	struct diagnostic *diagnostic;
	struct file file;
	struct keys *keys;
	unsigned at;             // the line that is read; 0: it is about the whole file
	unsigned line[KEYS_MAX]; // of each key, in the table's order
};

// What is wrong, with where it is.
static void place_tell(const struct load *l)
{
	if (l->at == 0)
		diagnostic_lead(l->diagnostic, "%s: ", l->path);
	else
		diagnostic_lead(l->diagnostic, "%s:%u: ", l->path, l->at);
}

static int keys_file_complain(const struct load *l, int error)
{
	switch (l->file.fault) {
	case FILE_GOOD:
		break;
	case FILE_NOT_OPENED:
		return diagnostic_fail(l->diagnostic, error,
			"cannot be read: %s; make it readable for the user who starts this program",
			strerror(-error));
	case FILE_NOT_READ:
		return diagnostic_fail(
			l->diagnostic, error, "cannot be read: %s", strerror(-error));
	case FILE_IS_DIRECTORY:
	case FILE_IS_SPECIAL:
		return diagnostic_fail(l->diagnostic, -EINVAL,
			"is not a regular file; name the file with the keys");
	case FILE_IS_LARGE:
		return diagnostic_fail(l->diagnostic, error,
			"is %zu bytes long, but a keys file has at most %u; is this the right "
			"file?",
			l->file.size, FILE_MAX);
	case FILE_NO_MEMORY:
		return diagnostic_fail(l->diagnostic, error, "out of memory while reading it");
	case FILE_GREW:
		return diagnostic_fail(l->diagnostic, error, "grew while it was read; try again");
	case FILE_SHRANK:
		return diagnostic_fail(l->diagnostic, error, "shrank while it was read; try again");
	}
	return error;
}

// Puts the key into its place by id.
static int key_insert(struct load *l, const struct key *k)
{
	struct keys *t = l->keys;
	unsigned at = t->count;
	while (at > 0 && t->id[at - 1] > k->id)
		at--;
	if (at > 0 && t->id[at - 1] == k->id)
		return diagnostic_fail(l->diagnostic, -EINVAL,
			"key %u is there already, on line %u; remove one", (unsigned)k->id,
			l->line[at - 1]);
	if (t->count == KEYS_MAX)
		return diagnostic_fail(l->diagnostic, -EINVAL,
			"is one more key than the %u that a file can have; remove it", KEYS_MAX);
	size_t behind = t->count - at;
	memmove(&t->key[at + 1], &t->key[at], behind * sizeof(t->key[0]));
	memmove(&t->id[at + 1], &t->id[at], behind * sizeof(t->id[0]));
	memmove(&l->line[at + 1], &l->line[at], behind * sizeof(l->line[0]));
	t->key[at] = *k;
	t->id[at] = k->id;
	l->line[at] = l->at;
	t->count++;
	return 0;
}

static int keys_file_line_take(struct load *l, char *text)
{
	struct key k;
	bool is_key;
	const char *why = keys_line_read(text, &is_key, &k);
	int r = why == NULL ? 0 : diagnostic_fail(l->diagnostic, -EINVAL, "%s", why);
	if (r == 0 && is_key)
		r = key_insert(l, &k);
	explicit_bzero(&k, sizeof(k));
	return r;
}

static int lines_take(struct load *l)
{
	char *at = l->file.text;
	char *end = at + l->file.size;
	while (at < end) {
		l->at++;
		char *stop = memchr(at, '\n', (size_t)(end - at));
		if (stop == NULL)
			stop = end;
		if (memchr(at, '\0', (size_t)(stop - at)) != NULL)
			return diagnostic_fail(l->diagnostic, -EINVAL,
				"holds a NUL byte, so it is not text; write it as ASCII");
		*stop = '\0';
		int r = keys_file_line_take(l, at);
		if (r < 0)
			return r;
		at = stop + 1;
	}
	l->at = 0;
	if (l->keys->count == 0)
		return diagnostic_fail(l->diagnostic, -EINVAL,
			"holds no key; write e.g. the line that chronyc "
			"keygen 1 AES128 prints");
	return 0;
}

static int table_make(struct load *l)
{
	l->keys = calloc(1, sizeof(*l->keys));
	if (l->keys == NULL)
		return diagnostic_fail(l->diagnostic, -ENOMEM, "out of memory while reading it");
	int r = lines_take(l);
	l->keys->unit = aes_unit_best();
	for (unsigned i = 0; i < l->keys->count; i++)
		l->keys->key[i].slot = (uint16_t)i;
	return r;
}

int keys_file_load(
	const char *path, struct keys **ret_keys, bool *ret_is_exposed, struct diagnostic *d)
{
	struct load l = {.path = path, .diagnostic = d};
	int r = file_read(path, FILE_MAX, &l.file);
	r = r < 0 ? keys_file_complain(&l, r) : table_make(&l);
	file_free(&l.file);
	if (r < 0) {
		place_tell(&l);
		keys_file_free(l.keys);
		return r;
	}
	*ret_keys = l.keys;
	*ret_is_exposed = (l.file.mode & S_IRWXO) != 0;
	return 0;
}

void keys_file_free(struct keys *keys)
{
	if (keys != NULL)
		explicit_bzero(keys, sizeof(*keys));
	free(keys);
}

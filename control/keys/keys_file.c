// SPDX-License-Identifier: BSD-3-Clause
#include "keys/keys_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/file.h"
#include "keys/keys_line.h"

#define FILE_MAX (1u << 20)

// A file on its way into a table.
struct load {
	const char *path;
	char *message;
	size_t message_size;
	struct file file;
	struct keys *keys;
	unsigned line[KEYS_MAX]; // of each key, in the table's order
};

__attribute__((format(printf, 4, 5))) static int complain(
	const struct load *l, int error, unsigned line, const char *format, ...)
{
	char why[256];
	va_list list;
	va_start(list, format);
	vsnprintf(why, sizeof(why), format, list);
	va_end(list);
	if (line == 0)
		snprintf(l->message, l->message_size, "%s: %s", l->path, why);
	else
		snprintf(l->message, l->message_size, "%s:%u: %s", l->path, line, why);
	return error;
}

static int file_complain(const struct load *l, int error)
{
	switch (l->file.fault) {
	case FILE_GOOD:
		break;
	case FILE_NOT_OPENED:
		return complain(l, error, 0,
			"cannot be read: %s; make it readable for the user who starts this program",
			strerror(-error));
	case FILE_NOT_READ:
		return complain(l, error, 0, "cannot be read: %s", strerror(-error));
	case FILE_IS_DIRECTORY:
	case FILE_IS_SPECIAL:
		return complain(
			l, -EINVAL, 0, "is not a regular file; name the file with the keys");
	case FILE_IS_LARGE:
		return complain(l, error, 0,
			"is %zu bytes long, but a keys file has at most %u; is this the right "
			"file?",
			l->file.size, FILE_MAX);
	case FILE_NO_MEMORY:
		return complain(l, error, 0, "out of memory while reading it");
	case FILE_GREW:
		return complain(l, error, 0, "grew while it was read; try again");
	case FILE_SHRANK:
		return complain(l, error, 0, "shrank while it was read; try again");
	}
	return error;
}

// Puts the key into its place by id.
static int key_insert(struct load *l, const struct key *k, unsigned line)
{
	struct keys *t = l->keys;
	unsigned at = t->count;
	while (at > 0 && t->id[at - 1] > k->id)
		at--;
	if (at > 0 && t->id[at - 1] == k->id)
		return complain(l, -EINVAL, line, "key %u is there already, on line %u; remove one",
			(unsigned)k->id, l->line[at - 1]);
	if (t->count == KEYS_MAX)
		return complain(l, -EINVAL, line,
			"is one more key than the %u that a file can have; remove it", KEYS_MAX);
	size_t behind = t->count - at;
	memmove(&t->key[at + 1], &t->key[at], behind * sizeof(t->key[0]));
	memmove(&t->id[at + 1], &t->id[at], behind * sizeof(t->id[0]));
	memmove(&l->line[at + 1], &l->line[at], behind * sizeof(l->line[0]));
	t->key[at] = *k;
	t->id[at] = k->id;
	l->line[at] = line;
	t->count++;
	return 0;
}

static int line_take(struct load *l, char *text, unsigned line)
{
	struct key k;
	bool is_key;
	const char *why = keys_line_read(text, &is_key, &k);
	int r = why == NULL ? 0 : complain(l, -EINVAL, line, "%s", why);
	if (r == 0 && is_key)
		r = key_insert(l, &k, line);
	explicit_bzero(&k, sizeof(k));
	return r;
}

static int lines_take(struct load *l)
{
	unsigned line = 1;
	char *at = l->file.text;
	char *end = at + l->file.size;
	while (at < end) {
		char *stop = memchr(at, '\n', (size_t)(end - at));
		if (stop == NULL)
			stop = end;
		if (memchr(at, '\0', (size_t)(stop - at)) != NULL)
			return complain(l, -EINVAL, line,
				"holds a NUL byte, so it is not text; write it as ASCII");
		*stop = '\0';
		int r = line_take(l, at, line++);
		if (r < 0)
			return r;
		at = stop + 1;
	}
	if (l->keys->count == 0)
		return complain(l, -EINVAL, 0,
			"holds no key; write e.g. the line that chronyc "
			"keygen 1 AES128 prints");
	return 0;
}

static int table_make(struct load *l)
{
	l->keys = calloc(1, sizeof(*l->keys));
	if (l->keys == NULL)
		return complain(l, -ENOMEM, 0, "out of memory while reading it");
	int r = lines_take(l);
	l->keys->unit = aes_unit_best();
	for (unsigned i = 0; i < l->keys->count; i++)
		l->keys->key[i].slot = (uint16_t)i;
	return r;
}

int keys_file_load(const char *path, struct keys **ret_keys, bool *ret_is_exposed, char *message,
	size_t message_size)
{
	struct load l = {.path = path, .message = message, .message_size = message_size};
	int r = file_read(path, FILE_MAX, &l.file);
	r = r < 0 ? file_complain(&l, r) : table_make(&l);
	file_free(&l.file);
	if (r < 0) {
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

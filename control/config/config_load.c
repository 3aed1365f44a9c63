// SPDX-License-Identifier: BSD-3-Clause
#include "config/config_load.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config_check.h"
#include "config/config_build.h"
#include "config/config_tree.h"
#include "config/config_report.h"
#include "config/config_schema.h"

#define FILE_MAX (1u << 20)

#define CYAML_LOG 160

// The file's text.
struct text {
	char *at;
	size_t length;
};

// What libcyaml said first.
struct cyaml_words {
	char first[CYAML_LOG];
};

static int kind_check(const struct stat *s, const struct config_report *r)
{
	if (S_ISDIR(s->st_mode))
		return config_report_file(
			r, -EISDIR, "is a directory; name the configuration file in it");
	if (!S_ISREG(s->st_mode))
		return config_report_file(
			r, -EINVAL, "is not a regular file; name the configuration file");
	if (s->st_size > FILE_MAX)
		return config_report_file(r, -EFBIG,
			"is %lld bytes long, but a configuration has at most %u; is this the "
			"right file?",
			(long long)s->st_size, FILE_MAX);
	return 0;
}

static int open_complain(const struct config_report *r, int error)
{
	const char *remedy = error == ENOENT ?
	                             "write one (see ntpwire.yaml(5)), or name another file" :
	                             "make it readable for the user who starts this program";
	return config_report_file(r, -error, "cannot be read: %s; %s", strerror(error), remedy);
}

// Reads until the end, or until buffer is full. -1: errno says why.
static ssize_t read_all(int fd, char *buffer, size_t size)
{
	size_t used = 0;
	while (used < size) {
		ssize_t got = read(fd, buffer + used, size - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		used += (size_t)got;
	}
	return (ssize_t)used;
}

static int text_read(int fd, const struct config_report *r, struct text *ret_text)
{
	struct stat s;
	if (fstat(fd, &s) < 0)
		return open_complain(r, errno);
	int result = kind_check(&s, r);
	if (result < 0)
		return result;
	size_t size = (size_t)s.st_size + 1; // one more, to see a file that grows
	char *buffer = malloc(size);
	if (buffer == NULL)
		return config_report_file(r, -ENOMEM, "out of memory while reading it");
	ssize_t got = read_all(fd, buffer, size);
	if (got < 0)
		result = open_complain(r, errno);
	else if ((size_t)got == size)
		result = config_report_file(r, -EAGAIN, "grew while it was read; try again");
	if (result < 0) {
		free(buffer);
		return result;
	}
	*ret_text = (struct text){buffer, (size_t)got};
	return 0;
}

static int text_open(const struct config_report *r, struct text *ret_text)
{
	if (strlen(r->path) >= CONFIG_TEXT)
		return config_report_file(r, -ENAMETOOLONG,
			"is too long a path: at most %u characters; move the file",
			CONFIG_TEXT - 1);
	// Without O_NONBLOCK a named pipe would hold the server here.
	int fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return open_complain(r, errno);
	int result = text_read(fd, r, ret_text);
	(void)close(fd);
	return result;
}

static int text_check(const struct text *t, const struct config_report *r)
{
	unsigned line = 1;
	if (t->length == 0)
		return config_report_file(r, -EINVAL,
			"is empty; the least is one port with its addresses: %s",
			schema_rule("ports")->example);
	for (size_t i = 0; i < t->length; i++) {
		if (t->at[i] == '\0')
			return config_report_at(r, line, NULL,
				"holds a NUL byte, so it is not text; write it as UTF-8 or ASCII");
		line += t->at[i] == '\n';
	}
	return 0;
}

__attribute__((format(printf, 3, 0))) static void cyaml_listen(
	cyaml_log_t level, void *context, const char *format, va_list list)
{
	struct cyaml_words *words = context;
	if (level < CYAML_LOG_WARNING || words->first[0] != '\0')
		return;
	vsnprintf(words->first, sizeof(words->first), format, list);
	words->first[strcspn(words->first, "\n")] = '\0';
}

static bool workers_is_word(const struct config_tree *o)
{
	for (unsigned i = 1; i < o->count; i++)
		if (o->node[i].parent == 0 && o->node[i].key != NULL &&
			strcmp(o->node[i].key, "workers") == 0)
			return o->node[i].kind == CONFIG_TREE_SCALAR;
	return false;
}

// Loads what config_check found good. libcyaml has the last word all the same.
static int config_make(const struct text *t, const struct config_tree *o,
	const struct config_report *r, struct config *c)
{
	const cyaml_schema_value_t *file = schema_file(workers_is_word(o));
	struct cyaml_words words = {""};
	struct raw_config *raw = NULL;
	cyaml_config_t how = {
		.log_fn = cyaml_listen,
		.log_ctx = &words,
		.mem_fn = cyaml_mem,
		.log_level = CYAML_LOG_WARNING,
		.flags = CYAML_CFG_NO_ALIAS,
	};
	int result = config_check(o, file, r);
	if (result < 0)
		return result;
	cyaml_err_t e = cyaml_load_data(
		(const uint8_t *)t->at, t->length, &how, file, (cyaml_data_t **)&raw, NULL);
	if (e != CYAML_OK || raw == NULL)
		return config_report_file(r, -EINVAL, "is refused by libcyaml: %s (%s)",
			cyaml_strerror(e), words.first);
	result = config_build(c, raw, o, r);
	(void)cyaml_free(&how, file, raw, 0);
	return result;
}

static int text_parse(
	const struct text *t, const struct config_report *r, struct config **ret_config)
{
	struct config_tree o = {0};
	int result = text_check(t, r);
	if (result == 0)
		result = config_tree_read(t->at, t->length, r, &o);
	if (result < 0)
		return result;
	struct config *c = calloc(1, sizeof(*c));
	result = c == NULL ? config_report_file(r, -ENOMEM, "out of memory while reading it") :
	                     config_make(t, &o, r, c);
	config_tree_free(&o);
	if (result == 0)
		*ret_config = c;
	else
		free(c);
	return result;
}

int config_load(const char *path, struct config **ret_config, char *message, size_t message_size)
{
	struct config_report r = {path, message, message_size};
	struct text t = {NULL, 0};
	int result = text_open(&r, &t);
	if (result == 0)
		result = text_parse(&t, &r, ret_config);
	free(t.at);
	return result;
}

void config_free(struct config *c)
{
	free(c);
}

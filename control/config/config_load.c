// SPDX-License-Identifier: BSD-3-Clause
#include "config/config_load.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "config/config_check.h"
#include "config/config_build.h"
#include "config/config_tree.h"
#include "config/config_report.h"
#include "config/config_schema.h"

#define FILE_MAX (1u << 20)

#define CYAML_LOG 160

// What libcyaml said first.
struct cyaml_words {
	char first[CYAML_LOG];
};

static int config_load_file_complain(const struct config_report *r, const struct file *f, int error)
{
	switch (f->fault) {
	case FILE_GOOD:
		break;
	case FILE_NOT_OPENED:
	case FILE_NOT_READ:
		return config_report_file(r, error, "cannot be read: %s; %s", strerror(-error),
			error == -ENOENT ? "write one (see ntpwire.yaml(5)), or name another file" :
					   "make it readable for the user who starts this program");
	case FILE_IS_DIRECTORY:
		return config_report_file(
			r, error, "is a directory; name the configuration file in it");
	case FILE_IS_SPECIAL:
		return config_report_file(
			r, error, "is not a regular file; name the configuration file");
	case FILE_IS_LARGE:
		return config_report_file(r, error,
			"is %zu bytes long, but a configuration has at most %u; is this the "
			"right file?",
			f->size, FILE_MAX);
	case FILE_NO_MEMORY:
		return config_report_file(r, error, "out of memory while reading it");
	case FILE_GREW:
		return config_report_file(r, error, "grew while it was read; try again");
	case FILE_SHRANK:
		return config_report_file(r, error, "shrank while it was read; try again");
	}
	return error;
}

static int text_open(const struct config_report *r, struct file *ret_file)
{
	if (strlen(r->path) >= CONFIG_TEXT)
		return config_report_file(r, -ENAMETOOLONG,
			"is too long a path: at most %u characters; move the file",
			CONFIG_TEXT - 1);
	int result = file_read(r->path, FILE_MAX, ret_file);
	return result < 0 ? config_load_file_complain(r, ret_file, result) : 0;
}

static int config_load_text_check(const struct file *f, const struct config_report *r)
{
	unsigned line = 1;
	if (f->size == 0)
		return config_report_file(r, -EINVAL,
			"is empty; the least is one port with its addresses: %s",
			schema_rule("ports")->example);
	for (size_t i = 0; i < f->size; i++) {
		if (f->text[i] == '\0')
			return config_report_at(r, line, NULL,
				"holds a NUL byte, so it is not text; write it as UTF-8 or ASCII");
		line += f->text[i] == '\n';
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
static int config_make(const struct file *f, const struct config_tree *o,
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
		(const uint8_t *)f->text, f->size, &how, file, (cyaml_data_t **)&raw, NULL);
	if (e != CYAML_OK || raw == NULL)
		return config_report_file(r, -EINVAL, "is refused by libcyaml: %s (%s)",
			cyaml_strerror(e), words.first);
	result = config_build(c, raw, o, r);
	(void)cyaml_free(&how, file, raw, 0);
	return result;
}

static int text_parse(
	const struct file *f, const struct config_report *r, struct config **ret_config)
{
	struct config_tree o = {0};
	int result = config_load_text_check(f, r);
	if (result == 0)
		result = config_tree_read(f->text, f->size, r, &o);
	if (result < 0)
		return result;
	struct config *c = calloc(1, sizeof(*c));
	result = c == NULL ? config_report_file(r, -ENOMEM, "out of memory while reading it") :
	                     config_make(f, &o, r, c);
	config_tree_free(&o);
	if (result == 0)
		*ret_config = c;
	else
		free(c);
	return result;
}

int config_load(const char *path, struct config **ret_config, struct diagnostic *d)
{
	struct config_report r = {path, d};
	struct file f = {.text = NULL};
	int result = text_open(&r, &f);
	if (result == 0)
		result = text_parse(&f, &r, ret_config);
	file_free(&f);
	return result;
}

void config_free(struct config *c)
{
	free(c);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "config/config_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "common/diagnostic.h"

// The outline as far as it is built.
struct builder {
	struct config_tree o;
	unsigned capacity;
	int open; // the innermost mapping or sequence that has not ended; -1: none
	unsigned depth;
	char *key; // read, its value not yet
	unsigned key_line;
	const struct config_report *r;
};

static unsigned event_line(const yaml_event_t *e)
{
	return (unsigned)e->start_mark.line + 1;
}

static int out_of_memory(const struct builder *b)
{
	return config_report_file(b->r, -ENOMEM, "out of memory while reading it");
}

static bool builder_grow(struct builder *b)
{
	if (b->o.count < b->capacity)
		return true;
	unsigned capacity = b->capacity == 0 ? 64 : b->capacity * 2;
	struct config_tree_node *node = realloc(b->o.node, capacity * sizeof(*node));
	if (node == NULL)
		return false;
	b->o.node = node;
	b->capacity = capacity;
	return true;
}

// Adds the value that begins with e, under the key read before.
static int node_add(struct builder *b, const yaml_event_t *e, enum config_tree_kind kind)
{
	if (b->o.count == CONFIG_TREE_NODES)
		return config_report_at(b->r, event_line(e), NULL,
			"more than %u values, which is more than all settings together can have; "
			"is this the right file?",
			CONFIG_TREE_NODES);
	if (!builder_grow(b))
		return out_of_memory(b);
	struct config_tree_node *n = &b->o.node[b->o.count++];
	*n = (struct config_tree_node){.kind = kind, .parent = b->open, .key = b->key};
	n->line = b->key == NULL ? event_line(e) : b->key_line;
	b->key = NULL;
	if (b->open >= 0)
		n->index = b->o.node[b->open].child_count++;
	return 0;
}

static int container_begin(struct builder *b, const yaml_event_t *e, enum config_tree_kind kind)
{
	if (b->open >= 0 && b->o.node[b->open].kind == CONFIG_TREE_MAPPING && b->key == NULL)
		return config_report_at(b->r, event_line(e), NULL,
			"a key is a plain word, not a list or a mapping; check the brackets here");
	if (b->depth == CONFIG_TREE_DEPTH)
		return config_report_at(b->r, event_line(e), NULL,
			"nested more than %u deep, which no setting is; check indentation and "
			"brackets here",
			CONFIG_TREE_DEPTH);
	int r = node_add(b, e, kind);
	if (r < 0)
		return r;
	b->open = (int)b->o.count - 1;
	b->depth++;
	return 0;
}

static void container_end(struct builder *b)
{
	b->open = b->o.node[b->open].parent;
	b->depth--;
}

// All keys are ASCII words. What else stands in a key would break the sentences that name it.
static int config_tree_key_add(struct builder *b, const yaml_event_t *e, char *key)
{
	char quoted[DIAGNOSTIC_QUOTE];
	for (const char *c = key; *c != '\0'; c++) {
		if (*c >= ' ' && *c <= '~')
			continue;
		int r = config_report_at(b->r, event_line(e), NULL,
			"a key is a plain word, which %s is not; check quotes and brackets here",
			diagnostic_quote(key, quoted));
		free(key);
		return r;
	}
	b->key = key;
	b->key_line = event_line(e);
	return 0;
}

static int scalar_add(struct builder *b, const yaml_event_t *e)
{
	const char *value = (const char *)e->data.scalar.value;
	if (strlen(value) != e->data.scalar.length)
		return config_report_at(
			b->r, event_line(e), b->key, "contains a NUL character; remove it");
	char *copy = strdup(value);
	if (copy == NULL)
		return out_of_memory(b);
	if (b->open >= 0 && b->o.node[b->open].kind == CONFIG_TREE_MAPPING && b->key == NULL)
		return config_tree_key_add(b, e, copy);
	int r = node_add(b, e, CONFIG_TREE_SCALAR);
	if (r < 0) {
		free(copy);
		return r;
	}
	b->o.node[b->o.count - 1].value = copy;
	b->o.node[b->o.count - 1].is_plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return 0;
}

static int extras_refuse(
	const struct builder *b, const yaml_event_t *e, const void *anchor, const void *tag)
{
	if (anchor != NULL)
		return config_report_at(b->r, event_line(e), b->key,
			"anchors (&name) and aliases (*name) are not for this file; write the "
			"value out");
	if (tag != NULL)
		return config_report_at(b->r, event_line(e), b->key,
			"tags (!name) are not for this file; write the value alone");
	return 0;
}

static int document_begin(const struct builder *b, const yaml_event_t *e)
{
	if (b->o.count == 0)
		return 0;
	return config_report_at(b->r, event_line(e), NULL,
		"a second document begins here; keep all settings in one, without a line of ---");
}

static int config_tree_value_take(struct builder *b, const yaml_event_t *e)
{
	int r;
	switch ((int)e->type) {
	case YAML_ALIAS_EVENT:
		return extras_refuse(b, e, e->data.alias.anchor, NULL);
	case YAML_MAPPING_START_EVENT:
		r = extras_refuse(b, e, e->data.mapping_start.anchor, e->data.mapping_start.tag);
		return r < 0 ? r : container_begin(b, e, CONFIG_TREE_MAPPING);
	case YAML_SEQUENCE_START_EVENT:
		r = extras_refuse(b, e, e->data.sequence_start.anchor, e->data.sequence_start.tag);
		return r < 0 ? r : container_begin(b, e, CONFIG_TREE_SEQUENCE);
	default:
		r = extras_refuse(b, e, e->data.scalar.anchor, e->data.scalar.tag);
		return r < 0 ? r : scalar_add(b, e);
	}
}

static int event_take(struct builder *b, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		return document_begin(b, e);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		container_end(b);
		return 0;
	case YAML_ALIAS_EVENT:
	case YAML_SCALAR_EVENT:
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		return config_tree_value_take(b, e);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return 0;
	}
	return 0;
}

// The character at the place the parser names, or 0.
static char mark_char(const char *text, size_t length, const yaml_mark_t *at)
{
	return at->index < length ? text[at->index] : '\0';
}

static unsigned offset_line(const char *text, size_t length, size_t offset)
{
	unsigned line = 1;
	for (size_t i = 0; i < length && i < offset; i++)
		line += text[i] == '\n';
	return line;
}

static int syntax_refuse(
	const struct builder *b, const yaml_parser_t *p, const char *text, size_t length)
{
	const yaml_mark_t *at = &p->problem_mark;
	if (p->error == YAML_MEMORY_ERROR)
		return out_of_memory(b);
	if (p->error == YAML_READER_ERROR)
		return config_report_at(b->r, offset_line(text, length, p->problem_offset), NULL,
			"a character here is not UTF-8 text (%s); retype the line", p->problem);
	if (mark_char(text, length, at) == '\t')
		return config_report_at(b->r, (unsigned)at->line + 1, NULL,
			"a tab stands where YAML wants spaces; indent with spaces");
	return config_report_at(b->r, (unsigned)at->line + 1, NULL,
		"is not YAML: %s (column %zu); check indentation, quotes, colons and brackets "
		"here and above",
		p->problem, at->column + 1);
}

static int events_read(struct builder *b, yaml_parser_t *p, const char *text, size_t length)
{
	for (;;) {
		yaml_event_t e;
		if (!yaml_parser_parse(p, &e))
			return syntax_refuse(b, p, text, length);
		int r = event_take(b, &e);
		bool is_last = e.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&e);
		if (r < 0 || is_last)
			return r;
	}
}

int config_tree_read(const char *text, size_t length, const struct config_report *r,
	struct config_tree *ret_outline)
{
	struct builder b = {.open = -1, .r = r};
	yaml_parser_t p;
	if (!yaml_parser_initialize(&p))
		return out_of_memory(&b);
	yaml_parser_set_input_string(&p, (const unsigned char *)text, length);
	int result = events_read(&b, &p, text, length);
	yaml_parser_delete(&p);
	free(b.key);
	if (result < 0)
		config_tree_free(&b.o);
	else
		*ret_outline = b.o;
	return result;
}

void config_tree_free(struct config_tree *o)
{
	for (unsigned i = 0; i < o->count; i++) {
		free(o->node[i].key);
		free(o->node[i].value);
	}
	free(o->node);
	*o = (struct config_tree){0};
}

// Writes the last step of the node's path.
static int step_write(const struct config_tree_node *n, char *to, size_t size)
{
	if (n->key == NULL)
		return snprintf(to, size, "[%u]", n->index);
	return snprintf(to, size, "%s%.64s", n->parent > 0 ? "." : "", n->key);
}

const char *config_tree_path(const struct config_tree *o, unsigned node, char *ret_path)
{
	int step[CONFIG_TREE_DEPTH + 1];
	unsigned depth = 0;
	size_t used = 0;
	snprintf(ret_path, REPORT_SETTING, "the file");
	for (int i = (int)node; i > 0 && depth <= CONFIG_TREE_DEPTH; i = o->node[i].parent)
		step[depth++] = i;
	while (depth > 0 && used < REPORT_SETTING) {
		depth--;
		used += (size_t)step_write(
			&o->node[step[depth]], ret_path + used, REPORT_SETTING - used);
	}
	return ret_path;
}

// How much of path the node's own path covers: all of its own text, if path goes on after it.
static size_t path_match(const char *own, const char *path)
{
	size_t length = strlen(own);
	// A path that is shorter than the key ends before what is looked at next.
	if (strncmp(own, path, length) != 0)
		return 0;
	bool ends = path[length] == '\0' || path[length] == '.' || path[length] == '[';
	return ends ? length : 0;
}

unsigned config_tree_line(const struct config_tree *o, const char *path)
{
	char own[REPORT_SETTING];
	size_t best = 0;
	unsigned line = 1;
	for (unsigned i = 1; i < o->count; i++) {
		size_t match = path_match(config_tree_path(o, i, own), path);
		if (match <= best)
			continue;
		best = match;
		line = o->node[i].line;
	}
	return line;
}

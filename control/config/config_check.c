// SPDX-License-Identifier: BSD-3-Clause
#include "config/config_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/diagnostic.h"
#include "config/config_value.h"

#define WORDS_SIZE 256

// The check as it goes through the outline.
struct check {
	const struct config_tree *o;
	const cyaml_schema_value_t **schema; // of each node, once it has been looked at
	const struct config_report *r;
};

// One node, with what a sentence about it needs.
struct place {
	unsigned node;
	const struct config_tree_node *n;
	const cyaml_schema_value_t *schema;
	const struct setting_rule *rule; // of the key, or of the list that holds it; NULL: none
};

// The path of a node for a sentence; the document itself has none.
static const char *path_of(const struct check *c, unsigned node, char *ret_path)
{
	return node == 0 ? NULL : config_tree_path(c->o, node, ret_path);
}

static int value_refuse(const struct check *c, const struct place *p, const char *why)
{
	char path[REPORT_SETTING];
	char value[DIAGNOSTIC_QUOTE];
	return config_report_at(c->r, p->n->line, path_of(c, p->node, path), "%s %s",
		diagnostic_quote(p->n->value, value), why);
}

// As value_refuse, for one whose value is not to be quoted.
static int shape_refuse(const struct check *c, const struct place *p, const char *why)
{
	char path[REPORT_SETTING];
	return config_report_at(c->r, p->n->line, path_of(c, p->node, path), "%s; write e.g. %s",
		why, p->rule == NULL ? "ttl: 64" : p->rule->example);
}

static const cyaml_schema_field_t *field_find(const cyaml_schema_value_t *mapping, const char *key)
{
	for (const cyaml_schema_field_t *f = mapping->mapping.fields; f->key != NULL; f++)
		if (strcmp(f->key, key) == 0)
			return f;
	return NULL;
}

// A list of words that grows: "a, b or c" is what people read, but "a, b, c" needs no look ahead.
static void words_add(char *words, const char *word)
{
	size_t used = strlen(words);
	snprintf(words + used, WORDS_SIZE - used, "%s%s", used == 0 ? "" : ", ", word);
}

static int unknown_refuse(
	const struct check *c, const struct place *p, const cyaml_schema_value_t *mapping)
{
	char path[REPORT_SETTING];
	char words[WORDS_SIZE] = "";
	config_tree_path(c->o, p->node, path);
	if (schema_is_later_key(p->n->key))
		return config_report_at(c->r, p->n->line, path,
			"is not in this version; remove it until a later one has it");
	for (const cyaml_schema_field_t *f = mapping->mapping.fields; f->key != NULL; f++)
		words_add(words, f->key);
	return config_report_at(
		c->r, p->n->line, path, "is not a setting; here there are: %s", words);
}

// The node of this key among the children of parent; -1: none before node `end`.
static int child_find(const struct check *c, unsigned parent, const char *key, unsigned end)
{
	for (unsigned i = parent + 1; i < end; i++)
		if (c->o->node[i].parent == (int)parent && strcmp(c->o->node[i].key, key) == 0)
			return (int)i;
	return -1;
}

// Finds the schema of a node from its parent's.
static int schema_find(struct check *c, struct place *p)
{
	char path[REPORT_SETTING];
	const cyaml_schema_value_t *above = c->schema[p->n->parent];
	unsigned parent = (unsigned)p->n->parent;
	if (above->type == CYAML_SEQUENCE) {
		p->schema = above->sequence.entry;
		p->rule =
			c->o->node[parent].key == NULL ? NULL : schema_rule(c->o->node[parent].key);
		return 0;
	}
	const cyaml_schema_field_t *f = field_find(above, p->n->key);
	if (f == NULL)
		return unknown_refuse(c, p, above);
	int first = child_find(c, parent, p->n->key, p->node);
	if (first >= 0)
		return config_report_at(c->r, p->n->line, path_of(c, p->node, path),
			"stands here a second time, the first is on line %u; remove one",
			c->o->node[first].line);
	p->schema = &f->value;
	p->rule = schema_rule_in(above, p->n->key);
	return 0;
}

static int mapping_check(const struct check *c, const struct place *p)
{
	if (p->n->kind != CONFIG_TREE_MAPPING)
		return shape_refuse(c, p, "must be a group of settings (name: value)");
	return 0;
}

// Only once all that is there has been found good: a misspelt key is both unknown and missing.
static int missing_check(const struct check *c, unsigned node)
{
	char path[REPORT_SETTING];
	if (c->schema[node]->type != CYAML_MAPPING)
		return 0;
	for (const cyaml_schema_field_t *f = c->schema[node]->mapping.fields; f->key != NULL; f++) {
		if (f->value.flags & CYAML_FLAG_OPTIONAL ||
			child_find(c, node, f->key, c->o->count) >= 0)
			continue;
		return config_report_at(c->r, c->o->node[node].line, path_of(c, node, path),
			"has no %s; add e.g. %s", f->key, schema_rule(f->key)->example);
	}
	return 0;
}

static int sequence_check(const struct check *c, const struct place *p)
{
	char path[REPORT_SETTING];
	if (p->n->kind != CONFIG_TREE_SEQUENCE)
		return shape_refuse(c, p, "must be a list");
	if (p->n->child_count < p->schema->sequence.min)
		return shape_refuse(c, p, "must not be an empty list");
	if (p->n->child_count > p->schema->sequence.max)
		return config_report_at(c->r, p->n->line, path_of(c, p->node, path),
			"%u in the list, but there can be at most %u; remove the rest",
			p->n->child_count, p->schema->sequence.max);
	return 0;
}

static bool has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

static int config_check_text_check(const struct check *c, const struct place *p)
{
	char path[REPORT_SETTING];
	size_t length = strlen(p->n->value);
	if (has_control(p->n->value))
		return value_refuse(
			c, p, "has a control character or a line break in it; remove it");
	if (length < p->schema->string.min)
		return value_refuse(c, p, "is empty; give it a value or remove the line");
	if (length > p->schema->string.max)
		return config_report_at(c->r, p->n->line, path_of(c, p->node, path),
			"%zu characters, but at most %u are possible; shorten it", length,
			p->schema->string.max);
	const char *why =
		p->rule == NULL || p->rule->check == NULL ? NULL : p->rule->check(p->n->value);
	return why == NULL ? 0 : value_refuse(c, p, why);
}

static int number_check(const struct check *c, const struct place *p)
{
	char path[REPORT_SETTING];
	char value[DIAGNOSTIC_QUOTE];
	unsigned n;
	path_of(c, p->node, path);
	if (!value_read_number(p->n->value, &n))
		return config_report_at(c->r, p->n->line, path,
			"%s is not a number from %u to %u in plain decimal digits; write e.g. %s",
			diagnostic_quote(p->n->value, value), p->rule->min, p->rule->max,
			p->rule->example);
	if (n < p->rule->min || n > p->rule->max)
		return config_report_at(c->r, p->n->line, path,
			"%u is out of range, %u to %u; write e.g. %s", n, p->rule->min,
			p->rule->max, p->rule->example);
	return 0;
}

static int word_check(const struct check *c, const struct place *p)
{
	char path[REPORT_SETTING];
	char value[DIAGNOSTIC_QUOTE];
	char words[WORDS_SIZE] = "";
	for (unsigned i = 0; i < p->schema->enumeration.count; i++) {
		const char *word = p->schema->enumeration.strings[i].str;
		if (strcmp(word, p->n->value) == 0)
			return 0;
		words_add(words, word);
	}
	bool later = schema_is_later_value(p->n->key, p->n->value);
	return config_report_at(c->r, p->n->line, path_of(c, p->node, path),
		"%s is not %s; choose one of: %s", diagnostic_quote(p->n->value, value),
		later ? "in this version" : "known", words);
}

static int bool_check(const struct check *c, const struct place *p)
{
	if (strcmp(p->n->value, "true") == 0 || strcmp(p->n->value, "false") == 0)
		return 0;
	return value_refuse(c, p, "is neither true nor false; write one of them");
}

// A plain scalar that YAML calls nothing.
static bool is_null(const struct config_tree_node *n)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};
	if (n->kind != CONFIG_TREE_SCALAR || !n->is_plain)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(n->value, words[i]) == 0)
			return true;
	return false;
}

static int scalar_check(const struct check *c, const struct place *p)
{
	if (p->n->kind != CONFIG_TREE_SCALAR)
		return shape_refuse(c, p, "must be one value, not a list or a group");
	if (p->schema->type == CYAML_STRING)
		return config_check_text_check(c, p);
	if (p->schema->type == CYAML_UINT)
		return number_check(c, p);
	if (p->schema->type == CYAML_ENUM)
		return word_check(c, p);
	return bool_check(c, p);
}

static int place_check(struct check *c, struct place *p)
{
	int r = p->n->parent < 0 ? 0 : schema_find(c, p);
	if (r < 0)
		return r;
	c->schema[p->node] = p->schema;
	if (is_null(p->n))
		return shape_refuse(c, p, "has no value");
	if (p->schema->type == CYAML_MAPPING)
		return mapping_check(c, p);
	if (p->schema->type == CYAML_SEQUENCE)
		return sequence_check(c, p);
	return scalar_check(c, p);
}

int config_check(const struct config_tree *o, const cyaml_schema_value_t *file,
	const struct config_report *r)
{
	struct check c = {.o = o, .r = r};
	int result = 0;
	if (o->count == 0)
		return config_report_file(r, -EINVAL,
			"holds no settings; the least is one port with its addresses: %s",
			schema_rule("ports")->example);
	c.schema = calloc(o->count, sizeof(*c.schema));
	if (c.schema == NULL)
		return config_report_file(r, -ENOMEM, "out of memory while checking it");
	for (unsigned i = 0; i < o->count && result == 0; i++) {
		struct place p = {.node = i, .n = &o->node[i], .schema = file};
		result = place_check(&c, &p);
	}
	for (unsigned i = 0; i < o->count && result == 0; i++)
		result = missing_check(&c, i);
	free(c.schema);
	return result;
}

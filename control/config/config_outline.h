// SPDX-License-Identifier: BSD-3-Clause
// A YAML text as a flat list of its keys and values in the order of the file, each with its line:
// what sentences about a configuration are made from. libcyaml keeps no lines.
//
// What a configuration has no use for is refused here: anchors and aliases, tags, a second
// document, keys that are not plain words, deep nesting. Main thread only.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/config_report.h"

#define OUTLINE_NODES 8192
#define OUTLINE_DEPTH 8

enum outline_kind { OUTLINE_MAPPING, OUTLINE_SEQUENCE, OUTLINE_SCALAR };

struct outline_node {
	enum outline_kind kind;
	int parent;     // -1: the document itself
	unsigned index; // among its parent's children
	unsigned child_count;
	unsigned line; // from 1; of the key where there is one
	char *key;     // NULL in a sequence, and of the document
	char *value;   // of a scalar
	bool is_plain; // a scalar without quotes
};

struct outline {
	struct outline_node *node; // parents before children
	unsigned count;            // 0: nothing but comments
};

// Reads the text. On success *ret_outline is to be freed with outline_free; else a negative errno,
// with the sentence in r.
int outline_read(const char *text, size_t length, const struct config_report *r,
	struct outline *ret_outline);

// Frees what o holds.
void outline_free(struct outline *o);

// Writes the node's path as people write it: "ports[0].addresses[1]". ret_path holds
// REPORT_SETTING bytes and is returned; "the file" for the document.
const char *outline_path(const struct outline *o, unsigned node, char *ret_path);

// The line of the node with this path; of the nearest parent there is; 1 if none.
unsigned outline_line(const struct outline *o, const char *path);

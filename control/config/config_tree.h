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

#define CONFIG_TREE_NODES 8192
#define CONFIG_TREE_DEPTH 8

enum config_tree_kind { CONFIG_TREE_MAPPING, CONFIG_TREE_SEQUENCE, CONFIG_TREE_SCALAR };

struct config_tree_node {
	enum config_tree_kind kind;
	int parent;     // -1: the document itself
	unsigned index; // among its parent's children
	unsigned child_count;
	unsigned line; // from 1; of the key where there is one
	char *key;     // NULL in a sequence, and of the document
	char *value;   // of a scalar
	bool is_plain; // a scalar without quotes
};

struct config_tree {
	struct config_tree_node *node; // parents before children
	unsigned count;                // 0: nothing but comments
};

// Reads the text. On success *ret_outline is to be freed with config_tree_free; else a negative
// errno, with the sentence in r.
int config_tree_read(const char *text, size_t length, const struct config_report *r,
	struct config_tree *ret_outline);

// Frees what o holds.
void config_tree_free(struct config_tree *o);

// Writes the node's path as people write it: "ports[0].addresses[1]". ret_path holds
// REPORT_SETTING bytes and is returned; "the file" for the document.
const char *config_tree_path(const struct config_tree *o, unsigned node, char *ret_path);

// The line of the node with this path; of the nearest parent there is; 1 if none.
unsigned config_tree_line(const struct config_tree *o, const char *path);

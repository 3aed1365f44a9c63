// SPDX-License-Identifier: BSD-3-Clause
// Configurations with one mistake each, and the exact sentence it must become.
#pragma once

#include <errno.h>
#include <string.h>

#include "config/config_load.h"
#include "harness/scratch.h"
#include "harness/table.h"

// Three lines of a good configuration; what a row adds begins on line 4.
#define PORT      "ports:\n  - device: net_null0\n    addresses: [10.0.0.10/24]\n"
#define TOP(text) PORT text "\n"
#define MAC(text) PORT "    gateway_mac: " text "\n"
#define ADDRESS(text)                                                                              \
	"ports:\n  - device: net_null0\n    addresses:\n      - 10.0.0.10/24\n      - \"" text     \
	"\"\n"

#define KEYS                                                                                                                                                           \
	"ports, workers, main_core, idle, max_poll_gap, max_poll_gap_drop, reference, fallback_references, leap, smear, memory, interleaved, counter, trust_counter, " \
	"ttl, dscp, keys, run_dir, log, eal"
#define PORTS_EXAMPLE "ports: [ { device: \"net_af_xdp0,iface=eth1\", addresses: [10.0.0.10/24] } ]"
#define SYNTAX_REMEDY "; check indentation, quotes, colons and brackets here and above"

struct mistake {
	const char *name;
	const char *text;
	const char *sentence; // behind the file's name
};

// Fails the test unless loading the file gives this error and, behind its name, this sentence.
static inline void file_is_refused(const char *path, int error, const char *sentence)
{
	struct config *none = NULL;
	struct diagnostic diagnostic = {""};
	assert_int_equal(config_load(path, &none, &diagnostic), error);
	assert_null(none);
	assert_int_equal(strncmp(diagnostic.sentence, path, strlen(path)), 0);
	assert_string_equal(diagnostic.sentence + strlen(path), sentence);
}

// The same of a text that is wrong in itself.
static inline void text_is_refused(const char *text, size_t length, const char *sentence)
{
	file_is_refused(scratch_write("bad.yaml", text, length), -EINVAL, sentence);
}

static inline void mistake_is_told(void **state)
{
	const struct mistake *m = *state;
	text_is_refused(m->text, strlen(m->text), m->sentence);
}

// Each row is a test of its own.
static inline void mistakes_add(struct table *t, const struct mistake *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		table_add(t, rows[i].name, mistake_is_told, &rows[i]);
}

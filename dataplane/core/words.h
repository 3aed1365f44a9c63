// SPDX-License-Identifier: BSD-3-Clause
// Enumerations with words: one table each, in the order of the enumerators.
//
// A list macro X(symbol, stable text, sentence) makes the enumeration and its table, so that they
// cannot drift apart. Everything that a number is shown as comes from the table: logs, JSON,
// metrics, and the layout number by which a reader knows whether the writer's numbers mean the same
// (statseg_layout). Pure, any thread.
#pragma once

// A row: the text for programs (lower case, digits, underscores), and the sentence for people.
struct word {
	const char *text;
	const char *sentence;
};

struct word_table {
	const char *name; // of the enumeration
	const struct word *row;
	unsigned count;
};

// A row of a table's array out of a list macro.
#define WORD_ROW(symbol, text, sentence) {#text, sentence},

// A table over the array `rows`.
// clang-format 14 and 19 differ about such macros.
// clang-format off
#define WORD_TABLE(name, rows) {name, rows, sizeof(rows) / sizeof((rows)[0])}
// clang-format on

// Row n's text, and its sentence; "unknown" for a number that has no row. Static storage.
static inline const char *word_text(const struct word_table *t, unsigned n)
{
	return n < t->count ? t->row[n].text : "unknown";
}

// See word_text.
static inline const char *word_sentence(const struct word_table *t, unsigned n)
{
	return n < t->count ? t->row[n].sentence : "unknown";
}

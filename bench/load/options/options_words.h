// SPDX-License-Identifier: BSD-3-Clause
// Every option of the command line: its name, what it takes, and how that becomes a value. A table;
// main thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "options/options.h"

#define OPTION_WORDS_MAX 48

struct option_word {
	const char *name;
	// Puts the value into o; false, with o as it was, if it is not one.
	bool (*take)(const char *text, struct options *o);
	const char *takes; // what the value must be; NULL: there is none
};

extern const struct option_word option_words[];
extern const size_t option_word_count;

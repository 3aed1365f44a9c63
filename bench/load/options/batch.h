// SPDX-License-Identifier: BSD-3-Clause
// More runs on a port that is open already: a command line on standard input for each. What is to
// be compared in turn then stands side by side, without the seconds that processes take to start.
// Main thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "options/options.h"

#define BATCH_LINE  4096 // longest, with its end
#define BATCH_WORDS 128  // most, with the program's name

// A command line, taken apart. What the options point to lies in it.
struct batch {
	char line[BATCH_LINE];
	char *word[BATCH_WORDS + 1];
	struct options options;
};

// Reads b->line as the command line that follows `before` on the same port. False after one
// sentence on stderr: a wrong option, or another port than before.
bool batch_read(struct batch *b, const struct options *before);

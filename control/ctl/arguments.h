// SPDX-License-Identifier: BSD-3-Clause
// ntpwirectl's command line.
#pragma once

#include <stdbool.h>

enum command { COMMAND_NONE, COMMAND_STATUS, COMMAND_STATS, COMMAND_HEALTH, COMMAND_CHECK };

struct arguments {
	enum command command;
	const char *run_dir;
	const char *file; // of check
	bool json;
	bool watch;
	bool help;
	bool version;
	double interval_s; // of watch
};

// False after a sentence on standard error.
bool arguments_read(int argc, char **argv, struct arguments *ret_arguments);

// How to use it, by examples.
extern const char arguments_help[];

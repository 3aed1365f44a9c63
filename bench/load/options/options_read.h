// SPDX-License-Identifier: BSD-3-Clause
// The command line turned into options, and its help. Main thread; no DPDK.
#pragma once

#include <stdbool.h>

#include "options/options.h"

// Examples first, then every option.
#define OPTIONS_HELP_PARTS 2
extern const char *const options_help[OPTIONS_HELP_PARTS];

// Reads the command line. False after one sentence on stderr about what is wrong with it.
bool options_read(int argc, char **argv, struct options *ret_options);

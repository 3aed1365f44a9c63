// SPDX-License-Identifier: BSD-3-Clause
#include "commands.h"

const struct load_command_row load_commands[LOAD_COMMAND_COUNT] = {
#define X(symbol, name) {#name},
	LOAD_COMMANDS(X)
#undef X
};

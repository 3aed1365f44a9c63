// SPDX-License-Identifier: BSD-3-Clause
// What the program can do. A new command is a row here and a NAME_run() as session.h declares it.
#pragma once

// X(symbol, name)
#define LOAD_COMMANDS(X)                                                                           \
	X(RATE, rate)                                                                              \
	X(LATENCY, latency)                                                                        \
	X(RAMP, ramp)                                                                              \
	X(SEARCH, search)                                                                          \
	X(SOAK, soak)                                                                              \
	X(VERIFY, verify)

enum load_command {
#define X(symbol, name) LOAD_##symbol,
	LOAD_COMMANDS(X)
#undef X
		LOAD_COMMAND_COUNT
};

struct load_command_row {
	const char *name;
};

extern const struct load_command_row load_commands[LOAD_COMMAND_COUNT];

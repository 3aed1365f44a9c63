// SPDX-License-Identifier: BSD-3-Clause
// What the user asked for, and the commands that there are. Plain data; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/auth/keys.h"
#include "traffic/profile.h"

#define OPTIONS_EAL_ARGS 16
#define OPTIONS_BURST    64
#define OPTIONS_QUEUES   32

// What the program can do; a new command is a row here and a NAME_run() as commands.h declares it.
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

struct options {
	enum load_command command;
	const char *device;      // PCI address, or a DPDK virtual device with its arguments
	const char *file_prefix; // NULL: one of this process's own
	const char *eal_arg[OPTIONS_EAL_ARGS];
	unsigned eal_arg_count;
	unsigned core;
	unsigned queues; // pairs of them, all served by the one core
	unsigned memory_mib;
	bool huge_pages;

	uint64_t rate;         // frames a second; 0: as many as the port takes
	double seconds;        // of a run, a step, or the trials that decide
	double drain_seconds;  // how long late replies are waited for
	double settle_seconds; // from link up to the first frame
	double wait_seconds;   // how long the link may take to come up
	double timeout_ms;     // without a reply for so long, a question is met with silence
	struct key key;        // that the server has too
	bool has_key;
	struct profile profile;
	bool has_destination;
	enum expect expect;
	bool allow_unsynchronised;
	bool interleaved; // clients ask when the reply before left
	bool same_clock;  // the server reads the clock that this program reads

	double interval;    // of a soak, in seconds
	double width;       // of the interval a search ends with, relative
	uint64_t reflector; // frames a second that a reflector returned on this link; 0: not known
	uint64_t ndr;       // requests a second without loss; 0: to be searched

	bool again;             // more command lines come on standard input
	const char *report_dir; // where the page with plots goes; NULL: none is wanted
	bool json;
	bool quiet;
	bool help;
	bool version;
};

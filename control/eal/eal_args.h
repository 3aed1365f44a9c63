// SPDX-License-Identifier: BSD-3-Clause
// DPDK's command line, made from the configuration and the plan of cores. Pure, any thread; no
// DPDK.
#pragma once

#include <stddef.h>

#include "config/config.h"
#include "eal/hugepages.h"
#include "eal/topology.h"

#define EAL_ARGS 96
#define EAL_TEXT 32768

// The arguments and their text, which argv points into: not to be copied.
struct eal_args {
	int argc;
	char *argv[EAL_ARGS + 1]; // NULL after the last
	size_t used;
	char text[EAL_TEXT];
};

// What the machine adds to the configuration.
struct eal_facts {
	bool telemetry; // its folder can be made
	struct memory memory;
};

// DPDK's name for this server's files, from run_dir: its last part, with a number behind it unless
// it lies in /run. False if ret_prefix is too small (64 is enough).
bool eal_args_prefix(const char *run_dir, char *ret_prefix, size_t size);

// Fills *ret_args: lcore 0 is the main core and each worker has its own, several on one core
// allowed; PCI ports are allowed by name, all other PCI devices left alone; virtual devices are not
// among the arguments, because created later each can fail in its own words. -E2BIG when the text
// does not fit.
int eal_args_make(const struct config *c, const struct topology *t, const struct eal_facts *facts,
	struct eal_args *ret_args);

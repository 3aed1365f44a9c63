// SPDX-License-Identifier: BSD-3-Clause
// DPDK's command line, made from the options. Pure; no DPDK.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "options/options.h"

#define LINK_ARGS_MAX  (OPTIONS_EAL_ARGS + 16)
#define LINK_ARGS_TEXT 4096

struct link_args {
	int count;
	char *word[LINK_ARGS_MAX + 1];
	char text[LINK_ARGS_TEXT];
	size_t used;
};

// Whether the device is a PCI address.
bool link_args_device_is_pci(const char *device);

// Fills ret_args; prefix is DPDK's name for the process. False if they are too long.
bool link_args_make(const struct options *o, const char *prefix, struct link_args *ret_args);

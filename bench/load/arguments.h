// SPDX-License-Identifier: BSD-3-Clause
// DPDK's command line, made from the options. Pure; no DPDK.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

#define ARGUMENTS_MAX  (OPTIONS_EAL_ARGS + 16)
#define ARGUMENTS_TEXT 4096

struct arguments {
	int count;
	char *word[ARGUMENTS_MAX + 1];
	char text[ARGUMENTS_TEXT];
	size_t used;
};

// Whether the device is a PCI address.
bool arguments_device_is_pci(const char *device);

// Fills ret_arguments; prefix is DPDK's name for the process. False if they are too long.
bool arguments_make(const struct options *o, const char *prefix, struct arguments *ret_arguments);

// SPDX-License-Identifier: BSD-3-Clause
// Whether the memory the configuration asks for is there, found out before DPDK starts: DPDK's own
// words for a machine without huge pages fill a screen. Main thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config.h"

// What the server takes when the configuration names no size.
#define MEMORY_DEFAULT_MIB 128u

// Whether the workers' memory is to lie in files of a hugetlbfs mount, because a port shares it
// with another process. Otherwise huge pages are taken without files.
bool memory_needs_files(const struct config *c);

// Looks for free huge pages, and for a hugetlbfs mount where files are needed, under `root` ("" but
// in tests). 0, or -ENOMEM with one sentence in message. Nothing is needed without huge pages.
int memory_check(const struct config *c, const char *root, char *message, size_t message_size);

// Removes the files that DPDK made under this prefix in hugetlbfs mounts, and with them the pages.
void memory_remove_files(const char *root, const char *prefix);

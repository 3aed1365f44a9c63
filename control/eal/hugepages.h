// SPDX-License-Identifier: BSD-3-Clause
// Which memory packets are to lie in, found out before DPDK starts: DPDK's own words for a machine
// without huge pages fill a screen. Main thread; no DPDK.
#pragma once

#include <stdbool.h>

#include "common/diagnostic.h"
#include "config/config.h"

// What DPDK is told of memory.
struct memory {
	unsigned mib; // how much it needs
	bool huge_pages;
};

// Whether the workers' memory is to lie in files of a hugetlbfs mount if it lies in huge pages,
// because a port shares it with another process. Otherwise huge pages are taken without files.
bool hugepages_needs_files(const struct config *c);

// How many buffers one queue of such a device may hold, as far as can be told before it is made.
unsigned hugepages_queue_buffers(const char *device);

// MiB: what the configuration names, else what so many workers need for their buffers, and no less
// than 128.
unsigned hugepages_need(const struct config *c, unsigned workers);

// Chooses for m->mib: huge pages as the configuration says; by auto where so much of them is free,
// with a hugetlbfs mount where files are needed, else ordinary memory, unless a card needs the
// other. Looks under `root` ("" but in tests). 0, d then being empty or one sentence of what auto
// took, and why; or -ENOMEM with one sentence in d.
int hugepages_choose(
	const struct config *c, const char *root, struct memory *m, struct diagnostic *d);

// Removes the files that DPDK made under this prefix in hugetlbfs mounts, and with them the pages.
void hugepages_remove_files(const char *root, const char *prefix);

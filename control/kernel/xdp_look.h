// SPDX-License-Identifier: BSD-3-Clause
// Looks at an interface before an AF_XDP port takes it: is there an XDP program, and whose. Control
// thread; libbpf and libxdp.
#pragma once

#include <stdint.h>

#include "kernel/xdp_seen.h"

#define XDP_PROGRAM_MAPS 16

// The maps of a program.
struct xdp_maps {
	uint32_t id[XDP_PROGRAM_MAPS];
	uint32_t count;
};

// The maps of the program that this is a descriptor of. -errno.
int xdp_maps_read(int program, struct xdp_maps *ret_maps);

// A descriptor of the map of this name; -ENOENT: there is none.
int xdp_maps_open(const struct xdp_maps *maps, const char *name);

// Whether our program may be attached there: nothing is in the way. What a dead server of ours left
// is taken away first, and that is logged. -EBUSY: *ret_seen is in the way.
int xdp_look(const struct xdp_site *at, struct xdp_seen *ret_seen);

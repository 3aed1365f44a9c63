// SPDX-License-Identifier: BSD-3-Clause
// What is to be done about an XDP program that an AF_XDP port finds on its interface, and the
// sentence about one that is in its way. Pure, any thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/diagnostic.h"
#include "config/config.h"
#include "kernel/xdp_holder.h"

#define XDP_NAME 16 // the kernel's name of a program, with its end

// Where a port is to be attached.
struct xdp_site {
	const char *device; // the port's, for sentences
	const char *interface;
	int index; // the interface's
	enum xdp_sharing sharing;
};

struct xdp_seen {
	uint32_t id;         // the kernel's; 0: there is no program
	char name[XDP_NAME]; // "": the kernel does not tell
	bool is_filter;      // it is a filter of an ntpwired's
	bool is_generic;     // it runs behind the card's driver
	bool is_dispatched;  // libxdp's dispatcher, or a program that this runs
	struct xdp_holder holder;
};

enum xdp_verdict {
	XDP_FREE,   // nothing is there
	XDP_OLD,    // a server that is dead left it: to be taken away
	XDP_BESIDE, // it and ours can be there together
	XDP_TAKEN,  // it is in the way, and not ours to touch
};

// What the program means for a port.
enum xdp_verdict xdp_judge(const struct xdp_seen *s, enum xdp_sharing sharing);

// One sentence about a program that is in the way: which one, whose, and the remedy.
void xdp_complain(const struct xdp_site *at, const struct xdp_seen *s, struct diagnostic *d);

// SPDX-License-Identifier: BSD-3-Clause
// Who holds an eBPF program: /proc/PID/fdinfo names the program of each descriptor of a process.
// Files only; any thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define XDP_COMMAND 16 // the kernel's name of a process, with its end

struct xdp_holder {
	int pid; // the first one found; 0: none was
	char command[XDP_COMMAND];
	bool is_presumed; // it may not be looked into, and has the likely name
};

// Looks for a process other than this one that has a descriptor of the program, or of a link that
// attaches it. proc: where the kernel's /proc is; likely: the name of a process that is presumed to
// have one if it may not be looked into, or NULL.
void xdp_holder_find(
	const char *proc, uint32_t program, const char *likely, struct xdp_holder *ret_holder);

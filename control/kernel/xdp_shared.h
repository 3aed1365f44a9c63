// SPDX-License-Identifier: BSD-3-Clause
// The filter of an AF_XDP port as one of several XDP programs on an interface: libxdp's dispatcher
// runs them one after the other. Control thread; libbpf and libxdp.
#pragma once

struct xdp_program;

struct xdp_shared {
	struct xdp_program *program; // NULL: it is not attached
	int index;                   // of the interface
	unsigned mode;               // libxdp's
};

// Attaches the object's first program behind those that are there. It works on the maps of `twin`,
// a program loaded from the same object. -errno.
int xdp_shared_attach(struct xdp_shared *s, int index, const char *object, int twin);

// Detaches it, and nothing else. Also when it is not attached.
void xdp_shared_detach(struct xdp_shared *s);

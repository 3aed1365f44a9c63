// SPDX-License-Identifier: BSD-3-Clause
// An AF_XDP port's place on its interface: taken only where nobody else's XDP program stands, and
// given up without touching anybody else's.
//
// DPDK's driver attaches by bpf_xdp_attach, and when it closes takes away by bpf_xdp_detach
// whatever it finds. It calls both through the dynamic symbol table, where this program's own come
// before libbpf's: a port's calls come here. Attaching makes a BPF link, which nobody replaces and
// which goes with the process, however that ends; or, where the place is shared, enters the program
// in libxdp's dispatcher. Control thread.
#pragma once

#include <stddef.h>

#include "common/diagnostic.h"
#include "config/config.h"

// Before DPDK makes the device: sees that its interface is free, and takes the place for it.
// Nothing for a device other than AF_XDP. -errno, with one sentence in d.
int xdp_place_take(const char *device, enum xdp_sharing sharing, struct diagnostic *d);

// Why the place of this device was not to be had, in one sentence, since the last xdp_place_take;
// NULL: it was, or it is not known that somebody else is why.
const struct diagnostic *xdp_place_refusal(const char *device);

// A descriptor of the program that was attached there, which stays ours; -ENOENT: none was.
int xdp_place_program(const char *device);

// Takes our program away, and gives the place up. Also when there is none.
void xdp_place_leave(const char *device);

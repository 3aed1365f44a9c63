// SPDX-License-Identifier: BSD-3-Clause
// The eBPF filter in front of an AF_XDP port (dataplane/xdp/ntp_filter.bpf.c): where its object is,
// and telling it which addresses are ours. Control thread; libbpf, no DPDK.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/service.h"

#define XDP_FILTER_OBJECT "ntp_filter.bpf.o"

// Finds a compiled eBPF program: in the build tree when this program runs from there, else where it
// is installed. False if it is in neither, or ret_path is too small.
bool xdp_object_find(const char *object, char *ret_path, size_t size);

// Lets the filter that this is a descriptor of hand over UDP 123 for s's addresses. Call when the
// port is started; before, the kernel gets everything. Frames get stamps with this mark, unless it
// is 0. -errno on failure: -ENOENT if it is not this filter.
int xdp_filter_allow(int program, const struct service *s, uint64_t mark);

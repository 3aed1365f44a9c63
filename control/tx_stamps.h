// SPDX-License-Identifier: BSD-3-Clause
// The kernel's word of when a frame left through an AF_XDP port (dataplane/xdp/tx_stamp.bpf.c): loading what
// tells it, and where each CPU's is. Control thread; libbpf, no DPDK.
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_link;
struct bpf_object;
struct tx_stamp;

// All zero: not open.
struct tx_stamps {
	struct bpf_object *object;
	struct bpf_link *link;
	struct tx_stamp *place; // of each CPU; written by the kernel and by the worker there
	size_t size;            // bytes
};

// From now on the kernel tells. -errno on failure, and nothing stays open: -EPERM or -EACCES where tracing is not
// allowed (CAP_PERFMON, kernel lockdown), -ENOENT where the program is not installed.
int tx_stamps_open(struct tx_stamps *t);

// Where it tells a CPU's; valid until tx_stamps_close. NULL if t is not open, or there is no such CPU.
_Atomic uint64_t *tx_stamps_place(const struct tx_stamps *t, unsigned cpu);

// No worker may use a place any more. Nothing if t is not open.
void tx_stamps_close(struct tx_stamps *t);

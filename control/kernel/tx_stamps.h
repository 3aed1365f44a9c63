// SPDX-License-Identifier: BSD-3-Clause
// The kernel's word of when a frame left through an AF_XDP port (dataplane/xdp/tx_stamp.bpf.c):
// loading what tells it, and where each CPU's is. Control thread; libbpf, no DPDK.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TX_STAMPS_LINKS 2

#define TX_STAMPS_OBJECT "tx_stamp.bpf.o"

struct bpf_link;
struct bpf_object;
struct tx_stamp;

// All zero: not open.
struct tx_stamps {
	struct bpf_object *object;
	struct bpf_link *link[TX_STAMPS_LINKS];
	struct tx_stamp *place; // of each CPU; written by the kernel and by the worker there
	size_t size;            // bytes
};

// Whether frames through this interface come by where the kernel tells: it is one end of a veth
// pair.
bool tx_stamps_reach(const char *interface);

// From now on the kernel tells. -errno on failure, and nothing stays open: -EPERM or -EACCES where
// tracing is not allowed (CAP_PERFMON, kernel lockdown), -ENOENT where the object is missing.
int tx_stamps_open(struct tx_stamps *t, const char *object);

// Where it tells a CPU's; valid until tx_stamps_close. NULL if t is not open, or there is no such
// CPU.
_Atomic uint64_t *tx_stamps_place(const struct tx_stamps *t, unsigned cpu);

// No worker may use a place any more. Nothing if t is not open.
void tx_stamps_close(struct tx_stamps *t);

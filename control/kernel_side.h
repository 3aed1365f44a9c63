// SPDX-License-Identifier: BSD-3-Clause
// What the kernel has to know of a port it still owns: which packets are the worker's.
//
// An AF_XDP port's filter is told the service addresses; behind a packet socket the kernel is kept
// from refusing the requests that it sees too. Other ports are DPDK's alone and need nothing.
// Control thread.
#pragma once

#include <stddef.h>

#include "config.h"
#include "hush.h"
#include "port.h"

struct kernel_side {
	struct hush hush;
};

// To be called when workers already poll the port, so that no request waits in its ring for them.
// On failure -errno, and message holds the sentence.
int kernel_side_open(struct kernel_side *k, const struct port *p, const struct config *c,
	char *message, size_t message_size);

// Takes back what is not taken back by closing the port.
void kernel_side_close(struct kernel_side *k);

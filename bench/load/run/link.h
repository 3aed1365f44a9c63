// SPDX-License-Identifier: BSD-3-Clause
// DPDK and the one port: started from the options, and left as if it had never been. Main thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/service.h"
#include "options/options.h"

struct rte_mempool;

struct link {
	uint16_t port;
	struct mac mac;
	uint16_t queues;             // pairs of a receive and a transmit queue
	struct rte_mempool *pool;    // frames to be sent
	struct rte_mempool *rx_pool; // the same, or one of its own
};

// Starts DPDK with the arguments that o comes to, and the port. On failure a negative errno,
// nothing left open, and one sentence in message.
int link_open(const struct options *o, struct link *ret_link, char *message, size_t message_size);

// Whether the port's link is up, waiting at most `seconds` for it, or until *stop is set.
bool link_wait(const struct link *l, double seconds, const volatile int *stop);

// A second port, made for the moment, that receives what it sends; it shares the first one's
// buffers. -errno.
int link_open_loop(const struct link *l, struct link *ret_loop);

// Closes the second port.
void link_close_loop(struct link *loop);

// Closes the port and ends DPDK.
void link_close(struct link *l);

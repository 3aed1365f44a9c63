// SPDX-License-Identifier: BSD-3-Clause
// What the kernel has to know of a port it still owns: which packets are the worker's.
//
// An AF_XDP port's filter is told the service addresses; behind a packet socket the kernel is kept
// from refusing the requests that it sees too. Other ports are DPDK's alone and need nothing.
// Control thread.
#pragma once

#include <stdint.h>

#include "common/diagnostic.h"
#include "core/service.h"
#include "kernel/unreach_guard.h"

struct steering {
	struct unreach_guard guard;
};

// A port as the kernel is told of it.
struct steering_port {
	const char *device;     // as the configuration names it
	uint64_t meta_cookie;   // in front of stamped frames; 0: frames get no stamps
	struct service service; // its addresses
};

// To be called when workers already poll the port, so that no request waits in its ring for them.
// On failure -errno, and d holds the sentence.
int steering_open(struct steering *k, const struct steering_port *p, struct diagnostic *d);

// Takes back what is not taken back by closing the port.
void steering_close(struct steering *k);

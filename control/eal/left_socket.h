// SPDX-License-Identifier: BSD-3-Clause
// The sockets that shared-memory ports listen on: a server that is killed leaves its file behind,
// on which the next one could not listen. Main thread; no DPDK.
#pragma once

#include "common/diagnostic.h"

// Before the device is made: where it is to listen on a path, a socket there that no program has is
// removed, with a line in the log. -EADDRINUSE, with one sentence in d, for one that another
// program has, and for what is no socket; -errno where that cannot be told.
int left_socket_clear(const char *device, struct diagnostic *d);

// Once the device is gone: removes the socket, if it is there and no program has it.
void left_socket_remove(const char *device);

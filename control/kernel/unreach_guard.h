// SPDX-License-Identifier: BSD-3-Clause
// Keeps the kernel from refusing requests that a worker answers.
//
// Through a packet socket (net_af_packet) worker and kernel both receive each frame. For a UDP port
// that nobody has opened the kernel would tell the client "port unreachable" beside our answer. A
// socket on the port whose filter takes nothing makes it keep silent. Control thread.
#pragma once

#include <stdbool.h>

#include "core/service.h"

#define UNREACH_GUARD_SOCKETS (2 * SERVICE_ADDRESSES)

struct unreach_guard {
	int fd[UNREACH_GUARD_SOCKETS];
	unsigned count;
};

// Opens a socket on UDP 123 of each of s's addresses that this machine has; the others need none.
// -EADDRINUSE: another NTP server has the port. On failure nothing stays open.
int unreach_guard_open(struct unreach_guard *h, const struct service *s);

// Closes them.
void unreach_guard_close(struct unreach_guard *h);

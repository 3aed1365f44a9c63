// SPDX-License-Identifier: BSD-3-Clause
// Messages to the supervisor that started the server, as sd_notify(3) describes them: a datagram of
// "NAME=value" lines to the socket that NOTIFY_SOCKET names.
//
// Not libsystemd's sd_notify: that one waits for room in the socket's queue (ten datagrams where
// nobody set it higher), and the control thread has a clock to keep while a supervisor does not
// read. One thread; no DPDK.
#pragma once

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
	int fd; // -1: nobody is told
	struct sockaddr_un address;
	socklen_t size;
};

// Finds the supervisor. 0, also without one; -errno where NOTIFY_SOCKET cannot be used. Messages of
// an unused notify go nowhere.
int notify_open(struct notify *ret_notify);

// Sends a message, or loses it: it never waits.
void notify_send(const struct notify *n, const char *text);

// How long the supervisor waits for "WATCHDOG=1" from this process, us; 0: it does not.
uint64_t notify_watchdog_us(void);

// What is sent after it goes nowhere.
void notify_close(struct notify *n);

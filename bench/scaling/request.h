// SPDX-License-Identifier: BSD-3-Clause
// The requests that workers are fed with, and whether a reply to one is right. Knows the bytes from
// the RFCs and nothing of the core's code. Pure, any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_LENGTH 90 // Ethernet, IPv4, UDP and 48 bytes of NTP
#define REQUEST_ROOM   128

// clang-format 14 and 19 differ about such macros.
// clang-format off
#define REQUEST_SERVER_MAC {0x02, 0, 0, 0, 0, 1}
#define REQUEST_SERVER_IP4 {10, 123, 0, 1}
// clang-format on

// Writes the request of client number n, 0 to 65533: its address and transmit time tell it from all
// others. Both checksums are right.
void request_make(unsigned n, uint8_t to[static REQUEST_ROOM]);

// Whether `reply` of `length` bytes answers this request: addresses and ports exchanged, mode 4,
// the same version, a stratum, origin as sent, T2 <= T3. Cheap enough for every packet.
bool request_reply_fits(const uint8_t *request, const uint8_t *reply, size_t length);

// Whether both checksums of a reply of REQUEST_LENGTH bytes are right.
bool request_reply_sums(const uint8_t *reply);

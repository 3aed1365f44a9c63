// SPDX-License-Identifier: BSD-3-Clause
// What a reply must be, byte by byte, worked out from the request's bytes and RFC offsets alone
// (S-14). Uses the slow checksum and nothing of the core's code.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "harness/desk.h"

// The reply that d's service owes to d->request, with these two times in it. Returns its length.
size_t reply_expect(
	const struct desk *d, uint64_t receive, uint64_t transmit, uint8_t to[static FRAME_ROOM]);

// Fails the running test unless d's last reply is exactly the one owed, its times are the desk's to
// within the precision, and T2 < T3, T3 != T1 (H7).
void reply_check(const struct desk *d);

// Where the NTP message begins in a reply's frame, whatever stands behind its 48 bytes.
size_t reply_ntp_offset(const uint8_t *frame);

// The number in the 8 bytes at p.
uint64_t reply_u64(const uint8_t *p);

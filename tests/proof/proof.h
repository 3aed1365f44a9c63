// SPDX-License-Identifier: BSD-3-Clause
// What every proof begins with. A harness makes arbitrary inputs within its stated assumptions,
// calls one function, and claims what must hold; CBMC adds its own claims about every pointer,
// index, shift and sum on the way, for all inputs at once. With -DCANARY the harness claims
// something false, which CBMC must find: a proof that cannot fail proves nothing.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/frame.h"
#include "core/service.h"

#define PROOF_FRAME 128 // longest frame, in bytes

#define assume(condition) __CPROVER_assume(condition)
#define claim(condition)  __CPROVER_assert(condition, #condition)

size_t nondet_size(void);
uint64_t nondet_uint64(void);
uint32_t nondet_uint32(void);
int64_t nondet_int64(void);
uint16_t nondet_uint16(void);
uint8_t nondet_uint8(void);
struct service nondet_service(void);
struct clock_view nondet_clock_view(void);
struct frame nondet_frame(void);

// Arbitrary bytes, of which a proof uses the last `length`: a byte behind them is out of bounds for
// every length, a byte before them for the longest. The room's size is fixed because an object
// whose size CBMC does not know costs it gigabytes.
struct proof_room {
	uint8_t byte[PROOF_FRAME];
};

struct proof_room nondet_room(void);

static inline uint8_t *proof_bytes(struct proof_room *room, size_t length)
{
	assume(length <= PROOF_FRAME);
	*room = nondet_room();
	return room->byte + (PROOF_FRAME - length);
}

// Any service with up to two addresses of each family (SERVICE_ADDRESSES is 2 here), whatever its
// templates hold.
static inline struct service proof_service(void)
{
	struct service s = nondet_service();
	assume(s.ip4_count <= 2 && s.ip6_count <= 2);
	return s;
}

// What a port may say about checksums.
static inline struct checksum_report proof_report(void)
{
	struct checksum_report r = {nondet_uint8(), nondet_uint8()};
	assume(r.ip <= CHECKSUM_ABSENT && r.udp <= CHECKSUM_ABSENT);
	return r;
}

// SPDX-License-Identifier: BSD-3-Clause
// Message authentication codes of a burst: checked in requests, made for replies (RFC 5905 7.3, RFC
// 7822, RFC 8573; protocol rules E5 to E7).
//
// A request whose code is right is answered with one of the same key, type and length; an unknown
// key or a wrong code is silence and a counter. AES-CMAC is computed for several packets side by
// side, the others one by one. Part of a responder, on its worker's thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/auth/keys.h"
#include "core/packet.h"
#include "core/verdict.h"

struct auth_job {
	const struct key *key;
	uint8_t *message;    // the NTP message
	uint16_t length;     // bytes of it that the code is over
	uint8_t code_length; // key id and digest
	uint8_t packet;      // its place in the burst
	uint8_t digest[KEY_DIGEST_MAX];
};

struct auth {
	const struct keys *keys;       // NULL: no key is known; changed between bursts only
	struct key_counters *counters; // this worker's; may be NULL while keys is
	uint64_t members;              // bit i: packet i is to be answered with a code
	unsigned count;
	struct auth_job job[RESPONDER_BURST];
	struct aes_cmac_job aes[RESPONDER_BURST];
	uint64_t sum[RESPONDER_BURST]; // of the first 48 bytes of packet i's reply
};

static_assert(RESPONDER_BURST <= 64, "a member is a bit");

// Begins a burst.
static inline void auth_begin(struct auth *a)
{
	a->members = 0;
	a->count = 0;
}

// Whether packet i's reply carries a code.
static inline bool auth_is_member(const struct auth *a, unsigned i)
{
	return a->members >> i & 1;
}

// Takes packet i, p, whose verdict is V_NTP_MAC, up for auth_check. Keeps that verdict if the key
// is not known, makes it V_NTP_MAC_WRONG if the code's length is not its type's.
void auth_add(struct auth *a, unsigned i, struct packet *p);

// Computes all codes and compares, in constant time. A right one gets the verdict that its request
// would have without a code, the others V_NTP_MAC_WRONG. Returns the number of right ones.
unsigned auth_check(struct auth *a, struct packet *packets);

// Makes the codes of all members' replies, behind the 48 bytes that stand there already.
void auth_sign(struct auth *a);

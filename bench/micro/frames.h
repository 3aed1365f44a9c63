// SPDX-License-Identifier: BSD-3-Clause
// A set of request frames, spaced like a mempool's buffers, for cases to work on. One thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/responder.h"

#define FRAMES       1024
#define FRAME_STRIDE 2304 // a DPDK buffer of 2 KiB with its headroom and mbuf

#define FRAMES_BURST 32 // of them, that a worker receives at once

enum frames_kind {
	FRAMES_IP4,
	FRAMES_IP6,
	FRAMES_VLAN,
	FRAMES_MODE6,        // dropped by the NTP check
	FRAMES_NOT_OURS,     // dropped by destination address
	FRAMES_ARP,          // dropped by ethertype
	FRAMES_BAD_CHECKSUM, // dropped by the UDP checksum
	FRAMES_JUNK          // every kind that ntpwire-load has, in another order for each run
};

// The service that the frames are sent to.
const struct service *frames_service(void);

// Builds the pristine set, unless it is built: FRAMES different clients. Call before
// frames_restore.
void frames_build(enum frames_kind kind);

// Copies the pristine set into the working buffers.
void frames_restore(void);

// What a worker does with received buffers first: says what FRAMES_BURST of them, from this one on,
// are.
void frames_load(struct packet *packets, unsigned first);

// Makes request i, over IPv4, one in interleaved mode with these timestamps.
void frames_ask(unsigned i, uint64_t origin, uint64_t receive);

// Working buffer i.
uint8_t *frames_at(unsigned i);

// Whether it still holds the request it was filled with.
bool frames_is_pristine(unsigned i);

// Bytes in each frame of the set; of FRAMES_JUNK, in its first one.
uint16_t frames_length(void);

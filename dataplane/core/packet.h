// SPDX-License-Identifier: BSD-3-Clause
// One received frame on its way through the core.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/frame.h"
#include "core/ntp_time.h"
#include "core/verdict.h"

#define RESPONDER_BURST 64 // most packets in one call of the responder

// How far the fast path (fastpath.h) came with a packet.
enum packet_way {
	PATH_SLOW, // it left the packet to the slow path, or never saw it
	PATH_FAST, // to be answered side by side: checksums are complete then, frame is not filled
	PATH_DROPPED, // it found the reason for silence: the verdict stands
};

// The caller fills what is marked "in" and owns the bytes.
struct packet {
	uint8_t *data;   // in: first byte of the Ethernet header, writable
	uint16_t length; // in: bytes received; out: bytes of the reply, if answered
	struct checksum_report checksums; // in: what the port said
	bool is_whole;           // in: else the verdict stands and the bytes are left alone
	bool has_rx_time;        // in: rx_time is the port's stamp; else the burst's counts
	uint8_t way;             // out: enum packet_way
	bool is_ip6;             // out, if answered
	bool is_smeared;         // out, if answered by the slow path: to an address of smeared time
	enum verdict verdict;    // out
	struct ntp_time rx_time; // in
	struct frame frame;      // between the passes
};

// The times of one burst.
struct burst_times {
	struct ntp_time receive;  // T2 of packets without a stamp of their own
	struct ntp_time transmit; // T3 of the first reply: predicted, never late
};

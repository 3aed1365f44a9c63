// SPDX-License-Identifier: BSD-3-Clause
// One worker's counters: what happened to every packet, and what the worker did.
//
// One block per worker, on pages of its own: the worker writes, anyone reads, nobody resets (who
// wants a rate takes the difference of two readings). Every field is a relaxed 64-bit atomic with
// a single writer, so an update is a load, an add and a store, never a locked instruction.
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

#include "core/verdict.h"

// X(symbol, stable text, sentence)
#define TRAFFIC_LIST(X)                                                                            \
	X(RX_PACKETS, rx_packets, "packets received")                                              \
	X(RX_BYTES, rx_bytes, "bytes received, Ethernet frame without FCS")                        \
	X(TX_PACKETS, tx_packets, "replies taken by the port")                                     \
	X(TX_BYTES, tx_bytes, "bytes of these replies")                                            \
	X(ANSWERED_IP6, answered_ip6, "answered requests that came over IPv6")                     \
	X(MAC_RIGHT, mac_right, "requests whose message authentication code was right")            \
	X(INTERLEAVED, interleaved, "answered in interleaved mode")                                \
	X(INTERLEAVED_MISSED, interleaved_missed,                                                  \
		"answered in basic mode, although the request looks like interleaved mode")        \
	X(TX_STAMPED, tx_stamped, "sends of which the kernel told when the first reply left")      \
	X(ANSWERED_UNSYNC, answered_unsync, "answered with leap 3 and stratum 0")                  \
	X(BURSTS, bursts, "polls that returned packets")                                           \
	X(FULL_BURSTS, full_bursts, "polls that returned as many packets as were asked for")       \
	X(POLLS, polls, "polls of the port, counted at housekeeping")                              \
	X(SLEEPS, sleeps, "times the idle policy slept")                                           \
	X(LATE_POLLS, late_polls, "polls more than max_poll_gap after the one before")             \
	X(SNAPSHOT_STALE, snapshot_stale,                                                          \
		"bursts served by an older snapshot, or by none: the writer was at it")            \
	X(HEARTBEAT, heartbeat, "counter cycles at the last housekeeping")                         \
	X(POLL_GAP_MAX, poll_gap_max, "cycles between two polls of a queue, the most of late ones")

// HEARTBEAT and what follows it are readings: their sum over workers means nothing.
enum traffic {
#define X(symbol, text, sentence) TRAFFIC_##symbol,
	TRAFFIC_LIST(X)
#undef X
		TRAFFIC_COUNT
};

// What became of a port's receive stamps. X(symbol, stable text, sentence)
#define STAMP_LIST(X)                                                                              \
	X(USED, rx_stamp_used, "receive times taken from the port's stamp")                        \
	X(ZERO, rx_stamp_zero, "stamps of zero from a port that means none by it")                 \
	X(FUTURE, rx_stamp_future, "stamps later than the packet was seen")                        \
	X(OLD, rx_stamp_old, "stamps older than a packet can have waited")                         \
	X(NO_FIT, rx_stamp_no_fit, "stamps while the port's clock was not known")                  \
	X(STALE, rx_stamp_stale, "stamps when the port's clock was last measured too long ago")

enum stamp {
#define X(symbol, text, sentence) STAMP_##symbol,
	STAMP_LIST(X)
#undef X
		STAMP_COUNT
};

#define COUNTERS_PORTS 16 // as many as there can be in a configuration

struct counters {
	alignas(128) _Atomic uint64_t verdict[VERDICT_COUNT]; // writer: worker; readers: anyone
	_Atomic uint64_t traffic[TRAFFIC_COUNT];              // writer: worker; readers: anyone
	_Atomic uint64_t stamp[COUNTERS_PORTS][STAMP_COUNT];  // of each port; writer: worker
};

static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit counters must be lock-free");

// Adds n. Only on the thread that owns the block.
static inline void counters_add(_Atomic uint64_t *counter, uint64_t n)
{
	uint64_t was = atomic_load_explicit(counter, memory_order_relaxed);
	atomic_store_explicit(counter, was + n, memory_order_relaxed);
}

// Sets a counter that is a reading, not a sum. Only on the thread that owns the block.
static inline void counters_set(_Atomic uint64_t *counter, uint64_t value)
{
	atomic_store_explicit(counter, value, memory_order_relaxed);
}

// The value now, from any thread.
static inline uint64_t counters_get(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

extern const struct word_table traffic_words, stamp_words;

// The stable text of a traffic counter, for metrics and JSON. Static storage; "unknown" for a
// number that is none.
const char *traffic_text(enum traffic t);

// One sentence about it for people. Static storage.
const char *traffic_sentence(enum traffic t);

// The same two of a stamp's fate.
const char *stamp_text(enum stamp s);
const char *stamp_sentence(enum stamp s);

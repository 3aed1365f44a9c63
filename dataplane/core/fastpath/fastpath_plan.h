// SPDX-License-Identifier: BSD-3-Clause
// The plan of a family's plain frames: what they look like, what their replies have in common, and
// which verdict each mismatching point has. Made once for a service. For fastpath.c alone. Pure.
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fastpath/fastpath_set.h"
#include "core/packet.h"
#include "core/service.h"
#include "core/verdict.h"

// What the caller says of a packet, read as one word: the length, and what must be so in a plain
// one.
#define FACTS_AT      offsetof(struct packet, length)
#define FACTS_BIT(f)  (8 * (offsetof(struct packet, f) - FACTS_AT))
#define FACTS_WHOLE   (1ull << FACTS_BIT(is_whole))
#define FACTS_RX_TIME (1ull << FACTS_BIT(has_rx_time))
// Checksums that are unknown or good: neither has a bit above the lowest.
#define FACTS_CHECKSUM (0xfeull << FACTS_BIT(checksums.ip) | 0xfeull << FACTS_BIT(checksums.udp))
#define FACTS_MASK     (UINT16_MAX | FACTS_CHECKSUM | FACTS_WHOLE)
#define FACTS_NONE     UINT64_MAX // no packet is so

static_assert(FACTS_BIT(is_whole) < 64 && FACTS_BIT(has_rx_time) < 64, "one word");
static_assert(CHECKSUM_UNKNOWN == 0 && CHECKSUM_GOOD == 1, "no bit above the lowest");

// In a plan's list of reasons no verdict: the slow path knows.
#define LEFT VERDICT_COUNT

// Fills a plan that is all zero for the first IPv4 or IPv6 address of s, which has one.
void fast_plan_fill_ip4(struct fast_plan *p, const struct service *s);
void fast_plan_fill_ip6(struct fast_plan *p, const struct service *s);

// SPDX-License-Identifier: BSD-3-Clause
// The traffic profile: what is to be sent, as the user said it, from whom, to whom, of which kinds,
// and what comes back. Plain data.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/service.h"
#include "traffic/kinds.h"

#define PROFILE_CLIENTS_MAX (1u << 24)

// What comes back.
enum expect {
	EXPECT_NTP,     // a server's replies
	EXPECT_REFLECT, // the request with MACs, addresses and ports exchanged (testpmd 5tswap)
	EXPECT_MACSWAP, // with MACs exchanged
	EXPECT_IO,      // as it was sent
};

// One address family. The client with number n has the address net + 1 + n.
struct profile_family {
	bool is_used;
	uint8_t server[16]; // network order; IPv4 in the first four
	uint8_t net[16];
	unsigned net_bits; // prefix length
};

struct profile {
	struct mac source;
	struct mac destination;
	bool has_vlan;
	uint16_t vlan;
	struct profile_family ip4;
	struct profile_family ip6;
	uint32_t clients;
	unsigned weight[REQUEST_COUNT]; // shares of the kinds among requests
	unsigned junk_percent;          // share of junk among all frames, 0..99
	bool junk[JUNK_MAX];            // which kinds of it
};

// SPDX-License-Identifier: BSD-3-Clause
#include "time/nic_profile.h"

#include <stddef.h>
#include <string.h>

#define GHZ 1000000000u

// Drivers that stamp PTP packets only (igb, ixgbe, i40e), or promise stamps and give none (bnxt),
// are as unknown ones: not trusted. iavf asks the PF in its receive path and may block there.
static const struct nic_profile profiles[] = {
	{"mlx5", true, true, false, true, 63, NIC_CLOCK_READ, 0},
	// 32 bits from the descriptor; the driver makes the others, and misses a missing stamp.
	{"net_ice", true, true, false, true, 32, NIC_CLOCK_TIMESYNC, GHZ},
	{"net_cn9k", true, true, false, true, 64, NIC_CLOCK_READ, 0},
	{"net_cn10k", true, true, false, true, 64, NIC_CLOCK_READ, 0},
	{"net_dpaa2", true, true, false, true, 64, NIC_CLOCK_ANY, 0},
	{"net_idpf", true, true, false, true, 32, NIC_CLOCK_ANY, GHZ},
	{"net_nfb", true, true, false, true, 64, NIC_CLOCK_ANY, 0},
	{"net_ark", true, true, false, true, 64, NIC_CLOCK_ANY, 0},
	{"net_hns3", false, true, false, true, 64, NIC_CLOCK_TIMESYNC, GHZ},
	{"net_iavf", false, true, false, true, 32, NIC_CLOCK_ANY, GHZ},
	{"net_bnxt", false, true, false, true, 64, NIC_CLOCK_TIMESYNC, GHZ},
	// A file of captured packets, stamped when the kernel or a card had all of them.
	{"net_pcap", false, false, true, false, 64, NIC_CLOCK_SYSTEM, 1000000},
	{"net_af_xdp", true, true, true, false, 64, NIC_CLOCK_XDP_META, 0},
	{"net_af_packet", false, true, true, true, 64, NIC_CLOCK_ANY, 0},
	{"net_tap", false, true, true, true, 64, NIC_CLOCK_ANY, 0},
};

static const struct nic_profile unknown = {"", false, true, false, true, 64, NIC_CLOCK_ANY, 0};

const struct nic_profile *nic_profile_find(const char *driver)
{
	for (size_t i = 0; driver != NULL && i < sizeof(profiles) / sizeof(profiles[0]); i++)
		if (strncmp(driver, profiles[i].driver, strlen(profiles[i].driver)) == 0)
			return &profiles[i];
	return &unknown;
}

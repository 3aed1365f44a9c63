// SPDX-License-Identifier: BSD-3-Clause
// DPDK in a test's own process: without huge pages, devices or rights.
#pragma once

#include <rte_ethdev.h>

// Starts DPDK with lcores 1 to `workers` beside the main one, all on the core of this moment, which
// every machine has. To be called once. 0 or -1.
int dpdk_start(unsigned workers);

// Ends it and removes its runtime folder, which it leaves behind, and the one around it if it is
// empty. 0 or -1.
int dpdk_stop(void);

// Tells of an event of the port as its driver would.
void dpdk_raise(const char *device, enum rte_eth_event_type event);

// SPDX-License-Identifier: BSD-3-Clause
// DPDK's environment: started once from the configuration, stopped at the end without leaving
// files. Main thread.
#pragma once

#include "common/diagnostic.h"
#include "config/config.h"
#include "eal/topology.h"

// Starts DPDK; afterwards lcore 0 is the calling thread, pinned to the main core, and each worker's
// lcore waits to run it; one whose worker is left out later waits on, and takes no time. -errno,
// with one sentence in d; what DPDK itself says comes before.
int eal_start(const struct config *c, const struct topology *t, struct diagnostic *d);

// Stops DPDK and removes its runtime folder and its huge pages' files. Nothing if it does not run.
void eal_stop(const struct config *c);

// SPDX-License-Identifier: BSD-3-Clause
// A worker's life on its core: rounds of polling, housekeeping, and what it does while there is
// nothing to do.
#pragma once

// Runs until *w->stop is set, with housekeeping every few hundred polls; w is a struct worker *.
// Fits rte_eal_remote_launch. Returns 0.
int worker_run(void *arg);

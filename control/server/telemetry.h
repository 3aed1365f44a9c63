// SPDX-License-Identifier: BSD-3-Clause
// DPDK's telemetry socket gets /ntpwire/stats: the counters in all, and of each worker, under the
// same names as everywhere; /ntpwire/stats,N: those of worker N. Answered on DPDK's own thread,
// from the status segment.
#pragma once

// Registers the command, for the status segment that was announced in run_dir. -errno.
int telemetry_register(const char *run_dir);

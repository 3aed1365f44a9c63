// SPDX-License-Identifier: BSD-3-Clause
// Everything that a running server has, for its start, its loop and its end. Main thread.
#pragma once

#include "common/diagnostic.h"
#include "config/config.h"
#include "daemon/events.h"
#include "kernel/steering.h"
#include "keys/keyring.h"
#include "time/machine_clock.h"
#include "time/timekeeper.h"
#include "status/statseg.h"
#include "port/port.h"
#include "server/port_recovery.h"
#include "reference/reference_set.h"
#include "daemon/supervise.h"
#include "eal/topology.h"
#include "server/workers.h"

struct server {
	const struct config *config;
	unsigned begun; // steps of the start; see server_steps.h
	struct topology topology;
	struct events events;
	struct statseg statseg;
	struct port port[CONFIG_PORTS];
	unsigned port_count; // probed
	struct port_recovery care[CONFIG_PORTS];
	unsigned cared; // ports that are cared for
	int fault;      // what a port or a worker was lost by; 0: none was
	struct steering steering[CONFIG_PORTS];
	struct workers workers;
	struct keyring keyring;
	struct machine_clock machine;
	enum counter counter; // that all threads read
	struct timekeeper timekeeper;
	uint64_t last_hz; // the counter's rate, of a server that was killed; 0: unknown
	struct reference_set references;
	struct supervise supervise;
	int kernel_tai; // TAI - UTC by the kernel; 0: unknown
	unsigned stops; // signals so far
	unsigned drained;
	unsigned until_poll;          // ticks to the next poll of the reference
	struct diagnostic diagnostic; // why it does not start, or ends
};

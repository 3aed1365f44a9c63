// SPDX-License-Identifier: BSD-3-Clause
// The settings of a node on a machine in simulated time.
#pragma once

#include "simulated_machine.h"
#include "time/timekeeper.h"

static inline struct node_settings node_settings_on(struct machine *m, int64_t earliest_ns)
{
	static const struct config_leap leap = {.window = true};
	return (struct node_settings){
		.source = machine_source(m), .leap = &leap, .earliest = {earliest_ns}};
}

// A node without any further setting.
static inline void node_on(struct timekeeper *n, struct machine *m, int64_t earliest_ns)
{
	const struct node_settings settings = node_settings_on(m, earliest_ns);
	timekeeper_init(n, &settings);
}

// SPDX-License-Identifier: BSD-3-Clause
// The timekeeper as its status segment shows it. One thread; no DPDK.
#pragma once

#include "time/timekeeper.h"
#include "status/statseg.h"

// Publishes view to every node's snapshot in the status segment, and the clock's figures to its
// head.
void timekeeper_publish(
	const struct timekeeper *n, const struct clock_view *view, const struct statseg *p);

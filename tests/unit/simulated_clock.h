// SPDX-License-Identifier: BSD-3-Clause
// A clock on a machine in simulated time, and how far it is off the truth.
#pragma once

#include "time/clock.h"
#include "harness/table.h"
#include "simulated_machine.h"

static inline struct clock clock_on(struct machine *m)
{
	struct clock c;
	const struct clock_source source = machine_source(m);
	clock_init(&c, &source);
	return c;
}

static inline enum clock_event tick(struct machine *m, struct clock *c)
{
	enum clock_event event = clock_tick(c);
	machine_pass(m, TICK_NS);
	return event;
}

static inline enum clock_event ticks(struct machine *m, struct clock *c, unsigned n)
{
	enum clock_event event = CLOCK_FITTING;
	for (unsigned i = 0; i < n; i++)
		event = tick(m, c);
	return event;
}

// How far the line is off the system clock now, in nanoseconds: positive when it is ahead.
static inline double line_miss_ns(const struct machine *m, const struct clock *c)
{
	struct clock_line line;
	assert_true(clock_line(c, &line));
	struct cycles since = {machine_cycles(m) - line.ref_cycles.n};
	struct ntp_time told = ntp_time_add(line.ref_time, ntp_time_from_cycles(since, line.mult));
	struct ntp_time start = ntp_time_from_unix((struct nanos){m->start_ns});
	double told_ns = ldexp((double)ntp_time_diff(told, start), -32) * 1e9;
	// The difference of two large numbers: whole seconds apart, so that a double keeps the
	// rest.
	return told_ns - m->realtime_ns;
}

static inline double line_bound_ns(const struct clock *c)
{
	struct clock_line line;
	assert_true(clock_line(c, &line));
	return ldexp((double)line.error_bound, -32) * 1e9;
}

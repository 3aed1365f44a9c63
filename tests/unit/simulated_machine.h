// SPDX-License-Identifier: BSD-3-Clause
// A machine in simulated time: the test owns counter and CLOCK_REALTIME, and so knows the truth.
// Every reading takes its time, and a preemption may come between two.
#pragma once

#include <math.h>
#include <stdint.h>

#include "clock.h"

#define NS_PER_S   1000000000LL
#define PS_PER_NS  1000LL
#define TICK_NS    (NS_PER_S / CLOCK_RATE)
#define READ_NS    20 // one reading of a clock
#define START_NS   (1790000000LL * NS_PER_S)

// A machine: a counter of constant rate, and a system clock that the script bends.
struct machine {
	uint64_t hz;
	int64_t elapsed_ps;   // true time since the machine began
	double realtime_ns;   // system clock, less START_NS
	double rate_error;    // of the system clock: 1e-6 is 1 ppm fast
	unsigned spike_every; // readings between two preemptions; 0: none
	int64_t spike_ns;
	unsigned readings;
};

static inline void machine_pass(struct machine *m, int64_t ns)
{
	m->elapsed_ps += ns * PS_PER_NS;
	m->realtime_ns += (double)ns * (1 + m->rate_error);
}

static inline void machine_read(struct machine *m)
{
	machine_pass(m, READ_NS / 2);
	m->readings++;
	if (m->spike_every != 0 && m->readings % m->spike_every == 0)
		machine_pass(m, m->spike_ns);
}

static inline uint64_t machine_cycles(const struct machine *m)
{
	__extension__ typedef __int128 int128;
	return (uint64_t)((int128)m->elapsed_ps * (int128)m->hz / (NS_PER_S * PS_PER_NS));
}

static inline struct cycles read_counter(void *context)
{
	struct machine *m = context;
	machine_read(m);
	struct cycles now = {machine_cycles(m)};
	machine_pass(m, READ_NS / 2);
	return now;
}

static inline struct nanos read_realtime(void *context)
{
	struct machine *m = context;
	machine_read(m);
	struct nanos now = {START_NS + (int64_t)floor(m->realtime_ns)};
	machine_pass(m, READ_NS / 2);
	return now;
}

static inline struct machine machine_make(uint64_t hz)
{
	return (struct machine){.hz = hz, .elapsed_ps = 77777 * NS_PER_S};
}

static inline struct clock_source machine_source(struct machine *m)
{
	return (struct clock_source){read_counter, read_realtime, m};
}

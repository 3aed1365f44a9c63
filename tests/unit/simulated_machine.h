// SPDX-License-Identifier: BSD-3-Clause
// A machine in simulated time: the test owns counter and CLOCK_REALTIME, and so knows the truth.
// Every reading takes its time, and a preemption may come between two.
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "time/clock.h"
#include "harness/random.h"

#define NS_PER_S  1000000000LL
#define PS_PER_NS 1000LL
#define TICK_NS   (NS_PER_S / CLOCK_RATE)
#define READ_NS   20 // one reading of a clock
#define START_NS  (1800000000LL * NS_PER_S)

// A machine: a counter that wanders, and a system clock that the script bends.
struct machine {
	uint64_t hz;
	int64_t elapsed_ps;    // true time since the machine began
	double realtime_ns;    // system clock, less start_ns
	int64_t start_ns;      // what the system clock said when the machine began, since 1970
	double rate_error;     // of the system clock: 1e-6 is 1 ppm fast
	double counter_error;  // of the counter, the same
	double counter_off_ns; // what has come of it
	uint64_t grain;        // the counter shows multiples of this; 0 and 1: every cycle
	int64_t source_ns;     // counter and system clock both move once in so long; 0: at every
	                       // reading
	int64_t read_ns;       // that a reading of a clock takes; 0: READ_NS
	bool may_be_coarse;    // as the clock is told
	uint64_t noise;        // state of the generator that places a reading; 0: always the middle
	unsigned spike_every;  // readings between two preemptions; 0: none
	int64_t spike_ns;
	unsigned readings;
	int64_t suspended_ns;
	bool is_demoted;
};

static inline void machine_pass(struct machine *m, int64_t ns)
{
	m->elapsed_ps += ns * PS_PER_NS;
	m->realtime_ns += (double)ns * (1 + m->rate_error);
	m->counter_off_ns += (double)ns * m->counter_error;
}

// The clock is read somewhere inside the reading. Returns what is left of it.
static inline int64_t machine_read(struct machine *m)
{
	int64_t length = m->read_ns != 0 ? m->read_ns : READ_NS;
	int64_t before = length / 2;
	if (m->noise != 0)
		before = (int64_t)random_below(&m->noise, (uint64_t)length + 1);
	m->readings++;
	if (m->spike_every != 0 && m->readings % m->spike_every == 0)
		machine_pass(m, m->spike_ns);
	machine_pass(m, before);
	return length - before;
}

// How long ago the kernel's clock source moved.
static inline int64_t machine_stands_ps(const struct machine *m)
{
	return m->source_ns == 0 ? 0 : m->elapsed_ps % (m->source_ns * PS_PER_NS);
}

static inline uint64_t machine_cycles(const struct machine *m)
{
	__extension__ typedef __int128 int128;
	int64_t ps =
		m->elapsed_ps - machine_stands_ps(m) + (int64_t)(m->counter_off_ns * PS_PER_NS);
	uint64_t cycles = (uint64_t)((int128)ps * (int128)m->hz / (NS_PER_S * PS_PER_NS));
	return m->grain > 1 ? cycles - cycles % m->grain : cycles;
}

static inline struct cycles read_counter(void *context)
{
	struct machine *m = context;
	int64_t rest = machine_read(m);
	struct cycles now = {machine_cycles(m)};
	machine_pass(m, rest);
	return now;
}

static inline struct nanos read_realtime(void *context)
{
	struct machine *m = context;
	int64_t rest = machine_read(m);
	double stands_ns = (double)machine_stands_ps(m) / PS_PER_NS * (1 + m->rate_error);
	struct nanos now = {m->start_ns + (int64_t)floor(m->realtime_ns - stands_ns)};
	machine_pass(m, rest);
	return now;
}

static inline struct nanos read_suspended(void *context)
{
	const struct machine *m = context;
	return (struct nanos){m->suspended_ns};
}

static inline bool read_demoted(void *context)
{
	const struct machine *m = context;
	return m->is_demoted;
}

// The machine sleeps; the system clock is put right when it wakes. counter_stands: so did the
// counter, which goes on from where it was.
static inline void machine_sleep(struct machine *m, int64_t ns, bool counter_stands)
{
	m->elapsed_ps += ns * PS_PER_NS;
	m->realtime_ns += (double)ns;
	m->suspended_ns += ns;
	if (counter_stands)
		m->counter_off_ns -= (double)ns;
}

static inline struct machine machine_make(uint64_t hz)
{
	return (struct machine){.hz = hz, .elapsed_ps = 77777 * NS_PER_S, .start_ns = START_NS};
}

static inline struct clock_source machine_source(struct machine *m)
{
	return (struct clock_source){
		read_counter, read_realtime, m, read_suspended, read_demoted, m->may_be_coarse};
}

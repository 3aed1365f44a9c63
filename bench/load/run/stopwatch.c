// SPDX-License-Identifier: BSD-3-Clause
#include "run/stopwatch.h"

#include <stdio.h>
#include <time.h>

#include "time/machine_clock.h"

#define BRACKETS   31
#define MEASURE_NS 200000000
// From 1900 to 1970.
#define NTP_UNIX_SECONDS 2208988800u

// The counter and the clock at one moment.
struct moment {
	uint64_t counter;
	int64_t clock_ns;
};

bool stopwatch_is_kernel;

void stopwatch_choose(const char *who)
{
	struct machine_clock m;
	char fault[MACHINE_CLOCK_FAULT];
	machine_clock_open(&m, MACHINE_CLOCK_SOURCE);
	stopwatch_is_kernel = machine_clock_check(&m, MACHINE_CPUINFO, fault, sizeof(fault)) < 0;
	if (stopwatch_is_kernel)
		fprintf(stderr,
			"%s: measuring by the kernel's clock (CLOCK_MONOTONIC_RAW), because %s\n",
			who, fault);
}

const char *stopwatch_name(void)
{
	return stopwatch_is_kernel ? "kernel" : "tsc";
}

uint64_t stopwatch_read_kernel(void)
{
	return machine_counter_kernel(NULL).n;
}

// The clock read between two readings of the counter, as close together as they get.
static struct moment moment_read(void)
{
	struct moment best = {0, 0};
	uint64_t least = UINT64_MAX;
	for (unsigned i = 0; i < BRACKETS; i++) {
		uint64_t before = stopwatch_read();
		int64_t ns = (int64_t)stopwatch_read_kernel();
		uint64_t width = stopwatch_read() - before;
		if (width >= least)
			continue;
		least = width;
		best = (struct moment){before + width / 2, ns};
	}
	return best;
}

uint64_t stopwatch_read_ntp(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	return ((uint64_t)t.tv_sec + NTP_UNIX_SECONDS) << 32 |
	       ((uint64_t)t.tv_nsec << 32) / 1000000000;
}

static uint64_t hz_measure(void)
{
	const struct timespec pause = {.tv_nsec = MEASURE_NS};
	struct moment a = moment_read();
	(void)nanosleep(&pause, NULL);
	struct moment b = moment_read();
	double seconds = (double)(b.clock_ns - a.clock_ns) / 1e9;
	return (uint64_t)((double)(b.counter - a.counter) / seconds);
}

uint64_t stopwatch_measure_hz(void)
{
	static uint64_t hz;
	if (hz == 0)
		hz = hz_measure();
	return hz;
}

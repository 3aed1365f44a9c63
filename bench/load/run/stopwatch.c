// SPDX-License-Identifier: BSD-3-Clause
#include "run/stopwatch.h"

#include <stdio.h>
#include <time.h>

#include "core/crosststamp.h"
#include "time/machine_clock.h"

#define BRACKETS   31
#define MEASURE_NS 200000000
// From 1900 to 1970.
#define NTP_UNIX_SECONDS 2208988800u

bool stopwatch_is_kernel;

void stopwatch_choose(const char *who)
{
	struct machine_clock m;
	struct diagnostic diagnostic;
	machine_clock_open(&m, MACHINE_CLOCK_SOURCE);
	stopwatch_is_kernel = machine_clock_check(&m, MACHINE_CPUINFO, &diagnostic) < 0;
	if (stopwatch_is_kernel)
		fprintf(stderr,
			"%s: measuring by the kernel's clock (CLOCK_MONOTONIC_RAW), because %s\n",
			who, diagnostic.sentence);
}

const char *stopwatch_name(void)
{
	return stopwatch_is_kernel ? "kernel" : "tsc";
}

uint64_t stopwatch_read_kernel(void)
{
	return machine_counter_kernel(NULL).n;
}

static struct crosststamp stopwatch_moment_read(void)
{
	struct crosststamp best = crosststamp_none();
	for (unsigned i = 0; i < BRACKETS; i++) {
		struct cycles before = {stopwatch_read()};
		uint64_t ns = stopwatch_read_kernel();
		crosststamp_take(&best, before, ns, (struct cycles){stopwatch_read()});
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
	struct crosststamp a = stopwatch_moment_read();
	(void)nanosleep(&pause, NULL);
	struct crosststamp b = stopwatch_moment_read();
	double seconds = (double)(b.clock - a.clock) / 1e9;
	return (uint64_t)((double)(b.at.n - a.at.n) / seconds);
}

uint64_t stopwatch_measure_hz(void)
{
	static uint64_t hz;
	if (hz == 0)
		hz = hz_measure();
	return hz;
}

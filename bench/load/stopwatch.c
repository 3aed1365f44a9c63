// SPDX-License-Identifier: BSD-3-Clause
#include "stopwatch.h"

#include <time.h>

#define BRACKETS   31
#define MEASURE_NS 200000000
// From 1900 to 1970.
#define NTP_UNIX_SECONDS 2208988800u

// The counter and the clock at one moment.
struct moment {
	uint64_t counter;
	int64_t clock_ns;
};

static int64_t clock_read_ns(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

// The clock read between two readings of the counter, as close together as they get.
static struct moment moment_read(void)
{
	struct moment best = {0, 0};
	uint64_t least = UINT64_MAX;
	for (unsigned i = 0; i < BRACKETS; i++) {
		uint64_t before = stopwatch_read();
		int64_t ns = clock_read_ns();
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

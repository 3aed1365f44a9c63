// SPDX-License-Identifier: BSD-3-Clause
#include "worker/worker_clock.h"

#include <time.h>

#include <rte_cycles.h>

// Readings of the stamps' clock, and cycles that one takes if nothing comes between.
#define PAIR_TRIES 3
#define PAIR_SHORT 2000

uint64_t worker_counter(void)
{
	return rte_rdtsc();
}

static uint64_t worker_clock_ns(clockid_t clock)
{
	struct timespec t = {0};
	(void)clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t worker_counter_kernel(void)
{
	return worker_clock_ns(CLOCK_MONOTONIC_RAW);
}

uint64_t worker_stamps_clock(void)
{
	return worker_clock_ns(CLOCK_BOOTTIME);
}

void worker_pair_read(const struct worker_clock *c, struct crosststamp *ret_pair)
{
	*ret_pair = crosststamp_none();
	for (unsigned i = 0; i < PAIR_TRIES && ret_pair->bracket > PAIR_SHORT; i++) {
		struct cycles before = worker_now(c);
		uint64_t ns = c->stamps_read();
		crosststamp_take(ret_pair, before, ns, worker_now(c));
	}
}

// SPDX-License-Identifier: BSD-3-Clause
#include "port/counter.h"

#include <rte_cycles.h>

#include "time/machine_clock.h"
#include "worker/worker_clock.h"

static struct cycles tsc_read(void *context)
{
	(void)context;
	return (struct cycles){rte_rdtsc_precise()};
}

const struct counter_hooks *counter_hooks(enum counter c)
{
	static const struct counter_hooks tsc = {tsc_read, worker_counter};
	static const struct counter_hooks kernel = {machine_counter_kernel, worker_counter_kernel};
	return c == COUNTER_KERNEL ? &kernel : &tsc;
}

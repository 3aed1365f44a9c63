// SPDX-License-Identifier: BSD-3-Clause
// The machine's own clocks behind the hooks of clock.h, and whether its counter can be trusted.
// That counter itself is read where DPDK is (counter.c). One thread; no DPDK.
#pragma once

#include <stdbool.h>

#include "common/diagnostic.h"
#include "config/config.h"
#include "core/ntp_time.h"

#define MACHINE_CLOCK_NAME 32

// Where the kernel says which counter it keeps time by, and what the processor can do.
#define MACHINE_CLOCK_SOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"
#define MACHINE_CPUINFO      "/proc/cpuinfo"

// The context of the hooks.
struct machine_clock {
	const char *source_path;
	char source[MACHINE_CLOCK_NAME]; // at the start; "": not known
};

// Looks at the kernel's clock source. source_path must live on.
void machine_clock_open(struct machine_clock *m, const char *source_path);

// CLOCK_REALTIME, since 1970.
struct nanos machine_realtime(void *context);

// CLOCK_MONOTONIC_RAW in ns, as a counter: nobody steers it, and it stands while the machine
// sleeps.
struct cycles machine_counter_kernel(void *context);

// How long the machine has slept since it was booted: CLOCK_BOOTTIME less CLOCK_MONOTONIC.
struct nanos machine_suspended(void *context);

// Whether the kernel has left the counter for another clock source since the start.
bool machine_is_demoted(void *context);

// Whether the counter runs at one rate whatever the processor does, by the words of a cpuinfo file
// and by the kernel's clock source at the start. What cannot be read is no objection. -ENOTSUP and
// half a sentence in d if not: what was found in which file.
int machine_clock_check(const struct machine_clock *m, const char *cpuinfo, struct diagnostic *d);

// What time is counted by: COUNTER_TSC or COUNTER_KERNEL, by the configuration and by the check
// above. d then says in one sentence what is unusual about it; "": nothing. -ENOTSUP and one
// sentence if the counter that is asked for is not fit.
int machine_counter_choose(const struct machine_clock *m, const char *cpuinfo,
	const struct config *c, struct diagnostic *d);

// SPDX-License-Identifier: BSD-3-Clause
#include "time/machine_clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/units.h"

// The flags of one processor of today fill half of this.
#define LINE 8192
// Two clocks cannot be read at once. A preemption between them would look like a sleep.
#define SUSPEND_TRIES      5
#define SUSPEND_BRACKET_NS 1000000

static struct nanos clock_now(clockid_t clock)
{
	struct timespec t = {0};
	(void)clock_gettime(clock, &t);
	return (struct nanos){(int64_t)t.tv_sec * NANOS_PER_S + t.tv_nsec};
}

struct nanos machine_realtime(void *context)
{
	(void)context;
	return clock_now(CLOCK_REALTIME);
}

struct cycles machine_counter_kernel(void *context)
{
	(void)context;
	return (struct cycles){(uint64_t)clock_now(CLOCK_MONOTONIC_RAW).n};
}

struct nanos machine_suspended(void *context)
{
	struct nanos before;
	struct nanos boot;
	struct nanos after;
	(void)context;
	for (unsigned i = 0; i < SUSPEND_TRIES; i++) {
		before = clock_now(CLOCK_MONOTONIC);
		boot = clock_now(CLOCK_BOOTTIME);
		after = clock_now(CLOCK_MONOTONIC);
		if (after.n - before.n < SUSPEND_BRACKET_NS)
			break;
	}
	return (struct nanos){boot.n - after.n};
}

// The first word of a file; "" if there is none.
static void word_read(const char *path, char to[static MACHINE_CLOCK_NAME])
{
	FILE *f = fopen(path, "re");
	to[0] = '\0';
	if (f == NULL)
		return;
	if (fgets(to, MACHINE_CLOCK_NAME, f) == NULL)
		to[0] = '\0';
	(void)fclose(f);
	to[strcspn(to, " \n")] = '\0';
}

void machine_clock_open(struct machine_clock *m, const char *source_path)
{
	m->source_path = source_path;
	word_read(source_path, m->source);
}

// What the counter is called where it is the kernel's clock source.
static bool is_counter(const char *source)
{
	return strcmp(source, "tsc") == 0 || strcmp(source, "arch_sys_counter") == 0;
}

bool machine_is_demoted(void *context)
{
	const struct machine_clock *m = context;
	char now[MACHINE_CLOCK_NAME];
	word_read(m->source_path, now);
	return now[0] != '\0' && strcmp(now, m->source) != 0 && !is_counter(now);
}

static bool line_has_word(const char *line, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = strstr(line, word); at != NULL; at = strstr(at + length, word)) {
		bool begins = at > line && (at[-1] == ' ' || at[-1] == '\t');
		bool ends = at[length] == ' ' || at[length] == '\n' || at[length] == '\0';
		if (begins && ends)
			return true;
	}
	return false;
}

// Whether the first processor's flags lack what makes a TSC a clock. arm64 has no such line: its
// counter is one by architecture.
static bool flags_are_wanting(const char *cpuinfo)
{
	char line[LINE];
	bool wanting = false;
	FILE *f = fopen(cpuinfo, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "flags", 5) != 0)
			continue;
		wanting =
			!line_has_word(line, "constant_tsc") || !line_has_word(line, "nonstop_tsc");
		break;
	}
	if (f != NULL)
		(void)fclose(f);
	return wanting;
}

// What the kernel falls back to when its watchdog has found the TSC wrong. Not kvm-clock and the
// like, which are made of a good one.
static bool is_fallback(const char *source)
{
	static const char *const names[] = {"hpet", "acpi_pm", "pit", "jiffies", "refined-jiffies"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(source, names[i]) == 0)
			return true;
	return false;
}

int machine_clock_check(const struct machine_clock *m, const char *cpuinfo, struct diagnostic *d)
{
	if (is_fallback(m->source))
		return diagnostic_fail(d, -ENOTSUP,
			"%s: the kernel's clock source is %s, so it found the counter (TSC) unfit "
			"(its log says why)",
			m->source_path, m->source);
	if (!flags_are_wanting(cpuinfo))
		return 0;
	return diagnostic_fail(d, -ENOTSUP,
		"%s: this processor's counter (TSC) is not invariant (flags constant_tsc and "
		"nonstop_tsc)",
		cpuinfo);
}

int machine_counter_choose(const struct machine_clock *m, const char *cpuinfo,
	const struct config *c, struct diagnostic *d)
{
	diagnostic_clear(d);
	if (c->counter == COUNTER_KERNEL) {
		diagnostic_note(d,
			"counting by the kernel's clock (CLOCK_MONOTONIC_RAW), as counter: kernel "
			"says");
		return COUNTER_KERNEL;
	}
	if (machine_clock_check(m, cpuinfo, d) == 0)
		return COUNTER_TSC;
	if (c->trust_counter) {
		diagnostic_lead(d, "trusting the counter because trust_counter says so, although ");
		return COUNTER_TSC;
	}
	if (c->counter == COUNTER_AUTO) {
		diagnostic_lead(
			d, "counting by the kernel's clock (CLOCK_MONOTONIC_RAW), because ");
		return COUNTER_KERNEL;
	}
	return diagnostic_fail(d, -ENOTSUP,
		"%s; write counter: auto or counter: kernel to count by the kernel's clock, or "
		"trust_counter: true if you know better",
		d->sentence);
}

// SPDX-License-Identifier: BSD-3-Clause
// Whether the machine's counter can be trusted, by files of the test's own.
#include "time/machine_clock.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "harness/scratch.h"
#include "harness/table.h"

static const char *file(const char *name, const char *text)
{
	return scratch_write(name, text, strlen(text));
}

static void r17_the_first_clock_source_is_no_demotion(void **state)
{
	static const char *const sources[] = {
		"tsc\n", "kvm-clock\n", "hyperv_clocksource_tsc_page\n", "arch_sys_counter\n", ""};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(sources); i++) {
		struct machine_clock m;
		machine_clock_open(&m, file("source", sources[i]));
		assert_false(machine_is_demoted(&m));
	}
}

static void r17_leaving_it_is_one_until_it_is_back(void **state)
{
	(void)state;
	struct machine_clock m;
	machine_clock_open(&m, file("source", "tsc\n"));
	(void)file("source", "hpet\n");
	assert_true(machine_is_demoted(&m));
	(void)file("source", "acpi_pm\n");
	assert_true(machine_is_demoted(&m));
	(void)file("source", "tsc\n");
	assert_false(machine_is_demoted(&m));
}

static void r17_what_cannot_be_read_is_no_demotion(void **state)
{
	(void)state;
	struct machine_clock m;
	machine_clock_open(&m, scratch_path("nowhere"));
	assert_string_equal(m.source, "");
	assert_false(machine_is_demoted(&m));
	machine_clock_open(&m, file("source", "tsc\n"));
	m.source_path = scratch_path("nowhere");
	assert_false(machine_is_demoted(&m));
}

struct counter_case {
	const char *name;
	const char *source;
	const char *cpuinfo;
	const char *says; // NULL: the counter is fit
};

#define GOOD "processor\t: 0\nflags\t\t: fpu tsc constant_tsc rdtscp nonstop_tsc aes\n"

static const struct counter_case counters[] = {
	{"invariant", "tsc\n", GOOD, NULL},
	{"invariant_below_a_hypervisor", "kvm-clock\n", GOOD, NULL},
	{"last_on_the_line", "tsc\n", "flags : constant_tsc nonstop_tsc", NULL},
	{"arm64", "arch_sys_counter\n", "processor\t: 0\nFeatures\t: fp asimd\n", NULL},
	{"empty_cpuinfo", "tsc\n", "", NULL},
	{"stops_when_idle", "tsc\n", "flags\t\t: fpu tsc constant_tsc aes\n", "not invariant"},
	{"changes_rate", "tsc\n", "flags\t\t: fpu tsc nonstop_tsc aes\n", "not invariant"},
	{"words_inside_words", "tsc\n", "flags\t\t: xconstant_tsc nonstop_tscs\n", "not invariant"},
	{"found_unfit", "hpet\n", GOOD, "the kernel's clock source is hpet"},
	{"found_unfit_too", "acpi_pm\n", GOOD, "the kernel's clock source is acpi_pm"},
};

static void check_counter(void **state)
{
	const struct counter_case *c = *state;
	struct machine_clock m;
	struct diagnostic diagnostic = {"untouched"};
	machine_clock_open(&m, file("source", c->source));
	int r = machine_clock_check(&m, file("cpuinfo", c->cpuinfo), &diagnostic);
	if (c->says == NULL) {
		assert_int_equal(r, 0);
		assert_string_equal(diagnostic.sentence, "untouched");
		return;
	}
	assert_int_equal(r, -ENOTSUP);
	assert_non_null(strstr(diagnostic.sentence, c->says));
}

struct choice_case {
	const char *name;
	enum counter wanted;
	bool is_trusted;
	bool is_fit;
	int chosen;
	const char *says[3];
};

#define UNFIT "cpuinfo: this processor's counter (TSC) is not invariant"

static const struct choice_case choices[] = {
	{"auto_takes_the_counter_that_is_fit", COUNTER_AUTO, false, true, COUNTER_TSC, {NULL}},
	{"auto_takes_the_kernels_clock_else", COUNTER_AUTO, false, false, COUNTER_KERNEL,
		{"counting by the kernel's clock (CLOCK_MONOTONIC_RAW), because ", UNFIT}},
	{"auto_takes_one_that_is_trusted", COUNTER_AUTO, true, false, COUNTER_TSC,
		{"trusting the counter because trust_counter says so", UNFIT}},
	{"trust_in_one_that_is_fit_is_no_news", COUNTER_AUTO, true, true, COUNTER_TSC, {NULL}},
	{"tsc_takes_the_counter_that_is_fit", COUNTER_TSC, false, true, COUNTER_TSC, {NULL}},
	{"tsc_is_refused_else", COUNTER_TSC, false, false, -ENOTSUP,
		{UNFIT, "counter: auto", "trust_counter: true"}},
	{"tsc_takes_one_that_is_trusted", COUNTER_TSC, true, false, COUNTER_TSC,
		{"trusting the counter because trust_counter says so", UNFIT}},
	{"kernel_takes_the_kernels_clock", COUNTER_KERNEL, false, true, COUNTER_KERNEL,
		{"counting by the kernel's clock (CLOCK_MONOTONIC_RAW), as counter: kernel says"}},
	{"kernel_asks_nothing_of_the_counter", COUNTER_KERNEL, false, false, COUNTER_KERNEL,
		{"as counter: kernel says"}},
};

static void check_choice(void **state)
{
	const struct choice_case *c = *state;
	static struct config config;
	struct machine_clock m;
	struct diagnostic diagnostic = {"untouched"};
	config.counter = c->wanted;
	config.trust_counter = c->is_trusted;
	machine_clock_open(&m, file("source", "tsc\n"));
	const char *cpuinfo = file("cpuinfo", c->is_fit ? GOOD : "flags\t: fpu tsc\n");
	int r = machine_counter_choose(&m, cpuinfo, &config, &diagnostic);
	assert_int_equal(r, c->chosen);
	assert_int_equal(diagnostic.sentence[0] == '\0', c->says[0] == NULL);
	for (unsigned i = 0; i < TABLE_LENGTH(c->says) && c->says[i] != NULL; i++)
		assert_non_null(strstr(diagnostic.sentence, c->says[i]));
}

// What was found names its file, and the clock source.
static void a_fall_back_of_the_kernels_is_named(void **state)
{
	static const struct config config = {.counter = COUNTER_AUTO};
	(void)state;
	struct machine_clock m;
	struct diagnostic diagnostic;
	machine_clock_open(&m, file("source", "hpet\n"));
	int r = machine_counter_choose(&m, file("cpuinfo", GOOD), &config, &diagnostic);
	assert_int_equal(r, COUNTER_KERNEL);
	assert_non_null(strstr(diagnostic.sentence, "source: the kernel's clock source is hpet"));
}

static void the_kernels_clock_goes_on_in_ns(void **state)
{
	(void)state;
	const struct timespec pause = {.tv_nsec = 2000000};
	struct cycles first = machine_counter_kernel(NULL);
	(void)nanosleep(&pause, NULL);
	uint64_t passed = machine_counter_kernel(NULL).n - first.n;
	assert_in_range(passed, 1900000, 2000000000);
}

static void this_machine_has_slept_the_same_at_each_look(void **state)
{
	(void)state;
	struct nanos first = machine_suspended(NULL);
	assert_true(first.n >= -1000000);
	for (unsigned i = 0; i < 1000; i++)
		assert_true(machine_suspended(NULL).n - first.n < 10000000);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, r17_the_first_clock_source_is_no_demotion);
	TABLE_ADD(&t, r17_leaving_it_is_one_until_it_is_back);
	TABLE_ADD(&t, r17_what_cannot_be_read_is_no_demotion);
	TABLE_ADD(&t, a_fall_back_of_the_kernels_is_named);
	TABLE_ADD(&t, the_kernels_clock_goes_on_in_ns);
	for (unsigned i = 0; i < TABLE_LENGTH(choices); i++)
		table_add(&t, choices[i].name, check_choice, &choices[i]);
	TABLE_ADD(&t, this_machine_has_slept_the_same_at_each_look);
	for (unsigned i = 0; i < TABLE_LENGTH(counters); i++)
		table_add(&t, counters[i].name, check_counter, &counters[i]);
	return table_run_between("machine clock", &t, scratch_begin, scratch_end);
}

// SPDX-License-Identifier: BSD-3-Clause
// Whether the machine's counter can be trusted, by files of the test's own.
#include "machine_clock.h"

#include <errno.h>
#include <string.h>

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
	char sentence[256] = "untouched";
	machine_clock_open(&m, file("source", c->source));
	int r = machine_clock_check(&m, file("cpuinfo", c->cpuinfo), sentence, sizeof(sentence));
	if (c->says == NULL) {
		assert_int_equal(r, 0);
		assert_string_equal(sentence, "untouched");
		return;
	}
	assert_int_equal(r, -ENOTSUP);
	assert_non_null(strstr(sentence, c->says));
	assert_non_null(strstr(sentence, "trust_counter: true"));
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
	TABLE_ADD(&t, this_machine_has_slept_the_same_at_each_look);
	for (unsigned i = 0; i < TABLE_LENGTH(counters); i++)
		table_add(&t, counters[i].name, check_counter, &counters[i]);
	return table_run_between("machine clock", &t, scratch_begin, scratch_end);
}

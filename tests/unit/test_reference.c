// SPDX-License-Identifier: BSD-3-Clause
#include "reference/reference.h"

#include "harness/table.h"

#define NS_PER_S 1000000000LL

static const struct nanos now = {1790000000 * NS_PER_S + 123456789};
static const struct config_reference kernel_config = {
	.source = REFERENCE_KERNEL, .stratum = 2, .reference_id = "GPS"};
static const struct config_reference fixed_config = {
	.source = REFERENCE_FIXED, .stratum = 10, .reference_id = "LOCL"};

struct row {
	const char *name;
	int status;
	int state;
	enum leap leap;
	bool is_sync;
};

static const struct row rows[] = {
	{"a disciplined clock is served", STA_PLL, TIME_OK, LEAP_NONE, true},
	{"an unsynchronised clock is not", STA_UNSYNC, TIME_ERROR, LEAP_UNKNOWN, false},
	{"STA_UNSYNC alone is enough", STA_UNSYNC, TIME_OK, LEAP_UNKNOWN, false},
	{"TIME_ERROR alone is enough", STA_PLL | STA_CLOCKERR, TIME_ERROR, LEAP_UNKNOWN, false},
	{"a second will be inserted", STA_PLL | STA_INS, TIME_INS, LEAP_INSERT, true},
	{"a second will be deleted", STA_PLL | STA_DEL, TIME_DEL, LEAP_DELETE, true},
	{"inside the leap second nobody knows", STA_PLL | STA_INS, TIME_OOP, LEAP_UNKNOWN, false},
	{"after the leap second all is well", STA_PLL | STA_INS, TIME_WAIT, LEAP_NONE, true},
};

static void kernel_states_become_leap_and_stratum(void **state)
{
	const struct row *row = *state;
	struct kernel_clock kernel = {.state = row->state, .status = row->status, .maxerror = 4000};
	struct reference r = reference_from_kernel(&kernel_config, kernel, now);
	assert_int_equal(r.leap, row->leap);
	assert_int_equal(r.stratum, row->is_sync ? 2 : 0);
	assert_int_equal(r.reference_id, row->is_sync ? 0x47505300 : 0);
	// 4 ms, whether it is served or not.
	assert_int_equal(r.root_dispersion, 4 * (1ull << 32) / 1000);
}

// 500 ppm: an error of 4 ms has grown for 8 s at most.
static void the_reference_time_follows_from_maxerror(void **state)
{
	(void)state;
	struct kernel_clock kernel = {.status = STA_PLL, .maxerror = 4000};
	struct reference r = reference_from_kernel(&kernel_config, kernel, now);
	assert_int_equal(now.n - r.reference_time.n, 8 * NS_PER_S);
	kernel.maxerror = 0;
	r = reference_from_kernel(&kernel_config, kernel, now);
	assert_int_equal(r.reference_time.n, now.n);
	kernel.maxerror = -1;
	r = reference_from_kernel(&kernel_config, kernel, now);
	assert_int_equal(r.reference_time.n, now.n);
	assert_int_equal(r.root_dispersion, 0);
}

// 30 ms handed to the kernel at once, in its unit, and called no error, as timesyncd does it: what
// is still to come is told, with its sign, also when the program that gave the order is gone.
static void what_the_kernel_still_slews_is_to_be_corrected(void **state)
{
	(void)state;
	static const int statuses[] = {STA_PLL, STA_PLL | STA_NANO, 0, STA_NANO};
	for (unsigned i = 0; i < TABLE_LENGTH(statuses); i++) {
		for (int sign = -1; sign <= 1; sign++) {
			long unit = statuses[i] & STA_NANO ? 1000000 : 1000;
			struct kernel_clock kernel = {
				.status = statuses[i], .offset = sign * 30 * unit};
			struct reference r = reference_from_kernel(&kernel_config, kernel, now);
			assert_int_equal(r.correction.n, sign * 30 * 1000000);
			assert_int_equal(reference_distance(&r).n, sign * sign * 30 * 1000000);
		}
	}
}

static void fixed_is_what_the_configuration_says(void **state)
{
	(void)state;
	for (int64_t ns = 0; ns < 40 * NS_PER_S; ns += NS_PER_S / 3) {
		struct nanos at = {now.n + ns};
		struct reference r = reference_from_config(&fixed_config, at);
		assert_int_equal(r.leap, LEAP_NONE);
		assert_int_equal(r.stratum, 10);
		assert_int_equal(r.reference_id, 0x4c4f434c);
		assert_true(r.reference_time.n <= at.n);
		assert_true(at.n - r.reference_time.n < 16 * NS_PER_S);
		assert_true(r.root_dispersion >= (1ull << 32) / 1000 - 1);
	}
}

// 500 us are 32.768 units: never less is told.
static void root_delay_is_configured(void **state)
{
	(void)state;
	struct kernel_clock kernel = {.status = STA_PLL};
	struct config_reference c = kernel_config;
	c.root_delay_us = 500;
	assert_int_equal(reference_from_kernel(&c, kernel, now).root_delay, 33);
	assert_int_equal(reference_from_config(&c, now).root_delay, 33);
	c.root_delay_us = 1000000;
	assert_int_equal(reference_root_delay(&c), 65536);
	c.root_delay_us = 0;
	assert_int_equal(reference_root_delay(&c), 0);
}

// Each answer with the fault that it is judged to have, where `local` is allowed and where it is
// not.
static void an_answer_is_judged(void **state)
{
	static const struct {
		struct reference r;
		enum sync_reason fault;
		enum sync_reason fault_if_allowed;
	} answers[] = {
		{{.answered = false}, SYNC_REASON_SILENT, SYNC_REASON_SILENT},
		{{.answered = true, .leap = LEAP_UNKNOWN, .stratum = 2}, SYNC_REASON_LEAP,
			SYNC_REASON_LEAP},
		{{.answered = true, .stratum = 0}, SYNC_REASON_LEAP, SYNC_REASON_LEAP},
		{{.answered = true, .stratum = 16}, SYNC_REASON_STRATUM, SYNC_REASON_STRATUM},
		{{.answered = true, .stratum = 15, .is_local = true}, SYNC_REASON_LOCAL,
			SYNC_REASON_NONE},
		{{.answered = true, .stratum = 15}, SYNC_REASON_NONE, SYNC_REASON_NONE},
	};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(answers); i++) {
		struct reference_word word = reference_word_make(&answers[i].r, false);
		assert_int_equal(word.fault, answers[i].fault);
		assert_int_equal(word.reference.stratum, answers[i].r.stratum);
		assert_int_equal(reference_word_make(&answers[i].r, true).fault,
			answers[i].fault_if_allowed);
	}
}

// Whatever this machine's kernel says, its word is taken whole.
static void the_kernel_is_asked(void **state)
{
	(void)state;
	struct timex kernel = {.modes = 0};
	int answer = adjtimex(&kernel);
	struct kernel_clock read = kernel_clock_read();
	assert_int_equal(read.state, answer);
	assert_int_equal(read.status, kernel.status);
	assert_int_equal(read.tai, kernel.tai);
	assert_true(read.maxerror >= kernel.maxerror);
	struct reference r = reference_from_kernel(&kernel_config, read, now);
	bool is_sync = answer != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0;
	assert_int_equal(r.leap != LEAP_UNKNOWN, is_sync);
	assert_int_equal(r.stratum != 0, is_sync);
}

static void a_kernel_that_cannot_be_read_is_not_synchronised(void **state)
{
	(void)state;
	struct kernel_clock kernel = {.state = -1};
	struct reference r = reference_from_kernel(&kernel_config, kernel, now);
	assert_int_equal(r.leap, LEAP_UNKNOWN);
	assert_int_equal(r.stratum, 0);
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++)
		table_add(&t, rows[i].name, kernel_states_become_leap_and_stratum, &rows[i]);
	TABLE_ADD(&t, the_reference_time_follows_from_maxerror);
	TABLE_ADD(&t, what_the_kernel_still_slews_is_to_be_corrected);
	TABLE_ADD(&t, fixed_is_what_the_configuration_says);
	TABLE_ADD(&t, root_delay_is_configured);
	TABLE_ADD(&t, an_answer_is_judged);
	TABLE_ADD(&t, the_kernel_is_asked);
	TABLE_ADD(&t, a_kernel_that_cannot_be_read_is_not_synchronised);
	return table_run("reference", &t);
}

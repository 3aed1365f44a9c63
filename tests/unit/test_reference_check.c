// SPDX-License-Identifier: BSD-3-Clause
// What is made of a kernel that says otherwise than the reference.
#include "reference/reference_check.h"

#include "harness/table.h"

struct row {
	const char *name;
	enum reference_source source;
	enum leap leap;
	int status;
	long maxerror;
	int state;
	enum kernel_word word;
};

static const struct row rows[] = {
	{"a_synchronised_kernel_agrees", REFERENCE_CHRONY, LEAP_NONE, STA_PLL, 16000000, TIME_OK,
		KERNEL_AGREES},
	{"an_unsynchronised_one_does_not", REFERENCE_CHRONY, LEAP_NONE, STA_UNSYNC, 1000,
		TIME_ERROR, KERNEL_UNSYNC},
	{"one_of_over_16_s_does_not", REFERENCE_NTPD, LEAP_NONE, STA_PLL, 16000001, TIME_OK,
		KERNEL_MAXERROR},
	{"a_leap_second_of_the_kernel_alone", REFERENCE_NTPD_RS, LEAP_NONE, STA_PLL | STA_INS, 1000,
		TIME_INS, KERNEL_LEAP},
	{"a_leap_second_of_the_reference_alone", REFERENCE_NTPD, LEAP_INSERT, STA_PLL, 1000,
		TIME_OK, KERNEL_LEAP},
	{"opposite_leap_seconds", REFERENCE_NTPD, LEAP_INSERT, STA_PLL | STA_DEL, 1000, TIME_DEL,
		KERNEL_LEAP},
	{"the_same_leap_second_inserted", REFERENCE_CHRONY, LEAP_INSERT, STA_PLL | STA_INS, 1000,
		TIME_INS, KERNEL_AGREES},
	{"the_same_leap_second_deleted", REFERENCE_CHRONY, LEAP_DELETE, STA_PLL | STA_DEL, 1000,
		TIME_DEL, KERNEL_AGREES},
	{"inside_the_leap_second", REFERENCE_CHRONY, LEAP_NONE, STA_PLL | STA_INS, 1000, TIME_OOP,
		KERNEL_AGREES},
	{"after_the_leap_second", REFERENCE_CHRONY, LEAP_NONE, STA_PLL | STA_INS, 1000, TIME_WAIT,
		KERNEL_AGREES},
	{"a_ptp_clock_knows_no_leap_seconds", REFERENCE_PHC, LEAP_NONE, STA_PLL | STA_INS, 1000,
		TIME_INS, KERNEL_AGREES},
	{"a_ptp_clock_and_an_unsynchronised_kernel", REFERENCE_PHC, LEAP_NONE, STA_UNSYNC, 1000,
		TIME_ERROR, KERNEL_UNSYNC},
	{"the_kernel_itself", REFERENCE_KERNEL, LEAP_NONE, STA_UNSYNC, 1000, TIME_ERROR,
		KERNEL_NOT_COMPARED},
	{"a_laboratory", REFERENCE_FIXED, LEAP_NONE, STA_UNSYNC, 1000, TIME_ERROR,
		KERNEL_NOT_COMPARED},
	{"both_not_synchronised", REFERENCE_CHRONY, LEAP_UNKNOWN, STA_UNSYNC, 1000, TIME_ERROR,
		KERNEL_NOT_COMPARED},
	{"a_kernel_that_cannot_be_asked", REFERENCE_CHRONY, LEAP_NONE, 0, 0, -1,
		KERNEL_NOT_COMPARED},
};

static struct reference_word word_of(const struct row *row, bool answered)
{
	const struct reference r = {
		.answered = answered, .stratum = 2, .leap = row->leap, .source = row->source};
	return reference_word_make(&r, false);
}

static void the_kernel_is_compared(void **state)
{
	const struct row *row = *state;
	const struct kernel_clock kernel = {
		.state = row->state, .status = row->status, .maxerror = row->maxerror};
	struct reference_word word = word_of(row, true);
	assert_int_equal(reference_check_compare(&word, kernel), row->word);
	if (word.fault == SYNC_REASON_NONE)
		word.fault = SYNC_REASON_LOCAL;
	assert_int_equal(reference_check_compare(&word, kernel), row->word);
	word = word_of(row, false);
	assert_int_equal(reference_check_compare(&word, kernel), KERNEL_NOT_COMPARED);
}

static void looks(struct reference_check *c, const struct row *row, unsigned count)
{
	const struct kernel_clock kernel = {
		.state = row->state, .status = row->status, .maxerror = row->maxerror};
	struct reference_word word = word_of(row, true);
	while (count-- > 0)
		reference_check_look(c, &word, kernel);
}

// It begins and ends with the third look in a row, and is counted once.
static void a_disagreement_is_counted_once(void **state)
{
	(void)state;
	struct reference_check c = {0};
	looks(&c, &rows[0], 2);
	assert_int_equal(c.word, KERNEL_NOT_COMPARED);
	looks(&c, &rows[0], 1);
	assert_int_equal(c.word, KERNEL_AGREES);
	for (unsigned i = 0; i < 20; i++) {
		looks(&c, &rows[1], 2);
		looks(&c, &rows[0], 1);
	}
	assert_int_equal(c.word, KERNEL_AGREES);
	assert_int_equal(c.disagreements, 0);
	looks(&c, &rows[1], 3);
	assert_int_equal(c.word, KERNEL_UNSYNC);
	looks(&c, &rows[1], 100);
	looks(&c, &rows[2], 3);
	assert_int_equal(c.word, KERNEL_MAXERROR);
	assert_int_equal(c.disagreements, 1);
	looks(&c, &rows[0], 3);
	assert_int_equal(c.word, KERNEL_AGREES);
	looks(&c, &rows[3], 3);
	assert_int_equal(c.disagreements, 2);
}

static void words_are_told(void **state)
{
	(void)state;
	assert_string_equal(kernel_word_word(KERNEL_AGREES), "agrees");
	assert_string_equal(kernel_word_word(KERNEL_MAXERROR), "maxerror");
	assert_string_equal(kernel_word_text(KERNEL_WORD_COUNT), "unknown");
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++)
		table_add(&t, rows[i].name, the_kernel_is_compared, &rows[i]);
	TABLE_ADD(&t, a_disagreement_is_counted_once);
	TABLE_ADD(&t, words_are_told);
	return table_run("reference_check", &t);
}

// SPDX-License-Identifier: BSD-3-Clause
// What chronyd's tracking report becomes, and R-03: every report that must not be believed.
#include "reference/chrony.h"

#include <math.h>
#include <stdlib.h>

#include "chrony_answer.h"
#include "harness/table.h"

#define NS_PER_S 1000000000LL
#define SEQUENCE 0x89abcdefu
#define UNIT     4294967296.0

// 2026-11-24 02:27:02 UTC.
static const struct nanos now = {1795487222 * NS_PER_S};
static const struct chrony_question question = {SEQUENCE, {1795487222 * NS_PER_S}};
static uint8_t message[CHRONY_MESSAGE + 8];

static struct reference told(void)
{
	struct reference r = {.answered = false};
	const char *why = NULL;
	enum chrony_take take = chrony_take(message, CHRONY_MESSAGE, &question, &r, &why);
	if (take == CHRONY_BAD)
		print_message("%s\n", why);
	assert_int_equal(take, CHRONY_TOLD);
	assert_null(why);
	assert_true(r.answered);
	assert_int_equal(r.source, REFERENCE_CHRONY);
	assert_int_equal(r.as_of.n, now.n);
	return r;
}

static void the_question_is_as_long_as_its_answer(void **state)
{
	(void)state;
	static const uint8_t head[20] = {6, 1, 0, 0, 0, 33, 0, 0, 0x89, 0xab, 0xcd, 0xef};
	static const uint8_t zero[CHRONY_MESSAGE];
	memset(message, 0xff, sizeof(message));
	chrony_ask(SEQUENCE, message);
	assert_memory_equal(message, head, sizeof(head));
	assert_memory_equal(message + 20, zero, CHRONY_MESSAGE - 20);
	assert_int_equal(message[CHRONY_MESSAGE], 0xff);
}

static void a_report_becomes_a_reference(void **state)
{
	(void)state;
	answer_make(message, SEQUENCE, now.n / NS_PER_S);
	struct reference r = told();
	assert_int_equal(r.leap, LEAP_NONE);
	assert_int_equal(r.stratum, 2);
	assert_int_equal(r.reference_id, 0xc0000201);
	assert_int_equal(r.reference_time.n, now.n - 9500000000LL);
	assert_true(llabs(r.correction.n + 250000) <= 1);
	assert_int_equal(r.root_delay, 1024);
	assert_true(fabs((double)r.root_dispersion / UNIT - 0.001) < 1e-9);
	// 2.5 + 0.5 + 1 ppm.
	assert_true(fabs((double)r.dispersion_rate / UNIT - 4e-6) < 1e-9);
	assert_int_equal(r.update_interval.n, 64500000000LL);
	assert_false(r.is_local);
}

static void leap_seconds_are_told(void **state)
{
	(void)state;
	static const enum leap leaps[] = {LEAP_NONE, LEAP_INSERT, LEAP_DELETE};
	for (uint16_t i = 0; i < TABLE_LENGTH(leaps); i++) {
		answer_make(message, SEQUENCE, now.n / NS_PER_S);
		put16(message, ANSWER_LEAP, i);
		assert_int_equal(told().leap, leaps[i]);
	}
}

static void is_unsynchronised(void)
{
	struct reference r = told();
	assert_int_equal(r.leap, LEAP_UNKNOWN);
	assert_int_equal(r.stratum, 0);
	assert_int_equal(r.reference_id, 0);
}

static void unsynchronised_is_an_answer(void **state)
{
	(void)state;
	answer_make(message, SEQUENCE, now.n / NS_PER_S);
	put16(message, ANSWER_LEAP, 3);
	is_unsynchronised();
	answer_make(message, SEQUENCE, now.n / NS_PER_S);
	put16(message, ANSWER_STRATUM, 0);
	put32(message, ANSWER_SECONDS, 0x7fffffff);
	is_unsynchronised();
}

static void local_is_seen(void **state)
{
	(void)state;
	answer_make(message, SEQUENCE, now.n / NS_PER_S);
	put32(message, ANSWER_ID, 0x7f7f0101);
	assert_true(told().is_local);
	answer_make(message, SEQUENCE, now.n / NS_PER_S);
	put32(message, ANSWER_DISPERSION, 0);
	assert_false(told().is_local);
	put16(message, ANSWER_FAMILY, 0);
	assert_true(told().is_local);
	// A clock beside the machine has no address either, but an error.
	put_float(message, ANSWER_DISPERSION, 1e-6);
	assert_false(told().is_local);
}

static void a_reference_time_a_little_ahead_is_now(void **state)
{
	(void)state;
	answer_make(message, SEQUENCE, now.n / NS_PER_S + 10);
	assert_int_equal(told().reference_time.n, now.n);
}

struct row {
	const char *name;
	unsigned at;
	unsigned bytes;
	uint32_t value;
	const char *why; // NULL: passed over
};

static const char version[] = "it speaks another version of its command protocol than 6";
static const char correction[] = "the correction is out of range";
static const char frequency[] = "the frequency's error is out of range";
static const char delay[] = "the root delay is out of range";
static const char dispersion[] = "the root dispersion is out of range";
static const char interval[] = "the update interval is out of range";
static const char not_a_time[] = "the reference time is no time";

// 0x7fc00000 is a NaN to others; here it is below -2^61. 0x7effffff is the largest number there is.
static const struct row rows[] = {
	{"R-03 version 5", 0, 1, 5, version},
	{"R-03 version 7", 0, 1, 7, version},
	{"R-03 a question", 1, 1, 1, NULL},
	{"R-03 reserved bits", 2, 1, 1, NULL},
	{"R-03 more reserved bits", 3, 1, 0x80, NULL},
	{"R-03 another command", 4, 2, 34, NULL},
	{"R-03 another sequence", ANSWER_SEQUENCE, 4, SEQUENCE + 1, NULL},
	{"R-03 the sequence backwards", ANSWER_SEQUENCE, 4, 0xefcdab89, NULL},
	{"R-03 another kind", ANSWER_KIND, 2, 6, "the answer is no tracking report"},
	{"R-03 status: failed", ANSWER_STATUS, 2, 1, "it refuses to tell its tracking report"},
	{"R-03 status: not allowed", ANSWER_STATUS, 2, 2,
		"it may not tell its tracking report (see opencommands in chrony.conf)"},
	{"R-03 status: bad version", ANSWER_STATUS, 2, 18, version},
	{"R-03 status: bad length", ANSWER_STATUS, 2, 19, "it finds the question too short"},
	{"R-03 status: unknown", ANSWER_STATUS, 2, 65535, "it refuses to tell its tracking report"},
	{"R-03 stratum 16", ANSWER_STRATUM, 2, 16, "the stratum is not 0 to 15"},
	{"R-03 stratum 258", ANSWER_STRATUM, 2, 258, "the stratum is not 0 to 15"},
	{"R-03 leap 4", ANSWER_LEAP, 2, 4, "the leap indicator is not 0 to 3"},
	{"R-03 leap 256", ANSWER_LEAP, 2, 256, "the leap indicator is not 0 to 3"},
	{"R-03 no reference time", ANSWER_SECONDS, 4, 0x7fffffff,
		"the clock is synchronised, but was never set right"},
	{"R-03 a negative reference time", ANSWER_SECONDS, 4, 0xffffffff, not_a_time},
	{"R-03 a huge reference time", ANSWER_SECONDS, 4, 1, not_a_time},
	{"R-03 reference time zero", ANSWER_SECONDS + 4, 4, 0, not_a_time},
	{"R-03 1e9 ns", ANSWER_NS, 4, 1000000000, not_a_time},
	{"R-03 a reference time to come", ANSWER_SECONDS + 4, 4, 1795487232,
		"the reference time is in the future"},
	{"R-03 NaN correction", ANSWER_CORRECTION, 4, 0x7fc00000, correction},
	{"R-03 huge correction", ANSWER_CORRECTION, 4, 0x7effffff, correction},
	{"R-03 huge residual frequency", ANSWER_RESIDUAL, 4, 0x7effffff, frequency},
	{"R-03 NaN residual frequency", ANSWER_RESIDUAL, 4, 0x7fc00000, frequency},
	{"R-03 NaN skew", ANSWER_SKEW, 4, 0x7fc00000, frequency},
	{"R-03 negative skew", ANSWER_SKEW, 4, 0x01ffffff, frequency},
	{"R-03 huge skew", ANSWER_SKEW, 4, 0x7effffff, frequency},
	{"R-03 NaN delay", ANSWER_DELAY, 4, 0x7fc00000, delay},
	{"R-03 negative delay", ANSWER_DELAY, 4, 0x01ffffff, delay},
	{"R-03 huge delay", ANSWER_DELAY, 4, 0x7effffff, delay},
	{"R-03 NaN dispersion", ANSWER_DISPERSION, 4, 0x7fc00000, dispersion},
	{"R-03 negative dispersion", ANSWER_DISPERSION, 4, 0x01ffffff, dispersion},
	{"R-03 huge dispersion", ANSWER_DISPERSION, 4, 0x7effffff, dispersion},
	{"R-03 NaN interval", ANSWER_INTERVAL, 4, 0x7fc00000, interval},
	{"R-03 negative interval", ANSWER_INTERVAL, 4, 0x01ffffff, interval},
	{"R-03 huge interval", ANSWER_INTERVAL, 4, 0x7effffff, interval},
};

static void put(const struct row *row)
{
	if (row->bytes == 4)
		put32(message, row->at, row->value);
	else if (row->bytes == 2)
		put16(message, row->at, (uint16_t)row->value);
	else
		message[row->at] = (uint8_t)row->value;
}

static void is_not_believed(size_t length, const char *expected)
{
	struct reference r = {.stratum = 99};
	const char *why = NULL;
	enum chrony_take take = chrony_take(message, length, &question, &r, &why);
	assert_int_equal(take, expected == NULL ? CHRONY_OTHERS : CHRONY_BAD);
	assert_int_equal(r.stratum, 99);
	if (expected == NULL)
		assert_null(why);
	else
		assert_string_equal(why, expected);
}

static void a_spoilt_report_is_not_believed(void **state)
{
	const struct row *row = *state;
	answer_make(message, SEQUENCE, now.n / NS_PER_S);
	(void)told();
	put(row);
	is_not_believed(CHRONY_MESSAGE, row->why);
}

static void only_one_length_is_right(void **state)
{
	(void)state;
	answer_make(message, SEQUENCE, now.n / NS_PER_S);
	for (size_t length = 0; length <= sizeof(message); length++)
		if (length != CHRONY_MESSAGE)
			is_not_believed(
				length, length < 28 ? NULL : "the answer is not 104 bytes long");
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, the_question_is_as_long_as_its_answer);
	TABLE_ADD(&t, a_report_becomes_a_reference);
	TABLE_ADD(&t, leap_seconds_are_told);
	TABLE_ADD(&t, unsynchronised_is_an_answer);
	TABLE_ADD(&t, local_is_seen);
	TABLE_ADD(&t, a_reference_time_a_little_ahead_is_now);
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++)
		table_add(&t, rows[i].name, a_spoilt_report_is_not_believed, &rows[i]);
	table_add(&t, "R-03 only one length is right", only_one_length_is_right, NULL);
	return table_run("chrony", &t);
}

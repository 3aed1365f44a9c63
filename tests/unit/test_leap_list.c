// SPDX-License-Identifier: BSD-3-Clause
// R-18: leap-seconds.list, good and in every way bad.
#include "time/leap_list.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/random.h"
#include "harness/scratch.h"
#include "harness/table.h"
#include "leap_text.h"

#define NOW       1800000000 // January 2027
#define JULY_2027 1814400000
#define JAN_2028  1830297600

static struct leap_text t;
static struct leap_list l;
static struct diagnostic diagnostic;

static int parse(void)
{
	l = (struct leap_list){.count = 99};
	diagnostic.sentence[0] = '\0';
	return leap_list_parse(t.text, t.length, &l, &diagnostic);
}

static void begin_good(void)
{
	leap_text_begin(&t, NOW - 1000, NOW + 1000);
	leap_text_history(&t, LEAP_HISTORY);
}

static void assert_refused(const char *words)
{
	assert_int_equal(parse(), -EBADMSG);
	if (strstr(diagnostic.sentence, words) == NULL)
		fail_msg("\"%s\" where \"%s\" was wanted", diagnostic.sentence, words);
	assert_int_equal(l.count, 99);
}

static void r18_the_systems_own_list(void **state)
{
	(void)state;
	int64_t at = 0;
	int step = 0;
	assert_int_equal(leap_list_read(LEAP_LIST_SYSTEM, &l, &diagnostic), 0);
	assert_string_equal(diagnostic.sentence, "");
	assert_true(l.count >= 28);
	assert_int_equal(leap_list_tai_offset(&l, 1500000000), 37);
	assert_true(leap_list_last(&l, 1483228800, &at, &step));
	assert_int_equal(at, 1483228800);
	assert_int_equal(step, 1);
	assert_true(leap_list_has_expired(&l, l.expires));
	assert_false(leap_list_has_expired(&l, l.expires - 1));
}

static void r18_a_good_list_with_short_words_and_a_leap_to_come(void **state)
{
	(void)state;
	// Each list has another hash; one in sixteen words begins with a zero.
	for (int i = 0; i < 64; i++) {
		int64_t at = 0;
		int step = 0;
		leap_text_begin(&t, NOW + i, NOW + 1000);
		leap_text_history(&t, LEAP_HISTORY);
		leap_text_line(&t, JULY_2027, 38);
		leap_text_line(&t, JAN_2028, 37);
		leap_text_end(&t);
		assert_int_equal(parse(), 0);
		assert_int_equal(l.count, LEAP_HISTORY + 2);
		assert_int_equal(l.updated, NOW + i);
		assert_int_equal(l.expires, NOW + 1000);
		assert_true(leap_list_next(&l, NOW, &at, &step));
		assert_int_equal(at, JULY_2027);
		assert_int_equal(step, 1);
		assert_true(leap_list_next(&l, JULY_2027, &at, &step));
		assert_int_equal(at, JAN_2028);
		assert_int_equal(step, -1);
		assert_false(leap_list_next(&l, JAN_2028, &at, &step));
		assert_int_equal(leap_list_tai_offset(&l, JULY_2027 - 1), 37);
		assert_int_equal(leap_list_tai_offset(&l, JULY_2027), 38);
		assert_int_equal(leap_list_tai_offset(&l, JAN_2028), 37);
		assert_int_equal(leap_list_tai_offset(&l, 0), 0);
		assert_false(leap_list_last(&l, 63072000, &at, &step));
	}
}

static void r18_the_known_answers_of_2012(void **state)
{
	(void)state;
	begin_good();
	leap_text_end(&t);
	assert_int_equal(parse(), 0);
	assert_int_equal(leap_list_tai_offset(&l, 1341100799), 34);
	assert_int_equal(leap_list_tai_offset(&l, 1341100800), 35);
	assert_int_equal(leap_list_tai_offset(&l, 1356998399), 35);
	assert_int_equal(leap_list_tai_offset(&l, 1356998400), 35);
	// Half a year early; and one at the end of 2012.
	leap_text_begin(&t, NOW, NOW + 1);
	leap_text_history(&t, 25);
	leap_text_line(&t, 1325376000, 35);
	leap_text_line(&t, 1435708800, 36);
	leap_text_line(&t, 1483228800, 37);
	leap_text_end(&t);
	assert_refused("30 June 2012");
	leap_text_begin(&t, NOW, NOW + 1);
	leap_text_history(&t, 26);
	leap_text_line(&t, 1356998400, 36);
	leap_text_line(&t, 1483228800, 37);
	leap_text_end(&t);
	assert_refused("31 December 2012");
}

static void r18_an_old_list_does_not_know_37(void **state)
{
	(void)state;
	leap_text_begin(&t, 1450000000, 1480000000);
	leap_text_history(&t, LEAP_HISTORY - 1);
	leap_text_end(&t);
	assert_refused("37 s since 2017");
}

static void r18_a_bad_hash(void **state)
{
	(void)state;
	begin_good();
	leap_text_end(&t);
	char *word = strstr(t.text, "#h") + 3;
	*word = *word == '1' ? '2' : '1';
	assert_refused("hash is wrong");
	begin_good();
	assert_refused("no hash");
	leap_text_add(&t, "#h\t1 2 3 4\n");
	assert_refused("five words");
	begin_good();
	leap_text_add(&t, "#h\t1 2 3 4 123456789\n");
	assert_refused("five words");
	begin_good();
	leap_text_add(&t, "#h\t1 2 3 4 5 6\n");
	assert_refused("five words");
	begin_good();
	leap_text_end(&t);
	leap_text_end(&t);
	assert_refused("second hash");
}

// One changed digit anywhere in what counts is noticed.
static void r18_every_changed_digit_is_noticed(void **state)
{
	(void)state;
	begin_good();
	leap_text_end(&t);
	for (size_t i = 0; i < t.length; i++) {
		char was = t.text[i];
		const char *line = t.text + i;
		while (line > t.text && line[-1] != '\n')
			line--;
		bool is_comment = line[0] == '#' && line[1] == '\t';
		const char *comment = strchr(line + 1, '#');
		if (was < '0' || was > '9' || is_comment ||
			(comment != NULL && comment < t.text + i))
			continue;
		t.text[i] = was == '9' ? '0' : (char)(was + 1);
		assert_int_equal(parse(), -EBADMSG);
		t.text[i] = was;
	}
	assert_int_equal(parse(), 0);
}

// Cut anywhere, it is refused, unless only the last line break is gone.
static void r18_truncated(void **state)
{
	(void)state;
	begin_good();
	leap_text_end(&t);
	size_t whole = t.length;
	for (t.length = 0; t.length < whole - 1; t.length++)
		assert_int_equal(parse(), -EBADMSG);
	assert_int_equal(parse(), 0);
}

struct bad_line {
	const char *name;
	const char *line;
	const char *words;
};

static const struct bad_line bad_lines[] = {
	{"r18_an_absurd_offset", "4023388800 1000\n", "neither a comment"},
	{"r18_an_offset_that_jumps", "4023388800 39\n", "from 37 s to 39 s"},
	{"r18_an_offset_that_stays", "4023388800 37\n", "from 37 s to 37 s"},
	{"r18_a_negative_offset", "4023388800 -37\n", "neither a comment"},
	{"r18_on_15_may", "4019328000 38\n", "not at the end of June or December"},
	{"r18_in_the_middle_of_a_day", "4023432000 38\n", "not at the end of June or December"},
	{"r18_on_31_march", "4015526400 38\n", "not at the end of June or December"},
	{"r18_back_in_time", "3644697600 38\n", "not later"},
	{"r18_twice", "3692217600 38\n", "not later"},
	{"r18_a_time_of_many_digits", "402338880000 38\n", "neither a comment"},
	{"r18_no_offset", "4023388800\n", "neither a comment"},
	{"r18_words", "next year 38\n", "neither a comment"},
	{"r18_something_behind_it", "4023388800 38 x\n", "neither a comment"},
	{"r18_a_second_update", "#$ 3692217600\n", "second date"},
	{"r18_a_second_expiry", "#@ 3692217600\n", "second date"},
};

static void check_bad_line(void **state)
{
	const struct bad_line *b = *state;
	begin_good();
	leap_text_add(&t, "%s", b->line);
	leap_text_end(&t);
	assert_refused(b->words);
	assert_int_equal(strncmp(diagnostic.sentence, "line 32: ", 9), 0);
}

static void r18_dates_that_are_missing_or_wrong(void **state)
{
	(void)state;
	leap_text_begin(&t, NOW, NOW - 1);
	leap_text_history(&t, LEAP_HISTORY);
	leap_text_end(&t);
	assert_refused("expires before");
	begin_good();
	leap_text_end(&t);
	memcpy(strstr(t.text, "#@"), "##", 2);
	assert_refused("expires (#@)");
	begin_good();
	memcpy(strstr(t.text, "#@") + 3, "x", 1);
	assert_refused("no date");
	leap_text_begin(&t, NOW, NOW + 1);
	leap_text_line(&t, 78796800, 11);
	leap_text_end(&t);
	assert_refused("begin with 10 s");
}

static void r18_lines_of_1_mb_and_binary(void **state)
{
	(void)state;
	size_t size = 1 << 20;
	char *text = malloc(size);
	assert_non_null(text);
	memset(text, '#', size);
	assert_int_equal(leap_list_parse(text, size, &l, &diagnostic), -EBADMSG);
	assert_non_null(strstr(diagnostic.sentence, "longer than 512"));
	memset(text, '\n', size);
	assert_int_equal(leap_list_parse(text, size, &l, &diagnostic), -EBADMSG);
	memset(text, 0, size);
	assert_int_equal(leap_list_parse(text, size, &l, &diagnostic), -EBADMSG);
	const char *path = scratch_write("long.list", text, size);
	assert_int_equal(leap_list_read(path, &l, &diagnostic), -EFBIG);
	free(text);
	uint64_t random = random_seed(__func__);
	begin_good();
	leap_text_end(&t);
	static struct leap_text good;
	good = t;
	for (unsigned i = 0; i < 20000; i++) {
		t = good;
		for (unsigned k = 0; k < 1 + i % 3; k++)
			t.text[random_below(&random, t.length)] = (char)random_u64(&random);
		(void)parse();
		assert_true(l.count == 99 || l.count == LEAP_HISTORY);
	}
}

static void r18_too_many_leaps(void **state)
{
	(void)state;
	begin_good();
	for (int i = 0; i < 120; i++) {
		static const int64_t days[] = {181, 184};
		static int64_t at;
		at = i == 0 ? JULY_2027 : at + days[i % 2 == 0] * 86400;
		leap_text_line(&t, at, i % 2 == 0 ? 38 : 37);
	}
	leap_text_end(&t);
	assert_int_equal(parse(), -EBADMSG);
}

static void r18_missing_or_no_file(void **state)
{
	(void)state;
	assert_int_equal(leap_list_read("/nowhere/list", &l, &diagnostic), -ENOENT);
	assert_string_equal(diagnostic.sentence, "No such file or directory");
	assert_int_equal(leap_list_read("/dev/zero", &l, &diagnostic), -EINVAL);
	assert_string_equal(diagnostic.sentence, "not a plain file");
	const char *path = scratch_write("empty.list", "", 0);
	assert_int_equal(leap_list_read(path, &l, &diagnostic), -EBADMSG);
	begin_good();
	leap_text_end(&t);
	path = scratch_write("good.list", t.text, t.length);
	assert_int_equal(leap_list_read(path, &l, &diagnostic), 0);
	assert_int_equal(l.count, LEAP_HISTORY);
}

int main(void)
{
	static struct table tests;
	TABLE_ADD(&tests, r18_the_systems_own_list);
	TABLE_ADD(&tests, r18_a_good_list_with_short_words_and_a_leap_to_come);
	TABLE_ADD(&tests, r18_the_known_answers_of_2012);
	TABLE_ADD(&tests, r18_an_old_list_does_not_know_37);
	TABLE_ADD(&tests, r18_a_bad_hash);
	TABLE_ADD(&tests, r18_every_changed_digit_is_noticed);
	TABLE_ADD(&tests, r18_truncated);
	for (unsigned i = 0; i < TABLE_LENGTH(bad_lines); i++)
		table_add(&tests, bad_lines[i].name, check_bad_line, &bad_lines[i]);
	TABLE_ADD(&tests, r18_dates_that_are_missing_or_wrong);
	TABLE_ADD(&tests, r18_lines_of_1_mb_and_binary);
	TABLE_ADD(&tests, r18_too_many_leaps);
	TABLE_ADD(&tests, r18_missing_or_no_file);
	return table_run_between("leap_list", &tests, scratch_begin, scratch_end);
}

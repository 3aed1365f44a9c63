// SPDX-License-Identifier: BSD-3-Clause
// The one sentence: it ends inside its place, is one line whatever goes into it, and is put
// together from the end.
#include "common/diagnostic.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/table.h"

#define GUARD '#'

static void it_returns_the_error_and_holds_the_words(void **state)
{
	struct diagnostic d = {"what was said before"};
	(void)state;
	assert_int_equal(diagnostic_fail(&d, -EIO, "port %s: %u", "net_null0", 7u), -EIO);
	assert_string_equal(d.sentence, "port net_null0: 7");
	diagnostic_note(&d, "memory: %s", "ordinary");
	assert_string_equal(d.sentence, "memory: ordinary");
	diagnostic_clear(&d);
	assert_string_equal(d.sentence, "");
}

// Cut, and nothing behind its place is touched: of plain text, of escapes and of words in front.
static void it_is_cut_to_its_place(void **state)
{
	static const char bytes[] = {'x', '\n'};
	struct {
		struct diagnostic d;
		char behind[8];
	} at;
	char text[3 * DIAGNOSTIC_SIZE];
	(void)state;
	for (size_t b = 0; b < sizeof(bytes); b++) {
		for (size_t length = DIAGNOSTIC_SIZE / 4 - 8; length < sizeof(text); length++) {
			memset(text, bytes[b], length);
			text[length] = '\0';
			memset(&at, GUARD, sizeof(at));
			(void)diagnostic_fail(&at.d, -EIO, "%s", text);
			size_t whole = length * (bytes[b] == '\n' ? 4 : 1);
			size_t got = strnlen(at.d.sentence, DIAGNOSTIC_SIZE);
			assert_in_range(got, 1, DIAGNOSTIC_SIZE - 1);
			if (whole < DIAGNOSTIC_SIZE - 4)
				assert_int_equal(got, whole);
			else
				assert_in_range(got, DIAGNOSTIC_SIZE - 8, DIAGNOSTIC_SIZE - 1);
			diagnostic_lead(&at.d, "%s: ", text);
			assert_true(memchr(at.d.sentence, '\0', DIAGNOSTIC_SIZE) != NULL);
			for (size_t i = 0; i < sizeof(at.behind); i++)
				assert_int_equal(at.behind[i], GUARD);
		}
	}
}

// A file's name may hold anything; UTF-8 is left as it is.
static void it_is_one_line_without_control_characters(void **state)
{
	struct diagnostic d;
	(void)state;
	(void)diagnostic_fail(&d, -EIO, "%s: bad", "a\nb\033[31m\x7f\xc3\xa9");
	assert_string_equal(d.sentence, "a\\x0ab\\x1b[31m\\x7f\xc3\xa9: bad");
	diagnostic_lead(&d, "%s: ", "c\rd");
	assert_string_equal(d.sentence, "c\\x0dd: a\\x0ab\\x1b[31m\\x7f\xc3\xa9: bad");
}

static void it_may_be_made_of_what_it_was(void **state)
{
	struct diagnostic d = {"the middle"};
	(void)state;
	assert_int_equal(diagnostic_fail(&d, -EINVAL, "%s; write more", d.sentence), -EINVAL);
	diagnostic_lead(&d, "file:%u: ", 3u);
	assert_string_equal(d.sentence, "file:3: the middle; write more");
}

static void a_quoted_value_is_ascii_and_cut(void **state)
{
	char quoted[DIAGNOSTIC_QUOTE + 1];
	char value[200];
	(void)state;
	assert_string_equal(diagnostic_quote("a\tb\xc3\xa9", quoted), "\"a\\x09b\\xc3\\xa9\"");
	for (size_t length = 0; length < sizeof(value); length++) {
		for (unsigned is_escaped = 0; is_escaped < 2; is_escaped++) {
			memset(value, is_escaped ? '\n' : 'v', length);
			value[length] = '\0';
			memset(quoted, GUARD, sizeof(quoted));
			size_t got = strlen(diagnostic_quote(value, quoted));
			size_t whole = length * (is_escaped ? 4 : 1) + 2;
			assert_int_equal(quoted[DIAGNOSTIC_QUOTE], GUARD);
			assert_int_equal(quoted[got - 1], '"');
			if (got != whole)
				assert_string_equal(quoted + got - 4, "...\"");
		}
	}
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, it_returns_the_error_and_holds_the_words);
	TABLE_ADD(&t, it_is_cut_to_its_place);
	TABLE_ADD(&t, it_is_one_line_without_control_characters);
	TABLE_ADD(&t, it_may_be_made_of_what_it_was);
	TABLE_ADD(&t, a_quoted_value_is_ascii_and_cut);
	return table_run("diagnostic", &t);
}

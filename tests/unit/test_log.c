// SPDX-License-Identifier: BSD-3-Clause
// What people read on standard error.
#include "common/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/scratch.h"
#include "harness/table.h"

// Where standard error went before the test.
static int kept;

static void error_catch(void)
{
	int fd = open(scratch_write("stderr", "", 0), O_WRONLY | O_APPEND);
	assert_true(fd >= 0);
	kept = dup(STDERR_FILENO);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	assert_int_equal(close(fd), 0);
}

// What was written since. Static storage.
static const char *error_release(void)
{
	static char text[8192];
	assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
	assert_int_equal(close(kept), 0);
	FILE *file = fopen(scratch_path("stderr"), "r");
	assert_non_null(file);
	size_t length = fread(text, 1, sizeof(text) - 1, file);
	assert_int_equal(fclose(file), 0);
	text[length] = '\0';
	return text;
}

// One line of every level.
static void say_all(void)
{
	log_error("e%d", 1);
	log_warning("w%d", 2);
	log_info("i%d", 3);
	log_debug("d%d", 4);
}

static void every_line_names_the_program(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_DEBUG);
	error_catch();
	say_all();
	assert_string_equal(
		error_release(), "ntpwired: e1\nntpwired: w2\nntpwired: i3\nntpwired: d4\n");
}

static void lines_above_the_level_are_dropped(void **state)
{
	(void)state;
	static const char *const said[] = {[LOG_LEVEL_ERROR] = "ntpwired: e1\n",
		[LOG_LEVEL_WARNING] = "ntpwired: e1\nntpwired: w2\n",
		[LOG_LEVEL_INFO] = "ntpwired: e1\nntpwired: w2\nntpwired: i3\n"};
	for (unsigned level = 0; level < TABLE_LENGTH(said); level++) {
		log_set_level((enum log_level)level);
		error_catch();
		say_all();
		assert_string_equal(error_release(), said[level]);
	}
}

static void the_journal_gets_levels(void **state)
{
	(void)state;
	char stream[64];
	struct stat s;
	log_set_level(LOG_LEVEL_DEBUG);
	error_catch();
	assert_int_equal(fstat(STDERR_FILENO, &s), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)s.st_dev,
		(unsigned long long)s.st_ino);
	assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
	say_all();
	assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
	assert_string_equal(error_release(), "<3>e1\n<4>w2\n<6>i3\n<7>d4\n");
}

// A service whose standard error was sent elsewhere still has the variable.
static void another_stream_is_not_the_journal(void **state)
{
	(void)state;
	static const char *const streams[] = {"1:1", "", "x", "8:12:1", "8:"};
	for (unsigned i = 0; i < TABLE_LENGTH(streams); i++) {
		error_catch();
		assert_int_equal(setenv("JOURNAL_STREAM", streams[i], 1), 0);
		log_error("here");
		assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
		assert_string_equal(error_release(), "ntpwired: here\n");
	}
}

static void an_event_is_one_line_whatever_is_in_it(void **state)
{
	(void)state;
	error_catch();
	log_error("%s", "a\nntpwired: b\033[1mc\r\td");
	assert_string_equal(error_release(), "ntpwired: a?ntpwired: b?[1mc??d\n");
}

static void a_long_line_is_cut_and_still_ends(void **state)
{
	(void)state;
	static char text[5000];
	memset(text, 'x', sizeof(text) - 1);
	error_catch();
	log_error("%s", text);
	const char *said = error_release();
	assert_in_range(strlen(said), 1000, 2048);
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, every_line_names_the_program);
	TABLE_ADD(&t, lines_above_the_level_are_dropped);
	TABLE_ADD(&t, the_journal_gets_levels);
	TABLE_ADD(&t, another_stream_is_not_the_journal);
	TABLE_ADD(&t, an_event_is_one_line_whatever_is_in_it);
	TABLE_ADD(&t, a_long_line_is_cut_and_still_ends);
	return table_run_between("log", &t, scratch_begin, scratch_end);
}

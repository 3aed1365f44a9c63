// SPDX-License-Identifier: BSD-3-Clause
#include "options/batch.h"

#include "harness/table.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE "rate --device net_null0 --dst 10.123.0.1 --dst-mac 02:00:00:00:00:01"

static const struct options before = {.device = "net_null0", .queues = 1};
static struct batch batch;

// What is complained about is seen by nobody here.
static bool line_read(const char *line)
{
	int kept = dup(STDERR_FILENO);
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	snprintf(batch.line, sizeof(batch.line), "%s", line);
	assert_true(dup2(nowhere, STDERR_FILENO) >= 0);
	bool is_right = batch_read(&batch, &before);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	close(nowhere);
	close(kept);
	return is_right;
}

static void a_line_is_a_command_line(void **state)
{
	(void)state;
	assert_true(line_read(LINE " --clients 100000 --seconds 0.5\n"));
	assert_int_equal(batch.options.profile.clients, 100000);
	assert_true(line_read(LINE "\n"));
	assert_int_equal(batch.options.profile.clients, 1000);
	assert_true(line_read("  " LINE "\t--vlan 7"));
	assert_int_equal(batch.options.profile.vlan, 7);
}

static void another_port_is_refused(void **state)
{
	(void)state;
	assert_false(
		line_read("rate --device net_null1 --dst 10.123.0.1 --dst-mac 02:00:00:00:00:01"));
	assert_false(line_read(LINE " --queues 2"));
	assert_false(line_read("--help"));
}

static void mistakes_are_refused(void **state)
{
	(void)state;
	assert_false(line_read(""));
	assert_false(line_read(LINE " --nonsense"));
	assert_false(line_read(LINE " --rate"));
}

static void too_many_words_are_refused(void **state)
{
	static const char word[] = " --json";
	char line[BATCH_LINE] = LINE;
	size_t used = strlen(line);
	(void)state;
	for (; used + sizeof(word) < sizeof(line); used += sizeof(word) - 1)
		memcpy(line + used, word, sizeof(word));
	assert_false(line_read(line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_a_command_line),
		cmocka_unit_test(another_port_is_refused),
		cmocka_unit_test(mistakes_are_refused),
		cmocka_unit_test(too_many_words_are_refused),
	};
	return cmocka_run_group_tests_name("load batch", tests, NULL, NULL);
}

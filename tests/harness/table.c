// SPDX-License-Identifier: BSD-3-Clause
#include "harness/table.h"

#include <stdio.h>
#include <stdlib.h>

void table_add(struct table *t, const char *name, CMUnitTestFunction run, const void *row)
{
	if (t->count == TABLE_TESTS) {
		fprintf(stderr, "more than %d tests: raise TABLE_TESTS\n", TABLE_TESTS);
		exit(1);
	}
	union {
		const void *given;
		void *kept;
	} state = {.given = row};
	t->test[t->count++] =
		(struct CMUnitTest){.name = name, .test_func = run, .initial_state = state.kept};
}

int table_run_between(
	const char *module, struct table *t, CMFixtureFunction begin, CMFixtureFunction end)
{
	// A test that dies must not take the lines before it along.
	setvbuf(stdout, NULL, _IOLBF, 0);
	return _cmocka_run_group_tests(module, t->test, t->count, begin, end);
}

int table_run(const char *module, struct table *t)
{
	return table_run_between(module, t, NULL, NULL);
}

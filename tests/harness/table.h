// SPDX-License-Identifier: BSD-3-Clause
// cmocka with the headers it wants, and tables of cases in which every row is a test of its own.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TABLE_TESTS         512 // most tests of one executable
#define TABLE_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

// The tests of one executable, in the order in which they were added.
struct table {
	unsigned count;
	struct CMUnitTest test[TABLE_TESTS];
};

// Adds a test; `row`, which may be NULL, is handed to it as *state.
void table_add(struct table *t, const char *name, CMUnitTestFunction run, const void *row);

// Adds a test under its own name, without a row.
#define TABLE_ADD(t, run) table_add(t, #run, run, NULL)

// Runs all of them; the exit status.
int table_run(const char *module, struct table *t);

// The same with something to do before the first and after the last of them.
int table_run_between(
	const char *module, struct table *t, CMFixtureFunction begin, CMFixtureFunction end);

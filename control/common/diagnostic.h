// SPDX-License-Identifier: BSD-3-Clause
// The one sentence that says what is wrong, from where it is found to where it is told.
//
// Whoever calls owns the place, and every function on the way passes it on as its last parameter.
// A sentence always ends inside its place, and whatever a file, a path or a device name holds, it
// has no control characters: those become \xNN, so that it stays one line of a log or a terminal.
// Any thread, one at a time for each place.
#pragma once

#include <stdarg.h>

// Room for the longest sentence with its end: a device of CONFIG_TEXT, twice, with its remedy.
#define DIAGNOSTIC_SIZE 1024
// Longest quoted value, with its end.
#define DIAGNOSTIC_QUOTE 80

struct diagnostic {
	char sentence[DIAGNOSTIC_SIZE]; // without a newline; "": nothing is said
};

// Writes the sentence, which may be made of the one that was there. Returns error, which is a
// negative errno, so that this can be what a function that fails returns.
__attribute__((format(printf, 3, 4))) int diagnostic_fail(
	struct diagnostic *d, int error, const char *format, ...);
__attribute__((format(printf, 3, 0))) int diagnostic_fail_list(
	struct diagnostic *d, int error, const char *format, va_list list);

// The same of what is no failure, but to be told.
__attribute__((format(printf, 2, 3))) void diagnostic_note(
	struct diagnostic *d, const char *format, ...);

// Puts words in front of the sentence: where in a file it is, whom it is about.
__attribute__((format(printf, 2, 3))) void diagnostic_lead(
	struct diagnostic *d, const char *format, ...);

// Says nothing.
void diagnostic_clear(struct diagnostic *d);

// Writes value in double quotes, control characters and all but ASCII as \xNN, cut to fit.
// ret_quoted holds DIAGNOSTIC_QUOTE bytes and is returned.
const char *diagnostic_quote(const char *value, char *ret_quoted);

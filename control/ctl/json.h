// SPDX-License-Identifier: BSD-3-Clause
// What ntpwirectl says to programs: the same readings as JSON. Names of counters are those of the
// metrics; times are whole nanoseconds.
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "status/reading.h"

// One object, and a newline. on_one_line: for a stream of them. -ENOMEM.
int json_print_status(FILE *out, const struct reading *r, bool on_one_line);

// Adds "rates", counters a second, where before is a reading of the same server; it may be NULL.
int json_print_stats(
	FILE *out, const struct reading *before, const struct reading *now, bool on_one_line);

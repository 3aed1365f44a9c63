// SPDX-License-Identifier: BSD-3-Clause
// A folder of the test's own, for the files it needs. One at a time.
#pragma once

#include <stddef.h>

#define SCRATCH_PATH 256

// Makes the folder; for table_run_between. 0, or -1.
int scratch_begin(void **state);

// Removes it with all that is in it; for table_run_between.
int scratch_end(void **state);

// The path of a name in it, or of itself with "". Static storage until the next call but three.
const char *scratch_path(const char *name);

// Writes a file in it, in place of one of this name, and returns its path as scratch_path does. The
// test fails if that cannot be done.
const char *scratch_write(const char *name, const void *bytes, size_t length);

// SPDX-License-Identifier: BSD-3-Clause
#include "harness/scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/table.h"

static char folder[] = "/tmp/ntpwire-test-XXXXXX";

int scratch_begin(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int entry_remove(const char *path, const struct stat *s, int kind, struct FTW *where)
{
	(void)s;
	(void)kind;
	(void)where;
	return remove(path);
}

int scratch_end(void **state)
{
	(void)state;
	return nftw(folder, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}

const char *scratch_path(const char *name)
{
	static char path[4][SCRATCH_PATH];
	static unsigned next;
	char *to = path[next++ % 4];
	int length = snprintf(to, SCRATCH_PATH, "%s%s%s", folder, name[0] == '\0' ? "" : "/", name);
	assert_in_range(length, 1, SCRATCH_PATH - 1);
	return to;
}

const char *scratch_write(const char *name, const void *bytes, size_t length)
{
	const char *path = scratch_path(name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
	return path;
}

// SPDX-License-Identifier: BSD-3-Clause
// Whole files of bounded size: what is read, and each thing that may stand in a file's place
// instead.
#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/scratch.h"
#include "harness/table.h"

#define LIMIT 16

static const char *written_meanwhile; // into "text" as soon as its size is known; NULL: nothing

// The library's, and then what another program may do before the file is read.
int fstat(int fd, struct stat *ret_stat)
{
	const char *text = written_meanwhile;
	int r = fstatat(fd, "", ret_stat, AT_EMPTY_PATH);
	written_meanwhile = NULL;
	if (text != NULL)
		(void)scratch_write("text", text, strlen(text));
	return r;
}

static int files_open(void)
{
	int fd = open("/dev/null", O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	return fd;
}

// Also that nothing is left behind: no text, no open file.
static void refused(const char *path, int error, enum file_fault fault)
{
	int before = files_open();
	struct file f = {.text = (char *)1};
	assert_int_equal(file_read(path, LIMIT, &f), error);
	assert_int_equal(f.fault, fault);
	assert_null(f.text);
	assert_int_equal(files_open(), before);
	file_free(&f);
}

static void a_file_is_read_whole(void **state)
{
	static const char text[LIMIT + 1] = "0123\0\n789abcdef";
	(void)state;
	for (size_t size = 0; size <= LIMIT; size++) {
		int before = files_open();
		struct file f;
		const char *path = scratch_write("text", text, size);
		assert_int_equal(chmod(path, 0604), 0);
		assert_int_equal(file_read(path, LIMIT, &f), 0);
		assert_int_equal(f.fault, FILE_GOOD);
		assert_int_equal(f.size, size);
		assert_memory_equal(f.text, text, size);
		assert_int_equal(f.text[size], '\0');
		assert_int_equal(f.mode & 0777, 0604);
		assert_int_equal(files_open(), before);
		file_free(&f);
		assert_null(f.text);
		file_free(&f);
	}
}

static void a_byte_over_the_limit_is_too_many(void **state)
{
	struct file f;
	(void)state;
	const char *path = scratch_write("text", "0123456789abcdefg", LIMIT + 1);
	refused(path, -EFBIG, FILE_IS_LARGE);
	assert_int_equal(file_read(path, LIMIT, &f), -EFBIG);
	assert_int_equal(f.size, LIMIT + 1);
	assert_int_equal(file_read(path, LIMIT + 1, &f), 0);
	file_free(&f);
}

static void what_cannot_be_opened(void **state)
{
	(void)state;
	refused(scratch_path("none"), -ENOENT, FILE_NOT_OPENED);
	refused("", -ENOENT, FILE_NOT_OPENED);
	const char *path = scratch_path("loop");
	assert_int_equal(symlink("loop", path), 0);
	refused(path, -ELOOP, FILE_NOT_OPENED);
}

// The own memory from address 0 on: a regular file by its kind, whose reading fails.
static void what_cannot_be_read(void **state)
{
	(void)state;
	refused("/proc/self/mem", -EIO, FILE_NOT_READ);
}

// Opening a named pipe for reading would wait for a writer for ever.
static void what_is_no_regular_file(void **state)
{
	(void)state;
	refused(scratch_path(""), -EISDIR, FILE_IS_DIRECTORY);
	refused("/dev/zero", -EINVAL, FILE_IS_SPECIAL);
	const char *path = scratch_path("pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	refused(path, -EINVAL, FILE_IS_SPECIAL);
}

static void a_file_that_changes_length(void **state)
{
	static const struct {
		const char *before;
		const char *meanwhile;
		enum file_fault fault;
	} changes[] = {
		{"", "1", FILE_GREW},
		{"0123", "01234", FILE_GREW},
		{"0123", "0123456789abcdef0123456789", FILE_GREW},
		{"0123", "012", FILE_SHRANK},
		{"0123", "", FILE_SHRANK},
	};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(changes); i++) {
		const char *path =
			scratch_write("text", changes[i].before, strlen(changes[i].before));
		written_meanwhile = changes[i].meanwhile;
		refused(path, -EAGAIN, changes[i].fault);
		assert_null(written_meanwhile);
	}
}

int main(void)
{
	static struct table tests;
	TABLE_ADD(&tests, a_file_is_read_whole);
	TABLE_ADD(&tests, a_byte_over_the_limit_is_too_many);
	TABLE_ADD(&tests, what_cannot_be_opened);
	TABLE_ADD(&tests, what_cannot_be_read);
	TABLE_ADD(&tests, what_is_no_regular_file);
	TABLE_ADD(&tests, a_file_that_changes_length);
	return table_run_between("file", &tests, scratch_begin, scratch_end);
}

// SPDX-License-Identifier: BSD-3-Clause
// Reading a whole file of bounded size that a person, or another program, may have put anything in
// the place of. Main thread only.
#pragma once

#include <stddef.h>
#include <sys/types.h>

// What was wrong with a file.
enum file_fault {
	FILE_GOOD,
	FILE_NOT_OPENED,
	FILE_NOT_READ,
	FILE_IS_DIRECTORY,
	FILE_IS_SPECIAL, // neither a directory nor a regular file
	FILE_IS_LARGE,   // longer than the limit
	FILE_NO_MEMORY,
	FILE_GREW, // while it was read
	FILE_SHRANK,
};

struct file {
	char *text;  // size bytes and a NUL byte; NULL unless the fault is FILE_GOOD
	size_t size; // in bytes; also of a file that is too large
	mode_t mode;
	enum file_fault fault;
};

// Reads the file at path if it is a regular one of at most limit bytes, and never waits as for a
// named pipe's writer. 0, or -errno, which is -EISDIR, -EINVAL, -EFBIG, -ENOMEM and -EAGAIN (grew,
// shrank) for the faults that no system call reports. *ret_file is filled either way; the caller
// frees it.
int file_read(const char *path, size_t limit, struct file *ret_file);

// Wipes and frees the text; fine after a failure.
void file_free(struct file *f);

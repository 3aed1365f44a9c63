// SPDX-License-Identifier: BSD-3-Clause
// The files in run_dir, as page.c needs them: opened without following links, locked so that the
// lock ends with the process. Main thread only.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Opens run_dir without following a link in its last part; *ret_made tells whether it was made now.
// With `writing` it is made when missing, and refused with -EUCLEAN where others than its owner may
// write, or it belongs to neither us nor root. File descriptor or -errno.
int statseg_dir_open(const char *run_dir, bool writing, bool *ret_made);

// Takes the lock file of dir. File descriptor; -EBUSY: another process has it; else -errno.
int statseg_lock_take(int dir);

// Makes a new file of this name in dir, mode 0600, in place of one that a dead server may have
// left, and locks it. File descriptor or -errno.
int statseg_file_make(int dir, const char *name);

// Opens a regular file in dir for reading. File descriptor or -errno.
int statseg_file_open(int dir, const char *name);

// Whether another open file description holds a write lock on the file.
bool statseg_file_is_locked(int fd);

// Whether name in dir is the file that fd is.
bool statseg_file_is_same(int dir, const char *name, int fd);

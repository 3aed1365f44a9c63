// SPDX-License-Identifier: BSD-3-Clause
#include "status/statseg_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"

#define LOCK_NAME "lock"
// Someone else's clean end may take the lock file away between our opening and locking it.
#define LOCK_TRIES 16

// A lock of the open file description, so that it ends when the last copy of the descriptor is
// closed, and asks for write permission: no reader of the status segment can keep a server from
// starting.
static struct flock whole_file(short type)
{
	return (struct flock){.l_type = type, .l_whence = SEEK_SET};
}

static int file_lock(int fd)
{
	struct flock l = whole_file(F_WRLCK);
	if (fcntl(fd, F_OFD_SETLK, &l) == 0)
		return 0;
	return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
}

bool statseg_file_is_locked(int fd)
{
	struct flock l = whole_file(F_RDLCK);
	return fcntl(fd, F_OFD_GETLK, &l) == 0 && l.l_type == F_WRLCK;
}

bool statseg_file_is_same(int dir, const char *name, int fd)
{
	struct stat there;
	struct stat ours;
	if (fstatat(dir, name, &there, AT_SYMLINK_NOFOLLOW) < 0 || fstat(fd, &ours) < 0)
		return false;
	return there.st_dev == ours.st_dev && there.st_ino == ours.st_ino;
}

// The path without slashes at its end, behind which O_NOFOLLOW would not look.
static int path_trim(const char *run_dir, char *ret_path, size_t size)
{
	size_t length = strlen(run_dir);
	while (length > 1 && run_dir[length - 1] == '/')
		length--;
	if (length == 0 || length >= size)
		return length == 0 ? -ENOENT : -ENAMETOOLONG;
	memcpy(ret_path, run_dir, length);
	ret_path[length] = '\0';
	return 0;
}

static int dir_check(int dir)
{
	struct stat s;
	if (fstat(dir, &s) < 0)
		return -errno;
	bool ours = s.st_uid == geteuid() || s.st_uid == 0;
	return ours && (s.st_mode & (S_IWGRP | S_IWOTH)) == 0 ? 0 : -EUCLEAN;
}

static int dir_open(const char *path)
{
	struct stat s;
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir >= 0)
		return dir;
	int error = errno;
	// Linux says ENOTDIR here; what is wrong is the link.
	if (error == ENOTDIR && lstat(path, &s) == 0 && S_ISLNK(s.st_mode))
		error = ELOOP;
	return -error;
}

static int dir_make(const char *path, bool *ret_made)
{
	int dir = dir_open(path);
	if (dir != -ENOENT)
		return dir;
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return -errno;
	dir = dir_open(path);
	*ret_made = dir >= 0;
	// Whatever the umask: who monitors the server reads the status segment.
	if (dir >= 0 && fchmod(dir, 0755) < 0) {
		int error = errno;
		(void)close(dir);
		return -error;
	}
	return dir;
}

int statseg_dir_open(const char *run_dir, bool writing, bool *ret_made)
{
	char path[CONFIG_TEXT];
	*ret_made = false;
	int r = path_trim(run_dir, path, sizeof(path));
	if (r < 0)
		return r;
	int dir = writing ? dir_make(path, ret_made) : dir_open(path);
	r = dir >= 0 && writing ? dir_check(dir) : 0;
	if (r == 0)
		return dir;
	(void)close(dir);
	return r;
}

// One try. -EAGAIN: the file was taken away before it was locked.
static int lock_try(int dir)
{
	int fd = openat(dir, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	int r = file_lock(fd);
	if (r == 0 && !statseg_file_is_same(dir, LOCK_NAME, fd))
		r = -EAGAIN;
	if (r == 0)
		return fd;
	(void)close(fd);
	return r;
}

int statseg_lock_take(int dir)
{
	int fd = -EAGAIN;
	for (unsigned i = 0; i < LOCK_TRIES && fd == -EAGAIN; i++)
		fd = lock_try(dir);
	return fd == -EAGAIN ? -EBUSY : fd;
}

int statseg_file_open(int dir, const char *name)
{
	struct stat s;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int r = fstat(fd, &s) < 0 ? -errno : 0;
	if (r == 0 && !S_ISREG(s.st_mode))
		r = -EPROTO;
	if (r == 0)
		return fd;
	(void)close(fd);
	return r;
}

int statseg_file_make(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		return -errno;
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	int r = file_lock(fd);
	if (r == 0)
		return fd;
	(void)close(fd);
	return r;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int file_fail(struct file *f, enum file_fault fault, int error)
{
	f->fault = fault;
	return -error;
}

static int kind_check(int fd, size_t limit, struct file *f)
{
	struct stat s;
	if (fstat(fd, &s) < 0)
		return file_fail(f, FILE_NOT_READ, errno);
	f->mode = s.st_mode;
	f->size = (size_t)s.st_size;
	if (S_ISDIR(s.st_mode))
		return file_fail(f, FILE_IS_DIRECTORY, EISDIR);
	if (!S_ISREG(s.st_mode))
		return file_fail(f, FILE_IS_SPECIAL, EINVAL);
	return f->size > limit ? file_fail(f, FILE_IS_LARGE, EFBIG) : 0;
}

static int file_text_read(int fd, struct file *f)
{
	size_t used = 0;
	ssize_t got = 1;
	f->text = calloc(1, f->size + 1);
	if (f->text == NULL)
		return file_fail(f, FILE_NO_MEMORY, ENOMEM);
	// Into the last byte too: a file that grows meanwhile would else be taken cut short.
	while (got != 0 && used <= f->size) {
		got = read(fd, f->text + used, f->size + 1 - used);
		if (got < 0 && errno != EINTR)
			return file_fail(f, FILE_NOT_READ, errno);
		used += got > 0 ? (size_t)got : 0;
	}
	if (used == f->size)
		return 0;
	return file_fail(f, used < f->size ? FILE_SHRANK : FILE_GREW, EAGAIN);
}

int file_read(const char *path, size_t limit, struct file *ret_file)
{
	*ret_file = (struct file){.fault = FILE_GOOD};
	// Without O_NONBLOCK a named pipe would hold the caller here.
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return file_fail(ret_file, FILE_NOT_OPENED, errno);
	int r = kind_check(fd, limit, ret_file);
	if (r == 0)
		r = file_text_read(fd, ret_file);
	(void)close(fd);
	if (r < 0)
		file_free(ret_file);
	return r;
}

void file_free(struct file *f)
{
	if (f->text != NULL)
		explicit_bzero(f->text, f->size + 1);
	free(f->text);
	f->text = NULL;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/xdp_holder.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Longer than what the kernel says of a program's descriptor or a link's.
#define FDINFO_MAX 1024

// The start of a file; "" if it cannot be read.
static void xdp_holder_text_read(int folder, const char *name, char *ret_text, size_t size)
{
	ret_text[0] = '\0';
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	ssize_t length = read(fd, ret_text, size - 1);
	ret_text[length < 0 ? 0 : length] = '\0';
	(void)close(fd);
}

static bool is_number(const char *text)
{
	return isdigit((unsigned char)text[0]) && text[strspn(text, "0123456789")] == '\0';
}

static bool descriptor_is_of(int fdinfo, const char *name, const char *line)
{
	char text[FDINFO_MAX];
	xdp_holder_text_read(fdinfo, name, text, sizeof(text));
	return strstr(text, line) != NULL;
}

// Whether the process has it; -errno if it may not be looked into, or has ended.
static int process_has(int process, const char *line)
{
	int fd = openat(process, "fdinfo", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	if (folder == NULL)
		return -errno;
	bool has = false;
	for (const struct dirent *e; !has && (e = readdir(folder)) != NULL;)
		has = is_number(e->d_name) && descriptor_is_of(fd, e->d_name, line);
	(void)closedir(folder);
	return has;
}

struct search {
	int proc;
	char line[32]; // of a descriptor's, the one that tells the program
	const char *likely;
};

static struct xdp_holder process_look(const struct search *s, const char *name)
{
	struct xdp_holder h = {0};
	int process = openat(s->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return h;
	int r = process_has(process, s->line);
	xdp_holder_text_read(process, "comm", h.command, sizeof(h.command));
	h.command[strcspn(h.command, "\n")] = '\0';
	h.is_presumed = (r == -EACCES || r == -EPERM) && s->likely != NULL &&
	                strcmp(h.command, s->likely) == 0;
	if (r > 0 || h.is_presumed)
		h.pid = atoi(name);
	(void)close(process);
	return h;
}

// One that is known to have it goes before one that is presumed to.
static struct xdp_holder processes_look(const struct search *s, DIR *folder)
{
	struct xdp_holder best = {0};
	for (const struct dirent *e; (e = readdir(folder)) != NULL;) {
		if (!is_number(e->d_name) || atoi(e->d_name) == getpid())
			continue;
		struct xdp_holder h = process_look(s, e->d_name);
		if (h.pid != 0)
			best = h;
		if (h.pid != 0 && !h.is_presumed)
			break;
	}
	return best;
}

void xdp_holder_find(
	const char *proc, uint32_t program, const char *likely, struct xdp_holder *ret_holder)
{
	struct search s = {.likely = likely};
	DIR *folder = opendir(proc);
	*ret_holder = (struct xdp_holder){0};
	if (folder == NULL)
		return;
	s.proc = dirfd(folder);
	snprintf(s.line, sizeof(s.line), "\nprog_id:\t%u\n", program);
	*ret_holder = processes_look(&s, folder);
	(void)closedir(folder);
}

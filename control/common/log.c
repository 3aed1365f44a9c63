// SPDX-License-Identifier: BSD-3-Clause
#include "common/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX 2048
// How often a line is tried while standard error takes nothing.
#define WRITE_TRIES 16

static enum log_level limit = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
	limit = level;
}

// Whether standard error is the stream that systemd named in JOURNAL_STREAM ("device:inode").
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device;
	unsigned long long inode;
	char end;
	struct stat s;
	if (stream == NULL || sscanf(stream, "%llu:%llu%c", &device, &inode, &end) != 2)
		return false;
	return fstat(STDERR_FILENO, &s) == 0 && s.st_dev == device && s.st_ino == inode;
}

static unsigned syslog_number(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return 3;
	case LOG_LEVEL_WARNING:
		return 4;
	case LOG_LEVEL_INFO:
		return 6;
	case LOG_LEVEL_DEBUG:
		return 7;
	}
	return 6;
}

// One event is one line, whatever texts went into it.
static void line_clean(char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
}

// In one write, so that lines of several processes do not mix.
static void line_write(const char *line, size_t length)
{
	size_t done = 0;
	for (unsigned i = 0; i < WRITE_TRIES && done < length; i++) {
		ssize_t wrote = write(STDERR_FILENO, line + done, length - done);
		if (wrote < 0 && errno != EINTR)
			return;
		done += wrote > 0 ? (size_t)wrote : 0;
	}
}

__attribute__((format(printf, 2, 0))) static void log_line(
	enum log_level level, const char *format, va_list list)
{
	char line[LINE_MAX];
	int head = 0;
	if (level > limit)
		return;
	if (is_journal())
		head = snprintf(line, sizeof(line), "<%u>", syslog_number(level));
	else
		head = snprintf(line, sizeof(line), "ntpwired: ");
	int length = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, format, list);
	if (length < 0)
		return;
	size_t end = strlen(line);
	line_clean(line + head, end - (size_t)head);
	line[end] = '\n';
	line_write(line, end + 1);
}

void log_error(const char *format, ...)
{
	va_list list;
	va_start(list, format);
	log_line(LOG_LEVEL_ERROR, format, list);
	va_end(list);
}

void log_warning(const char *format, ...)
{
	va_list list;
	va_start(list, format);
	log_line(LOG_LEVEL_WARNING, format, list);
	va_end(list);
}

void log_info(const char *format, ...)
{
	va_list list;
	va_start(list, format);
	log_line(LOG_LEVEL_INFO, format, list);
	va_end(list);
}

void log_debug(const char *format, ...)
{
	va_list list;
	va_start(list, format);
	log_line(LOG_LEVEL_DEBUG, format, list);
	va_end(list);
}

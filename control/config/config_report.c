// SPDX-License-Identifier: BSD-3-Clause
#include "config/config_report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// Room for the longest escape, three dots, the closing quote and the end.
#define QUOTE_RESERVE 9

__attribute__((format(printf, 3, 0))) static void sentence_end(
	const struct config_report *r, int used, const char *format, va_list list)
{
	if (used >= 0 && (size_t)used < r->message_size)
		vsnprintf(r->message + used, r->message_size - (size_t)used, format, list);
}

int config_report_file(const struct config_report *r, int error, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	int used = snprintf(r->message, r->message_size, "%s: ", r->path);
	sentence_end(r, used, format, list);
	va_end(list);
	return error;
}

int config_report_at(
	const struct config_report *r, unsigned line, const char *setting, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	int used = snprintf(r->message, r->message_size, "%s:%u: %s%s", r->path, line,
		setting == NULL ? "" : setting, setting == NULL ? "" : ": ");
	sentence_end(r, used, format, list);
	va_end(list);
	return -EINVAL;
}

static size_t quote_byte(char *to, unsigned char c)
{
	if (c < ' ' || c > '~')
		return (size_t)snprintf(to, 5, "\\x%02x", c);
	*to = (char)c;
	return 1;
}

const char *config_report_quote(const char *value, char *ret_quoted)
{
	size_t used = 0;
	ret_quoted[used++] = '"';
	for (; *value != '\0' && used < REPORT_QUOTE - QUOTE_RESERVE; value++)
		used += quote_byte(ret_quoted + used, (unsigned char)*value);
	memcpy(ret_quoted + used, *value == '\0' ? "\"" : "...\"", *value == '\0' ? 2 : 5);
	return ret_quoted;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "config/config_report.h"

#include <errno.h>
#include <stddef.h>

int config_report_file(const struct config_report *r, int error, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	(void)diagnostic_fail_list(r->diagnostic, error, format, list);
	va_end(list);
	diagnostic_lead(r->diagnostic, "%s: ", r->path);
	return error;
}

int config_report_at_list(const struct config_report *r, unsigned line, const char *setting,
	const char *format, va_list list)
{
	(void)diagnostic_fail_list(r->diagnostic, -EINVAL, format, list);
	diagnostic_lead(r->diagnostic, "%s:%u: %s%s", r->path, line, setting == NULL ? "" : setting,
		setting == NULL ? "" : ": ");
	return -EINVAL;
}

int config_report_at(
	const struct config_report *r, unsigned line, const char *setting, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	int error = config_report_at_list(r, line, setting, format, list);
	va_end(list);
	return error;
}

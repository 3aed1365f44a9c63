// SPDX-License-Identifier: BSD-3-Clause
// The one sentence that says what is wrong with a configuration: file, line, setting, value, limit
// and remedy. Main thread only.
#pragma once

#include <stdarg.h>

#include "common/diagnostic.h"

// Longest setting's path, as "ports[0].addresses[1]".
#define REPORT_SETTING 256

// Where the sentence goes, and the file it is about.
struct config_report {
	const char *path;
	struct diagnostic *diagnostic;
};

// "PATH: ...". Returns error, a negative errno.
__attribute__((format(printf, 3, 4))) int config_report_file(
	const struct config_report *r, int error, const char *format, ...);

// "PATH:LINE: SETTING: ...", without SETTING where it is NULL. Returns -EINVAL.
__attribute__((format(printf, 4, 5))) int config_report_at(
	const struct config_report *r, unsigned line, const char *setting, const char *format, ...);
__attribute__((format(printf, 4, 0))) int config_report_at_list(const struct config_report *r,
	unsigned line, const char *setting, const char *format, va_list list);

// SPDX-License-Identifier: BSD-3-Clause
// What the server says to people: one line on standard error an event. systemd's level prefixes
// ("<6>") when standard error is the journal, plain "ntpwired: ..." otherwise. Main thread; workers
// never log.
#pragma once

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

// Lines above this level are dropped. Default: info.
void log_set_level(enum log_level level);

// printf-like; a newline is added.
__attribute__((format(printf, 1, 2))) void log_error(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_warning(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_info(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_debug(const char *format, ...);

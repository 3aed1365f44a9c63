// SPDX-License-Identifier: BSD-3-Clause
// leap-seconds.list files for tests: the true history and what a test adds, with a right hash.
#pragma once

#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TEXT_ROOM  8192
#define SINCE_1900 2208988800ll

struct leap_line {
	int64_t at; // since 1970
	int tai_offset;
};

static const struct leap_line leap_history[] = {{63072000, 10}, {78796800, 11}, {94694400, 12},
	{126230400, 13}, {157766400, 14}, {189302400, 15}, {220924800, 16}, {252460800, 17},
	{283996800, 18}, {315532800, 19}, {362793600, 20}, {394329600, 21}, {425865600, 22},
	{489024000, 23}, {567993600, 24}, {631152000, 25}, {662688000, 26}, {709948800, 27},
	{741484800, 28}, {773020800, 29}, {820454400, 30}, {867715200, 31}, {915148800, 32},
	{1136073600, 33}, {1230768000, 34}, {1341100800, 35}, {1435708800, 36}, {1483228800, 37}};

#define LEAP_HISTORY (sizeof(leap_history) / sizeof(leap_history[0]))

struct leap_text {
	char text[TEXT_ROOM];
	size_t length;
	char hashed[TEXT_ROOM];
	size_t hashed_length;
};

__attribute__((format(printf, 2, 3))) static inline void leap_text_add(
	struct leap_text *t, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	t->length += (size_t)vsnprintf(t->text + t->length, TEXT_ROOM - t->length, format, list);
	va_end(list);
}

__attribute__((format(printf, 2, 3))) static inline void leap_text_hash(
	struct leap_text *t, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	t->hashed_length += (size_t)vsnprintf(
		t->hashed + t->hashed_length, TEXT_ROOM - t->hashed_length, format, list);
	va_end(list);
}

static inline void leap_text_begin(struct leap_text *t, int64_t updated, int64_t expires)
{
	memset(t, 0, sizeof(*t));
	leap_text_add(t, "#\tA list\n#$\t%lld\n#@\t%lld\n", (long long)(updated + SINCE_1900),
		(long long)(expires + SINCE_1900));
	leap_text_hash(t, "%lld%lld", (long long)(updated + SINCE_1900),
		(long long)(expires + SINCE_1900));
}

static inline void leap_text_line(struct leap_text *t, int64_t at, int tai_offset)
{
	leap_text_add(t, "%lld\t%d\t# a day\n", (long long)(at + SINCE_1900), tai_offset);
	leap_text_hash(t, "%lld%d", (long long)(at + SINCE_1900), tai_offset);
}

static inline void leap_text_history(struct leap_text *t, size_t lines)
{
	for (size_t i = 0; i < lines; i++)
		leap_text_line(t, leap_history[i].at, leap_history[i].tai_offset);
}

// The hash line, its words without leading zeros, as old files have them.
static inline void leap_text_end(struct leap_text *t)
{
	unsigned char sum[EVP_MAX_MD_SIZE] = {0};
	(void)EVP_Digest(t->hashed, t->hashed_length, sum, NULL, EVP_sha1(), NULL);
	leap_text_add(t, "#h");
	for (unsigned i = 0; i < 5; i++)
		leap_text_add(t, "\t%x",
			(unsigned)sum[4 * i] << 24 | (unsigned)sum[4 * i + 1] << 16 |
				(unsigned)sum[4 * i + 2] << 8 | sum[4 * i + 3]);
	leap_text_add(t, "\n");
}

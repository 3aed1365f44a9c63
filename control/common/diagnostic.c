// SPDX-License-Identifier: BSD-3-Clause
#include "common/diagnostic.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

// \xNN.
#define ESCAPE 4
// Room for the longest escape, three dots, the closing quote and the end.
#define QUOTE_RESERVE 9

static bool is_control(unsigned char c)
{
	return c < ' ' || c == 0x7f;
}

// Writes one byte as it is, or as \xNN with its end. Returns how many it became.
static size_t byte_write(char *to, unsigned char c, bool is_escaped)
{
	if (is_escaped)
		return (size_t)snprintf(to, ESCAPE + 1, "\\x%02x", c);
	*to = (char)c;
	return 1;
}

static void sentence_write(struct diagnostic *d, const char *text)
{
	size_t used = 0;
	for (; *text != '\0' && used + ESCAPE < DIAGNOSTIC_SIZE; text++) {
		unsigned char c = (unsigned char)*text;
		used += byte_write(d->sentence + used, c, is_control(c));
	}
	d->sentence[used] = '\0';
}

int diagnostic_fail_list(struct diagnostic *d, int error, const char *format, va_list list)
{
	char text[DIAGNOSTIC_SIZE]; // apart, because an argument may be d's own sentence
	(void)vsnprintf(text, sizeof(text), format, list);
	sentence_write(d, text);
	return error;
}

int diagnostic_fail(struct diagnostic *d, int error, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	(void)diagnostic_fail_list(d, error, format, list);
	va_end(list);
	return error;
}

void diagnostic_note(struct diagnostic *d, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	(void)diagnostic_fail_list(d, 0, format, list);
	va_end(list);
}

void diagnostic_lead(struct diagnostic *d, const char *format, ...)
{
	struct diagnostic lead;
	va_list list;
	va_start(list, format);
	(void)diagnostic_fail_list(&lead, 0, format, list);
	va_end(list);
	diagnostic_note(d, "%s%s", lead.sentence, d->sentence);
}

void diagnostic_clear(struct diagnostic *d)
{
	d->sentence[0] = '\0';
}

const char *diagnostic_quote(const char *value, char *ret_quoted)
{
	size_t used = 0;
	ret_quoted[used++] = '"';
	for (; *value != '\0' && used < DIAGNOSTIC_QUOTE - QUOTE_RESERVE; value++) {
		unsigned char c = (unsigned char)*value;
		used += byte_write(ret_quoted + used, c, is_control(c) || c > '~');
	}
	memcpy(ret_quoted + used, *value == '\0' ? "\"" : "...\"", *value == '\0' ? 2 : 5);
	return ret_quoted;
}

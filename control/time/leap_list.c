// SPDX-License-Identifier: BSD-3-Clause
#include "time/leap_list.h"

#include <openssl/evp.h>

#include <errno.h>
#include <string.h>
#include <time.h>

#include "common/file.h"
#include "core/ntp_time.h"

#define SHA1_WORDS 5
#define SHA1_BYTES 20
// Year 3058 and more: what the list cannot mean.
#define SECONDS_MAX_DIGITS 11
#define OFFSET_MAX         999
// Hashed: the digits of both dates and of each line.
#define HASHED_SIZE (2 * (SECONDS_MAX_DIGITS + 1) + LEAP_LIST_ENTRIES * 16)

#define FIRST_LEAP_SCALE 63072000   // 1 January 1972, when the scale began with 10 s
#define JULY_2012        1341100800 // what everybody knows
#define JANUARY_2013     1356998400
#define JANUARY_2017     1483228800
#define OFFSET_2017      37

// A list as it is read.
struct parse {
	struct leap_list list;
	bool has_updated;
	bool has_expires;
	bool has_hash;
	uint32_t hash[SHA1_WORDS];
	char hashed[HASHED_SIZE]; // not terminated
	size_t hashed_length;
	unsigned line;
	struct diagnostic *diagnostic;
};

static bool leap_list_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *blanks_skip(const char *at)
{
	while (leap_list_is_blank(*at))
		at++;
	return at;
}

// Takes a decimal number of at most max_digits and adds its digits to what is hashed. NULL if there
// is none.
static const char *number_take(
	struct parse *p, const char *at, unsigned max_digits, int64_t *ret_number)
{
	int64_t n = 0;
	unsigned digits = 0;
	at = blanks_skip(at);
	for (; *at >= '0' && *at <= '9'; at++) {
		if (++digits > max_digits || p->hashed_length == sizeof(p->hashed))
			return NULL;
		n = n * 10 + (*at - '0');
		p->hashed[p->hashed_length++] = *at;
	}
	*ret_number = n;
	return digits == 0 || (*at != '\0' && !leap_list_is_blank(*at)) ? NULL : at;
}

static const char *date_take(struct parse *p, const char *at, int64_t *ret_unix)
{
	int64_t since_1900 = 0;
	at = number_take(p, at, SECONDS_MAX_DIGITS, &since_1900);
	*ret_unix = since_1900 - (int64_t)NTP_UNIX_OFFSET;
	return at;
}

static int date_read(struct parse *p, const char *at, bool *has, int64_t *ret_unix)
{
	if (*has)
		return diagnostic_fail(p->diagnostic, -EBADMSG, "a second date of this kind");
	*has = true;
	at = date_take(p, at, ret_unix);
	return at == NULL || *blanks_skip(at) != '\0' ?
	               diagnostic_fail(p->diagnostic, -EBADMSG, "no date in seconds since 1900") :
	               0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// A word may lack its leading zeros.
static const char *leap_list_word_take(const char *at, uint32_t *ret_word)
{
	uint32_t word = 0;
	unsigned digits = 0;
	at = blanks_skip(at);
	for (; hex_digit(*at) >= 0; at++, digits++)
		word = word << 4 | (uint32_t)hex_digit(*at);
	*ret_word = word;
	return digits == 0 || digits > 8 ? NULL : at;
}

static int hash_read(struct parse *p, const char *at)
{
	if (p->has_hash)
		return diagnostic_fail(p->diagnostic, -EBADMSG, "a second hash");
	p->has_hash = true;
	for (unsigned i = 0; i < SHA1_WORDS && at != NULL; i++)
		at = leap_list_word_take(at, &p->hash[i]);
	return at == NULL || *blanks_skip(at) != '\0' ?
	               diagnostic_fail(p->diagnostic, -EBADMSG, "the hash is not five words") :
	               0;
}

static bool is_half_year(int64_t at)
{
	struct tm t;
	time_t seconds = (time_t)at;
	if (at % 86400 != 0 || gmtime_r(&seconds, &t) == NULL)
		return false;
	return t.tm_mday == 1 && (t.tm_mon == 0 || t.tm_mon == 6);
}

static int entry_check(struct parse *p, int64_t at, int64_t offset)
{
	const struct leap_list *l = &p->list;
	if (l->count == LEAP_LIST_ENTRIES)
		return diagnostic_fail(
			p->diagnostic, -EBADMSG, "more than %u leap seconds", LEAP_LIST_ENTRIES);
	if (!is_half_year(at))
		return diagnostic_fail(p->diagnostic, -EBADMSG,
			"a leap second that is not at the end of June or December");
	if (l->count == 0)
		return at == FIRST_LEAP_SCALE && offset == 10 ?
		               0 :
		               diagnostic_fail(p->diagnostic, -EBADMSG,
				       "it does not begin with 10 s in 1972");
	const struct leap_list_entry *last = &l->entry[l->count - 1];
	if (at <= last->at)
		return diagnostic_fail(
			p->diagnostic, -EBADMSG, "not later than the line before it");
	if (offset != last->tai_offset + 1 && offset != last->tai_offset - 1)
		return diagnostic_fail(p->diagnostic, -EBADMSG,
			"TAI - UTC goes from %d s to %d s, not by one", last->tai_offset,
			(int)offset);
	return 0;
}

static int entry_read(struct parse *p, const char *at)
{
	int64_t time = 0;
	int64_t offset = 0;
	at = date_take(p, at, &time);
	if (at != NULL)
		at = number_take(p, at, 3, &offset);
	if (at != NULL)
		at = blanks_skip(at);
	if (at == NULL || (*at != '\0' && *at != '#') || offset > OFFSET_MAX)
		return diagnostic_fail(
			p->diagnostic, -EBADMSG, "neither a comment nor a time and TAI - UTC");
	int r = entry_check(p, time, offset);
	if (r == 0)
		p->list.entry[p->list.count++] = (struct leap_list_entry){time, (int)offset};
	return r;
}

static int line_read(struct parse *p, const char *line)
{
	const char *at = blanks_skip(line);
	if (line[0] != '#')
		return *at == '\0' ? 0 : entry_read(p, at);
	if (line[1] == '$')
		return date_read(p, line + 2, &p->has_updated, &p->list.updated);
	if (line[1] == '@')
		return date_read(p, line + 2, &p->has_expires, &p->list.expires);
	return line[1] == 'h' ? hash_read(p, line + 2) : 0;
}

static int hash_check(struct parse *p)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int length = 0;
	if (!p->has_hash)
		return diagnostic_fail(p->diagnostic, -EBADMSG,
			"it has no hash (#h), so nobody knows whether it is whole");
	if (EVP_Digest(p->hashed, p->hashed_length, sum, &length, EVP_sha1(), NULL) != 1 ||
		length != SHA1_BYTES)
		return diagnostic_fail(
			p->diagnostic, -EBADMSG, "this machine's OpenSSL cannot compute SHA-1");
	for (unsigned i = 0; i < SHA1_BYTES; i++)
		if (sum[i] != (p->hash[i / 4] >> (24 - 8 * (i % 4)) & 0xff))
			return diagnostic_fail(p->diagnostic, -EBADMSG,
				"its hash is wrong: it was changed or cut");
	return 0;
}

static int known_check(struct parse *p)
{
	const struct leap_list *l = &p->list;
	bool inserts = leap_list_tai_offset(l, JULY_2012 - 1) == 34 &&
	               leap_list_tai_offset(l, JULY_2012) == 35;
	bool goes_on = leap_list_tai_offset(l, JANUARY_2013 - 1) == 35 &&
	               leap_list_tai_offset(l, JANUARY_2013) == 35;
	if (!inserts)
		return diagnostic_fail(p->diagnostic, -EBADMSG,
			"it does not know the leap second of 30 June 2012");
	if (!goes_on)
		return diagnostic_fail(p->diagnostic, -EBADMSG,
			"it knows a leap second on 31 December 2012, where there was none");
	if (leap_list_tai_offset(l, JANUARY_2017) != OFFSET_2017)
		return diagnostic_fail(p->diagnostic, -EBADMSG,
			"it does not know that TAI - UTC is %d s since 2017", OFFSET_2017);
	return 0;
}

static int whole_check(struct parse *p)
{
	p->line = 0;
	if (!p->has_updated || !p->has_expires)
		return diagnostic_fail(p->diagnostic, -EBADMSG,
			"it does not say when it was written (#$) and expires (#@)");
	int r = hash_check(p);
	if (r == 0)
		r = known_check(p);
	if (r == 0 && p->list.expires < p->list.updated)
		r = diagnostic_fail(p->diagnostic, -EBADMSG, "it expires before it was written");
	return r;
}

// Copies the next line of the text, without its end. Returns what it took; 0: the line is too long
// or has a zero byte in it.
static size_t leap_list_line_take(const char *text, size_t size, char ret_line[LEAP_LIST_LINE])
{
	const char *end = memchr(text, '\n', size);
	size_t length = end == NULL ? size : (size_t)(end - text);
	if (length >= LEAP_LIST_LINE || memchr(text, '\0', length) != NULL)
		return 0;
	memcpy(ret_line, text, length);
	if (length > 0 && ret_line[length - 1] == '\r')
		ret_line[length - 1] = '\0';
	ret_line[length] = '\0';
	return end == NULL ? length : length + 1;
}

int leap_list_parse(const char *text, size_t size, struct leap_list *ret_list, struct diagnostic *d)
{
	struct parse p = {.diagnostic = d};
	char line[LEAP_LIST_LINE];
	int r = 0;
	while (r == 0 && size > 0) {
		size_t taken = leap_list_line_take(text, size, line);
		p.line++;
		r = taken == 0 ? diagnostic_fail(d, -EBADMSG, "longer than %u bytes, or no text",
					 LEAP_LIST_LINE) :
		                 line_read(&p, line);
		text += taken;
		size -= taken;
	}
	if (r == 0)
		r = whole_check(&p);
	if (r == 0)
		*ret_list = p.list;
	else if (p.line > 0)
		diagnostic_lead(d, "line %u: ", p.line);
	return r;
}

static const char *file_says(enum file_fault fault, int error)
{
	switch (fault) {
	case FILE_IS_DIRECTORY:
	case FILE_IS_SPECIAL:
		return "not a plain file";
	case FILE_GREW:
		return "it grew while it was read";
	case FILE_SHRANK:
		return "it shrank while it was read";
	case FILE_GOOD:
	case FILE_NOT_OPENED:
	case FILE_NOT_READ:
	case FILE_IS_LARGE:
	case FILE_NO_MEMORY:
		break;
	}
	return strerror(-error);
}

int leap_list_read(const char *path, struct leap_list *ret_list, struct diagnostic *d)
{
	struct file f;
	int r = file_read(path, LEAP_LIST_SIZE, &f);
	if (r == 0)
		r = leap_list_parse(f.text, f.size, ret_list, d);
	else if (f.fault == FILE_IS_LARGE)
		(void)diagnostic_fail(d, r, "longer than %u bytes", LEAP_LIST_SIZE);
	else
		(void)diagnostic_fail(d, r, "%s", file_says(f.fault, r));
	file_free(&f);
	return r;
}

int leap_list_tai_offset(const struct leap_list *l, int64_t now)
{
	int offset = 0;
	for (unsigned i = 0; i < l->count && l->entry[i].at <= now; i++)
		offset = l->entry[i].tai_offset;
	return offset;
}

// The leap at entry i, which is not the first.
static void leap_tell(const struct leap_list *l, unsigned i, int64_t *ret_at, int *ret_step)
{
	*ret_at = l->entry[i].at;
	*ret_step = l->entry[i].tai_offset - l->entry[i - 1].tai_offset;
}

bool leap_list_next(const struct leap_list *l, int64_t now, int64_t *ret_at, int *ret_step)
{
	for (unsigned i = 1; i < l->count; i++) {
		if (l->entry[i].at <= now)
			continue;
		leap_tell(l, i, ret_at, ret_step);
		return true;
	}
	return false;
}

bool leap_list_last(const struct leap_list *l, int64_t now, int64_t *ret_at, int *ret_step)
{
	for (unsigned i = l->count; i-- > 1;) {
		if (l->entry[i].at > now)
			continue;
		leap_tell(l, i, ret_at, ret_step);
		return true;
	}
	return false;
}

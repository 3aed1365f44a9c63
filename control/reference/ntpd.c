// SPDX-License-Identifier: BSD-3-Clause
#include "reference/ntpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/wire_int.h"
#include "common/units.h"

#define VALUE_SIZE          64
#define MILLISECONDS_DIGITS 8 // before the point: a day
#define NS_DIGITS           6 // of a millisecond
// Its clock and ours are one; times of the future come from a clock that was set back.
#define FUTURE_NS NANOS_PER_S
#define POLL_MAX  17

// The variables that count. Required, unless a comment says otherwise.
enum variable {
	LEAP,
	STRATUM,
	ROOT_DELAY,
	ROOT_DISPERSION,
	REFERENCE_ID,
	REFERENCE_TIME,
	OFFSET,
	TIME_CONSTANT, // not with every version
	VARIABLES,
};

static const char *const names[VARIABLES] = {
	"leap", "stratum", "rootdelay", "rootdisp", "refid", "reftime", "offset", "tc"};

struct variables {
	const char *why;                   // NULL: nothing is wrong yet
	char value[VARIABLES][VALUE_SIZE]; // empty: not told
};

static char sentence[96];

static void ntpd_complain(struct variables *v, const char *name, const char *what)
{
	if (v->why != NULL)
		return;
	snprintf(sentence, sizeof(sentence), "%s %s", name, what);
	v->why = sentence;
}

static bool ntpd_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_text(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!ntpd_is_blank(text[i]) && (text[i] < ' ' || text[i] > '~'))
			return false;
	return length > 0;
}

struct piece {
	const char *at;
	size_t length;
};

static struct piece trim(const char *from, const char *to)
{
	while (from < to && ntpd_is_blank(*from))
		from++;
	while (to > from && ntpd_is_blank(to[-1]))
		to--;
	return (struct piece){from, (size_t)(to - from)};
}

// The end of the entry that begins here: the next comma outside quotes. NULL if a quote stays open.
static const char *entry_end(const char *at, const char *end)
{
	bool is_quoted = false;
	for (; at < end; at++) {
		if (*at == '"')
			is_quoted = !is_quoted;
		else if (*at == ',' && !is_quoted)
			return at;
	}
	return is_quoted ? NULL : end;
}

static void ntpd_value_take(struct variables *v, unsigned i, struct piece value)
{
	if (v->value[i][0] != '\0')
		ntpd_complain(v, names[i], "is told twice");
	else if (value.length == 0 || value.length >= VALUE_SIZE)
		ntpd_complain(v, names[i], "is empty or too long");
	else
		memcpy(v->value[i], value.at, value.length);
}

static void entry_take(struct variables *v, const char *from, const char *to)
{
	const char *equals = memchr(from, '=', (size_t)(to - from));
	struct piece name = trim(from, equals == NULL ? to : equals);
	// A name alone is a variable without a value.
	struct piece value = equals == NULL ? (struct piece){to, 0} : trim(equals + 1, to);
	for (unsigned i = 0; i < VARIABLES; i++)
		if (strlen(names[i]) == name.length && memcmp(names[i], name.at, name.length) == 0)
			ntpd_value_take(v, i, value);
}

static void list_read(struct variables *v, const char *text, size_t length)
{
	const char *end = text + length;
	if (!is_text(text, length)) {
		ntpd_complain(v, "the answer", "is no text");
		return;
	}
	for (const char *at = text; at < end;) {
		const char *to = entry_end(at, end);
		if (to == NULL) {
			ntpd_complain(v, "the answer", "ends within quotes");
			return;
		}
		entry_take(v, at, to);
		at = to + 1;
	}
	for (unsigned i = 0; i < TIME_CONSTANT; i++)
		if (v->value[i][0] == '\0')
			ntpd_complain(v, names[i], "is missing");
}

static unsigned whole_number(struct variables *v, enum variable i, unsigned most)
{
	const char *text = v->value[i];
	size_t digits = strspn(text, "0123456789");
	unsigned n = 0;
	for (size_t d = 0; d < digits && n <= most; d++)
		n = n * 10 + (unsigned)(text[d] - '0');
	if (digits > 0 && text[digits] == '\0' && n <= most)
		return n;
	ntpd_complain(v, names[i], "is no number in its range");
	return 0;
}

// The digits behind the point, as so many; *ret_rest is whether there were more than zeros behind.
static int64_t fraction(const char *text, size_t length, bool *ret_rest)
{
	int64_t n = 0;
	*ret_rest = false;
	for (size_t i = 0; i < NS_DIGITS; i++)
		n = n * 10 + (i < length ? text[i] - '0' : 0);
	for (size_t i = NS_DIGITS; i < length; i++)
		*ret_rest |= text[i] != '0';
	return n;
}

// "12.345" ms as ns, its size rounded up.
static int64_t ntpd_milliseconds(struct variables *v, enum variable i, bool is_signed)
{
	const char *text = v->value[i];
	bool is_minus = is_signed && text[0] == '-';
	text += is_minus || (is_signed && text[0] == '+');
	size_t whole = strspn(text, "0123456789");
	const char *point = text + whole;
	size_t behind = *point == '.' ? strspn(point + 1, "0123456789") : 0;
	if (whole == 0 || whole > MILLISECONDS_DIGITS ||
		point[*point == '.' ? behind + 1 : 0] != '\0') {
		ntpd_complain(v, names[i], "is no number of milliseconds in its range");
		return 0;
	}
	int64_t n = 0;
	bool rest;
	for (size_t d = 0; d < whole; d++)
		n = n * 10 + (text[d] - '0');
	n = n * 1000000 + fraction(point + 1, behind, &rest);
	n += rest;
	return is_minus ? -n : n;
}

// "0x%08x.%08x", both halves whole.
static struct ntp_time ntpd_timestamp(struct variables *v, enum variable i)
{
	const char *text = v->value[i];
	uint64_t raw = 0;
	size_t digits = 0;
	bool is_good = strncmp(text, "0x", 2) == 0 && strlen(text) == 19 && text[10] == '.';
	for (const char *c = text + 2; is_good && *c != '\0'; c++) {
		static const char hex[] = "0123456789abcdef";
		const char *digit = strchr(hex, *c);
		if (digit == NULL)
			continue;
		raw = raw << 4 | (uint64_t)(digit - hex);
		digits++;
	}
	if (!is_good || digits != 16)
		ntpd_complain(v, names[i], "is no timestamp");
	return (struct ntp_time){raw};
}

// An IPv4 address, or, of a clock, up to four characters.
static uint32_t reference_id(struct variables *v)
{
	const char *text = v->value[REFERENCE_ID];
	struct be32 id = {{0}};
	if (inet_pton(AF_INET, text, &id) == 1)
		return be32_get(id);
	id = (struct be32){{0}};
	if (strlen(text) > sizeof(id.byte) || strpbrk(text, "\" \t\r\n") != NULL)
		ntpd_complain(v, names[REFERENCE_ID], "is neither an address nor a clock's name");
	else
		memcpy(id.byte, text, strlen(text));
	return be32_get(id);
}

// ntpd's own clock (127.127.1.x, "LOCL"), or orphan mode (127.0.0.1, "ORPH"): it follows nothing.
static bool ntpd_is_local(uint32_t id)
{
	return id >> 8 == 0x7f7f01 || id == 0x7f000001 || id == 0x4c4f434c || id == 0x4c434c00 ||
	       id == 0x4f525048;
}

static struct nanos ntpd_instant(struct variables *v, struct ntp_time t, struct nanos now)
{
	int64_t ahead = ntp_time_to_nanos(ntp_time_diff(t, ntp_time_from_unix(now))).n;
	if (t.raw == 0)
		ntpd_complain(
			v, names[REFERENCE_TIME], "is zero, though the clock is synchronised");
	if (ahead > FUTURE_NS)
		ntpd_complain(v, names[REFERENCE_TIME], "is in the future");
	return (struct nanos){now.n + (ahead > 0 ? 0 : ahead)};
}

static void times_fill(struct variables *v, struct nanos now, struct reference *r)
{
	struct ntp_time set = ntpd_timestamp(v, REFERENCE_TIME);
	int64_t delay = ntpd_milliseconds(v, ROOT_DELAY, false);
	int64_t dispersion = ntpd_milliseconds(v, ROOT_DISPERSION, false);
	r->correction.n = ntpd_milliseconds(v, OFFSET, true);
	r->root_delay =
		ntp_short_from_units((uint64_t)ntp_time_from_nanos((struct nanos){delay}) + 1);
	r->root_dispersion = (uint64_t)ntp_time_from_nanos((struct nanos){dispersion}) + 1;
	if (v->value[TIME_CONSTANT][0] != '\0')
		r->update_interval.n = NANOS_PER_S << whole_number(v, TIME_CONSTANT, POLL_MAX);
	r->reference_time = ntpd_instant(v, set, now);
}

int ntpd_reference(const char *text, size_t length, struct nanos now,
	struct reference *ret_reference, const char **ret_why)
{
	struct variables v = {NULL, {{0}}};
	struct reference told = {.answered = true, .as_of = now, .source = REFERENCE_NTPD};
	list_read(&v, text, length);
	told.leap = v.why == NULL ? (enum leap)whole_number(&v, LEAP, 3) : LEAP_UNKNOWN;
	unsigned stratum = v.why == NULL ? whole_number(&v, STRATUM, 16) : 0;
	bool is_sync = told.leap != LEAP_UNKNOWN && stratum > 0 && stratum < 16;
	if (v.why == NULL && is_sync) {
		told.stratum = (uint8_t)stratum;
		told.reference_id = reference_id(&v);
		told.is_local = ntpd_is_local(told.reference_id);
		times_fill(&v, now, &told);
	}
	if (v.why != NULL) {
		*ret_why = v.why;
		return -EBADMSG;
	}
	if (!is_sync) {
		told.leap = LEAP_UNKNOWN;
		told.reference_time = now;
	}
	*ret_reference = told;
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
// what ntpd may say in control messages, and each mistake in it with the reason it becomes.
#include "reference/ntpd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/table.h"
#include "reference/mode6.h"

#define NS_PER_S 1000000000LL
// 2026-11-24 02:27:02 UTC is 0xeeaf7476 of NTP.
static const struct nanos now = {(0xeeaf7476LL - NTP_UNIX_OFFSET) * NS_PER_S};
#define REST                                                                                       \
	"rootdelay=0.381, rootdisp=1.5,\r\nreftime=0xeeaf7466.80000000, offset=-0.250000, "        \
	"tc=6,\r\n"                                                                                \
	"system=\"Linux/6.18, leap=3\", version=\"ntpd ntpsec-1.2.2\", "                           \
	"clock=0xeeaf7476.1b95b57d\r\n"
#define GOOD "leap=0, stratum=2, precision=-24, refid=192.0.2.1, " REST

static struct reference read_good(const char *text)
{
	struct reference r = {0};
	const char *why = "";
	int result = ntpd_reference(text, strlen(text), now, &r, &why);
	assert_string_equal(why, "");
	assert_int_equal(result, 0);
	return r;
}

static void the_variables_become_a_reference(void **state)
{
	(void)state;
	struct reference r = read_good(GOOD);
	assert_true(r.answered);
	assert_int_equal(r.leap, LEAP_NONE);
	assert_int_equal(r.stratum, 2);
	assert_int_equal(r.reference_id, 0xc0000201);
	assert_int_equal(r.root_delay, 25); // 0.381 ms in 2^-16 s, rounded up
	assert_int_equal(r.root_dispersion, 6442450 + 1 + 1 - 1);
	assert_int_equal(r.correction.n, -250000);
	assert_int_equal(r.as_of.n - r.reference_time.n, 31 * NS_PER_S / 2);
	assert_int_equal(r.update_interval.n, 64 * NS_PER_S);
	assert_false(r.is_local);
}

static void unsynchronised_is_an_answer(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"leap=3, stratum=16, refid=INIT, rootdelay=0.000, rootdisp=0.015, "
		"reftime=0x00000000.00000000, offset=0.000000",
		"leap=0, stratum=16, refid=STEP, " REST,
		"leap=0, stratum=0, refid=INIT, " REST,
		"leap=3, stratum=2, refid=192.0.2.1, " REST,
	};
	for (unsigned i = 0; i < TABLE_LENGTH(texts); i++) {
		struct reference r = read_good(texts[i]);
		assert_true(r.answered);
		assert_int_equal(r.leap, LEAP_UNKNOWN);
		assert_int_equal(r.stratum, 0);
	}
}

static void clocks_have_names(void **state)
{
	(void)state;
	assert_int_equal(read_good("leap=1,stratum=1,refid=GPS," REST).reference_id, 0x47505300);
	assert_int_equal(read_good("leap=2,stratum=1,refid=GPS," REST).leap, LEAP_DELETE);
	assert_true(read_good("leap=0,stratum=6,refid=127.127.1.0," REST).is_local);
	assert_true(read_good("leap=0,stratum=6,refid=LOCL," REST).is_local);
	assert_true(read_good("leap=0,stratum=6,refid=127.0.0.1," REST).is_local);
}

struct bad {
	const char *name;
	const char *text;
	const char *why;
};

#define WITH(delay, dispersion, time, offset)                                                      \
	"leap=0,stratum=2,refid=192.0.2.1,rootdelay=" delay ",rootdisp=" dispersion                \
	",reftime=" time ",offset=" offset
#define TIME "0xeeaf7466.80000000"

static const struct bad bads[] = {
	{"R-03 nothing", "", "the answer is no text"},
	{"R-03 a byte that is no text", "leap=0\x01", "the answer is no text"},
	{"R-03 a byte above ASCII", "leap=0\xc3", "the answer is no text"},
	{"R-03 a quote that stays open", "leap=0, system=\"Linux", "the answer ends within quotes"},
	{"R-03 no leap", "stratum=2, refid=192.0.2.1, " REST, "leap is missing"},
	{"R-03 no offset", "leap=0,stratum=2,refid=1.2.3.4,rootdelay=0,rootdisp=0,reftime=" TIME,
		"offset is missing"},
	{"R-03 an empty leap", "leap=, stratum=2", "leap is empty or too long"},
	{"R-03 a leap without a value", "leap, stratum=2", "leap is empty or too long"},
	{"R-03 two leaps", "leap=0, leap=3, stratum=2, refid=192.0.2.1, " REST,
		"leap is told twice"},
	{"R-03 leap 4", "leap=4, stratum=2, refid=192.0.2.1, " REST,
		"leap is no number in its range"},
	{"R-03 leap -1", "leap=-1, stratum=2, refid=192.0.2.1, " REST,
		"leap is no number in its range"},
	{"R-03 stratum 17", "leap=0, stratum=17, refid=192.0.2.1, " REST,
		"stratum is no number in its range"},
	{"R-03 stratum 2 and more", "leap=0, stratum=2x, refid=192.0.2.1, " REST,
		"stratum is no number in its range"},
	{"R-03 a stratum of many digits",
		"leap=0, stratum=18446744073709551618, refid=192.0.2.1, " REST,
		"stratum is no number in its range"},
	{"R-03 an identifier of five", "leap=0, stratum=1, refid=ABCDE, " REST,
		"refid is neither an address nor a clock's name"},
	{"R-03 an identifier in quotes", "leap=0, stratum=1, refid=\"A\", " REST,
		"refid is neither an address nor a clock's name"},
	{"R-03 a delay below zero", WITH("-0.1", "0", TIME, "0"),
		"rootdelay is no number of milliseconds in its range"},
	{"R-03 a delay in words", WITH("inf", "0", TIME, "0"),
		"rootdelay is no number of milliseconds in its range"},
	{"R-03 a delay in powers", WITH("1e3", "0", TIME, "0"),
		"rootdelay is no number of milliseconds in its range"},
	{"R-03 a delay of nine digits", WITH("999999999.0", "0", TIME, "0"),
		"rootdelay is no number of milliseconds in its range"},
	{"R-03 a point alone", WITH("0", ".", TIME, "0"),
		"rootdisp is no number of milliseconds in its range"},
	{"R-03 two points", WITH("0", "1.2.3", TIME, "0"),
		"rootdisp is no number of milliseconds in its range"},
	{"R-03 a sign alone", WITH("0", "0", TIME, "-"),
		"offset is no number of milliseconds in its range"},
	{"R-03 a time in decimal", WITH("0", "0", "4004476006.5", "0"), "reftime is no timestamp"},
	{"R-03 a time cut short", WITH("0", "0", "0xeeaf7466.8000000", "0"),
		"reftime is no timestamp"},
	{"R-03 a time with two points", WITH("0", "0", "0xeeaf7466.8000.000", "0"),
		"reftime is no timestamp"},
	{"R-03 a time of zero", WITH("0", "0", "0x00000000.00000000", "0"),
		"reftime is zero, though the clock is synchronised"},
	{"R-03 a time of the future", WITH("0", "0", "0xeeaf7478.00000000", "0"),
		"reftime is in the future"},
	{"R-03 a time constant of 18", WITH("0", "0", TIME, "0") ",tc=18",
		"tc is no number in its range"},
	{"R-03 a value of 64 characters",
		"leap=0000000000000000000000000000000000000000000000000000000000000000",
		"leap is empty or too long"},
};

static void mistake_is_told(void **state)
{
	const struct bad *b = *state;
	struct reference r = {.stratum = 99};
	const char *why = "";
	assert_int_equal(ntpd_reference(b->text, strlen(b->text), now, &r, &why), -EBADMSG);
	assert_int_equal(r.stratum, 99);
	assert_string_equal(why, b->why);
}

static void errors_are_rounded_up(void **state)
{
	(void)state;
	struct reference a = read_good(WITH("0.0000001", "0.0000001", TIME, "+0.0000001"));
	assert_int_equal(a.root_delay, 1);
	assert_true(a.root_dispersion > 0);
	assert_int_equal(a.correction.n, 1);
	assert_int_equal(a.update_interval.n, 0);
}

// A message as ntpd sends it.
static size_t message(uint8_t *to, uint8_t bits, unsigned offset, const char *data)
{
	size_t count = strlen(data);
	const uint8_t header[MODE6_HEADER] = {0xd6, (uint8_t)(0x80 | bits | 2), 0x12, 0x34, 0xc0,
		0x16, 0, 0, (uint8_t)(offset >> 8), (uint8_t)offset, (uint8_t)(count >> 8),
		(uint8_t)count};
	memcpy(to, header, sizeof(header));
	memcpy(to + sizeof(header), data, count);
	memset(to + sizeof(header) + count, 0, -count & 3);
	return sizeof(header) + count + (-count & 3);
}

struct fragment {
	uint8_t bits;
	unsigned offset;
	const char *data;
	enum mode6_take take;
};

static const char *fragments_take(struct mode6 *m, const struct fragment *f, unsigned count)
{
	uint8_t question[MODE6_HEADER];
	uint8_t bytes[600];
	const char *why = "";
	mode6_ask(m, 0x1234, question);
	for (unsigned i = 0; i < count; i++) {
		size_t length = message(bytes, f[i].bits, f[i].offset, f[i].data);
		assert_int_equal(mode6_take(m, bytes, length, &why), f[i].take);
	}
	return why;
}

#define MORE               0x20
#define TAKE(m, fragments) fragments_take(m, fragments, TABLE_LENGTH(fragments))

static void the_question_is_read_variables(void **state)
{
	(void)state;
	static const uint8_t want[MODE6_HEADER] = {0x16, 2, 0x12, 0x34};
	uint8_t question[MODE6_HEADER];
	struct mode6 m;
	mode6_ask(&m, 0x1234, question);
	assert_memory_equal(question, want, sizeof(want));
}

static void fragments_come_in_any_order(void **state)
{
	(void)state;
	static struct mode6 m;
	static const struct fragment one[] = {{0, 0, "leap=0", MODE6_WHOLE}};
	static const struct fragment three[] = {{0, 5, "ef", MODE6_MORE},
		{MORE, 0, "ab", MODE6_MORE}, {MORE, 2, "cde", MODE6_WHOLE}};
	assert_string_equal(TAKE(&m, one), "");
	assert_string_equal(m.text, "leap=0");
	assert_int_equal(m.total, 6);
	assert_string_equal(TAKE(&m, three), "");
	assert_string_equal(m.text, "abcdeef");
}

static void wrong_fragments_are_refused(void **state)
{
	(void)state;
	static struct mode6 m;
	static const struct fragment twice[] = {
		{MORE, 0, "abc", MODE6_MORE}, {MORE, 2, "x", MODE6_BAD}};
	static const struct fragment ends[] = {{0, 4, "abc", MODE6_MORE}, {0, 7, "x", MODE6_BAD}};
	static const struct fragment behind[] = {
		{0, 4, "abc", MODE6_MORE}, {MORE, 7, "x", MODE6_BAD}};
	static const struct fragment before[] = {
		{MORE, 9, "abc", MODE6_MORE}, {0, 0, "x", MODE6_BAD}};
	static const struct fragment far[] = {{0, 4090, "abcdefg", MODE6_BAD}};
	static const struct fragment error[] = {{0x40, 0, "x", MODE6_BAD}};
	static const struct fragment empty[] = {{MORE, 0, "", MODE6_BAD}};
	assert_string_equal(TAKE(&m, twice), "fragments overlap");
	assert_string_equal(TAKE(&m, ends), "there are two last fragments");
	assert_string_equal(TAKE(&m, behind), "a fragment lies behind the last one");
	assert_string_equal(TAKE(&m, before), "a fragment lies behind the last one");
	assert_string_equal(TAKE(&m, far), "the answer is too long");
	assert_string_equal(TAKE(&m, error), "it refuses to tell its variables");
	assert_string_equal(TAKE(&m, empty), "a fragment is empty");
}

static void fragments_are_counted(void **state)
{
	(void)state;
	static struct mode6 m;
	struct fragment f[MODE6_FRAGMENTS + 1];
	for (unsigned i = 0; i <= MODE6_FRAGMENTS; i++)
		f[i] = (struct fragment){
			MORE, i, "x", i < MODE6_FRAGMENTS ? MODE6_MORE : MODE6_BAD};
	assert_string_equal(TAKE(&m, f), "the answer is in too many fragments");
}

// One byte of a good message changed: refused or passed over, never taken as the answer.
static void every_header_byte_counts(void **state)
{
	(void)state;
	static struct mode6 m;
	for (unsigned byte = 0; byte < MODE6_HEADER; byte++) {
		uint8_t question[MODE6_HEADER];
		uint8_t bytes[64];
		const char *why;
		mode6_ask(&m, 0x1234, question);
		size_t length = message(bytes, 0, 0, "leap=0");
		bytes[byte] ^= 0x1f;
		// The status word means nothing here.
		enum mode6_take take = mode6_take(&m, bytes, length, &why);
		assert_int_equal(take == MODE6_WHOLE, byte == 4 || byte == 5);
	}
}

static void a_message_cut_short_is_not_read_beyond(void **state)
{
	(void)state;
	static struct mode6 m;
	for (size_t length = 0; length < MODE6_HEADER + 6; length++) {
		uint8_t question[MODE6_HEADER];
		uint8_t bytes[64];
		const char *why;
		mode6_ask(&m, 0x1234, question);
		(void)message(bytes, 0, 0, "leap=0");
		assert_int_equal(mode6_take(&m, bytes, length, &why),
			length < MODE6_HEADER ? MODE6_OTHERS : MODE6_BAD);
	}
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, the_variables_become_a_reference);
	TABLE_ADD(&t, unsynchronised_is_an_answer);
	TABLE_ADD(&t, clocks_have_names);
	for (unsigned i = 0; i < TABLE_LENGTH(bads); i++)
		table_add(&t, bads[i].name, mistake_is_told, &bads[i]);
	TABLE_ADD(&t, errors_are_rounded_up);
	TABLE_ADD(&t, the_question_is_read_variables);
	TABLE_ADD(&t, fragments_come_in_any_order);
	TABLE_ADD(&t, wrong_fragments_are_refused);
	TABLE_ADD(&t, fragments_are_counted);
	TABLE_ADD(&t, every_header_byte_counts);
	TABLE_ADD(&t, a_message_cut_short_is_not_read_beyond);
	return table_run("ntpd", &t);
}

// SPDX-License-Identifier: BSD-3-Clause
// what ntpd-rs may say, and each mistake in it with the reason it becomes.
#include "reference/ntpd_rs.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "harness/table.h"

#define NS_PER_S 1000000000LL

// 2026-11-24 02:27:02 UTC; the timestamps below are seconds before that.
static const struct nanos now = {1795487222 * NS_PER_S};
#define NOW_NTP   (((uint64_t)1795487222 + NTP_UNIX_OFFSET) << 32)
#define SYSTEM_14 "\"root_dispersion\":0.0002"
#define SYSTEM_15                                                                                  \
	"\"root_variance_base_time\":{\"timestamp\":17199093500000000000},"                        \
	"\"root_variance_base\":1e-6,\"root_variance_linear\":0.0,"                                \
	"\"root_variance_quadratic\":1e-10,\"root_variance_cubic\":1e-16"
#define DOCUMENT(stratum, leap, delay, error, sources)                                             \
	"{\"program\":{\"version\":\"1.4.0\",\"uptime_seconds\":18.7},"                            \
	"\"system\":{\"stratum\":" stratum ",\"reference_id\":1397703499,"                         \
	"\"accumulated_steps_threshold\":null,\"precision\":3.8e-6,\"root_delay\":" delay          \
	"," error ",\"leap_indicator\":" leap ",\"accumulated_steps\":0.0},"                       \
	"\"sources\":" sources ",\"servers\":[]}"
#define GOOD DOCUMENT("1", "\"NoWarning\"", "0.001", SYSTEM_14, "[]")

struct bad {
	const char *name;
	const char *text;
	const char *why;
};

#define TOO_LARGE "the document has a number that is none, or too large"

#define SOURCE(update, poll)                                                                       \
	"[{\"offset\":0.0,\"last_update\":" update ",\"poll_interval\":" poll ",\"id\":1}]"

static const struct bad bads[] = {
	{"R-03 nothing", "", "the document is not one piece of JSON"},
	{"R-03 half a document", "{\"system\":{\"stratum\":1",
		"the document is not one piece of JSON"},
	{"R-03 two documents", "{} {}", "the document is not one piece of JSON"},
	{"R-03 garbage", "\x01\x02\xff", "the document is not one piece of JSON"},
	{"R-03 text that is no UTF-8", "{\"\xff\":1}", "the document is not one piece of JSON"},
	{"R-03 brackets without end", "[[[[[[[[[[[[[[[[", "the document is not one piece of JSON"},
	{"R-03 a number alone", "7", "the document is not one piece of JSON"},
	{"R-03 a list alone", "[7]", "the document is no object"},
	{"R-03 null alone", "null", "the document is not one piece of JSON"},
	{"R-03 no system", "{\"sources\":[]}", "system is missing"},
	{"R-03 no sources", "{\"system\":{}}", "sources is missing"},
	{"R-03 a system that is a list", "{\"system\":[],\"sources\":[]}",
		"system is of another type"},
	{"R-03 an empty system", "{\"system\":{},\"sources\":[]}", "stratum is missing"},
	{"R-03 stratum 17", DOCUMENT("17", "\"NoWarning\"", "0.0", SYSTEM_14, "[]"),
		"stratum is out of range"},
	{"R-03 stratum -1", DOCUMENT("-1", "\"NoWarning\"", "0.0", SYSTEM_14, "[]"),
		"stratum is out of range"},
	{"R-03 a stratum that begins with 0",
		DOCUMENT("01", "\"NoWarning\"", "0.0", SYSTEM_14, "[]"), TOO_LARGE},
	{"R-03 an update before all time",
		DOCUMENT("1", "\"NoWarning\"", "0.0", SYSTEM_14, SOURCE("{\"timestamp\":-1}", "4")),
		"timestamp is out of range"},
	{"R-03 a stratum in quotes", DOCUMENT("\"1\"", "\"NoWarning\"", "0.0", SYSTEM_14, "[]"),
		"stratum is of another type"},
	{"R-03 a stratum with a fraction", DOCUMENT("1.5", "\"NoWarning\"", "0.0", SYSTEM_14, "[]"),
		"stratum is of another type"},
	{"R-03 a leap that is no word", DOCUMENT("1", "0", "0.0", SYSTEM_14, "[]"),
		"leap_indicator is of another type"},
	{"R-03 a leap of another word", DOCUMENT("1", "\"Leap62\"", "0.0", SYSTEM_14, "[]"),
		"leap_indicator is none of the four"},
	{"R-03 a delay that is null", DOCUMENT("1", "\"NoWarning\"", "null", SYSTEM_14, "[]"),
		"root_delay is no number"},
	{"R-03 a delay of version 2",
		DOCUMENT("1", "\"NoWarning\"", "{\"upper\":0}", SYSTEM_14, "[]"),
		"root_delay is no number"},
	{"R-03 a delay below zero", DOCUMENT("1", "\"NoWarning\"", "-0.1", SYSTEM_14, "[]"),
		"root_delay is out of range"},
	{"R-03 a delay of a day", DOCUMENT("1", "\"NoWarning\"", "86400", SYSTEM_14, "[]"),
		"root_delay is out of range"},
	{"R-03 a delay beyond all numbers",
		DOCUMENT("1", "\"NoWarning\"", "1e999", SYSTEM_14, "[]"),
		"root_delay is out of range"},
	{"R-03 a delay that is NaN", DOCUMENT("1", "\"NoWarning\"", "NaN", SYSTEM_14, "[]"), NULL},
	{"R-03 an error below zero",
		DOCUMENT("1", "\"NoWarning\"", "0.0", "\"root_dispersion\":-1e-9", "[]"),
		"root_dispersion is out of range"},
	{"R-03 no error at all", DOCUMENT("1", "\"NoWarning\"", "0.0", "\"x\":1", "[]"),
		"root_variance_base_time is missing"},
	{"R-03 half of the variance",
		DOCUMENT("1", "\"NoWarning\"", "0.0",
			"\"root_variance_base_time\":{\"timestamp\":1},\"root_variance_base\":0.0",
			"[]"),
		"root_variance_linear is missing"},
	{"R-03 sources that are no list", DOCUMENT("1", "\"NoWarning\"", "0.0", SYSTEM_14, "{}"),
		"sources is of another type"},
	{"R-03 a source that is a number", DOCUMENT("1", "\"NoWarning\"", "0.0", SYSTEM_14, "[1]"),
		"sources holds something else than sources"},
	{"R-03 an update that is a number",
		DOCUMENT("1", "\"NoWarning\"", "0.0", SYSTEM_14, SOURCE("1", "4")),
		"last_update is of another type"},
	{"R-03 an update without a timestamp",
		DOCUMENT("1", "\"NoWarning\"", "0.0", SYSTEM_14, SOURCE("{}", "4")),
		"timestamp is missing"},
	{"R-03 a poll interval of 300",
		DOCUMENT(
			"1", "\"NoWarning\"", "0.0", SYSTEM_14, SOURCE("{\"timestamp\":1}", "300")),
		"poll_interval is out of range"},
};

// Numbers beyond 64 bits: json-c 0.16 makes the nearest of them that there is, and 0.18 refuses the
// document.
static const struct bad too_large[] = {
	{"R-03 stratum 2^64",
		DOCUMENT("18446744073709551616", "\"NoWarning\"", "0.0", SYSTEM_14, "[]"),
		"stratum is out of range"},
	{"R-03 stratum -2^64",
		DOCUMENT("-18446744073709551616", "\"NoWarning\"", "0.0", SYSTEM_14, "[]"),
		"stratum is out of range"},
	{"R-03 a delay of 2^64",
		DOCUMENT("1", "\"NoWarning\"", "18446744073709551616", SYSTEM_14, "[]"),
		"root_delay is out of range"},
	{"R-03 an update at 2^64",
		DOCUMENT("1", "\"NoWarning\"", "0.0", SYSTEM_14,
			SOURCE("{\"timestamp\":18446744073709551616}", "4")),
		"timestamp is out of range"},
};

static void mistake_is_told(void **state)
{
	const struct bad *b = *state;
	struct ntpd_rs_report report = {.stratum = 99};
	const char *why = "";
	assert_int_equal(ntpd_rs_parse(b->text, strlen(b->text), &report, &why), -EBADMSG);
	assert_int_equal(report.stratum, 99);
	if (b->why != NULL)
		assert_string_equal(why, b->why);
}

static void too_large_a_number_is_told(void **state)
{
	const struct bad *b = *state;
	struct ntpd_rs_report report = {.stratum = 99};
	const char *why = "";
	assert_int_equal(ntpd_rs_parse(b->text, strlen(b->text), &report, &why), -EBADMSG);
	assert_int_equal(report.stratum, 99);
	if (strcmp(why, TOO_LARGE) != 0)
		assert_string_equal(why, b->why);
}

static struct ntpd_rs_report parse(const char *text)
{
	struct ntpd_rs_report report;
	const char *why = "";
	int r = ntpd_rs_parse(text, strlen(text), &report, &why);
	assert_string_equal(why, "");
	assert_int_equal(r, 0);
	return report;
}

static void a_length_is_one_to_64_kib(void **state)
{
	(void)state;
	static const struct {
		uint8_t header[NTPD_RS_HEADER];
		size_t length;
	} rows[] = {
		{{0}, 0},
		{{0, 0, 0, 0, 0, 0, 0, 1}, 1},
		{{0, 0, 0, 0, 0, 1, 0, 0}, 1 << 16},
		{{0, 0, 0, 0, 0, 1, 0, 1}, 0},
		{{1, 0, 0, 0, 0, 0, 0, 1}, 0},
		{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 0},
	};
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++) {
		size_t length = 0;
		int r = ntpd_rs_length(rows[i].header, &length);
		assert_int_equal(r, rows[i].length == 0 ? -EMSGSIZE : 0);
		assert_int_equal(length, rows[i].length);
	}
}

#define CROWD_END "],\"servers\":[]}"

// A document of so many sources; its length. Without them it is GOOD's.
static size_t crowd_write(char *to, const char *source, unsigned count)
{
	size_t n = (size_t)(strstr(GOOD, CROWD_END) - GOOD);
	memcpy(to, GOOD, n);
	for (unsigned i = 0; i < count; i++) {
		to[n] = ',';
		n += i > 0;
		memcpy(to + n, source, strlen(source));
		n += strlen(source);
	}
	memcpy(to + n, CROWD_END, strlen(CROWD_END));
	return n + strlen(CROWD_END);
}

// Each of a kind that 1.7 tells takes half a KiB at most; 350,000 empty ones took 266 MiB and a
// second.
static void many_sources_fit_and_a_crowd_does_not(void **state)
{
	(void)state;
	static const char source[] =
		"{\"offset\":-0.000012345678901234,\"uncertainty\":0.000123456789012345,"
		"\"delay\":0.012345678901234567,\"remote_delay\":0.0001220703125,"
		"\"remote_uncertainty\":0.0001220703125,\"last_update\":{\"timestamp\":"
		"17199093500000000000},\"unanswered_polls\":0,\"poll_interval\":6,"
		"\"nts_cookies\":8,\"name\":\"a-server-with-a-long-name.example.net:123\","
		"\"address\":\"[2001:db8:1111:2222:3333:4444:5555:6666]:123\",\"id\":17}";
	static char text[1 << 21];
	struct ntpd_rs_report report;
	const char *why = "";
	size_t length = crowd_write(text, source, 128);
	assert_int_equal(ntpd_rs_parse(text, length, &report, &why), 0);
	assert_true(report.has_update);
	length = crowd_write(text, "{}", 22000);
	assert_true(length > 1 << 16);
	assert_int_equal(ntpd_rs_parse(text, length, &report, &why), -EBADMSG);
	assert_string_equal(why, "the document is over 64 KiB");
}

static void every_leap_is_understood(void **state)
{
	(void)state;
	assert_int_equal(parse(GOOD).leap, LEAP_NONE);
	assert_int_equal(
		parse(DOCUMENT("1", "\"Leap61\"", "0", SYSTEM_14, "[]")).leap, LEAP_INSERT);
	assert_int_equal(
		parse(DOCUMENT("1", "\"Leap59\"", "0", SYSTEM_14, "[]")).leap, LEAP_DELETE);
	assert_int_equal(
		parse(DOCUMENT("1", "\"Unknown\"", "0", SYSTEM_14, "[]")).leap, LEAP_UNKNOWN);
}

// unsynchronised is an answer, and says stratum 0.
static void unsynchronised_is_an_answer(void **state)
{
	(void)state;
	static const char *const texts[] = {
		DOCUMENT("16", "\"Unknown\"", "0.0", SYSTEM_14, "[]"),
		DOCUMENT("16", "\"NoWarning\"", "0.0", SYSTEM_14, "[]"),
		DOCUMENT("0", "\"NoWarning\"", "0.0", SYSTEM_14, "[]"),
		DOCUMENT("3", "\"Unknown\"", "0.0", SYSTEM_14, "[]"),
	};
	for (unsigned i = 0; i < TABLE_LENGTH(texts); i++) {
		struct ntpd_rs_memory m = {0};
		struct ntpd_rs_report report = parse(texts[i]);
		struct reference r;
		const char *why;
		assert_int_equal(ntpd_rs_reference(&m, &report, now, &r, &why), 0);
		assert_true(r.answered);
		assert_int_equal(r.leap, LEAP_UNKNOWN);
		assert_int_equal(r.stratum, 0);
	}
}

static struct ntpd_rs_report with_base_time(double age)
{
	struct ntpd_rs_report report = {
		.leap = LEAP_NONE,
		.stratum = 2,
		.reference_id = 0xc0000201,
		.root_delay = 0.25,
		.has_base_time = true,
		.base_time = {NOW_NTP - (uint64_t)(int64_t)ldexp(age, 32)},
		.variance = {1e-6, 1e-9, 1e-10, 1e-16},
	};
	return report;
}

static void the_variance_of_1_5_is_read(void **state)
{
	(void)state;
	struct ntpd_rs_report report =
		parse(DOCUMENT("2", "\"NoWarning\"", "0.01", SYSTEM_15, "[]"));
	assert_true(report.has_base_time);
	assert_true(report.base_time.raw == 17199093500000000000u);
	assert_true(report.variance[0] > 0.9e-6 && report.variance[0] < 1.1e-6);
	assert_true(report.variance[3] > 0.9e-16 && report.variance[3] < 1.1e-16);
}

// The error is the root of the variance at the age, and what is told of its growth covers it for
// half an hour.
static void the_error_of_1_5_grows_as_told(void **state)
{
	(void)state;
	for (double age = 0; age < 4000; age += 16) {
		struct ntpd_rs_memory m = {0};
		struct ntpd_rs_report report = with_base_time(age);
		struct reference r;
		const char *why;
		assert_int_equal(ntpd_rs_reference(&m, &report, now, &r, &why), 0);
		assert_int_equal(r.stratum, 2);
		assert_int_equal(r.root_delay, 0x4000);
		assert_int_equal(r.as_of.n - r.reference_time.n, (int64_t)age * NS_PER_S);
		for (double t = 0; t <= 1800; t += 100) {
			double a = age + t;
			double error = sqrt(1e-6 + a * (1e-9 + a * (1e-10 + a * 1e-16)));
			double told = ldexp((double)r.root_dispersion, -32) +
			              t * ldexp((double)r.dispersion_rate, -32);
			assert_true(told >= error - 1e-12);
			assert_true(told < error + 0.01);
		}
	}
}

static void a_base_time_of_the_future_is_refused(void **state)
{
	(void)state;
	struct ntpd_rs_memory m = {0};
	struct ntpd_rs_report report = with_base_time(-2);
	struct reference r = {.stratum = 77};
	const char *why = "";
	assert_int_equal(ntpd_rs_reference(&m, &report, now, &r, &why), -EBADMSG);
	assert_int_equal(r.stratum, 77);
	assert_string_equal(why, "it was updated in the future");
	// The clocks are one; the moments are not.
	report = with_base_time(-0.5);
	assert_int_equal(ntpd_rs_reference(&m, &report, now, &r, &why), 0);
	assert_int_equal(r.reference_time.n, now.n);
}

static int follow(
	struct ntpd_rs_memory *m, double error, int64_t s, struct reference *ret_reference)
{
	struct ntpd_rs_report report = parse(GOOD);
	const char *why;
	report.root_dispersion = error;
	return ntpd_rs_reference(
		m, &report, (struct nanos){now.n + s * NS_PER_S}, ret_reference, &why);
}

// T-12: 1.4 says the same until it learns something; its age is counted here, and so its error
// grows.
static void an_error_that_does_not_grow_is_grown_here(void **state)
{
	(void)state;
	struct ntpd_rs_memory m = {0};
	struct reference r;
	assert_int_equal(follow(&m, 0.001, 0, &r), -EAGAIN);
	assert_int_equal(follow(&m, 0.001, 1, &r), -EAGAIN);
	assert_int_equal(follow(&m, 0.002, 2, &r), 0);
	assert_int_equal(r.reference_time.n, now.n + NS_PER_S);
	uint64_t first = r.root_dispersion;
	for (int64_t s = 3; s < 300; s++) {
		assert_int_equal(follow(&m, 0.002, s, &r), 0);
		assert_int_equal(r.reference_time.n, now.n + NS_PER_S);
		double grown = ldexp((double)(r.root_dispersion - first), -32);
		assert_true(fabs(grown - (double)(s - 2) * 15e-6) < 1e-7);
	}
	assert_int_equal(follow(&m, 0.003, 300, &r), 0);
	assert_int_equal(r.reference_time.n, now.n + 299 * NS_PER_S);
}

static void a_source_tells_the_age_at_the_first_poll(void **state)
{
	(void)state;
	struct ntpd_rs_memory m = {0};
	struct ntpd_rs_report report = parse(GOOD);
	struct reference r;
	const char *why;
	report.has_update = true;
	report.last_update = (struct ntp_time){NOW_NTP - ((uint64_t)40 << 32)};
	report.poll_interval = 5;
	assert_int_equal(ntpd_rs_reference(&m, &report, now, &r, &why), 0);
	assert_int_equal(r.reference_time.n, now.n - 40 * NS_PER_S);
	assert_int_equal(r.update_interval.n, 32 * NS_PER_S);
	// A source that is heard but not used: the system says the same as before.
	report.last_update = (struct ntp_time){NOW_NTP};
	struct nanos later = {now.n + NS_PER_S};
	assert_int_equal(ntpd_rs_reference(&m, &report, later, &r, &why), 0);
	assert_int_equal(r.reference_time.n, now.n - 40 * NS_PER_S);
}

static void the_newest_source_counts(void **state)
{
	(void)state;
	struct ntpd_rs_report report = parse(DOCUMENT("1", "\"NoWarning\"", "0.0", SYSTEM_14,
		"[{\"last_update\":{\"timestamp\":500},\"poll_interval\":4},{\"name\":\"PPS\"},"
		"{\"last_update\":{\"timestamp\":700},\"poll_interval\":99},"
		"{\"last_update\":{\"timestamp\":0},\"poll_interval\":5}]"));
	assert_true(report.has_update);
	assert_int_equal(report.last_update.raw, 700);
	assert_int_equal(report.poll_interval, 17);
}

static void its_own_clock_is_local(void **state)
{
	(void)state;
	struct ntpd_rs_memory m = {0};
	struct ntpd_rs_report report = with_base_time(1);
	struct reference r;
	const char *why;
	assert_int_equal(ntpd_rs_reference(&m, &report, now, &r, &why), 0);
	assert_false(r.is_local);
	report.reference_id = 0x584e4f4e;
	assert_int_equal(ntpd_rs_reference(&m, &report, now, &r, &why), 0);
	assert_true(r.is_local);
}

static void unknown_fields_are_passed_over(void **state)
{
	(void)state;
	struct ntpd_rs_report report = parse(
		"{\"x\":{\"y\":[1,2,{}]},\"system\":{\"z\":null,\"stratum\":3,\"reference_id\":0,"
		"\"root_delay\":0,\"root_dispersion\":0,\"leap_indicator\":\"Leap61\","
		"\"accumulated_steps\":-0.5},\"sources\":[]}\n");
	assert_int_equal(report.stratum, 3);
	assert_true(report.accumulated_steps < -0.4);
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(bads); i++)
		table_add(&t, bads[i].name, mistake_is_told, &bads[i]);
	for (unsigned i = 0; i < TABLE_LENGTH(too_large); i++)
		table_add(&t, too_large[i].name, too_large_a_number_is_told, &too_large[i]);
	TABLE_ADD(&t, a_length_is_one_to_64_kib);
	TABLE_ADD(&t, many_sources_fit_and_a_crowd_does_not);
	TABLE_ADD(&t, every_leap_is_understood);
	TABLE_ADD(&t, unsynchronised_is_an_answer);
	TABLE_ADD(&t, the_variance_of_1_5_is_read);
	TABLE_ADD(&t, the_error_of_1_5_grows_as_told);
	TABLE_ADD(&t, a_base_time_of_the_future_is_refused);
	TABLE_ADD(&t, an_error_that_does_not_grow_is_grown_here);
	TABLE_ADD(&t, a_source_tells_the_age_at_the_first_poll);
	TABLE_ADD(&t, the_newest_source_counts);
	TABLE_ADD(&t, its_own_clock_is_local);
	TABLE_ADD(&t, unknown_fields_are_passed_over);
	return table_run("ntpd_rs", &t);
}

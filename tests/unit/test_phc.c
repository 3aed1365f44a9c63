// SPDX-License-Identifier: BSD-3-Clause
// A PTP hardware clock in simulated time: scales, brackets, leap seconds, eras; one that stands
// still, jumps, cannot be read, or is steered by nobody any more.
#include "reference/phc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "built.h"
#include "harness/table.h"
#include "reference/phc_device.h"

#define NS_PER_S 1000000000LL
#define TAI      37
// The day after the build, and the end of 2035: the last leap second of this test.
#define START_NS ((BUILT_UNIX + 86400 + 12345) * NS_PER_S)
#define LEAP_S   2082758400LL
#define UNIT_NS  (4294967296.0 / 1e9)

// A machine with a clock card; the truth is utc_ns.
struct card {
	int64_t utc_ns; // without leap seconds: TAI - 37 s
	int64_t raw_ns;
	int64_t phc_off_ns;    // PHC - (its scale of the truth)
	int64_t system_off_ns; // CLOCK_REALTIME - truth
	int64_t bracket_ns;    // of the shortest reading
	int64_t phc_stands_at; // 0: it runs
	long frequency;
	int frequency_error;
	int error[PHC_METHODS];
	int open_error;
	int offset; // TAI - UTC that is known
	unsigned opens;
	unsigned reads[PHC_METHODS];
	struct config_reference c;
	struct phc p;
	struct phc_source source;
	struct phc_tai tai;
};

static int card_open(void *context, const char *device)
{
	struct card *k = context;
	assert_string_equal(device, "/dev/ptp7");
	k->opens += k->open_error == 0;
	return k->open_error;
}

static void card_close(void *context)
{
	struct card *k = context;
	assert_true(k->opens-- > 0);
}

static int card_frequency(void *context, long *ret_frequency)
{
	const struct card *k = context;
	*ret_frequency = k->frequency;
	return k->frequency_error;
}

static struct nanos card_raw(void *context)
{
	return (struct nanos){((struct card *)context)->raw_ns};
}

static int64_t system_ns(const struct card *k)
{
	// At the midnight after it the kernel counts the last second again.
	int64_t leap = k->utc_ns >= LEAP_S * NS_PER_S ? NS_PER_S : 0;
	return k->utc_ns + k->system_off_ns - leap;
}

// Readings of 3, 1, 2, 1 ... brackets.
static int card_read(void *context, enum phc_method method, struct phc_sample *ret_samples)
{
	struct card *k = context;
	k->reads[method]++;
	if (k->error[method] != 0)
		return k->error[method];
	int count = method == PHC_PRECISE ? 1 : PHC_READINGS;
	int64_t shown = k->utc_ns + (k->c.scale == PHC_SCALE_TAI ? TAI * NS_PER_S : 0);
	if (k->c.scale == PHC_SCALE_UTC)
		shown = system_ns(k) - k->system_off_ns;
	shown += k->phc_off_ns;
	for (int i = 0; i < count; i++) {
		int64_t bracket = method == PHC_PRECISE ? 0 : k->bracket_ns * (3 - i % 3);
		int64_t middle = system_ns(k);
		ret_samples[i] = (struct phc_sample){{middle - bracket / 2},
			{k->phc_stands_at != 0 ? k->phc_stands_at : shown},
			{middle + bracket - bracket / 2}};
	}
	return count;
}

static int card_offset(void *context, struct nanos utc)
{
	const struct card *k = context;
	return k->offset == 0 ? 0 : k->offset + (utc.n >= LEAP_S * NS_PER_S);
}

static void card_make(struct card *k)
{
	*k = (struct card){
		.utc_ns = START_NS,
		.raw_ns = 5000 * NS_PER_S,
		.bracket_ns = 800,
		.offset = TAI,
		.c = {.source = REFERENCE_PHC,
			.device = "/dev/ptp7",
			.reference_id = "PTP",
			.stratum = 1,
			.accuracy_ns = 1000,
			.steered_by = PHC_STEERED_BY_CARD},
		.error = {-EOPNOTSUPP, 0, 0},
	};
	k->source =
		(struct phc_source){k, card_open, card_read, card_frequency, card_raw, card_close};
	k->tai = (struct phc_tai){k, card_offset};
}

static void pass(struct card *k, int64_t ns)
{
	k->utc_ns += ns;
	k->raw_ns += ns;
}

static struct reference told(struct card *k)
{
	struct reference r = {.answered = false};
	if (phc_look(&k->p, &k->source, &k->c, &k->tai, &r) < 0)
		fail_msg("%s", k->p.why.sentence);
	assert_true(r.answered);
	assert_int_equal(k->opens, 0);
	return r;
}

static void refused(struct card *k, const char *why)
{
	struct reference r = {.stratum = 99};
	assert_int_equal(phc_look(&k->p, &k->source, &k->c, &k->tai, &r), -1);
	assert_string_equal(k->p.why.sentence, why);
	assert_int_equal(r.stratum, 99);
	assert_int_equal(k->opens, 0);
}

static void it_says_what_the_system_clock_is_off(void **state)
{
	(void)state;
	for (unsigned scale = 0; scale < 2; scale++) {
		struct card k;
		card_make(&k);
		k.c.scale = (enum phc_scale)scale;
		k.c.root_delay_us = 500;
		k.system_off_ns = -250000;
		struct reference r = told(&k);
		assert_int_equal(r.correction.n, 250000);
		assert_int_equal(r.leap, LEAP_NONE);
		assert_int_equal(r.stratum, 1);
		assert_int_equal(r.reference_id, 0x50545000);
		assert_int_equal(r.root_delay, 33);
		assert_int_equal(r.as_of.n, START_NS - 250000);
		assert_int_equal(r.reference_time.n, r.as_of.n);
		assert_int_equal(r.source, REFERENCE_PHC);
		assert_int_equal(reference_word_make(&r, false).fault, SYNC_REASON_NONE);
	}
}

// The shortest of nine: 800 ns; half of it and the accuracy are the error, rounded up.
static void half_the_shortest_bracket_bounds_the_error(void **state)
{
	(void)state;
	struct card k;
	card_make(&k);
	struct reference r = told(&k);
	assert_true((double)r.root_dispersion >= 1400 * UNIT_NS);
	assert_true((double)r.root_dispersion <= 1402 * UNIT_NS);
	k.c.accuracy_ns = 50000;
	pass(&k, NS_PER_S);
	r = told(&k);
	assert_true((double)r.root_dispersion >= 50400 * UNIT_NS);
	k.error[PHC_PRECISE] = 0;
	card_make(&k);
	k.error[PHC_PRECISE] = 0;
	r = told(&k);
	assert_true((double)r.root_dispersion >= 1000 * UNIT_NS);
	assert_true((double)r.root_dispersion <= 1002 * UNIT_NS);
}

static void the_best_method_that_there_is_is_used(void **state)
{
	(void)state;
	struct card k;
	card_make(&k);
	k.error[PHC_EXTENDED] = -ENOTTY;
	for (unsigned i = 0; i < 5; i++, pass(&k, NS_PER_S))
		(void)told(&k);
	// What it does not have is asked for once.
	assert_int_equal(k.reads[PHC_PRECISE], 1);
	assert_int_equal(k.reads[PHC_EXTENDED], 1);
	assert_int_equal(k.reads[PHC_BASIC], 5);
}

// One that fails for once is tried again.
static void a_method_that_fails_once_is_not_given_up(void **state)
{
	(void)state;
	struct card k;
	card_make(&k);
	k.error[PHC_PRECISE] = -ETIMEDOUT;
	(void)told(&k);
	k.error[PHC_PRECISE] = 0;
	pass(&k, NS_PER_S);
	(void)told(&k);
	assert_int_equal(k.p.method, PHC_PRECISE);
	assert_int_equal(k.reads[PHC_EXTENDED], 1);
}

// A program steers it, in each of so many seconds.
static struct reference steer(struct card *k, unsigned seconds)
{
	struct reference r = {.answered = false};
	for (unsigned i = 0; i < seconds; i++) {
		k->frequency += i % 2 == 0 ? 3 : -2;
		pass(k, NS_PER_S);
		r = told(k);
	}
	return r;
}

static void program_make(struct card *k)
{
	card_make(k);
	k->c.steered_by = PHC_STEERED_BY_PROGRAM;
}

static void one_that_no_program_was_seen_to_steer_is_none(void **state)
{
	(void)state;
	struct card k;
	program_make(&k);
	for (unsigned i = 0; i < 100; i++) {
		refused(&k, "no program was seen to steer it yet: its frequency stays as it is "
			    "(see steered_by)");
		pass(&k, NS_PER_S);
	}
	struct reference r = steer(&k, 1);
	assert_int_equal(r.reference_time.n, r.as_of.n);
	assert_false(reference_is_old(&r, (struct nanos){0}));
}

// ptp4l is stopped: the error grows by 15 ppm from there, and after 64 s the word is old. Its next
// correction makes it new.
static void one_that_is_steered_no_more_ages(void **state)
{
	(void)state;
	struct card k;
	program_make(&k);
	(void)phc_look(&k.p, &k.source, &k.c, &k.tai, &(struct reference){0});
	uint64_t fresh = steer(&k, 300).root_dispersion;
	for (unsigned s = 1; s <= 200; s++) {
		pass(&k, NS_PER_S);
		struct reference r = told(&k);
		double grown = (double)(r.root_dispersion - fresh) / UNIT_NS;
		assert_int_equal(r.as_of.n - r.reference_time.n, s * NS_PER_S);
		assert_int_equal(reference_is_old(&r, (struct nanos){0}), s > 64);
		assert_true(grown >= 15000.0 * s && grown <= 15002.0 * s);
	}
	assert_int_equal(steer(&k, 1).root_dispersion, fresh);
}

// Its own receiver steers it, and nobody sees how.
static void one_that_its_card_steers_does_not_age(void **state)
{
	(void)state;
	struct card k;
	card_make(&k);
	k.frequency_error = -EOPNOTSUPP;
	for (unsigned i = 0; i < 100; i++) {
		struct reference r = told(&k);
		assert_int_equal(r.reference_time.n, r.as_of.n);
		pass(&k, NS_PER_S);
	}
}

// Kernels before 6.15 tell it only to who may write.
static void one_whose_frequency_is_not_told_is_none(void **state)
{
	(void)state;
	struct card k;
	program_make(&k);
	k.frequency_error = -EACCES;
	refused(&k, "its frequency, which tells whether a program steers it (steered_by), cannot "
		    "be read: Permission denied");
}

static void a_device_that_fails_is_none(void **state)
{
	(void)state;
	struct card k;
	card_make(&k);
	k.open_error = -ENOENT;
	refused(&k, "/dev/ptp7: No such file or directory");
	k.open_error = 0;
	for (unsigned m = 0; m < PHC_METHODS; m++)
		k.error[m] = -ENOTTY;
	refused(&k, "the device is no PTP clock");
	card_make(&k);
	for (unsigned m = 0; m < PHC_METHODS; m++)
		k.error[m] = -EIO;
	refused(&k, "the device cannot be read: Input/output error");
	k.error[PHC_EXTENDED] = 0;
	(void)told(&k);
}

static void the_real_device_is_asked(void **state)
{
	(void)state;
	struct card k;
	struct phc_device d;
	card_make(&k);
	k.source = phc_device_source(&d);
	snprintf(k.c.device, sizeof(k.c.device), "/nonexistent/ptp0");
	refused(&k, "/nonexistent/ptp0: No such file or directory");
	assert_int_equal(d.fd, -1);
	snprintf(k.c.device, sizeof(k.c.device), "/dev/null");
	refused(&k, "the device is no PTP clock");
	assert_int_equal(d.fd, -1);
	assert_int_equal(k.source.open(&d, "/dev/null"), 0);
	assert_int_equal(k.source.frequency(&d, &k.frequency), -EINVAL);
	k.source.close(&d);
}

static void a_bracket_that_is_too_long_says_nothing(void **state)
{
	(void)state;
	struct card k;
	card_make(&k);
	k.bracket_ns = 12000000;
	refused(&k, "the shortest reading took 12.0 ms");
	k.bracket_ns = -800;
	refused(&k, "the system clock was set while it was read");
}

static void one_that_stands_still_is_none(void **state)
{
	(void)state;
	struct card k;
	card_make(&k);
	(void)told(&k);
	k.phc_stands_at = k.p.last.n;
	for (unsigned i = 0; i < 5; i++) {
		pass(&k, NS_PER_S);
		refused(&k, "its clock stands still (-1.000000 s against the counter); not "
			    "believed before 3 steady polls");
	}
}

// One poll that jumps and two steady ones are refused.
static void one_that_jumps_is_believed_after_three_polls(void **state)
{
	(void)state;
	struct card k;
	card_make(&k);
	(void)told(&k);
	k.phc_off_ns += 20 * 1000000;
	pass(&k, NS_PER_S);
	refused(&k, "its clock jumped ahead (+0.020000 s against the counter); not believed "
		    "before 3 steady polls");
	pass(&k, NS_PER_S);
	refused(&k, "its clock jumped; it must go on steadily for 2 polls more");
	pass(&k, NS_PER_S);
	refused(&k, "its clock jumped; it must go on steadily for 1 polls more");
	pass(&k, NS_PER_S);
	assert_int_equal(told(&k).correction.n, 20 * 1000000);
	k.phc_off_ns -= 30 * 1000000;
	pass(&k, NS_PER_S);
	refused(&k, "its clock jumped back (-0.030000 s against the counter); not believed "
		    "before 3 steady polls");
}

// That is the system clock's doing, and it says by how much.
static void a_step_of_the_system_clock_is_no_jump(void **state)
{
	(void)state;
	struct card k;
	card_make(&k);
	(void)told(&k);
	k.system_off_ns = 5 * NS_PER_S;
	pass(&k, NS_PER_S);
	assert_int_equal(told(&k).correction.n, -5 * NS_PER_S);
}

// 200 ppm is a poor quartz, and a loop that was away for long makes no jump either.
static void a_bad_rate_and_a_late_poll_are_no_jump(void **state)
{
	(void)state;
	struct card k;
	card_make(&k);
	for (unsigned i = 0; i < 20; i++) {
		(void)told(&k);
		k.phc_off_ns += 200000;
		pass(&k, NS_PER_S);
	}
	pass(&k, 1000 * NS_PER_S);
	(void)told(&k);
}

static void without_tai_utc_one_on_tai_is_none(void **state)
{
	(void)state;
	struct card k;
	card_make(&k);
	static const char why[] = "it runs on TAI, and nobody knows TAI - UTC: there is no list of "
				  "leap seconds (leap.file), and the kernel was not told";
	k.offset = 0;
	refused(&k, why);
	k.tai.offset = NULL;
	pass(&k, NS_PER_S);
	refused(&k, why);
	k.c.scale = PHC_SCALE_UTC;
	k.p = (struct phc){0};
	assert_int_equal(told(&k).correction.n, 0);
}

static void the_other_scale_is_noticed(void **state)
{
	(void)state;
	struct card k;
	card_make(&k);
	k.phc_off_ns = -TAI * NS_PER_S;
	refused(&k, "it is -37 s off, which is TAI - UTC: scale is the other one, or its clock is "
		    "set wrong");
	card_make(&k);
	k.c.scale = PHC_SCALE_UTC;
	k.phc_off_ns = TAI * NS_PER_S;
	refused(&k, "it is +37 s off, which is TAI - UTC: scale is the other one, or its clock is "
		    "set wrong");
}

static void a_time_that_cannot_be_is_refused(void **state)
{
	(void)state;
	struct card k;
	card_make(&k);
	k.phc_stands_at = 1;
	refused(&k, "its clock is before the day this server was built");
	card_make(&k);
	k.phc_stands_at = -4 * NS_PER_S * 1000000000LL;
	refused(&k, "its clock is before the day this server was built");
	card_make(&k);
	k.phc_stands_at = 9000000000LL * NS_PER_S;
	refused(&k, "its clock is after the year 2200");
}

// T-02: across the end of era 0, 2036-02-07 06:28:16 UTC.
static void the_era_makes_no_difference(void **state)
{
	(void)state;
	struct card k;
	card_make(&k);
	k.utc_ns = 2085978490LL * NS_PER_S;
	k.system_off_ns = 7000;
	for (unsigned i = 0; i < 12; i++, pass(&k, NS_PER_S))
		assert_int_equal(told(&k).correction.n, -7000);
}

// TAI goes on while UTC counts a second twice: at no moment the clock seems a second off.
static void a_leap_second_is_no_error(void **state)
{
	(void)state;
	struct card k;
	card_make(&k);
	k.utc_ns = (LEAP_S - 2) * NS_PER_S + NS_PER_S / 10;
	for (unsigned i = 0; i < 20; i++, pass(&k, NS_PER_S / 4)) {
		struct reference r = told(&k);
		assert_int_equal(r.correction.n, 0);
	}
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, it_says_what_the_system_clock_is_off);
	TABLE_ADD(&t, half_the_shortest_bracket_bounds_the_error);
	TABLE_ADD(&t, the_best_method_that_there_is_is_used);
	TABLE_ADD(&t, a_method_that_fails_once_is_not_given_up);
	TABLE_ADD(&t, one_that_no_program_was_seen_to_steer_is_none);
	TABLE_ADD(&t, one_that_is_steered_no_more_ages);
	TABLE_ADD(&t, one_that_its_card_steers_does_not_age);
	TABLE_ADD(&t, one_whose_frequency_is_not_told_is_none);
	TABLE_ADD(&t, a_device_that_fails_is_none);
	TABLE_ADD(&t, the_real_device_is_asked);
	TABLE_ADD(&t, a_bracket_that_is_too_long_says_nothing);
	TABLE_ADD(&t, one_that_stands_still_is_none);
	TABLE_ADD(&t, one_that_jumps_is_believed_after_three_polls);
	TABLE_ADD(&t, a_step_of_the_system_clock_is_no_jump);
	TABLE_ADD(&t, a_bad_rate_and_a_late_poll_are_no_jump);
	TABLE_ADD(&t, without_tai_utc_one_on_tai_is_none);
	TABLE_ADD(&t, the_other_scale_is_noticed);
	TABLE_ADD(&t, a_time_that_cannot_be_is_refused);
	TABLE_ADD(&t, the_era_makes_no_difference);
	TABLE_ADD(&t, a_leap_second_is_no_error);
	return table_run("phc", &t);
}

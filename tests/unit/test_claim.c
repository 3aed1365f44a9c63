// SPDX-License-Identifier: BSD-3-Clause
// What a reference's word comes to as time passes, without the node that holds it.
#include "time/claim.h"

#include <math.h>

#include "common/units.h"
#include "harness/table.h"

#define START_NS  (1795487222 * NANOS_PER_S)
#define MS        1000000LL
#define HZ        1000000000ull
#define UNITS_MS  ((1ull << 32) / 1000)
#define TOLERANCE 40 // NTP units: 9 ns

static struct claim_moment moment_after(struct clock_line *line, int64_t ns)
{
	line->ref_cycles.n = HZ + (uint64_t)ns;
	line->ref_time = ntp_time_from_unix((struct nanos){START_NS + ns});
	return (struct claim_moment){{ns}, line, 0};
}

static struct clock_line line_make(void)
{
	return (struct clock_line){
		.ref_cycles = {HZ},
		.ref_time = ntp_time_from_unix((struct nanos){START_NS}),
		.mult = (uint64_t)llround(ldexp(1.0 / HZ, 32 + NTP_MULT_SHIFT)),
		.hz = HZ,
		.epoch = 1,
	};
}

static struct reference word_make(void)
{
	return (struct reference){
		.answered = true,
		.stratum = 2,
		.root_dispersion = 2 * UNITS_MS,
		.root_delay = 4 * 65536 / 1000,
		.as_of = {START_NS},
		.reference_time = {START_NS - NANOS_PER_S},
		.update_interval = {16 * NANOS_PER_S},
		.source = REFERENCE_CHRONY,
	};
}

static void assert_near(uint64_t units, double expected)
{
	assert_true(fabs((double)units - expected) <= TOLERANCE);
}

static void the_error_is_the_sum_of_what_is_known(void **state)
{
	(void)state;
	struct clock_line line = line_make();
	struct reference r = word_make();
	struct claim c = {0};
	r.correction.n = -3 * MS;
	claim_take(&c, &r, (struct nanos){0}, &line);
	struct claim_moment now = moment_after(&line, 0);
	assert_true(c.is_there);
	assert_near(claim_dispersion(&c, &now), 5.0 * UNITS_MS);
	line.error_bound = UNITS_MS;
	now.noise = 7 * UNITS_MS;
	assert_near(claim_dispersion(&c, &now), 13.0 * UNITS_MS);
	assert_true(fabs((double)claim_distance(&c, &now).n - 15.0 * MS) < 20000);
}

static void it_grows_at_15_ppm_or_as_fast_as_the_reference_says(void **state)
{
	static const uint64_t rates[] = {0, REFERENCE_PHI / 2, REFERENCE_PHI, 10 * REFERENCE_PHI};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(rates); i++) {
		struct clock_line line = line_make();
		struct reference r = word_make();
		struct claim c = {0};
		r.dispersion_rate = rates[i];
		line.rate_error = 1000;
		claim_take(&c, &r, (struct nanos){0}, &line);
		struct claim_moment now = moment_after(&line, 100 * NANOS_PER_S);
		double rate = fmax((double)rates[i], REFERENCE_PHI) + 1000;
		line.rate_error = 500;
		assert_near(claim_dispersion(&c, &now), 2.0 * UNITS_MS + 100 * rate);
		assert_int_equal(claim_rate(&c, &line), (uint64_t)rate + 500);
	}
}

// What the clock did by itself since is an error of its own, in both directions; not beyond a step,
// and not where it was expected.
static void what_the_clock_did_since_counts(void **state)
{
	static const int64_t moves[] = {5 * MS, -5 * MS};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(moves); i++) {
		struct clock_line line = line_make();
		struct reference r = word_make();
		struct claim c = {0};
		claim_take(&c, &r, (struct nanos){0}, &line);
		struct claim_moment now = moment_after(&line, NANOS_PER_S);
		uint64_t still = claim_dispersion(&c, &now);
		line.ref_time =
			ntp_time_add(line.ref_time, ntp_time_from_nanos((struct nanos){moves[i]}));
		assert_near(claim_dispersion(&c, &now), (double)still + 5.0 * UNITS_MS);
		claim_jump(&c, (struct nanos){moves[i]});
		assert_near(claim_dispersion(&c, &now), (double)still);
		claim_jump(&c, (struct nanos){NANOS_PER_S});
		line.epoch++;
		assert_near(claim_dispersion(&c, &now), (double)still);
	}
}

static void absurd_words_overflow_nothing(void **state)
{
	static const int64_t moments[] = {INT64_MIN, -1, 0, INT64_MAX};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(moments); i++) {
		struct clock_line line = line_make();
		struct reference r = word_make();
		struct claim c = {0};
		r.root_dispersion = UINT64_MAX;
		r.dispersion_rate = UINT64_MAX;
		r.root_delay = UINT32_MAX;
		r.correction.n = r.as_of.n = r.reference_time.n = moments[i];
		r.update_interval.n = moments[i];
		claim_take(&c, &r, (struct nanos){0}, &line);
		struct claim_moment now = moment_after(&line, 3600 * NANOS_PER_S);
		line.error_bound = UINT64_MAX;
		assert_int_equal(claim_dispersion(&c, &now), INT64_MAX);
		assert_true(claim_distance(&c, &now).n > 60LL * 365 * 86400 * NANOS_PER_S);
		assert_int_equal(claim_rate(&c, &line), INT64_MAX);
	}
}

static void without_a_word_the_distance_is_beyond_all(void **state)
{
	(void)state;
	struct clock_line line = line_make();
	struct claim c = {0};
	struct claim_moment now = moment_after(&line, 0);
	assert_int_equal(claim_distance(&c, &now).n, INT64_MAX);
}

static void a_word_grows_old_by_its_update_interval(void **state)
{
	(void)state;
	struct clock_line line = line_make();
	struct reference r = word_make();
	struct claim c = {0};
	claim_take(&c, &r, (struct nanos){5 * NANOS_PER_S}, &line);
	// Eight intervals, of which one second had passed at once.
	int64_t last = 5 * NANOS_PER_S + 8 * r.update_interval.n - NANOS_PER_S;
	assert_false(claim_is_old(&c, (struct nanos){last}));
	assert_true(claim_is_old(&c, (struct nanos){last + 1}));
}

struct step_row {
	const char *name;
	enum reference_source source;
	int64_t updated_ns; // after the step, which put the clock back or on by `by_ns`
	int64_t by_ns;
	bool is_told; // it was told before
	bool is_after;
};

static const struct step_row step_rows[] = {
	{"an update after the step", REFERENCE_CHRONY, 1, -3600 * NANOS_PER_S, false, true},
	{"a daemon's own, right before its step", REFERENCE_NTPD, -50 * MS, -3600 * NANOS_PER_S,
		false, true},
	{"an update before the step", REFERENCE_CHRONY, -200 * MS, -3600 * NANOS_PER_S, false,
		false},
	{"what was told before is not new", REFERENCE_CHRONY, 1, -3600 * NANOS_PER_S, true, false},
	{"a step back makes an old one look new", REFERENCE_NTPD_RS, 10 * NANOS_PER_S - NANOS_PER_S,
		-10 * NANOS_PER_S, false, false},
	{"later than a lost reference's", REFERENCE_NTPD_RS, 10 * NANOS_PER_S + 1,
		-10 * NANOS_PER_S, false, true},
	{"older than any that was not lost", REFERENCE_NTPD_RS, 4 * NANOS_PER_S, -10 * NANOS_PER_S,
		false, true},
	{"who measures anew knows of it", REFERENCE_PHC, -3600 * NANOS_PER_S, 1, true, true},
	{"the kernel forgot", REFERENCE_KERNEL, -200 * MS, -3600 * NANOS_PER_S, true, true},
};

static void a_word_is_from_after_the_step(void **state)
{
	const struct step_row *row = *state;
	struct reference r = word_make();
	r.source = row->source;
	r.reference_time.n = START_NS + row->updated_ns;
	const struct claim_step step = {.after = {START_NS},
		.before = {START_NS - row->by_ns},
		.told = {row->is_told ? r.reference_time.n : 0}};
	assert_int_equal(claim_is_after_step(&step, &r), row->is_after);
}

// Of what a daemon that was started anew says: kept out where it says less, taken where it is news
// or good.
static void a_poorer_word_is_outdone(void **state)
{
	(void)state;
	struct clock_line line = line_make();
	struct reference held = word_make();
	struct claim c = {0};
	claim_take(&c, &held, (struct nanos){0}, &line);
	struct claim_moment now = moment_after(&line, NANOS_PER_S);
	struct reference r = word_make();
	r.root_dispersion = 200 * UNITS_MS;
	assert_true(claim_outdoes(&c, &now, &r));
	r.correction.n = 100 * MS; // which the word that is held does not allow for
	assert_false(claim_outdoes(&c, &now, &r));
	r.correction.n = 0;
	r.root_dispersion = 40 * UNITS_MS; // worse, but good enough to be announced
	assert_false(claim_outdoes(&c, &now, &r));
	c.said.root_dispersion = 300 * UNITS_MS; // what is held is no better
	r.root_dispersion = 200 * UNITS_MS;
	assert_false(claim_outdoes(&c, &now, &r));
}

int main(void)
{
	static struct table tests;
	TABLE_ADD(&tests, the_error_is_the_sum_of_what_is_known);
	TABLE_ADD(&tests, it_grows_at_15_ppm_or_as_fast_as_the_reference_says);
	TABLE_ADD(&tests, what_the_clock_did_since_counts);
	TABLE_ADD(&tests, absurd_words_overflow_nothing);
	TABLE_ADD(&tests, without_a_word_the_distance_is_beyond_all);
	TABLE_ADD(&tests, a_word_grows_old_by_its_update_interval);
	for (unsigned i = 0; i < TABLE_LENGTH(step_rows); i++)
		table_add(&tests, step_rows[i].name, a_word_is_from_after_the_step, &step_rows[i]);
	TABLE_ADD(&tests, a_poorer_word_is_outdone);
	return table_run("claim", &tests);
}

// SPDX-License-Identifier: BSD-3-Clause
// T-14: a leap second as a worker passes it, from the snapshot alone: what was published before the
// leap is all that it has. Inserted, left out, none; on both sides of the era's end.
#include "core/ntp.h"
#include "core/snapshot.h"

#include <string.h>

#include "harness/random.h"
#include "harness/table.h"

#define S   (1ll << 32)
#define DAY (86400 * S)
// One counter cycle is one NTP unit.
#define MULT (1ull << NTP_MULT_SHIFT)

// The midnight of the leap; the era ends with the year's last second there.
static const uint64_t midnights[] = {
	(2272060800ull + 2208988800ull) << 32, // 2042
	0,                                     // the era's end itself
	3600ull << 32,                         // the era ended an hour before
	(uint64_t)-3600 << 32,
};

// Published ten minutes before the leap, never again: the control thread is frozen.
static struct clock_view frozen_view(uint64_t midnight, int8_t step)
{
	struct clock_view v = {
		.ref_cycles = {77777},
		.ref_time = {midnight - 600 * S},
		.mult = MULT,
		.reference_time = {midnight - 610 * S},
		.root_dispersion = 1000,
		.dispersion_rate = 64425,
		.valid_cycles = {900 * S},
		.leap = LEAP_NONE,
		.stratum = 1,
		.precision = -26,
		.leap_step = step,
		.leap_flags = LEAP_ANNOUNCED | LEAP_WINDOW,
	};
	v.leap_at.raw = midnight - (step < 0 ? S : 0);
	return v;
}

// The counter `since` units after the leap.
static struct cycles counter_at(const struct clock_view *v, int64_t since)
{
	return (struct cycles){77777 + (v->leap_at.raw - 0) - v->ref_time.raw + (uint64_t)since};
}

// What UTC clocks of the world tell then, by the definition: the second before midnight once more,
// or not at all.
static uint64_t utc_told(const struct clock_view *published, int64_t since)
{
	uint64_t even = published->leap_at.raw + (uint64_t)since;
	return since < 0 ? even : even - (uint64_t)(published->leap_step * S);
}

static uint8_t leap_told(const struct clock_view *v, int64_t since)
{
	if ((v->leap_flags & LEAP_WINDOW) != 0 && since >= -S / 2 && since < 3 * S / 2)
		return LEAP_UNKNOWN;
	if (since >= 0 || v->leap_step == 0)
		return LEAP_NONE;
	return v->leap_step > 0 ? LEAP_INSERT : LEAP_DELETE;
}

// One burst by a worker that keeps `own` from burst to burst.
static void burst_check(struct clock_view *own, const struct clock_view *published, int64_t since)
{
	struct ntp_answer a;
	struct cycles at = counter_at(published, since);
	clock_view_cross(own, at);
	uint64_t told = clock_view_time(own, at).raw;
	if (told != utc_told(published, since))
		fail_msg("%lld units after the leap: %#llx told", (long long)since,
			(unsigned long long)told);
	ntp_answer_prepare(own, at, 0, &a);
	if (a.leap != leap_told(published, since))
		fail_msg("%lld units after the leap: LI %d", (long long)since, a.leap);
	assert_int_equal(a.stratum, a.leap == LEAP_UNKNOWN ? 0 : 1);
	assert_true(be32_get(a.root_dispersion) >= (a.leap == LEAP_UNKNOWN ? 65536 : 0));
	struct ntp_time reference = {be64_get(a.reference_time)};
	assert_false(a.stratum != 0 && ntp_time_before((struct ntp_time){told}, reference));
}

struct crossing {
	const char *name;
	uint64_t midnight;
	int8_t step;
	uint8_t flags;
};

// Every microsecond from 2 s before to 2 s after, and the units next to every edge.
static void check_grid(void **state)
{
	const struct crossing *c = *state;
	struct clock_view published = frozen_view(c->midnight, c->step);
	published.leap_flags = c->flags;
	struct clock_view own = published;
	for (int64_t us = -2000000; us <= 2000000; us++)
		burst_check(&own, &published, us * S / 1000000);
	static const int64_t edges[] = {-S, -S / 2, 0, S, 3 * S / 2};
	own = published;
	for (unsigned i = 0; i < TABLE_LENGTH(edges); i++)
		for (int64_t unit = -3; unit <= 3; unit++)
			burst_check(&own, &published, edges[i] + unit);
}

// Control comes and goes: the views of a living control thread, published at random moments on
// either side of its own crossing, never change what is told.
static void t14_views_of_before_and_after_the_crossing_tell_the_same(void **state)
{
	(void)state;
	uint64_t random = random_seed(__func__);
	for (unsigned i = 0; i < 4000; i++) {
		int8_t step = i % 2 == 0 ? 1 : -1;
		struct clock_view first = frozen_view(midnights[i / 2 % 4], step);
		struct clock_view own = first;
		for (unsigned burst = 0; burst < 20; burst++) {
			int64_t since = (int64_t)random_below(&random, 6 * S) - 3 * S;
			struct clock_view next = first;
			next.ref_cycles = counter_at(&first, since);
			next.ref_time.raw = first.leap_at.raw + (uint64_t)since;
			if (since >= 0 && random_below(&random, 2) == 0) {
				next.ref_time.raw -= (uint64_t)(step * S);
				next.leap_flags |= LEAP_CROSSED;
			}
			own = next;
			burst_check(&own, &first, since + (int64_t)random_below(&random, S / 50));
		}
	}
}

// T-14: taken back: the next view has none, and none is told.
static void t14_armed_then_cancelled(void **state)
{
	(void)state;
	struct clock_view published = frozen_view(midnights[0], 1);
	struct clock_view own = published;
	burst_check(&own, &published, -5 * S);
	struct clock_view none = published;
	none.leap_step = 0;
	none.leap_flags = 0;
	own = none;
	for (int64_t ms = -4000; ms <= 4000; ms++)
		burst_check(&own, &none, ms * S / 1000);
}

static void t14_li_from_the_beginning_of_the_day(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		int8_t step = i % 2 == 0 ? 1 : -1;
		struct clock_view v = frozen_view(midnights[i / 2], step);
		int64_t dawn = step > 0 ? -DAY : -DAY + S;
		uint8_t told = step > 0 ? LEAP_INSERT : LEAP_DELETE;
		assert_true(v.leap_at.raw + (uint64_t)dawn == midnights[i / 2] - DAY);
		assert_int_equal(clock_view_leap(&v, counter_at(&v, dawn - 1)), LEAP_NONE);
		assert_int_equal(clock_view_leap(&v, counter_at(&v, dawn)), told);
		assert_int_equal(clock_view_leap(&v, counter_at(&v, -S)), told);
		v.leap_flags = LEAP_WINDOW;
		assert_int_equal(clock_view_leap(&v, counter_at(&v, -S)), LEAP_NONE);
	}
}

// All times of one burst are told alike, so that T3 - T2 is what passed between them.
static void t14_a_burst_over_the_leap_has_one_scale(void **state)
{
	(void)state;
	for (int8_t step = -1; step <= 1; step += 2) {
		struct clock_view own = frozen_view(midnights[0], step);
		struct cycles arrival = counter_at(&own, -4000);
		struct cycles now = counter_at(&own, 4000);
		clock_view_cross(&own, arrival);
		int64_t between =
			ntp_time_diff(clock_view_time(&own, now), clock_view_time(&own, arrival));
		assert_int_equal(between, 8000);
	}
}

// T-13: the clock was set just before a second that is told twice.
static void t13_the_reference_time_is_never_after_t3(void **state)
{
	(void)state;
	struct clock_view own = frozen_view(midnights[0], 1);
	own.reference_time.raw = own.leap_at.raw - 10;
	own.leap_flags = LEAP_ANNOUNCED;
	struct ntp_answer a;
	for (int64_t ms = 0; ms < 3000; ms++) {
		struct cycles at = counter_at(&own, ms * S / 1000);
		struct clock_view v = own;
		clock_view_cross(&v, at);
		ntp_answer_prepare(&v, at, 0, &a);
		uint64_t least = clock_view_time(&v, at).raw & ~ntp_time_noise_mask(v.precision);
		assert_int_equal(a.stratum, 1);
		assert_false(ntp_time_before(
			(struct ntp_time){least}, (struct ntp_time){be64_get(a.reference_time)}));
	}
}

// A view that is void stays void over the leap.
static void t14_not_synchronised_over_the_leap(void **state)
{
	(void)state;
	for (int64_t ms = -3000; ms <= 3000; ms += 10) {
		struct clock_view v = frozen_view(midnights[0], 1);
		struct ntp_answer a;
		struct cycles at = counter_at(&v, ms * S / 1000);
		v.leap = LEAP_UNKNOWN;
		clock_view_cross(&v, at);
		ntp_answer_prepare(&v, at, 0, &a);
		assert_int_equal(a.leap, LEAP_UNKNOWN);
		assert_int_equal(a.stratum, 0);
		assert_true(be64_get(a.reference_time) == 0);
	}
}

static struct crossing crossings[] = {
	{"t14_inserted", 0, 1, LEAP_ANNOUNCED | LEAP_WINDOW},
	{"t14_left_out", 0, -1, LEAP_ANNOUNCED | LEAP_WINDOW},
	{"t14_inserted_without_a_window", 0, 1, LEAP_ANNOUNCED},
	{"t14_left_out_without_a_window", 0, -1, LEAP_ANNOUNCED},
	{"t14_none", 0, 0, 0},
	{"t14_inserted_at_the_end_of_the_era", 1, 1, LEAP_ANNOUNCED | LEAP_WINDOW},
	{"t14_left_out_at_the_end_of_the_era", 1, -1, LEAP_ANNOUNCED | LEAP_WINDOW},
	{"t14_inserted_after_the_end_of_the_era", 2, 1, LEAP_ANNOUNCED | LEAP_WINDOW},
	{"t14_left_out_before_the_end_of_the_era", 3, -1, LEAP_ANNOUNCED | LEAP_WINDOW},
};

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(crossings); i++) {
		crossings[i].midnight = midnights[crossings[i].midnight];
		table_add(&t, crossings[i].name, check_grid, &crossings[i]);
	}
	TABLE_ADD(&t, t14_views_of_before_and_after_the_crossing_tell_the_same);
	TABLE_ADD(&t, t14_armed_then_cancelled);
	TABLE_ADD(&t, t14_li_from_the_beginning_of_the_day);
	TABLE_ADD(&t, t14_a_burst_over_the_leap_has_one_scale);
	TABLE_ADD(&t, t13_the_reference_time_is_never_after_t3);
	TABLE_ADD(&t, t14_not_synchronised_over_the_leap);
	return table_run("leap_cross", &t);
}

// SPDX-License-Identifier: BSD-3-Clause
// Who arms a leap second, and when: two of list, reference and kernel. T-14 and R-18.
#include "time/leap.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "core/smear.h"
#include "harness/scratch.h"
#include "harness/table.h"
#include "leap_text.h"
#include "common/log.h"

#define NS 1000000000ll
// The end of June 2027, and other midnights.
#define MIDNIGHT  1814400000
#define MAY_15    1810339200
#define APRIL_1   1806537600
#define YEAR_2028 1830297600

static struct config_leap config;
static struct leap_watch w;

// A list that knows of a leap at `at`, or of none (0), and expires.
static void list_write(int64_t at, int step, int64_t expires)
{
	static struct leap_text t;
	leap_text_begin(&t, 1790000000, expires);
	leap_text_history(&t, LEAP_HISTORY);
	if (at != 0)
		leap_text_line(&t, at, 37 + step);
	leap_text_end(&t);
	const char *path = scratch_write("leap.list", t.text, t.length);
	snprintf(config.file, sizeof(config.file), "%s", path);
}

static void watch_open(void)
{
	config = (struct config_leap){.file = "/nowhere/leap.list", .window = true};
	leap_init(&w, &config);
}

static void reference_says(enum leap leap, int64_t at)
{
	struct reference r = {.answered = true, .leap = leap, .stratum = 2, .as_of = {at * NS}};
	r.source = REFERENCE_CHRONY;
	leap_hear(&w, &r);
}

static void kernel_says(int status)
{
	struct kernel_clock k = {.state = TIME_OK, .status = status};
	leap_hear_kernel(&w, k);
}

static void tick(int64_t at)
{
	leap_tick(&w, (struct nanos){at * NS + 5}, true);
}

enum { LIST = 1, REFERENCE = 2, KERNEL = 4 };

static void say(unsigned who, int step, int64_t now)
{
	watch_open();
	list_write(who & LIST ? MIDNIGHT : 0, step, 1850000000);
	leap_look(&w, (struct nanos){now * NS});
	if (who & REFERENCE)
		reference_says(step > 0 ? LEAP_INSERT : LEAP_DELETE, now);
	else
		reference_says(LEAP_NONE, now);
	kernel_says(who & KERNEL ? (step > 0 ? STA_INS : STA_DEL) : 0);
}

// All eight sets of witnesses, both signs.
static void t14_two_of_three_arm(void **state)
{
	(void)state;
	for (unsigned who = 0; who < 16; who++) {
		int step = who & 8 ? -1 : 1;
		int64_t now = MIDNIGHT - 3600;
		say(who & 7, step, now);
		tick(now);
		bool is_enough = __builtin_popcount(who & 7) >= 2;
		assert_int_equal(w.step, is_enough ? step : 0);
		assert_int_equal(w.armed, is_enough);
		if (!is_enough)
			continue;
		assert_int_equal(w.midnight, MIDNIGHT);
		assert_int_equal(w.witnesses, who & 7);
		struct nanos at = {0};
		assert_int_equal(leap_jump(&w, &at).n, -step * NS);
		assert_int_equal(at.n, (MIDNIGHT - (step < 0)) * NS);
	}
}

static void t14_witnesses_that_disagree_arm_nothing(void **state)
{
	(void)state;
	say(LIST, 1, MIDNIGHT - 3600);
	kernel_says(STA_DEL);
	tick(MIDNIGHT - 3600);
	assert_int_equal(w.step, 0);
	say(LIST | REFERENCE, 1, MIDNIGHT - 3600);
	kernel_says(STA_DEL);
	tick(MIDNIGHT - 3600);
	assert_int_equal(w.step, 1);
}

// A reference that knows nothing of leaps, followed in another's place, takes nothing back.
static void t14_who_knows_nothing_cancels_nothing(void **state)
{
	(void)state;
	static const enum reference_source mute[] = {
		REFERENCE_KERNEL, REFERENCE_FIXED, REFERENCE_PHC};
	for (unsigned i = 0; i < TABLE_LENGTH(mute); i++) {
		say(REFERENCE | KERNEL, 1, MIDNIGHT - 3600);
		tick(MIDNIGHT - 3600);
		assert_int_equal(w.step, 1);
		struct reference r = {.answered = true, .leap = LEAP_NONE, .source = mute[i]};
		r.as_of.n = (MIDNIGHT - 3000) * NS;
		leap_hear(&w, &r);
		tick(MIDNIGHT - 2999);
		assert_int_equal(w.step, 1);
		assert_int_equal(w.cancelled, 0);
	}
}

// The kernel as the reference says the same thing twice.
static void t14_the_kernel_is_one_witness(void **state)
{
	(void)state;
	watch_open();
	struct reference r = {.answered = true, .leap = LEAP_INSERT, .source = REFERENCE_KERNEL};
	r.as_of.n = (MIDNIGHT - 3600) * NS;
	leap_hear(&w, &r);
	kernel_says(STA_INS);
	tick(MIDNIGHT - 3600);
	assert_int_equal(w.step, 0);
}

static void t14_a_day_ahead_at_most(void **state)
{
	(void)state;
	say(LIST | REFERENCE | KERNEL, 1, MIDNIGHT - 86402);
	tick(MIDNIGHT - 86402);
	assert_int_equal(w.step, 0);
	tick(MIDNIGHT - 86399);
	assert_int_equal(w.step, 1);
}

// 15 May, and a quarter that nobody has ever used but may.
static void r18_only_at_the_end_of_a_month(void **state)
{
	(void)state;
	static const struct {
		int64_t midnight;
		bool is_armed;
	} rows[] = {{MAY_15, false}, {APRIL_1, true}, {YEAR_2028, true}, {MIDNIGHT, true},
		{MIDNIGHT + 86400, false}, {MIDNIGHT - 86400, false}};
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++) {
		int64_t now = rows[i].midnight - 7200;
		watch_open();
		reference_says(LEAP_INSERT, now);
		kernel_says(STA_INS);
		tick(now);
		assert_int_equal(w.step, rows[i].is_armed);
		assert_true(!rows[i].is_armed || w.midnight == rows[i].midnight);
	}
}

static struct clock_view filled(int64_t now)
{
	struct clock_view v = {0};
	leap_fill(&w, (struct nanos){now * NS}, &v);
	return v;
}

static void t14_armed_then_cancelled_then_armed(void **state)
{
	(void)state;
	int64_t now = MIDNIGHT - 80000;
	say(LIST | KERNEL, 1, now);
	tick(now);
	assert_int_equal(filled(now).leap_step, 1);
	assert_int_equal(filled(now).leap_flags, LEAP_ANNOUNCED | LEAP_WINDOW);
	kernel_says(0);
	tick(now + 1);
	assert_int_equal(w.cancelled, 1);
	assert_int_equal(filled(now + 1).leap_step, 0);
	assert_int_equal(filled(now + 1).leap_flags, 0);
	reference_says(LEAP_INSERT, now + 2);
	tick(now + 2);
	assert_int_equal(w.armed, 2);
	assert_int_equal(filled(now + 2).leap_step, 1);
	// Silence is no word.
	struct reference silent = {.answered = false};
	leap_hear(&w, &silent);
	silent = (struct reference){.answered = true, .leap = LEAP_UNKNOWN};
	leap_hear(&w, &silent);
	tick(now + 3);
	assert_int_equal(w.step, 1);
}

// S4: a smear that has begun cannot be taken back, and one that has not cannot begin late.
static void s4_too_late_for_a_smear(void **state)
{
	(void)state;
	int64_t noon = MIDNIGHT - SMEAR_BEFORE_S;
	say(LIST | KERNEL, 1, noon - 10);
	tick(noon - 10);
	kernel_says(0);
	tick(noon + 10);
	assert_int_equal(filled(noon + 10).leap_flags, LEAP_NO_SMEAR);
	assert_int_equal(filled(MIDNIGHT + 43201).leap_flags, LEAP_NO_SMEAR);
	assert_int_equal(filled(MIDNIGHT + 43203).leap_flags, 0);
	say(LIST | KERNEL, 1, noon + 10);
	tick(noon + 10);
	assert_int_equal(
		filled(noon + 10).leap_flags, LEAP_NO_SMEAR | LEAP_ANNOUNCED | LEAP_WINDOW);
	// Who starts then goes on where the others are.
	say(LIST | KERNEL, 1, noon + 10);
	leap_tick(&w, (struct nanos){(noon + 10) * NS}, false);
	assert_int_equal(filled(noon + 10).leap_flags, LEAP_ANNOUNCED | LEAP_WINDOW);
	// Cancelled before noon there is nothing to spoil.
	say(LIST | KERNEL, 1, noon - 10);
	tick(noon - 10);
	kernel_says(0);
	tick(noon - 5);
	assert_int_equal(filled(noon - 5).leap_flags, 0);
}

// The witnesses fall silent after the leap; the schedule stays for the smear.
static void the_schedule_stays_until_the_noon_after(void **state)
{
	(void)state;
	for (int step = -1; step <= 1; step += 2) {
		say(LIST | REFERENCE | KERNEL, step, MIDNIGHT - 80000);
		tick(MIDNIGHT - 80000);
		leap_cross(&w);
		kernel_says(0);
		reference_says(LEAP_NONE, MIDNIGHT);
		struct nanos at = {77};
		assert_int_equal(leap_jump(&w, &at).n, 0);
		for (int64_t now = MIDNIGHT - 1; now < MIDNIGHT + 43202; now += 7) {
			tick(now);
			struct clock_view v = filled(now);
			assert_int_equal(v.leap_step, step);
			assert_int_equal(v.leap_flags, LEAP_ANNOUNCED | LEAP_WINDOW | LEAP_CROSSED);
		}
		tick(MIDNIGHT + 43203);
		assert_int_equal(filled(MIDNIGHT + 43203).leap_step, 0);
		tick(MIDNIGHT + 43204);
		assert_int_equal(filled(MIDNIGHT + 43204).leap_step, 0);
		assert_int_equal(w.armed, 1);
		assert_int_equal(w.cancelled, 0);
	}
}

// After a restart in the night only the list knows what there was.
static void a_server_that_starts_after_the_leap_joins_the_smear(void **state)
{
	(void)state;
	say(LIST, 1, MIDNIGHT + 100);
	tick(MIDNIGHT + 100);
	assert_int_equal(filled(MIDNIGHT + 100).leap_step, 1);
	assert_int_equal(filled(MIDNIGHT + 100).leap_flags & LEAP_CROSSED, LEAP_CROSSED);
	assert_int_equal(filled(MIDNIGHT + 100).tai_offset, 38);
	tick(MIDNIGHT + 43203);
	assert_int_equal(filled(MIDNIGHT + 43203).leap_step, 0);
	// One that was there before it, and did not arm it, does not.
	say(LIST, 1, MIDNIGHT - 100);
	tick(MIDNIGHT - 100);
	tick(MIDNIGHT + 100);
	assert_int_equal(filled(MIDNIGHT + 100).leap_step, 0);
	// Unless nobody was served: its clock may have been wrong then.
	say(LIST, 1, MIDNIGHT - 100);
	leap_tick(&w, (struct nanos){(MIDNIGHT - 100) * NS}, false);
	leap_tick(&w, (struct nanos){(MIDNIGHT + 100) * NS}, false);
	assert_int_equal(filled(MIDNIGHT + 100).leap_step, 1);
}

static void a_clock_that_is_set_is_before_or_after_the_leap(void **state)
{
	(void)state;
	say(LIST | KERNEL, 1, MIDNIGHT - 10);
	tick(MIDNIGHT - 10);
	leap_reset(&w, (struct nanos){(MIDNIGHT + 3) * NS});
	assert_true(w.is_crossed);
	leap_reset(&w, (struct nanos){(MIDNIGHT - 3) * NS});
	assert_false(w.is_crossed);
	tick(MIDNIGHT - 4 * 86400);
	assert_int_equal(w.step, 0);
	leap_reset(&w, (struct nanos){(MIDNIGHT + 3) * NS});
	assert_false(w.is_crossed);
}

static void r18_an_expired_list_is_no_witness(void **state)
{
	(void)state;
	int64_t now = MIDNIGHT - 3600;
	watch_open();
	list_write(MIDNIGHT, 1, now - 1);
	leap_look(&w, (struct nanos){now * NS});
	assert_int_equal(leap_list_state(&w, (struct nanos){now * NS}), LEAP_LIST_EXPIRED);
	kernel_says(STA_INS);
	tick(now);
	assert_int_equal(w.step, 0);
	assert_int_equal(filled(now).tai_offset, 37);
	// It does not suppress what the two others say.
	reference_says(LEAP_INSERT, now);
	tick(now);
	assert_int_equal(w.step, 1);
	assert_int_equal(w.witnesses, LEAP_BY_REFERENCE | LEAP_BY_KERNEL);
}

// R-18, on Debian 12: its list has expired, which is told once.
static void r18_the_systems_list_past_its_expiry(void **state)
{
	(void)state;
	config = (struct config_leap){.window = true};
	leap_init(&w, &config);
	struct nanos late = {4000000000 * NS};
	leap_look(&w, late);
	assert_int_equal(leap_list_state(&w, late), LEAP_LIST_EXPIRED);
	assert_int_equal(w.told, LEAP_LIST_EXPIRED);
	leap_tick(&w, late, true);
	assert_int_equal(w.step, 0);
	assert_true(filled(4000000000).tai_offset >= 37);
}

static void r18_a_list_is_read_again_when_it_changes(void **state)
{
	(void)state;
	struct nanos now = {(MIDNIGHT - 3600) * NS};
	watch_open();
	leap_look(&w, now);
	assert_int_equal(leap_list_state(&w, now), LEAP_LIST_NONE);
	assert_int_equal(filled(MIDNIGHT).tai_offset, 0);
	list_write(0, 0, 1850000000);
	leap_look(&w, now);
	assert_int_equal(leap_list_state(&w, now), LEAP_LIST_GOOD);
	assert_int_equal(w.list.count, LEAP_HISTORY);
	list_write(MIDNIGHT, 1, 1850000000);
	leap_look(&w, now);
	assert_int_equal(w.list.count, LEAP_HISTORY + 1);
	// A bad one, and none, leave the last good one in force.
	(void)scratch_write("leap.list", "rubbish\n", 8);
	leap_look(&w, now);
	assert_int_equal(w.list.count, LEAP_HISTORY + 1);
	assert_int_equal(leap_list_state(&w, now), LEAP_LIST_GOOD);
	(void)unlink(config.file);
	leap_look(&w, now);
	assert_int_equal(leap_list_state(&w, now), LEAP_LIST_GOOD);
}

static void witnesses_have_names(void **state)
{
	char text[LEAP_WITNESS_TEXT];
	(void)state;
	assert_string_equal(leap_witness_text(0, text), "nobody");
	assert_string_equal(leap_witness_text(LEAP_BY_KERNEL, text), "the kernel");
	assert_string_equal(leap_witness_text(7, text), "the list, the reference, the kernel");
}

int main(void)
{
	static struct table t;
	log_set_level(LOG_LEVEL_ERROR);
	TABLE_ADD(&t, t14_two_of_three_arm);
	TABLE_ADD(&t, t14_witnesses_that_disagree_arm_nothing);
	TABLE_ADD(&t, t14_who_knows_nothing_cancels_nothing);
	TABLE_ADD(&t, t14_the_kernel_is_one_witness);
	TABLE_ADD(&t, t14_a_day_ahead_at_most);
	TABLE_ADD(&t, r18_only_at_the_end_of_a_month);
	TABLE_ADD(&t, t14_armed_then_cancelled_then_armed);
	TABLE_ADD(&t, s4_too_late_for_a_smear);
	TABLE_ADD(&t, the_schedule_stays_until_the_noon_after);
	TABLE_ADD(&t, a_server_that_starts_after_the_leap_joins_the_smear);
	TABLE_ADD(&t, a_clock_that_is_set_is_before_or_after_the_leap);
	TABLE_ADD(&t, r18_an_expired_list_is_no_witness);
	TABLE_ADD(&t, r18_the_systems_list_past_its_expiry);
	TABLE_ADD(&t, r18_a_list_is_read_again_when_it_changes);
	TABLE_ADD(&t, witnesses_have_names);
	return table_run_between("leap", &t, scratch_begin, scratch_end);
}

// SPDX-License-Identifier: BSD-3-Clause
// Which of several references is followed, in simulated time; alone, and with the node behind it.
#include "reference/reference_select.h"

#include "harness/random.h"
#include "harness/table.h"
#include "time/timekeeper.h"
#include "simulated_timekeeper.h"

#define FAR_S    0.06
#define TICKS_IN (NS_PER_S / TICK_NS)

// References that the test speaks for, polled once a second.
struct stage {
	struct reference_select c;
	bool allows_local[CONFIG_REFERENCES];
	struct reference says[CONFIG_REFERENCES];
	unsigned count;
	struct nanos passed;
	bool is_asked; // `asked`, out of turn
	unsigned asked;
};

static struct reference good_make(enum reference_source source)
{
	return (struct reference){
		.answered = true,
		.stratum = 2,
		.root_dispersion = 4294967, // 1 ms
		.as_of = {START_NS},
		.reference_time = {START_NS - NS_PER_S},
		.update_interval = {16 * NS_PER_S},
		.source = source,
	};
}

static void stage_open(struct stage *s, unsigned count)
{
	*s = (struct stage){.count = count};
	for (unsigned i = 0; i < count; i++)
		s->says[i] = good_make(REFERENCE_CHRONY);
	reference_select_init(&s->c, count);
}

static void poll(struct stage *s, unsigned i)
{
	struct reference_word word = reference_word_make(&s->says[i], s->allows_local[i]);
	reference_select_hear(&s->c, i, &word, s->passed);
}

static void poll_all(struct stage *s)
{
	for (unsigned i = 0; i < s->count; i++)
		poll(s, i);
}

// One that is to be followed is asked once more, and answers a tick later.
static bool choose(struct stage *s)
{
	bool is_asked = s->is_asked;
	s->is_asked = false;
	if (is_asked)
		poll(s, s->asked);
	if (reference_select_follow(&s->c, s->passed)) {
		assert_int_equal(s->c.word[s->c.followed].heard.n, s->passed.n);
		return true;
	}
	s->asked = reference_select_wanted(&s->c, s->passed);
	s->is_asked = s->asked != s->c.followed;
	return false;
}

// True if another one was followed within `ns`; stops there.
static bool run(struct stage *s, int64_t ns)
{
	for (int64_t end = s->passed.n + ns; s->passed.n < end; s->passed.n += TICK_NS) {
		if (s->passed.n % NS_PER_S == 0)
			poll_all(s);
		if (choose(s))
			return true;
	}
	return false;
}

static void is_followed(const struct stage *s, unsigned i, enum sync_reason reason)
{
	assert_int_equal(s->c.followed, i);
	assert_int_equal(s->c.reason, reason);
}

static void spoil_silent(struct reference *r)
{
	r->answered = false;
}

static void spoil_leap(struct reference *r)
{
	r->leap = LEAP_UNKNOWN;
}

static void spoil_stratum_0(struct reference *r)
{
	r->stratum = 0;
}

static void spoil_stratum_16(struct reference *r)
{
	r->stratum = 16;
}

static void spoil_local(struct reference *r)
{
	r->is_local = true;
}

static void spoil_old(struct reference *r)
{
	r->reference_time.n = r->as_of.n - 129 * NS_PER_S;
}

static void spoil_far(struct reference *r)
{
	r->root_dispersion = (uint64_t)(FAR_S * 4294967296.0);
}

static void spoil_far_delay(struct reference *r)
{
	r->root_delay = (uint32_t)(2 * FAR_S * 65536);
}

static void spoil_far_correction(struct reference *r)
{
	r->correction.n = -(int64_t)(FAR_S * 1e9);
}

struct row {
	const char *name;
	void (*spoil)(struct reference *r);
	enum sync_reason reason;
};

static const struct row rows[] = {
	{"r03_one_that_is_silent_is_left", spoil_silent, SYNC_REASON_SILENT},
	{"r02_one_that_is_not_synchronised_is_left", spoil_leap, SYNC_REASON_LEAP},
	{"one_at_stratum_0_is_left", spoil_stratum_0, SYNC_REASON_LEAP},
	{"one_at_stratum_16_is_left", spoil_stratum_16, SYNC_REASON_STRATUM},
	{"one_that_follows_itself_is_left", spoil_local, SYNC_REASON_LOCAL},
	{"r04_one_that_is_old_is_left", spoil_old, SYNC_REASON_OLD},
	{"one_of_60_ms_dispersion_is_left", spoil_far, SYNC_REASON_FAR},
	{"one_of_120_ms_delay_is_left", spoil_far_delay, SYNC_REASON_FAR},
	{"one_that_is_60_ms_off_is_left", spoil_far_correction, SYNC_REASON_FAR},
};

// Left after 5 s, with its reason, and followed again after three good polls.
static void a_bad_one_is_left_and_taken_back(void **state)
{
	const struct row *row = *state;
	struct stage s;
	stage_open(&s, 2);
	assert_false(run(&s, 10 * NS_PER_S));
	row->spoil(&s.says[0]);
	int64_t last_good = s.passed.n - NS_PER_S;
	assert_true(run(&s, 10 * NS_PER_S));
	is_followed(&s, 1, row->reason);
	assert_true(s.passed.n - last_good >= REFERENCE_SELECT_PATIENCE_NS);
	assert_true(s.passed.n - last_good < REFERENCE_SILENT_NS);
	assert_false(run(&s, 100 * NS_PER_S));
	s.says[0] = good_make(REFERENCE_CHRONY);
	int64_t recovered = s.passed.n + (NS_PER_S - s.passed.n % NS_PER_S) % NS_PER_S;
	assert_true(run(&s, 10 * NS_PER_S));
	is_followed(&s, 0, SYNC_REASON_GOOD);
	assert_int_equal(s.passed.n, recovered + 2 * NS_PER_S);
	assert_int_equal(s.c.changes, 2);
}

// Nor are three of them.
static void one_missed_answer_is_no_loss(void **state)
{
	(void)state;
	struct stage s;
	stage_open(&s, 3);
	assert_false(run(&s, 3 * NS_PER_S));
	for (unsigned i = 0; i < 50; i++) {
		s.says[0].answered = false;
		assert_false(run(&s, (int64_t)(i % 3 + 1) * NS_PER_S));
		s.says[0].answered = true;
		assert_false(run(&s, NS_PER_S));
	}
	assert_int_equal(s.c.followed, 0);
}

// Two good polls and a bad one, for ever.
static void one_that_flaps_is_not_taken_back(void **state)
{
	(void)state;
	struct stage s;
	stage_open(&s, 2);
	s.says[0].answered = false;
	assert_true(run(&s, 2 * NS_PER_S));
	for (unsigned i = 0; i < 50; i++) {
		s.passed.n += NS_PER_S - s.passed.n % NS_PER_S;
		s.says[0].answered = i % 3 != 0;
		assert_false(run(&s, NS_PER_S));
	}
	is_followed(&s, 1, SYNC_REASON_SILENT);
}

// Nobody was usable before: there is nothing to lose by taking the second soon.
static void at_the_start_a_dead_one_is_left_after_a_second(void **state)
{
	(void)state;
	struct stage s;
	stage_open(&s, 4);
	for (unsigned i = 0; i < 3; i++)
		s.says[i].answered = false;
	assert_true(run(&s, 5 * NS_PER_S));
	is_followed(&s, 3, SYNC_REASON_SILENT);
	assert_int_equal(s.passed.n, REFERENCE_SELECT_START_NS);
}

// Each better-placed one has its five seconds.
static void the_next_in_order_is_followed(void **state)
{
	(void)state;
	struct stage s;
	stage_open(&s, 4);
	assert_false(run(&s, 3 * NS_PER_S));
	for (unsigned i = 0; i < 3; i++) {
		s.says[i].leap = LEAP_UNKNOWN;
		assert_true(run(&s, 6 * NS_PER_S));
		is_followed(&s, i + 1, SYNC_REASON_LEAP);
		assert_false(run(&s, 20 * NS_PER_S));
	}
	s.says[1].leap = LEAP_NONE;
	assert_true(run(&s, 6 * NS_PER_S));
	is_followed(&s, 1, SYNC_REASON_GOOD);
}

// Where the followed one and the next fail at once, the third waits for the second's patience too.
static void a_short_gap_of_the_next_is_waited_for(void **state)
{
	(void)state;
	struct stage s;
	stage_open(&s, 3);
	assert_false(run(&s, 3 * NS_PER_S));
	s.says[0].answered = false;
	assert_false(run(&s, 3 * NS_PER_S));
	s.says[1].answered = false;
	assert_false(run(&s, 3 * NS_PER_S));
	assert_int_equal(s.c.followed, 0);
	s.says[1].answered = true;
	assert_true(run(&s, 2 * NS_PER_S));
	is_followed(&s, 1, SYNC_REASON_SILENT);
}

static void without_any_the_last_choice_stays(void **state)
{
	(void)state;
	struct stage s;
	stage_open(&s, 3);
	assert_false(run(&s, 3 * NS_PER_S));
	for (unsigned i = 0; i < 3; i++)
		s.says[i].answered = false;
	assert_false(run(&s, 100 * NS_PER_S));
	assert_int_equal(s.c.followed, 0);
}

static void a_far_one_is_better_than_none(void **state)
{
	(void)state;
	struct stage s;
	stage_open(&s, 3);
	assert_false(run(&s, 3 * NS_PER_S));
	spoil_far(&s.says[0]);
	spoil_far(&s.says[1]);
	s.says[2].answered = false;
	assert_false(run(&s, 60 * NS_PER_S));
	assert_int_equal(s.c.followed, 0);
	s.says[0].answered = false;
	assert_true(run(&s, 6 * NS_PER_S));
	is_followed(&s, 1, SYNC_REASON_SILENT);
	s.says[2].answered = true;
	assert_true(run(&s, 2 * NS_PER_S));
	is_followed(&s, 2, SYNC_REASON_FAR);
}

static void local_is_allowed_to_each_by_itself(void **state)
{
	(void)state;
	struct stage s;
	stage_open(&s, 2);
	s.allows_local[1] = true;
	s.says[0].is_local = s.says[1].is_local = true;
	assert_true(run(&s, 3 * NS_PER_S));
	is_followed(&s, 1, SYNC_REASON_LOCAL);
	assert_false(run(&s, 30 * NS_PER_S));
}

// Where the clock went since the other one spoke is in nobody's figures: it must speak first, and
// is not followed if it does not.
static void nobody_is_followed_by_an_old_word(void **state)
{
	(void)state;
	struct stage s;
	stage_open(&s, 2);
	assert_false(run(&s, 3 * NS_PER_S));
	s.says[0].answered = false;
	assert_false(run(&s, 3 * NS_PER_S));
	s.passed.n = 2 * NS_PER_S + REFERENCE_SELECT_PATIENCE_NS;
	assert_int_equal(reference_select_wanted(&s.c, s.passed), 1);
	assert_false(reference_select_follow(&s.c, s.passed));
	s.says[1].answered = false;
	poll(&s, 1);
	assert_int_equal(reference_select_wanted(&s.c, s.passed), 0);
	s.says[1].answered = true;
	s.passed.n += TICK_NS;
	poll(&s, 1);
	assert_true(reference_select_follow(&s.c, s.passed));
	is_followed(&s, 1, SYNC_REASON_SILENT);
}

static void it_counts_answers_and_failures(void **state)
{
	(void)state;
	struct stage s;
	stage_open(&s, 2);
	assert_false(run(&s, 7 * NS_PER_S));
	s.says[0].answered = false;
	assert_false(run(&s, 2 * NS_PER_S));
	assert_int_equal(s.c.word[0].answers, 7);
	assert_int_equal(s.c.word[0].failures, 2);
	assert_int_equal(s.c.word[1].answers, 9);
	assert_int_equal(s.c.word[0].fault, SYNC_REASON_SILENT);
	assert_true(s.c.word[0].said.reference.answered);
}

// Each reference may become good, or bad in some way.
static void fates_throw(struct stage *s, uint64_t *seed)
{
	for (unsigned i = 0; i < s->count; i++) {
		if (random_below(seed, 4) != 0)
			continue;
		s->says[i] = good_make(REFERENCE_CHRONY);
		if (random_below(seed, 3) != 0)
			rows[random_below(seed, TABLE_LENGTH(rows))].spoil(&s->says[i]);
	}
}

// Never to a worse-placed one while one before it was good lately, and never to one whose last poll
// was no good. True if another one is followed.
static bool rules_keep(struct stage *s, int64_t good_at[CONFIG_REFERENCES])
{
	unsigned before = s->c.followed;
	for (unsigned i = 0; i < s->count; i++)
		if (s->c.word[i].fault == SYNC_REASON_NONE)
			good_at[i] = s->passed.n;
	bool is_new = reference_select_follow(&s->c, s->passed);
	enum sync_reason fault = s->c.word[s->c.followed].fault;
	assert_int_equal(is_new, s->c.followed != before);
	assert_true(!is_new || fault == SYNC_REASON_NONE || fault == SYNC_REASON_FAR);
	for (unsigned i = before; is_new && i < s->c.followed; i++)
		assert_true(s->passed.n - good_at[i] >= REFERENCE_SELECT_PATIENCE_NS);
	return is_new;
}

static void random_histories_keep_the_rules(void **state)
{
	(void)state;
	uint64_t seed = random_seed("random_histories_keep_the_rules");
	unsigned changes = 0;
	for (unsigned h = 0; h < 300; h++) {
		struct stage s;
		int64_t good_at[CONFIG_REFERENCES];
		stage_open(&s, 2 + (unsigned)random_below(&seed, CONFIG_REFERENCES - 1));
		for (unsigned i = 0; i < CONFIG_REFERENCES; i++)
			good_at[i] = -REFERENCE_SELECT_PATIENCE_NS; // the start has its own rule
		for (unsigned t = 0; t < 200; t++, s.passed.n += NS_PER_S) {
			fates_throw(&s, &seed);
			poll_all(&s);
			changes += rules_keep(&s, good_at);
		}
	}
	assert_true(changes > 300);
}

// The node behind it: where another reference is good, it does not notice that one died.
struct house {
	struct machine m;
	struct timekeeper n;
	struct stage s;
	struct clock_view view;
};

static void house_hear(struct house *h, unsigned i)
{
	struct reference r = h->s.says[i];
	r.as_of.n = h->m.start_ns + (int64_t)h->m.realtime_ns;
	r.reference_time.n += r.as_of.n - START_NS;
	struct reference_word word = reference_word_make(&r, false);
	reference_select_hear(&h->s.c, i, &word, h->n.now);
	if (i == h->s.c.followed)
		timekeeper_hear(&h->n, &word);
}

static void house_tick(struct house *h)
{
	struct stage *s = &h->s;
	for (unsigned i = 0; s->passed.n % TICKS_IN == 0 && i < s->count; i++)
		house_hear(h, i);
	s->passed.n++;
	unsigned wanted = reference_select_wanted(&s->c, h->n.now);
	if (wanted != s->c.followed)
		house_hear(h, wanted);
	if (reference_select_follow(&s->c, h->n.now))
		timekeeper_hear(&h->n, &s->c.word[s->c.followed].said);
	(void)timekeeper_tick(&h->n, &h->view);
	machine_pass(&h->m, TICK_NS);
}

static void house_open(struct house *h)
{
	*h = (struct house){.m = machine_make(2596122000)};
	node_on(&h->n, &h->m, START_NS);
	stage_open(&h->s, 2);
	h->s.says[1].stratum = 3;
	for (unsigned i = 0; i < 5 * TICKS_IN; i++)
		house_tick(h);
	assert_int_equal(h->n.judge.state, SYNC_STATE_SYNC);
	assert_int_equal(h->view.stratum, 2);
}

static void r03_the_node_goes_on_with_another(void **state)
{
	(void)state;
	static struct house h;
	house_open(&h);
	h.s.says[0].answered = false;
	for (unsigned i = 0; i < 60 * TICKS_IN; i++)
		house_tick(&h);
	assert_int_equal(h.s.c.followed, 1);
	assert_int_equal(h.n.judge.entered[SYNC_STATE_HOLDOVER], 0);
	assert_int_equal(h.n.judge.state, SYNC_STATE_SYNC);
	assert_int_equal(h.view.stratum, 3);
	h.s.says[0].answered = true;
	for (unsigned i = 0; i < 5 * TICKS_IN; i++)
		house_tick(&h);
	assert_int_equal(h.view.stratum, 2);
	assert_int_equal(h.n.judge.entered[SYNC_STATE_SYNC], 1);
}

// A first one that is not synchronised is holdover for five seconds, then the second is served.
static void r02_the_node_is_synchronised_anew_by_another(void **state)
{
	(void)state;
	static struct house h;
	house_open(&h);
	h.s.says[0].leap = LEAP_UNKNOWN;
	for (unsigned i = 0; i < 2 * TICKS_IN; i++)
		house_tick(&h);
	assert_int_equal(h.n.judge.state, SYNC_STATE_HOLDOVER);
	for (unsigned i = 0; i < 7 * TICKS_IN; i++)
		house_tick(&h);
	assert_int_equal(h.n.judge.state, SYNC_STATE_SYNC);
	assert_int_equal(h.view.stratum, 3);
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++)
		table_add(&t, rows[i].name, a_bad_one_is_left_and_taken_back, &rows[i]);
	TABLE_ADD(&t, one_missed_answer_is_no_loss);
	TABLE_ADD(&t, one_that_flaps_is_not_taken_back);
	TABLE_ADD(&t, at_the_start_a_dead_one_is_left_after_a_second);
	TABLE_ADD(&t, the_next_in_order_is_followed);
	TABLE_ADD(&t, a_short_gap_of_the_next_is_waited_for);
	TABLE_ADD(&t, without_any_the_last_choice_stays);
	TABLE_ADD(&t, a_far_one_is_better_than_none);
	TABLE_ADD(&t, local_is_allowed_to_each_by_itself);
	TABLE_ADD(&t, nobody_is_followed_by_an_old_word);
	TABLE_ADD(&t, it_counts_answers_and_failures);
	TABLE_ADD(&t, random_histories_keep_the_rules);
	TABLE_ADD(&t, r03_the_node_goes_on_with_another);
	TABLE_ADD(&t, r02_the_node_is_synchronised_anew_by_another);
	return table_run("reference_select", &t);
}

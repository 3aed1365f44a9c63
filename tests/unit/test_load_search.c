// SPDX-License-Identifier: BSD-3-Clause
#include "method/search.h"

#include "harness/random.h"
#include "harness/table.h"

#define MAX_RATE   20000000
#define WIDTH      0.01
#define NOISY_RUNS 100

static struct search search;
static uint64_t seed;

// A server that can be searched: what it loses of a load, by its nature.
struct server {
	const char *name;
	double capacity;    // beyond it all is lost that is more
	double slope_begin; // from here on it loses a little, to 2 % at its capacity; 0: it does
	                    // not
	double generator;   // what can be offered; 0: everything
	double noise;       // share of trials in which the machine loses some packets
	double ndr;         // what must be found
	double pdr;
	unsigned least_found; // of NOISY_RUNS searches
};

static const struct server servers[] = {
	{"a_step_is_found", 7e6, 0, 0, 0, 7e6, 7e6 / 0.995, 0},
	{"a_low_step_is_found", 1234, 0, 0, 0, 1234, 1234 / 0.995, 0},
	{"a_slope_has_two_answers", 8e6, 6e6, 0, 0, 6e6, 6.5e6, 0},
	{"a_generator_at_its_limit_bounds_both", 2e7, 0, 5e6, 0, 5e6, 5e6 / 0.995, 0},
	{"the_top_is_reached_without_a_loss", 1e9, 0, 0, 0, MAX_RATE, MAX_RATE, 0},
};

static const struct server noisy_servers[] = {
	{"noise_in_a_twentieth_of_trials_is_borne", 7e6, 0, 0, 0.05, 7e6, 7e6 / 0.995, 95},
	{"noise_in_a_tenth_of_trials_is_borne", 7e6, 0, 0, 0.1, 7e6, 7e6 / 0.995, 90},
	{"noise_in_a_fifth_of_trials_is_borne", 7e6, 0, 0, 0.2, 7e6, 7e6 / 0.995, 60},
	{"noise_on_a_slope_is_borne", 8e6, 6e6, 0, 0.1, 6e6, 6.5e6, 90},
};

static double server_lose(const struct server *v, double rate)
{
	double offered = v->generator != 0 && rate > v->generator ? v->generator : rate;
	double forwarded = offered < v->capacity ? offered : v->capacity;
	double loss = 1 - forwarded / rate;
	if (v->slope_begin != 0 && rate > v->slope_begin && rate <= v->capacity)
		loss = 0.02 * (rate - v->slope_begin) / (v->capacity - v->slope_begin);
	if (v->noise > 0 && (double)random_below(&seed, 1000) < 1000 * v->noise)
		loss += 0.00002;
	return loss < 1 ? loss : 1;
}

// Searches to the end. Returns the seconds of all trials.
static double search_whole(const struct server *v, uint64_t first_rate)
{
	const struct search_settings set = {.max_rate = MAX_RATE,
		.first_rate = first_rate,
		.final_seconds = 1,
		.sum_seconds = 5,
		.exceed_ratio = 0.5,
		.width = WIDTH,
		.loss_ratio = {0, 0.005}};
	struct search_trial t;
	double seconds = 0;
	search_init(&search, &set);
	while (search_next(&search, &t.rate, &t.seconds)) {
		assert_in_range(t.rate, 1, MAX_RATE);
		t.loss_ratio = server_lose(v, (double)t.rate);
		search_note(&search, &t);
		seconds += t.seconds;
	}
	return seconds;
}

// Whether a goal was found from the lower side, within the width.
static bool goal_is_found(unsigned goal, double want)
{
	struct search_result r;
	search_result_make(&search, goal, &r);
	double low = (double)r.bounds.low;
	return r.is_confirmed && low <= want * 1.0005 && low >= want * (0.9995 - WIDTH) - 1 &&
	       r.throughput <= low && r.throughput >= 0.994 * low;
}

static void every_server_is_found(void **state)
{
	const struct server *v = *state;
	for (uint64_t first = MAX_RATE / 16; first <= MAX_RATE; first *= 4) {
		double seconds = search_whole(v, first);
		assert_true(search.trial_count < 100);
		assert_true(seconds < 90);
		assert_true(goal_is_found(0, v->ndr));
		assert_true(goal_is_found(1, v->pdr < MAX_RATE ? v->pdr : MAX_RATE));
	}
}

// Bad luck may make a load out to be worse than it is, rarely; it never keeps the search from
// ending.
static void noise_is_borne(void **state)
{
	const struct server *v = *state;
	unsigned found = 0;
	seed = 1;
	for (unsigned i = 0; i < NOISY_RUNS; i++) {
		double seconds = search_whole(v, MAX_RATE / 2);
		assert_true(search.trial_count < 150);
		assert_true(seconds < 120);
		found += goal_is_found(0, v->ndr);
		assert_true(goal_is_found(1, v->pdr));
	}
	assert_in_range(found, v->least_found, NOISY_RUNS);
}

// The commonest case by far: the rate under full load is nearly the answer.
static void a_good_first_guess_is_quick(void **state)
{
	(void)state;
	double seconds = search_whole(&servers[0], 6990000);
	assert_true(seconds < 30);
	assert_true(search.trial_count < 40);
}

static void a_dead_server_ends_the_search(void **state)
{
	static const struct server dead = {.capacity = 0};
	struct search_result r;
	(void)state;
	(void)search_whole(&dead, MAX_RATE);
	for (unsigned goal = 0; goal < SEARCH_GOALS; goal++) {
		search_result_make(&search, goal, &r);
		assert_true(r.throughput == 0);
		assert_int_equal(r.bounds.low, 0);
	}
	assert_true(search.trial_count < SEARCH_TRIALS_MAX);
}

static void a_server_that_always_loses_has_a_pdr_only(void **state)
{
	static const struct server leaky = {.capacity = 7e6, .noise = 1};
	struct search_result r;
	(void)state;
	(void)search_whole(&leaky, MAX_RATE);
	search_result_make(&search, 0, &r);
	assert_true(r.throughput == 0);
	assert_true(goal_is_found(1, 7e6 / 0.995));
}

static void note(uint64_t rate, double seconds, double loss_ratio)
{
	const struct search_trial t = {rate, seconds, loss_ratio};
	search_note(&search, &t);
}

// Three good trials of five decide, as do three bad ones; two of each do not.
static void more_than_the_exceed_ratio_decides(void **state)
{
	(void)state;
	search_init(&search, &(struct search_settings){.max_rate = 100,
				     .final_seconds = 1,
				     .sum_seconds = 5,
				     .exceed_ratio = 0.5,
				     .width = WIDTH});
	for (unsigned i = 0; i < 2; i++) {
		note(50, 1, 0);
		note(50, 1, 0.1);
	}
	assert_int_equal(search_classify(&search, 0, 2, 50), SEARCH_UNDECIDED);
	note(50, 1, 0);
	assert_int_equal(search_classify(&search, 0, 2, 50), SEARCH_LOWER);
	for (unsigned i = 0; i < 3; i++)
		note(60, 1, 0.1);
	assert_int_equal(search_classify(&search, 0, 2, 60), SEARCH_UPPER);
}

// Short trials may speak against a load, but never for it.
static void short_trials_confirm_nothing(void **state)
{
	(void)state;
	search_init(&search, &(struct search_settings){.max_rate = 100,
				     .final_seconds = 1,
				     .sum_seconds = 2,
				     .exceed_ratio = 0.5,
				     .width = WIDTH});
	for (unsigned i = 0; i < 50; i++)
		note(50, 0.2, 0);
	assert_int_equal(search_classify(&search, 0, 2, 50), SEARCH_UNDECIDED);
	assert_int_equal(search_classify(&search, 0, 0, 50), SEARCH_LOWER);
	for (unsigned i = 0; i < 6; i++)
		note(60, 0.2, 0.1);
	assert_int_equal(search_classify(&search, 0, 2, 60), SEARCH_UPPER);
}

// What is said to be left at the beginning is about what a quick search takes, and nothing at its
// end.
static void what_is_left_is_told(void **state)
{
	(void)state;
	search_init(&search, &(struct search_settings){.max_rate = MAX_RATE,
				     .final_seconds = 1,
				     .sum_seconds = 5,
				     .exceed_ratio = 0.5,
				     .width = WIDTH,
				     .loss_ratio = {0, 0.005}});
	double told = search_seconds_left(&search);
	double took = search_whole(&servers[0], 7e6);
	assert_true(told > took / 4 && told < took * 4);
	assert_true(search_seconds_left(&search) <= 0);
}

int main(void)
{
	static struct table t;
	for (size_t i = 0; i < TABLE_LENGTH(servers); i++)
		table_add(&t, servers[i].name, every_server_is_found, &servers[i]);
	for (size_t i = 0; i < TABLE_LENGTH(noisy_servers); i++)
		table_add(&t, noisy_servers[i].name, noise_is_borne, &noisy_servers[i]);
	TABLE_ADD(&t, a_good_first_guess_is_quick);
	TABLE_ADD(&t, a_dead_server_ends_the_search);
	TABLE_ADD(&t, a_server_that_always_loses_has_a_pdr_only);
	TABLE_ADD(&t, more_than_the_exceed_ratio_decides);
	TABLE_ADD(&t, short_trials_confirm_nothing);
	TABLE_ADD(&t, what_is_left_is_told);
	return table_run("search", &t);
}

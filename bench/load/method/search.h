// SPDX-License-Identifier: BSD-3-Clause
// Which load to try next, and what the trials so far say: a search for the highest loads that keep
// given loss ratios, in the terms of RFC 9971 (MLRsearch). Goals are looked for one after the other
// with all trials in common; each begins with short trials and wide intervals and ends with long
// trials that decide. One unlucky trial decides nothing: a load is a lower bound when enough time
// of trials kept the loss ratio, an upper bound when more than the exceed ratio of it cannot any
// more. Pure, no clock; one thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SEARCH_TRIALS_MAX 256
#define SEARCH_PHASES     3
#define SEARCH_GOALS      2 // NDR, PDR

enum search_class { SEARCH_UNDECIDED, SEARCH_LOWER, SEARCH_UPPER };

struct search_phase {
	double trial_seconds; // of a full-length trial
	double sum_seconds;   // of them together, to decide
	double width;         // of the interval that is narrow enough, relative
};

struct search_trial {
	uint64_t rate; // that was intended
	double seconds;
	double loss_ratio; // what was not forwarded of what was intended
};

struct search_settings {
	uint64_t max_rate;    // loads beyond are not tried
	uint64_t first_rate;  // likely near the goal, as the rate that came back under full load
	double final_seconds; // length of the trials that decide
	double sum_seconds;   // how much of them decides
	double exceed_ratio;  // share of that which may lose more, 0 to below 1
	double width;         // relative width of the interval at the end
	double loss_ratio[SEARCH_GOALS]; // in rising order
};

// The two loads between which the goal lies. 0: not known.
struct search_bounds {
	uint64_t low;
	uint64_t high;
};

struct search {
	struct search_settings set;
	struct search_phase phase[SEARCH_PHASES];
	unsigned goal_now;  // SEARCH_GOALS: finished
	unsigned phase_now; // of this goal
	uint64_t load;      // being tried; 0: none
	double step;        // by which the next load out of a half-known interval is away from it
	struct search_bounds hint; // from the phase before
	unsigned trial_count;
	struct search_trial trial[SEARCH_TRIALS_MAX];
};

struct search_result {
	struct search_bounds bounds;
	double throughput; // conditional throughput at the lower bound; 0: no load keeps the goal
	bool is_confirmed; // the long trials have decided, and the interval is as narrow as it must
	                   // be
};

// A search about to begin.
void search_init(struct search *s, const struct search_settings *set);

// The next trial. False: the search is finished, or has had as many trials as it may.
bool search_next(struct search *s, uint64_t *ret_rate, double *ret_seconds);

// Takes what came of a trial.
void search_note(struct search *s, const struct search_trial *trial);

// What the trials say about a load at a goal, judged as in the phase.
enum search_class search_classify(
	const struct search *s, unsigned goal, unsigned phase, uint64_t rate);

// The goal's bounds so far, judged as in the phase.
struct search_bounds search_find_bounds(const struct search *s, unsigned goal, unsigned phase);

// About how many seconds of trials are still to come, if none of them surprises; 0 at the end.
double search_seconds_left(const struct search *s);

// What is known of a goal by now.
void search_result_make(const struct search *s, unsigned goal, struct search_result *ret_result);

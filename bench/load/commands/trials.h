// SPDX-License-Identifier: BSD-3-Clause
// What commands share that measure with runs: the way from the first run to the page, and a search
// carried out, whose trials follow one another on the open link without starting it anew. Main
// thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "commands/baseline.h"
#include "method/search.h"
#include "report/html.h"
#include "report/report.h"
#include "run/session.h"

struct json_object;

// What one command does on that way. `found` is a structure of its own, all 0 before it measures.
struct measurement {
	size_t size; // of it
	// Executes r as often as it takes. NULL, or a sentence about why nothing was found.
	const char *(*measure)(const struct session *s, struct run *r, void *found);
	// What is still to be said on standard output.
	void (*print)(FILE *out, const struct run *r, const void *found);
	struct json_object *(*make_json)(const struct run *r, const void *found);
	// The page: its table, and what is drawn below.
	void (*table)(FILE *out, const struct run *r, const void *found);
	void (*plot)(struct html *p, const void *found);
	bool (*is_good)(const void *found); // whether the command succeeded
};

// Makes a run, measures, prints, makes the page where one is wanted, and frees. Returns the
// program's exit code.
int measurement_make(const struct session *s, const struct measurement *m);

struct trial_record {
	struct run_want want;
	struct report report;
};

// Trials made again at most, of a whole search.
#define TRIALS_REPEATS_MAX 30

struct trials {
	struct baseline baseline;
	struct report mrr; // under as much as the port takes
	struct search search;
	struct trial_record record[SEARCH_TRIALS_MAX];
	struct search_result ndr;
	struct search_result pdr;
	enum limit limit;
	unsigned repeated; // trials that something else on this core made worthless
	double seconds;    // that it took
	bool is_finished;  // the user did not end it, and the trials that it may have were enough
};

// Executes r as wanted and makes its report.
void trial_execute(const struct session *s, struct run *r, const struct run_want *want,
	struct report *ret_report);

// The same; a trial in which something else had this program's core, so that it could not send,
// says nothing about the server and is made again, at most `repeats` times. Returns how often it
// was.
unsigned trial_repeat(const struct session *s, struct run *r, const struct run_want *want,
	unsigned repeats, struct report *ret_report);

// Searches; r is a run on s's link, executed again and again. Progress goes to stderr.
void trials_execute(const struct session *s, struct run *r, struct trials *ret_trials);

// What was found, for people, and as fields of JSON.
void trials_print(FILE *out, const struct trials *t);
void trials_add_json(struct json_object *o, const struct trials *t);

// The percentiles of one run, on the page.
void html_plot_run(struct html *p, const struct report *report);

// Throughput and loss on the page, against the load that was tried.
void html_plot_trials(struct html *p, const struct trials *t);

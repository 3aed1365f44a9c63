// SPDX-License-Identifier: BSD-3-Clause
#include "commands/trials.h"

#include <stdlib.h>
#include <string.h>

#include "report/report_json.h"
#include "run/run.h"
#include "run/stopwatch.h"

#define EXCEED_RATIO 0.5
// Final trials that decide, unless more of them disagree.
#define SUM_TRIALS     5
#define OTHERS_SECONDS 1.0
#define MRR_SHARE      0.5
#define PDR_LOSS       0.005
// Beyond what was offered under full load there is nothing to be tried, but for a noisy minute.
#define HEADROOM 1.5
// Of what was intended, what must have been offered for it to be a trial of the server.
#define OFFERED_LEAST 0.99
// The same of the time that was left: how much that was is not known as exactly.
#define OFFERED_LEAST_SHARED 0.9
// Of the core's time, what this program must have had to be blamed.
#define CORE_LEAST 0.98
// So near to what the generator can do that it was the limit.
#define NEAR_CEILING 0.97

// 0, or why there is no page though one is wanted.
static int page_make(const struct run *r, const struct measurement *m, const void *found)
{
	struct html page;
	html_begin(&page, r->options);
	FILE *out = html_table_begin(&page);
	if (out != NULL) {
		m->table(out, r, found);
		html_table_end(&page);
		m->plot(&page, found);
	}
	return html_end(&page);
}

static int found_tell(const struct run *r, const struct measurement *m, const void *found)
{
	if (r->options->json)
		(void)json_end(stdout, m->make_json(r, found), 0);
	else
		m->print(stdout, r, found);
	bool is_whole = page_make(r, m, found) == 0;
	return is_whole && m->is_good(found) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int measurement_make(const struct session *s, const struct measurement *m)
{
	struct run *r = run_create(s);
	void *found = calloc(1, m->size);
	const char *why = "no memory";
	if (r != NULL && found != NULL)
		why = m->measure(s, r, found);
	int result = why != NULL ? session_complain(why) : found_tell(r, m, found);
	free(found);
	free(r);
	return result;
}

void trial_execute(const struct session *s, struct run *r, const struct run_want *want,
	struct report *ret_report)
{
	run_again(r, want);
	run_execute(r, NULL, NULL, s->stop);
	report_make(r, ret_report);
}

unsigned trial_repeat(const struct session *s, struct run *r, const struct run_want *want,
	unsigned repeats, struct report *ret_report)
{
	unsigned n = 0;
	trial_execute(s, r, want, ret_report);
	while (*s->stop == 0 && n < repeats && ret_report->generator_is_limit &&
		ret_report->core_share < CORE_LEAST) {
		n++;
		trial_execute(s, r, want, ret_report);
	}
	return n;
}

// Of the intended load: what was not sent because the port or this program could not is lost too.
// Time in which something else had this program's core is nobody's: in the rest of it the load was
// offered.
static double loss_ratio(const struct run_want *w, const struct report *p)
{
	double share = p->generator_is_limit && p->core_share < CORE_LEAST ? p->core_share : 1;
	double sent = (double)(p->requests + p->junk);
	double intended = (double)w->rate * p->seconds * share;
	if (p->requests == 0)
		return 1;
	double loss = (double)p->lost / (double)p->requests;
	return sent >= (share < 1 ? OFFERED_LEAST_SHARED : OFFERED_LEAST) * intended ?
	               loss :
	               1 - (1 - loss) * sent / intended;
}

static void progress_print(const struct session *s, const struct trials *t, double seconds)
{
	const struct trial_record *l = &t->record[t->search.trial_count - 1];
	unsigned goal = t->search.goal_now;
	if (s->options->quiet || goal == SEARCH_GOALS)
		return;
	struct search_bounds b = search_find_bounds(&t->search, goal, t->search.phase_now);
	fprintf(stderr,
		"%5.0f s  trial %3u: %11.0f/s for %.1f s, lost %8.4f%%, not sent %5.1f%%  %s %.0f "
		"to %.0f  about %.0f s left\n",
		seconds, t->search.trial_count, (double)l->want.rate, l->report.seconds,
		l->report.lost_percent, l->report.skipped_percent, goal == 0 ? "NDR" : "PDR",
		(double)b.low, (double)b.high, search_seconds_left(&t->search));
}

// The length of a trial that decides. Where the search is not all there is to do, the seconds that
// were asked for are another thing's.
static double final_seconds(const struct options *o)
{
	bool is_ours = o->command == LOAD_SEARCH || o->seconds < OTHERS_SECONDS;
	return is_ours ? o->seconds : OTHERS_SECONDS;
}

static void search_begin(const struct session *s, struct trials *t)
{
	const struct options *o = s->options;
	double most = HEADROOM * t->mrr.offered_pps;
	struct search_settings set = {
		.max_rate = most < PACE_RATE_MAX ? (uint64_t)most + 1 : PACE_RATE_MAX,
		.first_rate = (uint64_t)t->mrr.answered_pps,
		.final_seconds = final_seconds(o),
		.sum_seconds = SUM_TRIALS * final_seconds(o),
		.exceed_ratio = EXCEED_RATIO,
		.width = o->width,
		.loss_ratio = {0, PDR_LOSS}};
	if (o->rate != 0)
		set.max_rate = o->rate;
	search_init(&t->search, &set);
}

static void trials_search(const struct session *s, struct run *r, struct trials *t)
{
	uint64_t begin = stopwatch_read();
	struct run_want want = {.clients = r->want.clients};
	struct search_trial trial;
	while (*s->stop == 0 && search_next(&t->search, &want.rate, &want.seconds)) {
		struct trial_record *record = &t->record[t->search.trial_count];
		record->want = want;
		t->repeated += trial_repeat(
			s, r, &want, TRIALS_REPEATS_MAX - t->repeated, &record->report);
		if (*s->stop != 0)
			break;
		trial.rate = want.rate;
		trial.seconds = want.seconds;
		trial.loss_ratio = loss_ratio(&want, &record->report);
		search_note(&t->search, &trial);
		progress_print(s, t, (double)(stopwatch_read() - begin) / (double)r->counter_hz);
	}
	t->seconds = (double)(stopwatch_read() - begin) / (double)r->counter_hz;
	t->is_finished = t->search.goal_now == SEARCH_GOALS;
}

// Whether the load failed more often than not because this program did not offer it: of what it
// sent, nothing was lost.
static bool generator_failed_at(const struct trials *t, uint64_t rate)
{
	int balance = 0;
	for (unsigned i = 0; i < t->search.trial_count; i++) {
		const struct report *p = &t->record[i].report;
		if (t->record[i].want.rate == rate)
			balance += p->generator_is_limit && p->lost == 0 ? 1 : -1;
	}
	return balance > 0;
}

static enum limit trials_limit_find(const struct trials *t)
{
	double ceiling = baseline_ceiling(&t->baseline);
	const struct search_bounds *b = &t->ndr.bounds;
	if (ceiling > 0 && t->ndr.throughput >= NEAR_CEILING * ceiling)
		return LIMIT_GENERATOR;
	if (b->high == 0)
		return LIMIT_NONE;
	return generator_failed_at(t, b->high) ? LIMIT_GENERATOR : LIMIT_SERVER;
}

void trials_execute(const struct session *s, struct run *r, struct trials *ret_trials)
{
	struct trials *t = ret_trials;
	memset(t, 0, sizeof(*t));
	const struct run_want flat_out = {.rate = 0,
		.seconds = MRR_SHARE * final_seconds(s->options),
		.clients = r->want.clients};
	baseline_measure(s, &t->baseline);
	trial_execute(s, r, &flat_out, &t->mrr);
	search_begin(s, t);
	trials_search(s, r, t);
	search_result_make(&t->search, 0, &t->ndr);
	search_result_make(&t->search, 1, &t->pdr);
	t->limit = trials_limit_find(t);
}

static void result_print(
	FILE *out, const char *name, const char *sentence, const struct search_result *r)
{
	fprintf(out, "%-16s %16.0f  requests a second, %s%s\n", name, r->throughput, sentence,
		r->is_confirmed ? "" : "; not confirmed: the search did not end");
}

void trials_print(FILE *out, const struct trials *t)
{
	result_print(out, "NDR", "none lost", &t->ndr);
	result_print(out, "PDR 0.5 %", "at most 0.5 % lost", &t->pdr);
	fprintf(out, "%-16s %16.0f  answered a second of %.0f sent, as many as the port took\n",
		"MRR", t->mrr.answered_pps, t->mrr.offered_pps);
	fprintf(out, "%-16s %16u  in %.0f s\n", "trials", t->search.trial_count, t->seconds);
	if (t->repeated > 0)
		fprintf(out, "%-16s %16u  trials, because something else ran on this core\n",
			"repeated", t->repeated);
	if (t->baseline.generator_pps > 0)
		fprintf(out, "%-16s %16.0f  frames a second to itself\n", "generator alone",
			t->baseline.generator_pps);
	if (t->baseline.reflector_pps > 0)
		fprintf(out, "%-16s %16.0f  frames a second, as was said with --reflector\n",
			"with reflector", t->baseline.reflector_pps);
	if (t->repeated == TRIALS_REPEATS_MAX)
		fprintf(out, "This core was never ours for long: these figures are the other "
			     "programs', not the server's.\n");
	if (t->limit == LIMIT_GENERATOR)
		fprintf(out, "The generator was the limit, not the server.\n");
	if (t->limit == LIMIT_NONE)
		fprintf(out, "Nothing was the limit up to the highest rate tried: give a higher "
			     "--rate.\n");
}

static struct json_object *record_make(const struct trial_record *t)
{
	struct json_object *o = json_object_new_object();
	const struct report *p = &t->report;
	json_add_count(o, "rate_pps", t->want.rate);
	json_add_number(o, "offered_pps", p->offered_pps);
	json_add_number(o, "answered_pps", p->answered_pps);
	json_add_number(o, "seconds", p->seconds);
	json_add_count(o, "lost", p->lost);
	json_add_number(o, "lost_percent", p->lost_percent);
	json_add_number(o, "skipped_percent", p->skipped_percent);
	json_add_count(o, "invalid", p->invalid);
	json_add_flag(o, "generator_is_limit", p->generator_is_limit);
	return o;
}

static struct json_object *baseline_make_json(const struct baseline *c)
{
	struct json_object *o = json_object_new_object();
	json_add_number(o, "generator_pps", c->generator_pps);
	json_add(o, "reflector_pps",
		c->reflector_pps > 0 ? json_object_new_double(c->reflector_pps) : NULL);
	return o;
}

void trials_add_json(struct json_object *o, const struct trials *t)
{
	struct json_object *list = json_object_new_array();
	for (unsigned i = 0; i < t->search.trial_count; i++)
		(void)json_object_array_add(list, record_make(&t->record[i]));
	json_add_number(o, "ndr_pps", t->ndr.throughput);
	json_add_number(o, "pdr05_pps", t->pdr.throughput);
	json_add_number(o, "mrr_pps", t->mrr.answered_pps);
	json_add_flag(o, "ndr_is_confirmed", t->ndr.is_confirmed);
	json_add_flag(o, "pdr05_is_confirmed", t->pdr.is_confirmed);
	json_add_number(o, "search_seconds", t->seconds);
	json_add_count(o, "repeated", t->repeated);
	json_add(o, "calibration", baseline_make_json(&t->baseline));
	json_add(o, "trials", list);
}

void html_plot_run(struct html *p, const struct report *report)
{
	const struct html_summary list[] = {
		{"latency", &report->latency}, {"residency", &report->residency}};
	html_plot_quantiles(p, "times", "Latency and residency", list, 2);
}

static int rows_compare(const void *a, const void *b)
{
	const struct plot_row *x = a;
	const struct plot_row *y = b;
	return (x->x > y->x) - (x->x < y->x);
}

static void rows_fill(struct plot_row *rows, const struct trials *t, bool is_loss)
{
	for (unsigned i = 0; i < t->search.trial_count; i++) {
		const struct report *p = &t->record[i].report;
		rows[i].x = (double)t->record[i].want.rate;
		rows[i].y[0] = is_loss ? p->lost_percent : p->answered_pps;
		rows[i].y[1] = is_loss ? p->skipped_percent : p->offered_pps;
	}
	qsort(rows, t->search.trial_count, sizeof(rows[0]), rows_compare);
}

void html_plot_trials(struct html *p, const struct trials *t)
{
	static struct plot_row rows[SEARCH_TRIALS_MAX];
	struct plot plot = {.name = "throughput",
		.title = "Throughput against offered load",
		.x_label = "load of the trial, a second",
		.y_label = "a second",
		.series = 2,
		.series_name = {"answered", "sent"},
		.rows = t->search.trial_count,
		.row = rows};
	rows_fill(rows, t, false);
	html_plot(p, &plot);
	plot.name = "loss";
	plot.title = "Loss against offered load";
	plot.y_label = "percent";
	plot.series_name[0] = "lost";
	plot.series_name[1] = "not sent in time";
	rows_fill(rows, t, true);
	html_plot(p, &plot);
}

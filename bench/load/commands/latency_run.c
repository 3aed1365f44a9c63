// SPDX-License-Identifier: BSD-3-Clause
#include "commands/commands.h"
#include "commands/trials.h"
#include "report/html.h"
#include "report/report.h"
#include "report/report_json.h"
#include "run/run.h"

#define POINTS 3

static const unsigned percents[POINTS] = {10, 50, 90};

struct latency_point {
	uint64_t rate;
	struct report report;
};

struct latency {
	double ndr;
	bool is_searched; // by the trials; else it was given
	struct trials trials;
	unsigned count; // points that were measured
	struct latency_point point[POINTS];
};

// Of the point that was measured last.
static void point_tell(const struct options *o, const struct latency *l)
{
	const struct latency_point *p = &l->point[l->count - 1];
	fprintf(stderr,
		"%3u %% of NDR: %11.0f/s for %.1f s, lost %.4f%%, p99 %.0f ns, %.0f s left\n",
		percents[l->count - 1], (double)p->rate, p->report.seconds, p->report.lost_percent,
		p->report.latency.quantile_ns[2],
		(POINTS - l->count) * (o->seconds + o->drain_seconds));
}

static void points_measure(const struct session *s, struct run *r, struct latency *l)
{
	const struct options *o = s->options;
	struct run_want want = {.seconds = o->seconds, .clients = r->want.clients};
	while (l->count < POINTS && *s->stop == 0) {
		struct latency_point *p = &l->point[l->count];
		p->rate = (uint64_t)(l->ndr * percents[l->count] / 100);
		want.rate = p->rate > 0 ? p->rate : 1;
		trial_execute(s, r, &want, &p->report);
		l->count++;
		if (!o->quiet)
			point_tell(o, l);
	}
}

static void latency_run_heading_print(FILE *out)
{
	fprintf(out, "%-10s %8s %12s %10s", "", "% of NDR", "answered/s", "lost");
	for (unsigned i = 0; i < QUANTILES; i++)
		fprintf(out, " %10s", quantile_names[i]);
	fprintf(out, "\n");
}

static void latency_run_times_print(FILE *out, const struct latency *l, bool is_residency)
{
	for (unsigned i = 0; i < l->count; i++) {
		const struct report *p = &l->point[i].report;
		const struct summary *s = is_residency ? &p->residency : &p->latency;
		fprintf(out, "%-10s %8u %12.0f %10llu", is_residency ? "residency" : "latency",
			percents[i], p->answered_pps, (unsigned long long)p->lost);
		for (unsigned q = 0; q < QUANTILES; q++)
			fprintf(out, " %10.0f", s->quantile_ns[q]);
		fprintf(out, "\n");
	}
}

static void latency_print(FILE *out, const struct run *r, const void *found)
{
	const struct latency *l = found;
	if (l->is_searched)
		trials_print(out, &l->trials);
	fprintf(out, "Nanoseconds, at shares of %.0f requests a second:\n", l->ndr);
	latency_run_heading_print(out);
	latency_run_times_print(out, l, false);
	if (r->options->expect == EXPECT_NTP)
		latency_run_times_print(out, l, true);
}

static struct json_object *point_make(const struct latency_point *p, unsigned percent)
{
	struct json_object *o = json_object_new_object();
	json_add_count(o, "percent", percent);
	json_add_count(o, "rate_pps", p->rate);
	json_add_number(o, "offered_pps", p->report.offered_pps);
	json_add_number(o, "answered_pps", p->report.answered_pps);
	json_add_count(o, "lost", p->report.lost);
	json_add_count(o, "invalid", p->report.invalid);
	json_add(o, "lat_ns", json_summary(&p->report.latency));
	json_add(o, "residency_ns", json_summary(&p->report.residency));
	return o;
}

static enum limit latency_run_limit_find(const struct latency *l)
{
	enum limit limit = LIMIT_NONE;
	for (unsigned i = 0; i < l->count; i++) {
		enum limit here = l->point[i].report.limit;
		limit = here > limit ? here : limit;
	}
	return limit;
}

static struct json_object *latency_make_json(const struct run *r, const void *found)
{
	const struct latency *l = found;
	struct json_object *o = json_begin(r, latency_run_limit_find(l));
	struct json_object *list = json_object_new_array();
	json_add_number(o, "ndr_pps", l->ndr);
	for (unsigned i = 0; i < l->count; i++)
		(void)json_object_array_add(list, point_make(&l->point[i], percents[i]));
	json_add(o, "points", list);
	if (l->is_searched) {
		struct json_object *search = json_object_new_object();
		trials_add_json(search, &l->trials);
		json_add(o, "search", search);
	}
	return o;
}

static void latency_plot(struct html *p, const void *found)
{
	static const char *const names[POINTS] = {"10 % of NDR", "50 % of NDR", "90 % of NDR"};
	struct html_summary latency[POINTS];
	struct html_summary residency[POINTS];
	const struct latency *l = found;
	for (unsigned i = 0; i < l->count; i++) {
		latency[i] = (struct html_summary){names[i], &l->point[i].report.latency};
		residency[i] = (struct html_summary){names[i], &l->point[i].report.residency};
	}
	html_plot_quantiles(p, "latency", "Latency", latency, l->count);
	html_plot_quantiles(p, "residency", "Residency, T3 - T2", residency, l->count);
	if (l->is_searched)
		html_plot_trials(p, &l->trials);
}

static bool latency_is_good(const void *found)
{
	const struct latency *l = found;
	bool good = l->count > 0;
	for (unsigned i = 0; i < l->count; i++)
		good = good && report_is_good(&l->point[i].report);
	return good;
}

// At the NDR that was given, or a search's.
static const char *latency_measure(const struct session *s, struct run *r, void *found)
{
	struct latency *l = found;
	l->ndr = (double)s->options->ndr;
	l->is_searched = s->options->ndr == 0;
	if (l->is_searched) {
		trials_execute(s, r, &l->trials);
		l->ndr = l->trials.ndr.throughput;
	}
	if (l->ndr < 1)
		return "no rate was found at which nothing is lost: give one with --ndr";
	points_measure(s, r, l);
	return NULL;
}

int latency_run(const struct session *s)
{
	static const struct measurement m = {.size = sizeof(struct latency),
		.measure = latency_measure,
		.print = latency_print,
		.make_json = latency_make_json,
		.table = latency_print,
		.plot = latency_plot,
		.is_good = latency_is_good};
	return measurement_make(s, &m);
}

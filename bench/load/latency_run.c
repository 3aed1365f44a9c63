// SPDX-License-Identifier: BSD-3-Clause
#include <stdlib.h>

#include "report_json.h"
#include "run.h"
#include "session.h"
#include "trials.h"

#define POINTS 3

static const unsigned percents[POINTS] = {10, 50, 90};

struct latency_point {
	uint64_t rate;
	struct report report;
};

struct latency {
	double ndr;
	struct trials *trials; // NULL: the NDR was given
	unsigned count;        // points that were measured
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

static void heading_print(FILE *out)
{
	fprintf(out, "%-10s %8s %12s %10s", "", "% of NDR", "answered/s", "lost");
	for (unsigned i = 0; i < QUANTILES; i++)
		fprintf(out, " %10s", quantile_names[i]);
	fprintf(out, "\n");
}

static void times_print(FILE *out, const struct latency *l, bool is_residency)
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

static void table_print(FILE *out, const struct run *r, const struct latency *l)
{
	if (l->trials != NULL)
		trials_print(out, l->trials);
	fprintf(out, "Nanoseconds, at shares of %.0f requests a second:\n", l->ndr);
	heading_print(out);
	times_print(out, l, false);
	if (r->options->expect == EXPECT_NTP)
		times_print(out, l, true);
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

static enum limit limit_find(const struct latency *l)
{
	enum limit limit = LIMIT_NONE;
	for (unsigned i = 0; i < l->count; i++) {
		enum limit here = l->point[i].report.limit;
		limit = here > limit ? here : limit;
	}
	return limit;
}

static void json_print(const struct run *r, const struct latency *l)
{
	struct json_object *o = json_begin(r, limit_find(l));
	struct json_object *list = json_object_new_array();
	json_add_number(o, "ndr_pps", l->ndr);
	for (unsigned i = 0; i < l->count; i++)
		(void)json_object_array_add(list, point_make(&l->point[i], percents[i]));
	json_add(o, "points", list);
	if (l->trials != NULL) {
		struct json_object *search = json_object_new_object();
		trials_add_json(search, l->trials);
		json_add(o, "search", search);
	}
	(void)json_end(stdout, o, 0);
}

static int page_make(const struct run *r, const struct latency *l)
{
	static const char *const names[POINTS] = {"10 % of NDR", "50 % of NDR", "90 % of NDR"};
	struct page_summary latency[POINTS];
	struct page_summary residency[POINTS];
	struct page page;
	page_begin(&page, r->options);
	FILE *out = page_table_begin(&page);
	if (out != NULL)
		table_print(out, r, l);
	page_table_end(&page);
	for (unsigned i = 0; i < l->count; i++) {
		latency[i] = (struct page_summary){names[i], &l->point[i].report.latency};
		residency[i] = (struct page_summary){names[i], &l->point[i].report.residency};
	}
	page_plot_quantiles(&page, "latency", "Latency", latency, l->count);
	page_plot_quantiles(&page, "residency", "Residency, T3 - T2", residency, l->count);
	if (l->trials != NULL)
		page_add_trials(&page, l->trials);
	return page_end(&page);
}

static bool is_good(const struct latency *l)
{
	bool good = l->count > 0;
	for (unsigned i = 0; i < l->count; i++)
		good = good && report_is_good(&l->point[i].report);
	return good;
}

// The NDR that was given, or a search's. False: there is none to measure at.
static bool ndr_find(const struct session *s, struct run *r, struct latency *l)
{
	l->ndr = (double)s->options->ndr;
	if (s->options->ndr == 0) {
		l->trials = trials_execute(s, r);
		l->ndr = l->trials != NULL ? l->trials->ndr.throughput : 0;
	}
	return l->ndr >= 1;
}

int latency_run(const struct session *s)
{
	struct latency l = {0};
	struct run *r = run_create(s);
	int result = EXIT_FAILURE;
	if (r == NULL)
		return session_complain("no memory");
	if (ndr_find(s, r, &l)) {
		points_measure(s, r, &l);
		if (s->options->json)
			json_print(r, &l);
		else
			table_print(stdout, r, &l);
		if (page_make(r, &l) == 0 && is_good(&l))
			result = EXIT_SUCCESS;
	} else {
		result = session_complain("no rate was found at which nothing is lost: give one "
					  "with --ndr");
	}
	free(l.trials);
	free(r);
	return result;
}

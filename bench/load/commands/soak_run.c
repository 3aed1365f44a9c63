// SPDX-License-Identifier: BSD-3-Clause
#include <inttypes.h>
#include <stdlib.h>

#include "commands/commands.h"
#include "commands/trials.h"
#include "judge/rx_stats.h"
#include "method/soak.h"
#include "report/html.h"
#include "report/report.h"
#include "report/report_json.h"
#include "run/run.h"
#include "traffic/plan.h"

struct soaked {
	struct report report;
	struct soak soak;
	struct soak_interval interval[SOAK_INTERVALS_MAX + 2];
};

static struct soak_reading reading_make(const struct run *r, uint64_t now)
{
	const struct reply_check *c = &r->check;
	uint64_t known = c->stats.answered > 0 ? c->last + 1 : 0;
	return (struct soak_reading){
		.elapsed_s = (double)(now - r->begin) / (double)r->counter_hz,
		.sent = r->sent,
		.known = known - plan_count_junk(&r->plan, known),
		.answered = c->stats.answered,
		.invalid = rx_stats_invalid(&c->stats),
	};
}

static void interval_end(
	struct soak *soak, const struct soak_reading *reading, const struct options *o)
{
	unsigned before = soak->count;
	soak_note(soak, reading);
	if (o->quiet || soak->count == before)
		return;
	const struct soak_interval *i = &soak->interval[before];
	fprintf(stderr,
		"%7.0f s  sent %11.0f/s  answered %11.0f/s  lost %" PRIu64 "  invalid %" PRIu64
		"  %.0f s left\n",
		i->elapsed_s, i->offered_pps, i->answered_pps, i->lost, i->invalid,
		o->seconds > i->elapsed_s ? o->seconds - i->elapsed_s : 0);
}

// Called once a second.
static void soak_watch(void *context, const struct run *r, uint64_t now)
{
	struct soak *soak = context;
	const struct options *o = r->options;
	struct soak_reading reading = reading_make(r, now);
	if (reading.elapsed_s >= o->interval * (soak->count + 1))
		interval_end(soak, &reading, o);
}

// The rest of the time, with the replies that came after it.
static void last_interval_end(struct soak *soak, const struct run *r)
{
	struct soak_reading reading = reading_make(r, r->end);
	reading.known = run_requests(r);
	interval_end(soak, &reading, r->options);
}

static struct json_object *intervals_make(const struct soak *soak)
{
	struct json_object *list = json_object_new_array();
	for (unsigned i = 0; i < soak->count; i++) {
		const struct soak_interval *s = &soak->interval[i];
		struct json_object *o = json_object_new_object();
		json_add_number(o, "elapsed_s", s->elapsed_s);
		json_add_number(o, "offered_pps", s->offered_pps);
		json_add_number(o, "answered_pps", s->answered_pps);
		json_add_count(o, "lost", s->lost);
		json_add_count(o, "invalid", s->invalid);
		(void)json_object_array_add(list, o);
	}
	return list;
}

static const char *soak_measure(const struct session *s, struct run *r, void *found)
{
	struct soaked *d = found;
	soak_init(&d->soak, d->interval, SOAK_INTERVALS_MAX + 2);
	run_execute(r, soak_watch, &d->soak, s->stop);
	report_make(r, &d->report);
	last_interval_end(&d->soak, r);
	return NULL;
}

static void report_table(FILE *out, const struct run *r, const void *found)
{
	const struct soaked *d = found;
	report_print(out, r, &d->report);
}

static void soak_print(FILE *out, const struct run *r, const void *found)
{
	const struct soak *soak = &((const struct soaked *)found)->soak;
	unsigned bad = 0;
	for (unsigned i = 0; i < soak->count; i++)
		bad += soak->interval[i].lost > 0 || soak->interval[i].invalid > 0;
	report_table(out, r, found);
	fprintf(out, "%-16s %16u  of %u with something lost or wrong\n", "intervals", bad,
		soak->count);
}

static struct json_object *soak_make_json(const struct run *r, const void *found)
{
	const struct soaked *d = found;
	struct json_object *o = report_make_json(r, &d->report);
	json_add(o, "intervals", intervals_make(&d->soak));
	return o;
}

static void intervals_plot(struct html *page, const struct soak *soak, bool is_loss)
{
	struct plot_row *rows = calloc(soak->count, sizeof(*rows));
	struct plot plot = {.name = is_loss ? "lost" : "throughput",
		.title = is_loss ? "Lost in each interval" : "Throughput over time",
		.x_label = "s",
		.y_label = is_loss ? "requests" : "a second",
		.series = 2,
		.series_name = {is_loss ? "lost" : "sent", is_loss ? "wrong" : "answered"},
		.row = rows};
	for (unsigned i = 0; rows != NULL && i < soak->count; i++) {
		const struct soak_interval *s = &soak->interval[i];
		rows[i].x = s->elapsed_s;
		rows[i].y[0] = is_loss ? (double)s->lost : s->offered_pps;
		rows[i].y[1] = is_loss ? (double)s->invalid : s->answered_pps;
		plot.rows = i + 1;
	}
	html_plot(page, &plot);
	free(rows);
}

static void soak_plot(struct html *p, const void *found)
{
	const struct soaked *d = found;
	html_plot_run(p, &d->report);
	intervals_plot(p, &d->soak, false);
	intervals_plot(p, &d->soak, true);
}

static bool soak_is_good(const void *found)
{
	const struct soaked *d = found;
	return report_is_good(&d->report);
}

int soak_run(const struct session *s)
{
	static const struct measurement m = {.size = sizeof(struct soaked),
		.measure = soak_measure,
		.print = soak_print,
		.make_json = soak_make_json,
		.table = report_table,
		.plot = soak_plot,
		.is_good = soak_is_good};
	return measurement_make(s, &m);
}

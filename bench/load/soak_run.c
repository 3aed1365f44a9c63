// SPDX-License-Identifier: BSD-3-Clause
#include <inttypes.h>
#include <stdlib.h>

#include "report.h"
#include "report_json.h"
#include "run.h"
#include "session.h"
#include "soak.h"
#include "trials.h"

static struct soak_reading reading_make(const struct run *r, uint64_t now)
{
	const struct judge *j = &r->judge;
	uint64_t known = j->tally.answered > 0 ? j->last + 1 : 0;
	return (struct soak_reading){
		.elapsed_s = (double)(now - r->begin) / (double)r->counter_hz,
		.sent = r->sent,
		.known = known - plan_count_junk(&r->plan, known),
		.answered = j->tally.answered,
		.invalid = tally_invalid(&j->tally),
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

static void result_print(
	const struct run *r, const struct report *report, const struct soak *soak)
{
	unsigned bad = 0;
	for (unsigned i = 0; i < soak->count; i++)
		bad += soak->interval[i].lost > 0 || soak->interval[i].invalid > 0;
	if (r->options->json) {
		struct json_object *o = report_make_json(r, report);
		json_add(o, "intervals", intervals_make(soak));
		(void)json_end(stdout, o, 0);
		return;
	}
	report_print(stdout, r, report);
	printf("%-16s %16u  of %u with something lost or wrong\n", "intervals", bad, soak->count);
}

static void intervals_plot(struct page *page, const struct soak *soak, bool is_loss)
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
	page_plot(page, &plot);
	free(rows);
}

static int page_make(
	const struct run *r, const struct report *report, const struct soak *soak)
{
	struct page page;
	page_begin(&page, r->options);
	page_add_run(&page, r, report);
	if (page.html != NULL) {
		intervals_plot(&page, soak, false);
		intervals_plot(&page, soak, true);
	}
	return page_end(&page);
}

int soak_run(const struct session *s)
{
	const struct options *o = s->options;
	unsigned room = (unsigned)(o->seconds / o->interval) + 2;
	struct soak_interval *intervals = calloc(room, sizeof(*intervals));
	struct run *r = run_create(s);
	struct report report;
	struct soak soak;
	int result = EXIT_FAILURE;
	if (intervals == NULL || r == NULL) {
		result = session_complain("no memory");
	} else {
		soak_init(&soak, intervals, room);
		run_execute(r, soak_watch, &soak, s->stop);
		report_make(r, &report);
		last_interval_end(&soak, r);
		result_print(r, &report, &soak);
		if (page_make(r, &report, &soak) == 0 && report_is_good(&report))
			result = EXIT_SUCCESS;
	}
	free(r);
	free(intervals);
	return result;
}

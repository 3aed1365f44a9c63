// SPDX-License-Identifier: BSD-3-Clause
#include "commands/commands.h"
#include "commands/trials.h"
#include "report/report.h"
#include "report/report_json.h"
#include "run/run.h"

static const char *rate_run_rate_measure(const struct session *s, struct run *r, void *found)
{
	struct report_before before = {0};
	run_execute(r, s->options->quiet ? NULL : report_progress, &before, s->stop);
	report_make(r, found);
	return NULL;
}

static void rate_print(FILE *out, const struct run *r, const void *found)
{
	report_print(out, r, found);
}

static struct json_object *rate_make_json(const struct run *r, const void *found)
{
	return report_make_json(r, found);
}

static void rate_plot(struct html *p, const void *found)
{
	html_plot_run(p, found);
}

static bool rate_is_good(const void *found)
{
	return report_is_good(found);
}

int rate_run(const struct session *s)
{
	static const struct measurement m = {.size = sizeof(struct report),
		.measure = rate_run_rate_measure,
		.print = rate_print,
		.make_json = rate_make_json,
		.table = rate_print,
		.plot = rate_plot,
		.is_good = rate_is_good};
	return measurement_make(s, &m);
}

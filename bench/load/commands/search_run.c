// SPDX-License-Identifier: BSD-3-Clause
#include "commands/commands.h"
#include "commands/trials.h"
#include "report/report_json.h"
#include "run/run.h"

static const char *search_measure(const struct session *s, struct run *r, void *found)
{
	trials_execute(s, r, found);
	return NULL;
}

static void search_print(FILE *out, const struct run *r, const void *found)
{
	(void)r;
	trials_print(out, found);
}

static struct json_object *search_make_json(const struct run *r, const void *found)
{
	const struct trials *t = found;
	struct json_object *o = json_begin(r, t->limit);
	trials_add_json(o, t);
	return o;
}

static void search_plot(struct html *p, const void *found)
{
	html_plot_trials(p, found);
}

// Whether there is a rate, and no trial had a reply that was wrong.
static bool search_is_good(const void *found)
{
	const struct trials *t = found;
	uint64_t invalid = t->mrr.invalid;
	for (unsigned i = 0; i < t->search.trial_count; i++)
		invalid += t->record[i].report.invalid;
	return t->pdr.throughput > 0 && invalid == 0;
}

int search_run(const struct session *s)
{
	static const struct measurement m = {.size = sizeof(struct trials),
		.measure = search_measure,
		.print = search_print,
		.make_json = search_make_json,
		.table = search_print,
		.plot = search_plot,
		.is_good = search_is_good};
	return measurement_make(s, &m);
}

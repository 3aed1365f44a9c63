// SPDX-License-Identifier: BSD-3-Clause
#include "pages.h"

#include <stdlib.h>

void page_add_run(struct page *p, const struct run *r, const struct report *report)
{
	const struct page_summary list[] = {
		{"latency", &report->latency}, {"residency", &report->residency}};
	FILE *out = page_table_begin(p);
	if (out == NULL)
		return;
	report_print(out, r, report);
	page_table_end(p);
	page_plot_quantiles(p, "times", "Latency and residency", list, 2);
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

void page_add_trials(struct page *p, const struct trials *t)
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
	page_plot(p, &plot);
	plot.name = "loss";
	plot.title = "Loss against offered load";
	plot.y_label = "percent";
	plot.series_name[0] = "lost";
	plot.series_name[1] = "not sent in time";
	rows_fill(rows, t, true);
	page_plot(p, &plot);
}

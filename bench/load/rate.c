// SPDX-License-Identifier: BSD-3-Clause
#include <stdlib.h>

#include "report.h"
#include "report_json.h"
#include "run.h"
#include "session.h"
#include "trials.h"

int rate_run(const struct session *s)
{
	const struct options *o = s->options;
	struct report_before before = {0};
	struct report report;
	struct page page;
	struct run *r = run_create(s);
	if (r == NULL)
		return session_complain("no memory");
	run_execute(r, o->quiet ? NULL : report_progress, &before, s->stop);
	report_make(r, &report);
	int result = report_is_good(&report) ? EXIT_SUCCESS : EXIT_FAILURE;
	if (o->json)
		(void)json_end(stdout, report_make_json(r, &report), 0);
	else
		report_print(stdout, r, &report);
	page_begin(&page, o);
	page_add_run(&page, r, &report);
	if (page_end(&page) < 0)
		result = EXIT_FAILURE;
	free(r);
	return result;
}

// SPDX-License-Identifier: BSD-3-Clause
#include <stdlib.h>

#include "report_json.h"
#include "run.h"
#include "session.h"
#include "trials.h"

static void found_print(const struct session *s, const struct run *r, const struct trials *t)
{
	if (!s->options->json) {
		trials_print(stdout, t);
		return;
	}
	struct json_object *o = json_begin(r, t->limit);
	trials_add_json(o, t);
	(void)json_end(stdout, o, 0);
}

static int page_make(const struct session *s, const struct trials *t)
{
	struct page page;
	page_begin(&page, s->options);
	FILE *out = page_table_begin(&page);
	if (out != NULL)
		trials_print(out, t);
	page_table_end(&page);
	page_add_trials(&page, t);
	return page_end(&page);
}

// Whether any trial had a reply that was wrong.
static bool is_valid(const struct trials *t)
{
	uint64_t invalid = t->mrr.invalid;
	for (unsigned i = 0; i < t->search.trial_count; i++)
		invalid += t->record[i].report.invalid;
	return invalid == 0;
}

int search_run(const struct session *s)
{
	struct run *r = run_create(s);
	struct trials *t = r != NULL ? trials_execute(s, r) : NULL;
	int result = EXIT_FAILURE;
	if (t == NULL)
		result = session_complain("no memory");
	else {
		found_print(s, r, t);
		if (page_make(s, t) == 0 && t->pdr.throughput > 0 && is_valid(t))
			result = EXIT_SUCCESS;
	}
	free(t);
	free(r);
	return result;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "report_json.h"
#include "trials.h"

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
	if (t->calibration.generator_pps > 0)
		fprintf(out, "%-16s %16.0f  frames a second to itself\n", "generator alone",
			t->calibration.generator_pps);
	if (t->calibration.reflector_pps > 0)
		fprintf(out, "%-16s %16.0f  frames a second, as was said with --reflector\n",
			"with reflector", t->calibration.reflector_pps);
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

static struct json_object *calibration_make(const struct calibration *c)
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
	json_add(o, "calibration", calibration_make(&t->calibration));
	json_add(o, "trials", list);
}

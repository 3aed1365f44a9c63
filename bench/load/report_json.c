// SPDX-License-Identifier: BSD-3-Clause
#include "report.h"

#include <errno.h>
#include <json-c/json.h>

static void add(struct json_object *to, const char *key, struct json_object *value)
{
	(void)json_object_object_add(to, key, value);
}

static void add_count(struct json_object *to, const char *key, uint64_t n)
{
	add(to, key, json_object_new_uint64(n));
}

static void add_number(struct json_object *to, const char *key, double n)
{
	add(to, key, json_object_new_double(n));
}

static void add_flag(struct json_object *to, const char *key, bool on)
{
	add(to, key, json_object_new_boolean(on));
}

static struct json_object *faults_make(const struct tally *t)
{
	struct json_object *o = json_object_new_object();
	for (unsigned f = 0; f < FAULT_COUNT; f++)
		add_count(o, fault_name((enum fault)f), t->fault[f]);
	return o;
}

// How many frames of each kind were sent, both families together.
static struct json_object *kinds_make(const struct run *r, bool is_junk)
{
	struct json_object *o = json_object_new_object();
	for (unsigned i = 0; i < r->plan.template_count; i++) {
		const struct plan_template *t = &r->plan.template[i];
		if (t->is_junk != is_junk)
			continue;
		const char *name = is_junk ? junk_kinds[t->kind].name : request_kinds[t->kind].name;
		uint64_t n = plan_count(&r->plan, i, r->sent);
		struct json_object *before;
		if (json_object_object_get_ex(o, name, &before))
			n += json_object_get_uint64(before);
		add_count(o, name, n);
	}
	return o;
}

static struct json_object *summary_make(const struct summary *s)
{
	struct json_object *o = json_object_new_object();
	add_number(o, "min", s->min_ns);
	add_number(o, "mean", s->mean_ns);
	for (unsigned i = 0; i < QUANTILES; i++)
		add_number(o, quantile_names[i], s->quantile_ns[i]);
	return o;
}

static void results_add(struct json_object *o, const struct run *r, const struct report *p)
{
	const struct tally *t = &r->judge.tally;
	add_number(o, "seconds", p->seconds);
	add_number(o, "offered_pps", p->offered_pps);
	add_number(o, "answered_pps", p->answered_pps);
	add_number(o, "lost_percent", p->lost_percent);
	add_number(o, "cycles_per_frame", p->cycles);
	add_count(o, "requests", p->requests);
	add_count(o, "junk", p->junk);
	add_count(o, "received", t->received);
	add_count(o, "answered", p->answered);
	add_count(o, "lost", p->lost);
	add_count(o, "duplicates", t->duplicates);
	add_count(o, "late", t->late);
	add_count(o, "reordered", t->reordered);
	add_count(o, "foreign", t->foreign);
	add_count(o, "invalid", p->invalid);
	add(o, "faults", faults_make(t));
}

static void machine_add(struct json_object *o, const struct run *r, const struct report *p)
{
	add_count(o, "tsc_hz", r->counter_hz);
	add_count(o, "preempted", r->preempted);
	add_number(o, "core_share", p->core_share);
	add_count(o, "skipped", r->pace.skipped);
	add_count(o, "tx_calls", r->tx_calls);
	add_count(o, "tx_refused", r->tx_refused);
	add_count(o, "rx_calls", r->rx_calls);
	add_count(o, "rx_empty", r->rx_empty);
	add_flag(o, "generator_is_limit", p->generator_is_limit);
}

int report_print_json(FILE *out, const struct run *r, const struct report *p)
{
	struct json_object *o = json_object_new_object();
	add(o, "device", json_object_new_string(r->options->device));
	add_count(o, "rate", r->options->rate);
	add_count(o, "clients", r->plan.clients);
	results_add(o, r, p);
	add(o, "sent_requests", kinds_make(r, false));
	add(o, "sent_junk", kinds_make(r, true));
	add(o, "lat_ns", summary_make(&p->latency));
	add(o, "residency_ns", summary_make(&p->residency));
	machine_add(o, r, p);
	const char *text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY);
	int result = text != NULL && fprintf(out, "%s\n", text) > 0 ? 0 : -ENOMEM;
	(void)json_object_put(o);
	return result;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "report/report_json.h"

#include <errno.h>

#include "judge/offsets.h"
#include "judge/rx_stats.h"
#include "run/stopwatch.h"
#include "traffic/plan.h"

struct json_object *json_begin(const struct run *r, enum limit limit)
{
	struct json_object *o = json_object_new_object();
	json_add_text(o, "command", load_commands[r->options->command].name);
	json_add_text(o, "version", NTPWIRE_VERSION);
	json_add_text(o, "device", r->options->device);
	// The first template is a request.
	json_add_count(o, "frame_bytes", r->plan.template[0].length);
	json_add_count(o, "clients", r->plan.clients);
	json_add_text(o, "limit", limit_name(limit));
	return o;
}

int json_end(FILE *out, struct json_object *o, int style)
{
	const char *text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | style);
	int result = text == NULL ? -ENOMEM : 0;
	if (text != NULL && fprintf(out, "%s\n", text) < 0)
		result = -EIO;
	(void)json_object_put(o);
	return result;
}

void json_add(struct json_object *to, const char *key, struct json_object *value)
{
	(void)json_object_object_add(to, key, value);
}

void json_add_count(struct json_object *to, const char *key, uint64_t n)
{
	json_add(to, key, json_object_new_uint64(n));
}

void json_add_number(struct json_object *to, const char *key, double n)
{
	json_add(to, key, json_object_new_double(n));
}

void json_add_flag(struct json_object *to, const char *key, bool on)
{
	json_add(to, key, json_object_new_boolean(on));
}

void json_add_text(struct json_object *to, const char *key, const char *text)
{
	json_add(to, key, json_object_new_string(text));
}

struct json_object *json_summary(const struct summary *s)
{
	struct json_object *o = json_object_new_object();
	json_add_number(o, "min", s->min_ns);
	json_add_number(o, "mean", s->mean_ns);
	json_add_number(o, "stddev", s->stddev_ns);
	for (unsigned i = 0; i < QUANTILES; i++)
		json_add_number(o, quantile_names[i], s->quantile_ns[i]);
	return o;
}

static struct json_object *faults_make(const struct rx_stats *t)
{
	struct json_object *o = json_object_new_object();
	for (unsigned f = 0; f < FAULT_COUNT; f++)
		json_add_count(o, fault_name((enum fault)f), t->fault[f]);
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
		json_add_count(o, name, n);
	}
	return o;
}

static struct json_object *deviation_make(const struct deviation *d)
{
	struct json_object *o = json_object_new_object();
	json_add_number(o, "min", d->min_ns);
	json_add_number(o, "mean", d->mean_ns);
	json_add_number(o, "max", d->max_ns);
	json_add_number(o, "stddev", deviation_stddev_ns(d));
	return o;
}

static void offsets_add(struct json_object *to, const struct offsets *offsets)
{
	if (!offsets->is_on)
		return;
	struct json_object *o = json_object_new_object();
	json_add(o, "t2_less_sent_ns", deviation_make(&offsets->t2_less_sent));
	json_add(o, "t3_less_received_ns", deviation_make(&offsets->t3_less_received));
	json_add(o, "offset_ns", deviation_make(&offsets->offset));
	json_add_count(o, "early_t2", offsets->early_t2);
	json_add_count(o, "late_t3", offsets->late_t3);
	json_add(to, "same_clock", o);
}

static void results_add(struct json_object *o, const struct run *r, const struct report *p)
{
	const struct rx_stats *t = &r->check.stats;
	json_add_number(o, "seconds", p->seconds);
	json_add_number(o, "offered_pps", p->offered_pps);
	json_add_number(o, "answered_pps", p->answered_pps);
	json_add_number(o, "lost_percent", p->lost_percent);
	json_add_number(o, "cycles_per_frame", p->cycles);
	json_add_count(o, "requests", p->requests);
	json_add_count(o, "junk", p->junk);
	json_add_count(o, "received", t->received);
	json_add_count(o, "answered", p->answered);
	json_add_count(o, "asking", r->asking);
	json_add_count(o, "interleaved", t->interleaved);
	json_add_number(o, "interleaved_percent", p->interleaved_percent);
	json_add_count(o, "lost", p->lost);
	json_add_count(o, "duplicates", t->duplicates);
	json_add_count(o, "late", t->late);
	json_add_count(o, "reordered", t->reordered);
	json_add_count(o, "foreign", t->foreign);
	json_add_count(o, "invalid", p->invalid);
	json_add(o, "faults", faults_make(t));
}

static void machine_add(struct json_object *o, const struct run *r, const struct report *p)
{
	json_add_text(o, "counter", stopwatch_name());
	json_add_count(o, "tsc_hz", r->counter_hz);
	json_add_count(o, "preempted", r->preempted);
	json_add_number(o, "core_share", p->core_share);
	json_add_count(o, "skipped", r->pace.skipped);
	json_add_count(o, "tx_calls", r->tx_calls);
	json_add_count(o, "tx_refused", r->tx_refused);
	json_add_count(o, "rx_calls", r->rx_calls);
	json_add_count(o, "rx_empty", r->rx_empty);
	json_add_flag(o, "generator_is_limit", p->generator_is_limit);
}

struct json_object *report_make_json(const struct run *r, const struct report *p)
{
	struct json_object *o = json_begin(r, p->limit);
	json_add_count(o, "rate", r->want.rate);
	results_add(o, r, p);
	json_add(o, "sent_requests", kinds_make(r, false));
	json_add(o, "sent_junk", kinds_make(r, true));
	json_add(o, "lat_ns", json_summary(&p->latency));
	json_add(o, "residency_ns", json_summary(&p->residency));
	offsets_add(o, &r->check.offsets);
	machine_add(o, r, p);
	return o;
}

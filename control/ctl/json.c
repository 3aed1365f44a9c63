// SPDX-License-Identifier: BSD-3-Clause
#include "ctl/json.h"

#include <errno.h>
#include <json-c/json.h>

#include "core/auth/keys.h"
#include "core/counters.h"
#include "core/verdict.h"
#include "ctl/rates.h"
#include "status/port_words.h"
#include "status/words.h"

// Results are not looked at: they fail without memory only, and then there is nothing to say.
static void add(struct json_object *to, const char *key, struct json_object *value)
{
	(void)json_object_object_add(to, key, value);
}

static void add_count(struct json_object *to, const char *key, uint64_t n)
{
	add(to, key, json_object_new_uint64(n));
}

static void add_number(struct json_object *to, const char *key, int64_t n)
{
	add(to, key, json_object_new_int64(n));
}

static void add_text(struct json_object *to, const char *key, const char *text)
{
	add(to, key, json_object_new_string(text));
}

static void add_bool(struct json_object *to, const char *key, bool b)
{
	add(to, key, json_object_new_boolean(b));
}

static struct json_object *server_make(const struct reading *r)
{
	struct json_object *o = json_object_new_object();
	add_text(o, "version", r->version);
	add_number(o, "pid", r->pid);
	add_bool(o, "running", r->state != READING_DEAD);
	add_text(o, "state", reading_state_word(r->state));
	add_number(o, "started_unix_ns", r->started_unix_ns);
	add_number(o, "read_unix_ns", r->unix_ns);
	add_text(o, "config", r->config_path);
	add_text(o, "idle", r->idle);
	return o;
}

static struct json_object *judge_make(const struct reading_judge *j)
{
	struct json_object *o = json_object_new_object();
	struct json_object *entered = json_object_new_object();
	for (unsigned i = SYNC_STATE_SYNC; i < SYNC_STATES; i++)
		add_count(entered, sync_state_text((enum sync_state)i), j->entered[i]);
	add_text(o, "state", sync_state_text(j->state));
	add_number(o, "lasting_ns", j->lasting_ns);
	add_text(o, "reason", sync_reason_word(j->reason));
	add_text(o, "complaint", sync_reason_word(j->complaint));
	add_text(o, "announce", announce_text(j->announce));
	add(o, "transitions", entered);
	return o;
}

static struct json_object *clock_make(const struct reading *r)
{
	const struct reading_clock *c = &r->clock;
	char id[16];
	struct json_object *o = json_object_new_object();
	add_bool(o, "known", c->is_known);
	add_bool(o, "synchronised", c->is_good);
	add_text(o, "reference", r->references.reference[r->references.followed].source);
	const struct reading_references *all = &r->references;
	bool is_compared = all->kernel != KERNEL_NOT_COMPARED;
	add(o, "kernel_agrees",
		is_compared ? json_object_new_boolean(all->kernel == KERNEL_AGREES) : NULL);
	add_text(o, "kernel_says", kernel_word_word(all->kernel));
	add_count(o, "kernel_disagreements", all->kernel_disagreements);
	add_count(o, "reference_changes", r->references.changes);
	add_text(o, "reference_id", reading_reference_id(c->view.reference_id, id));
	add_number(o, "leap", c->is_known ? c->leap : LEAP_UNKNOWN);
	add_number(o, "stratum", c->view.stratum);
	add_number(o, "precision", c->view.precision);
	add_number(o, "root_delay_ns", c->root_delay_ns);
	add_number(o, "root_dispersion_ns", c->root_dispersion_ns);
	add_number(o, "root_distance_ns", c->root_distance_ns);
	add_number(o, "error_bound_ns", c->error_bound_ns);
	add_number(o, "reference_age_ns", c->reference_age_ns);
	add_number(o, "correction_ns", c->correction_ns);
	add_number(o, "snapshot_age_ns", c->age_ns);
	add_number(o, "epoch", c->view.epoch);
	add_count(o, "publishes", r->publishes);
	add_count(o, "steps", r->steps);
	add_text(o, "counter", counter_text(r->counter));
	add_count(o, "counter_hz", r->counter_hz);
	add_count(o, "fit_residual_ns", r->fit_residual_ns);
	add_count(o, "fit_restarts", r->fit_restarts);
	return o;
}

static struct json_object *json_reference_make(
	const struct reading_reference *from, bool is_followed)
{
	char id[16];
	bool has = from->has_answered;
	struct json_object *o = json_object_new_object();
	add_text(o, "source", from->source);
	add_text(o, "text", from->text);
	add_bool(o, "followed", is_followed);
	add_text(o, "fault", sync_reason_word(from->fault));
	add(o, "heard_age_ns", has ? json_object_new_int64(from->heard_ns) : NULL);
	add(o, "leap", has ? json_object_new_int(from->leap) : NULL);
	add(o, "stratum", has ? json_object_new_int(from->stratum) : NULL);
	add(o, "reference_id",
		has ? json_object_new_string(reading_reference_id(from->reference_id, id)) : NULL);
	add(o, "root_distance_ns", has ? json_object_new_int64(from->distance_ns) : NULL);
	add(o, "correction_ns", has ? json_object_new_int64(from->correction_ns) : NULL);
	add_count(o, "answers", from->answers);
	add_count(o, "failures", from->failures);
	return o;
}

static struct json_object *references_make(const struct reading_references *from)
{
	struct json_object *list = json_object_new_array();
	for (unsigned i = 0; i < from->count; i++)
		(void)json_object_array_add(
			list, json_reference_make(&from->reference[i], i == from->followed));
	return list;
}

static struct json_object *leap_make(const struct reading_leap *l)
{
	char text[LEAP_WITNESS_TEXT];
	bool is_armed = l->step != 0;
	struct json_object *o = json_object_new_object();
	add(o, "tai_offset", l->tai_offset != 0 ? json_object_new_int(l->tai_offset) : NULL);
	add_number(o, "step", l->step);
	add(o, "at_unix", is_armed ? json_object_new_int64(l->midnight) : NULL);
	add(o, "by",
		is_armed ? json_object_new_string(leap_witness_text(l->witnesses, text)) : NULL);
	add_count(o, "armed", l->armed);
	add_count(o, "cancelled", l->cancelled);
	add_text(o, "file", l->file);
	add_text(o, "file_state", leap_list_state_word(l->file_state));
	add(o, "file_expires_unix",
		l->file_expires != 0 ? json_object_new_int64(l->file_expires) : NULL);
	add_bool(o, "file_expired", l->file_state == LEAP_LIST_EXPIRED);
	add_text(o, "smear", smear_kind_word(l->smear));
	add_bool(o, "smear_running", l->smear_runs);
	add_bool(o, "smear_refused", l->smear_refused);
	add(o, "smear_offset_ns", l->smear_runs ? json_object_new_int64(l->smeared_ns) : NULL);
	return o;
}

static struct json_object *worker_make(const struct reading_worker *w)
{
	struct json_object *o = json_object_new_object();
	add_number(o, "core", w->core);
	add_number(o, "node", w->node);
	add_number(o, "queues", w->queue_count);
	add(o, "heartbeat_age_ns",
		w->has_heartbeat ? json_object_new_int64(w->heartbeat_ns) : NULL);
	add_number(o, "poll_gap_max_ns", w->poll_gap_ns);
	return o;
}

static struct json_object *stamps_make(const struct reading_stamps *s)
{
	struct json_object *o = json_object_new_object();
	add_text(o, "source", s->reason == STAMP_REASON_GOOD ? "port" : "software");
	add_text(o, "reason", stamp_reason_text(s->reason));
	add_bool(o, "clock_measured", s->is_measured);
	add(o, "clock_hz", s->is_measured ? json_object_new_double(s->rate_hz) : NULL);
	add(o, "clock_ppm",
		s->is_measured && s->has_ppm ? json_object_new_double(s->off_ppm) : NULL);
	add(o, "fit_residual_ns", s->is_measured ? json_object_new_double(s->residual_ns) : NULL);
	add_number(o, "error_bound_ns", s->bound_ns);
	add_number(o, "fit_age_ns", s->age_ns);
	add_number(o, "fit_epoch", s->epoch);
	for (unsigned f = 0; f < STAMP_COUNT; f++)
		add_count(o, stamp_text((enum stamp)f), s->fate[f]);
	return o;
}

static struct json_object *port_events_make(const struct reading_port *p)
{
	struct json_object *o = json_object_new_object();
	for (unsigned e = 0; e < PORT_EVENTS; e++)
		add_count(o, port_event_text((enum port_event)e), p->event[e]);
	return o;
}

static struct json_object *port_make(const struct reading_port *p)
{
	char mac[18];
	struct json_object *o = json_object_new_object();
	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", p->mac[0], p->mac[1], p->mac[2],
		p->mac[3], p->mac[4], p->mac[5]);
	add_text(o, "device", p->device);
	add_text(o, "mac", mac);
	add_bool(o, "link_up", p->link_up);
	add_number(o, "link_mbps", p->link_mbps);
	add_bool(o, "checksum_offload", p->offload);
	add_number(o, "queues", p->queue_count);
	add_number(o, "node", p->node);
	add_count(o, "imissed", p->imissed);
	add_count(o, "ierrors", p->ierrors);
	add_count(o, "rx_nombuf", p->rx_nombuf);
	add_count(o, "oerrors", p->oerrors);
	add_text(o, "state", port_state_text(p->state));
	add_count(o, "link_changes", p->link_changes);
	add(o, "events", port_events_make(p));
	add(o, "stamps", stamps_make(&p->stamps));
	return o;
}

static struct json_object *ports_make(const struct reading *r)
{
	struct json_object *list = json_object_new_array();
	for (unsigned i = 0; i < r->port_count; i++)
		(void)json_object_array_add(list, port_make(&r->port[i]));
	return list;
}

static struct json_object *keys_make(const struct reading *r)
{
	struct json_object *list = json_object_new_array();
	for (unsigned i = 0; i < r->key_count; i++) {
		const struct reading_key *k = &r->key[i];
		struct json_object *o = json_object_new_object();
		add_number(o, "id", k->id);
		add_text(o, "type", key_type_text(k->type));
		add_count(o, "right", k->right);
		add_count(o, "wrong", k->wrong);
		(void)json_object_array_add(list, o);
	}
	return list;
}

static void counters_add_to(struct json_object *o, const struct reading_worker *w)
{
	struct json_object *traffic = json_object_new_object();
	struct json_object *verdicts = json_object_new_object();
	for (unsigned t = 0; t < TRAFFIC_HEARTBEAT; t++)
		add_count(traffic, traffic_text((enum traffic)t), w->traffic[t]);
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		add_count(verdicts, verdict_text((enum verdict)v), w->verdict[v]);
	add(o, "traffic", traffic);
	add(o, "verdicts", verdicts);
}

static struct json_object *total_make(const struct reading *r)
{
	struct json_object *o = json_object_new_object();
	add_count(o, "answered", rates_sum_answered(&r->total));
	add_count(o, "silent", rates_sum_silent(&r->total));
	counters_add_to(o, &r->total);
	return o;
}

static struct json_object *rates_make(const struct reading *before, const struct reading *now)
{
	struct json_object *o = json_object_new_object();
	for (unsigned t = 0; t < TRAFFIC_HEARTBEAT; t++)
		add(o, traffic_text((enum traffic)t),
			json_object_new_double(rates_of(
				before, now, before->total.traffic[t], now->total.traffic[t])));
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		add(o, verdict_text((enum verdict)v),
			json_object_new_double(rates_of(
				before, now, before->total.verdict[v], now->total.verdict[v])));
	return o;
}

static struct json_object *json_workers_make(const struct reading *r, bool with_counters)
{
	struct json_object *list = json_object_new_array();
	for (unsigned i = 0; i < r->worker_count; i++) {
		struct json_object *o = worker_make(&r->worker[i]);
		if (with_counters)
			counters_add_to(o, &r->worker[i]);
		(void)json_object_array_add(list, o);
	}
	return list;
}

// Prints and frees.
static int whole_print(FILE *out, struct json_object *whole, bool on_one_line)
{
	int style = on_one_line ? JSON_C_TO_STRING_PLAIN : JSON_C_TO_STRING_PRETTY;
	const char *text =
		json_object_to_json_string_ext(whole, style | JSON_C_TO_STRING_NOSLASHESCAPE);
	int r = text == NULL ? -ENOMEM : 0;
	if (r == 0)
		fprintf(out, "%s\n", text);
	(void)json_object_put(whole);
	return r;
}

int json_print_status(FILE *out, const struct reading *r, bool on_one_line)
{
	struct json_object *whole = json_object_new_object();
	add(whole, "server", server_make(r));
	add(whole, "time", judge_make(&r->judge));
	add(whole, "clock", clock_make(r));
	add(whole, "references", references_make(&r->references));
	add(whole, "leap", leap_make(&r->leap));
	add(whole, "workers", json_workers_make(r, false));
	add(whole, "ports", ports_make(r));
	add(whole, "keys", keys_make(r));
	return whole_print(out, whole, on_one_line);
}

int json_print_stats(
	FILE *out, const struct reading *before, const struct reading *now, bool on_one_line)
{
	struct json_object *whole = json_object_new_object();
	add(whole, "server", server_make(now));
	add(whole, "total", total_make(now));
	if (rates_are_possible(before, now))
		add(whole, "rates", rates_make(before, now));
	add(whole, "workers", json_workers_make(now, true));
	add(whole, "ports", ports_make(now));
	add(whole, "keys", keys_make(now));
	return whole_print(out, whole, on_one_line);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "health.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "units.h"

__attribute__((format(printf, 3, 4))) static void say(
	struct health *h, enum health_code code, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	h->code = code;
	(void)vsnprintf(h->why, sizeof(h->why), format, list);
	va_end(list);
}

// The first worker that gives no heartbeat; worker_count: there is none.
static unsigned silent_worker(const struct reading *r)
{
	unsigned i = 0;
	while (i < r->worker_count && r->worker[i].has_heartbeat &&
		r->worker[i].heartbeat_ns <= HEALTH_WORKER_NS)
		i++;
	return i;
}

static unsigned ports_served(const struct reading *r)
{
	unsigned n = 0;
	for (unsigned i = 0; i < r->port_count; i++)
		n += r->port[i].state == PORT_SERVED;
	return n;
}

// What the server says of itself.
static void word_take(const struct reading *r, struct health *h)
{
	const struct reading_judge *j = &r->judge;
	const int64_t lasting_s = j->lasting_ns / NANOS_PER_S;
	enum node_reason reason = node_reason_shown(j->state, j->announce, j->reason, j->complaint);
	if (j->announce == NODE_UP && j->state == NODE_SYNC && r->clock.is_good)
		say(h, HEALTH_UP, "synchronised, stratum %u, root distance %.3f ms",
			r->clock.view.stratum, (double)r->clock.root_distance_ns / 1e6);
	else
		say(h, (enum health_code)(NODE_UP - j->announce), "%s for %" PRId64 " s: %s",
			node_state_text(j->state), lasting_s, node_reason_text(reason));
}

// Whether a server is there at all, and means to stay.
static bool is_in_service(const struct reading *r)
{
	return r->state != READING_DEAD && r->state != READING_STOPPING &&
	       r->state != READING_STARTING;
}

void health_judge(const struct reading *r, struct health *ret_health)
{
	unsigned worker = silent_worker(r);
	if (!is_in_service(r))
		say(ret_health, HEALTH_DOWN, "%s", reading_state_sentence(r->state));
	else if (r->clock.age_ns > HEALTH_CONTROL_NS)
		say(ret_health, HEALTH_DOWN, "the control thread hangs: silent for %.1f s",
			(double)r->clock.age_ns / NANOS_PER_S);
	else if (worker < r->worker_count)
		say(ret_health, HEALTH_DOWN, "worker %u on core %u hangs: silent for %.1f s",
			worker, r->worker[worker].core,
			(double)r->worker[worker].heartbeat_ns / NANOS_PER_S);
	else if (r->port_count > 0 && ports_served(r) == 0)
		say(ret_health, HEALTH_DOWN, "port %s: %s", r->port[0].device,
			port_state_sentence(r->port[0].state));
	else
		word_take(r, ret_health);
}

static const char *code_word(enum health_code code)
{
	return node_announce_text((enum node_announce)((int)NODE_UP - (int)code));
}

static struct json_object *heartbeat_oldest(const struct reading *r)
{
	int64_t oldest = 0;
	for (unsigned i = 0; i < r->worker_count; i++) {
		if (!r->worker[i].has_heartbeat)
			return NULL;
		if (r->worker[i].heartbeat_ns > oldest)
			oldest = r->worker[i].heartbeat_ns;
	}
	return json_object_new_int64(oldest);
}

// The calls fail without memory only, and then there is nothing to say.
static void json_print(FILE *out, const struct health *h, const struct reading *r)
{
	bool is_known = r != NULL && r->clock.is_known;
	struct json_object *o = json_object_new_object();
	(void)json_object_object_add(o, "announce", json_object_new_string(code_word(h->code)));
	(void)json_object_object_add(o, "why", json_object_new_string(h->why));
	(void)json_object_object_add(o, "state",
		r == NULL ? NULL : json_object_new_string(reading_state_word(r->state)));
	(void)json_object_object_add(o, "pid", r == NULL ? NULL : json_object_new_int64(r->pid));
	(void)json_object_object_add(
		o, "control_age_ns", is_known ? json_object_new_int64(r->clock.age_ns) : NULL);
	(void)json_object_object_add(
		o, "heartbeat_age_max_ns", is_known ? heartbeat_oldest(r) : NULL);
	(void)json_object_object_add(o, "root_distance_ns",
		is_known ? json_object_new_int64(r->clock.root_distance_ns) : NULL);
	fprintf(out, "%s\n",
		json_object_to_json_string_ext(
			o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	(void)json_object_put(o);
}

void health_print(FILE *out, const struct health *h, const struct reading *r, bool is_json)
{
	if (is_json)
		json_print(out, h, r);
	else
		fprintf(out, "%s: %s\n", code_word(h->code), h->why);
}

int health_run(const struct arguments *a)
{
	struct reading *r = NULL;
	struct health h = {0};
	int e = reading_take(a->run_dir, &r);
	if (e == 0) {
		health_judge(r, &h);
	} else {
		h.code = HEALTH_DOWN;
		page_complain(a->run_dir, e, h.why, sizeof(h.why));
	}
	if (e == -ENOENT)
		say(&h, HEALTH_DOWN, "no server in run_dir %s", a->run_dir);
	health_print(stdout, &h, r, a->json);
	free(r);
	return (int)h.code;
}

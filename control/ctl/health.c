// SPDX-License-Identifier: BSD-3-Clause
#include "ctl/health.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "common/units.h"
#include "status/reading.h"
#include "status/statseg.h"
#include "status/words.h"

static const char *code_word(enum health_code code)
{
	return announce_text((enum announce)((int)ANNOUNCE_UP - (int)code));
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
	struct diagnostic d;
	int e = reading_take(a->run_dir, &r);
	if (e == 0) {
		health_judge(r, &h);
	} else {
		(void)statseg_complain(a->run_dir, e, &d);
		health_say(&h, HEALTH_DOWN, "%s", d.sentence);
	}
	if (e == -ENOENT)
		health_say(&h, HEALTH_DOWN, "no server in run_dir %s", a->run_dir);
	health_print(stdout, &h, r, a->json);
	free(r);
	return (int)h.code;
}

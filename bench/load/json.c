// SPDX-License-Identifier: BSD-3-Clause
#include "json.h"

#include <errno.h>

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

int json_end(FILE *out, struct json_object *o)
{
	const char *text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY);
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

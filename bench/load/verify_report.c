// SPDX-License-Identifier: BSD-3-Clause
#include "verify_report.h"

#include <errno.h>
#include <json-c/json.h>

void verify_report_print(FILE *out, const struct verify_session *s)
{
	for (size_t i = 0; i < verify_rule_count; i++) {
		const struct verify_rule *r = &verify_rules[i];
		const struct verify_finding *f = &s->finding[i];
		fprintf(out, "%-5s %-6s %-4s  %s\n", r->id, verify_level_name(r->level),
			verify_verdict_name(f->verdict), r->title);
		fprintf(out, "%19s%s\n", "", f->why);
	}
	fprintf(out,
		"%u passed, %u failed, %u skipped; %u of the failed are rules that a server "
		"must keep\n",
		verify_session_count(s, VERIFY_PASS, false),
		verify_session_count(s, VERIFY_FAIL, false),
		verify_session_count(s, VERIFY_SKIP, false),
		verify_session_count(s, VERIFY_FAIL, true));
}

static void add(struct json_object *to, const char *key, struct json_object *value)
{
	(void)json_object_object_add(to, key, value);
}

static void add_text(struct json_object *to, const char *key, const char *text)
{
	add(to, key, json_object_new_string(text));
}

static void add_verdicts(struct json_object *to, const char *key, const struct verify_session *s,
	enum verify_verdict v)
{
	add(to, key, json_object_new_int((int)verify_session_count(s, v, false)));
}

static struct json_object *rules_make(const struct verify_session *s)
{
	struct json_object *rules = json_object_new_array();
	for (size_t i = 0; i < verify_rule_count; i++) {
		struct json_object *rule = json_object_new_object();
		add_text(rule, "id", verify_rules[i].id);
		add_text(rule, "title", verify_rules[i].title);
		add_text(rule, "level", verify_level_name(verify_rules[i].level));
		add_text(rule, "verdict", verify_verdict_name(s->finding[i].verdict));
		add_text(rule, "why", s->finding[i].why);
		(void)json_object_array_add(rules, rule);
	}
	return rules;
}

int verify_report_print_json(FILE *out, const struct verify_session *s, const struct options *o)
{
	struct json_object *j = json_object_new_object();
	add_text(j, "command", "verify");
	add_text(j, "version", NTPWIRE_VERSION);
	add_text(j, "device", o->device);
	add(j, "frame_bytes", json_object_new_int(s->plain.exchange[0].request_length));
	add(j, "clients", json_object_new_int64(o->demand.clients));
	add_text(j, "limit", "none");
	add(j, "rules", rules_make(s));
	add_verdicts(j, "passed", s, VERIFY_PASS);
	add_verdicts(j, "failed", s, VERIFY_FAIL);
	add_verdicts(j, "skipped", s, VERIFY_SKIP);
	add(j, "failed_must", json_object_new_int((int)verify_session_count(s, VERIFY_FAIL, true)));
	const char *text = json_object_to_json_string_ext(
		j, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	int result = text != NULL && fprintf(out, "%s\n", text) > 0 ? 0 : -ENOMEM;
	(void)json_object_put(j);
	return result;
}

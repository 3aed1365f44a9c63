// SPDX-License-Identifier: BSD-3-Clause
#include "commands/verify_report.h"

#include "report/report_json.h"
#include "verify/verify_rule.h"

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

static void add_verdicts(struct json_object *to, const char *key, const struct verify_session *s,
	enum verify_verdict v)
{
	json_add_count(to, key, verify_session_count(s, v, false));
}

static struct json_object *rules_make(const struct verify_session *s)
{
	struct json_object *rules = json_object_new_array();
	for (size_t i = 0; i < verify_rule_count; i++) {
		struct json_object *rule = json_object_new_object();
		json_add_text(rule, "id", verify_rules[i].id);
		json_add_text(rule, "title", verify_rules[i].title);
		json_add_text(rule, "level", verify_level_name(verify_rules[i].level));
		json_add_text(rule, "verdict", verify_verdict_name(s->finding[i].verdict));
		json_add_text(rule, "why", s->finding[i].why);
		(void)json_object_array_add(rules, rule);
	}
	return rules;
}

int verify_report_print_json(FILE *out, const struct verify_session *s, const struct options *o)
{
	struct json_object *j = json_object_new_object();
	json_add_text(j, "command", "verify");
	json_add_text(j, "version", NTPWIRE_VERSION);
	json_add_text(j, "device", o->device);
	json_add_count(j, "frame_bytes", s->plain.exchange[0].request_length);
	json_add_count(j, "clients", o->profile.clients);
	json_add_text(j, "limit", "none");
	json_add(j, "rules", rules_make(s));
	add_verdicts(j, "passed", s, VERIFY_PASS);
	add_verdicts(j, "failed", s, VERIFY_FAIL);
	add_verdicts(j, "skipped", s, VERIFY_SKIP);
	json_add_count(j, "failed_must", verify_session_count(s, VERIFY_FAIL, true));
	return json_end(out, j, JSON_C_TO_STRING_NOSLASHESCAPE);
}

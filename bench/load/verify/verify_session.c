// SPDX-License-Identifier: BSD-3-Clause
#include "verify/verify_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verify/verify_case.h"
#include "verify/verify_frame.h"
#include "verify/verify_overall.h"

#define TRIES       3 // of a request that should be answered
#define AWAIT_TRIES 5 // of that, before a server is taken for dead

#define DEAD                                                                                       \
	"after these the server answered plain requests no more; if it limits clients' rates, "    \
	"give more --clients"

struct verify_session *verify_session_create(
	const struct verify_ends *ends, verify_ask *ask, void *with)
{
	struct verify_session *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->ends = *ends;
	s->ask = ask;
	s->with = with;
	s->is_alive = true;
	return s;
}

void verify_deliver(struct verify_volley *v, const uint8_t *frame, size_t length)
{
	struct verify_layout l;
	for (unsigned i = 0; i < v->count; i++) {
		struct verify_exchange *x = &v->exchange[i];
		if (!verify_reply_take(x, frame, length))
			continue;
		v->answered += x->replies == 1;
		return;
	}
	size_t kept = length < VERIFY_FRAME ? length : VERIFY_FRAME;
	if (!verify_layout_find(frame, kept, &l) || l.ntp_length < NTP_LENGTH)
		return;
	bool from_ntp = frame[l.udp] == 0 && frame[l.udp + 1] == NTP_PORT;
	v->broadcasts += from_ntp && (frame[l.ntp] & 7) == NTP_MODE_BROADCAST;
}

static bool family_is_used(const struct verify_session *s, bool is_ip6)
{
	return is_ip6 ? s->ends.profile.ip6.is_used : s->ends.profile.ip4.is_used;
}

static void case_add(
	struct verify_session *s, struct verify_volley *v, const struct verify_case *c, bool is_ip6)
{
	unsigned n = family_is_used(s, is_ip6) ? verify_case_frames(c, is_ip6) : 0;
	if (c->code != VERIFY_CODE_NONE && s->ends.secret == NULL)
		return;
	for (unsigned i = 0; i < n && v->count < VERIFY_VOLLEY; i++) {
		struct verify_exchange *x = &v->exchange[v->count++];
		x->what = c;
		x->is_ip6 = is_ip6;
		x->index = i;
		x->named = 0;
		x->was_told = false;
		verify_request_make(&s->ends, x, s->number++);
	}
}

static void volley_clear(struct verify_volley *v)
{
	v->count = 0;
	v->answered = 0;
	v->broadcasts = 0;
}

static void volley_make(struct verify_session *s, struct verify_volley *v, const char *rule)
{
	volley_clear(v);
	for (unsigned family = 0; family < 2; family++)
		for (size_t i = 0; i < verify_case_count; i++)
			if (strcmp(verify_cases[i].rule, rule) == 0)
				case_add(s, v, &verify_cases[i], family != 0);
}

static void exchange_name(const struct verify_exchange *x, char *to, size_t room)
{
	const char *family = x->is_ip6 ? "IPv6" : "IPv4";
	if (x->what->message_last != 0)
		(void)snprintf(to, room, "%s, %s of %u bytes", family, x->what->words, x->message);
	else
		(void)snprintf(to, room, "%s, %s", family, x->what->words);
}

// The first failure stays; a pass is more than a skip.
static void finding_add(struct verify_finding *f, const struct verify_exchange *x,
	enum verify_verdict v, const char *why)
{
	char name[VERIFY_WHY / 2];
	f->passes += v == VERIFY_PASS;
	f->fails += v == VERIFY_FAIL;
	bool is_news = f->fails == 0 ? v == VERIFY_PASS || f->passes == 0 :
	                               v == VERIFY_FAIL && f->fails == 1;
	if (!is_news)
		return;
	exchange_name(x, name, sizeof(name));
	f->verdict = v;
	(void)verify_say(v, f->why, "%s: %s", name, why);
}

static void reply_judge(
	struct verify_finding *f, const struct verify_exchange *x, verify_check *check)
{
	char why[VERIFY_WHY];
	if (check != NULL)
		finding_add(f, x, check(x, why), why);
	else
		finding_add(f, x, VERIFY_PASS, "answered");
}

// What is asked of every reply.
static void volley_look(struct verify_session *s, const struct verify_volley *v)
{
	s->broadcasts += v->broadcasts;
	for (size_t i = 0; i < verify_rule_count; i++) {
		if (verify_rules[i].kind != VERIFY_EVERY)
			continue;
		for (unsigned n = 0; n < v->count; n++)
			if (v->exchange[n].replies > 0)
				reply_judge(&s->finding[i], &v->exchange[n], verify_rules[i].check);
	}
}

// Makes the requests without a reply anew, so that a late reply to the first is not taken for a
// second.
static void volley_renew(struct verify_session *s, struct verify_volley *v)
{
	for (unsigned i = 0; i < v->count; i++)
		if (v->exchange[i].replies == 0)
			verify_request_make(&s->ends, &v->exchange[i], s->number++);
}

// Frames get lost: what should be answered is asked more than once.
static void volley_ask(struct verify_session *s, struct verify_volley *v, bool whole)
{
	unsigned tries = whole ? 1 : TRIES;
	for (unsigned i = 0; i < tries && !s->is_stopped && v->answered < v->count; i++) {
		if (i > 0)
			volley_renew(s, v);
		s->is_stopped = !s->ask(s->with, v, whole);
	}
	volley_look(s, v);
}

// Whether plain requests are answered, in every family that is used.
static bool control_ask(struct verify_session *s)
{
	volley_clear(&s->control);
	for (unsigned family = 0; family < 2; family++)
		case_add(s, &s->control, &verify_cases[0], family != 0);
	volley_ask(s, &s->control, false);
	s->is_alive = s->control.answered == s->control.count;
	return s->is_alive;
}

// A link may be up some time before the other side looks at it, and a machine may be away for a
// while.
static bool server_await(struct verify_session *s)
{
	bool is_there = false;
	for (unsigned i = 0; i < AWAIT_TRIES && !is_there && !s->is_stopped; i++)
		is_there = control_ask(s);
	return is_there;
}

static void finding_set(struct verify_finding *f, enum verify_verdict v, const char *sentence)
{
	f->verdict = v;
	(void)verify_say(v, f->why, "%s", sentence);
}

static void silence_judge(
	struct verify_finding *f, const struct verify_exchange *x, verify_check *check)
{
	char why[VERIFY_WHY];
	f->silences += x->replies == 0;
	if (x->replies == 0)
		finding_add(f, x, VERIFY_PASS, "no reply");
	else if (check != NULL)
		reply_judge(f, x, check);
	else {
		(void)verify_say(VERIFY_FAIL, why, "answered with %u bytes, wanted silence",
			x->out.ntp_length);
		finding_add(f, x, VERIFY_FAIL, why);
	}
}

static void silence_ask(
	struct verify_session *s, const struct verify_rule *r, struct verify_finding *f)
{
	volley_make(s, &s->volley, r->id);
	volley_ask(s, &s->volley, true);
	bool is_alive = server_await(s);
	for (unsigned i = 0; i < s->volley.count; i++)
		silence_judge(f, &s->volley.exchange[i], r->check);
	if (!is_alive && !s->is_stopped)
		finding_set(f, VERIFY_FAIL, DEAD);
}

// Silence where a reply may be, or must be.
static void answer_ask(
	struct verify_session *s, const struct verify_rule *r, struct verify_finding *f)
{
	bool must = r->kind == VERIFY_ANSWERED;
	volley_make(s, &s->volley, r->id);
	volley_ask(s, &s->volley, false);
	bool is_alive = server_await(s);
	for (unsigned i = 0; i < s->volley.count; i++) {
		const struct verify_exchange *x = &s->volley.exchange[i];
		if (x->replies > 0)
			reply_judge(f, x, r->check);
		else
			finding_add(f, x, must ? VERIFY_FAIL : VERIFY_SKIP,
				must ? "no reply, wanted one" :
				       "no reply, which is a server's choice");
	}
	if (!is_alive && !s->is_stopped)
		finding_set(f, VERIFY_FAIL, DEAD);
}

static bool is_about_pairs(const struct verify_rule *r)
{
	return r->kind == VERIFY_PAIR || r->kind == VERIFY_PAIR_ANSWERED;
}

static void pairs_begin(struct verify_session *s)
{
	volley_clear(&s->volley);
	for (unsigned family = 0; family < 2; family++)
		for (unsigned i = 0; i < VERIFY_PAIR_CLIENTS; i++)
			case_add(s, &s->volley, verify_pairs_case(0), family != 0);
}

// The same clients, as far as they were answered, ask for the replies that they got.
static void pairs_follow(struct verify_session *s, unsigned step)
{
	struct verify_volley *v = &s->volley;
	unsigned before = v->count;
	volley_clear(v);
	for (unsigned i = 0; i < before; i++) {
		if (!verify_pairs_follow(&v->exchange[i], step))
			continue;
		struct verify_exchange *x = &v->exchange[v->count++];
		if (x != &v->exchange[i])
			*x = v->exchange[i];
		verify_request_make(&s->ends, x, s->number++);
	}
}

// Among so many some may be lost; a server that is silent on purpose answers none.
static void pair_judge(const struct verify_session *s, const struct verify_rule *r,
	struct verify_finding *f, const struct verify_exchange *x)
{
	if (x->replies > 0)
		reply_judge(f, x, r->check);
	else if (r->kind == VERIFY_PAIR_ANSWERED && s->volley.answered == 0)
		finding_add(f, x, VERIFY_FAIL, "no reply, wanted one");
	else
		finding_add(f, x, VERIFY_SKIP, "no reply");
}

static void pairs_judge(struct verify_session *s, unsigned step)
{
	for (unsigned i = 0; i < s->volley.count; i++)
		verify_stamps_add(&s->stamps, &s->volley.exchange[i]);
	for (size_t i = 0; i < verify_rule_count; i++) {
		const struct verify_rule *r = &verify_rules[i];
		if (!is_about_pairs(r) || !verify_pairs_concern(step, r->id))
			continue;
		for (unsigned n = 0; n < s->volley.count; n++)
			pair_judge(s, r, &s->finding[i], &s->volley.exchange[n]);
	}
}

// Nobody answered may be a machine that was away: longer than for one frame among others.
static void pairs_send(struct verify_session *s)
{
	struct verify_volley *v = &s->volley;
	for (unsigned i = 0; i < AWAIT_TRIES && v->answered == 0 && !s->is_stopped; i++) {
		if (i > 0)
			volley_renew(s, v);
		v->broadcasts = 0;
		volley_ask(s, v, false);
	}
}

static void pairs_ask(struct verify_session *s)
{
	pairs_begin(s);
	for (unsigned step = 0; step < VERIFY_PAIR_STEPS && !s->is_stopped; step++) {
		if (step > 0)
			pairs_follow(s, step);
		pairs_send(s);
		if (!s->is_stopped)
			pairs_judge(s, step);
	}
	if (server_await(s) || s->is_stopped)
		return;
	for (size_t i = 0; i < verify_rule_count; i++)
		if (verify_rules[i].kind == VERIFY_PAIR_ANSWERED)
			finding_set(&s->finding[i], VERIFY_FAIL, DEAD);
}

static void field_judge(
	const struct verify_session *s, const struct verify_rule *r, struct verify_finding *f)
{
	for (unsigned i = 0; i < s->plain.count; i++)
		if (s->plain.exchange[i].replies > 0)
			reply_judge(f, &s->plain.exchange[i], r->check);
}

static void rule_ask(
	struct verify_session *s, const struct verify_rule *r, struct verify_finding *f)
{
	switch (r->kind) {
	case VERIFY_ANSWERED:
	case VERIFY_OPTIONAL:
		answer_ask(s, r, f);
		return;
	case VERIFY_SILENT:
		silence_ask(s, r, f);
		return;
	case VERIFY_FIELD:
	case VERIFY_EVERY:
	case VERIFY_NOISE:
	case VERIFY_GROWTH:
	case VERIFY_PAIR:
	case VERIFY_PAIR_ANSWERED:
	case VERIFY_PAIR_UNIQUE:
	case VERIFY_BROADCAST:
		return;
	}
}

// What needs no more questions.
static void rule_judge(
	const struct verify_session *s, const struct verify_rule *r, struct verify_finding *f)
{
	switch (r->kind) {
	case VERIFY_FIELD:
		field_judge(s, r, f);
		return;
	case VERIFY_NOISE:
		verify_overall_noise(&s->plain, f);
		return;
	case VERIFY_GROWTH:
		verify_overall_growth(&s->plain.exchange[0], &s->control.exchange[0], f);
		return;
	case VERIFY_BROADCAST:
		verify_overall_broadcast(s->broadcasts, f);
		return;
	case VERIFY_PAIR_UNIQUE:
		verify_overall_unique(&s->stamps, f);
		return;
	case VERIFY_ANSWERED:
	case VERIFY_OPTIONAL:
	case VERIFY_SILENT:
	case VERIFY_EVERY:
	case VERIFY_PAIR:
	case VERIFY_PAIR_ANSWERED:
		return;
	}
}

static bool needs_key(const struct verify_rule *r)
{
	for (size_t i = 0; i < verify_case_count; i++)
		if (strcmp(verify_cases[i].rule, r->id) == 0)
			return verify_cases[i].code != VERIFY_CODE_NONE;
	return false;
}

static bool needs_asking(const struct verify_session *s, const struct verify_rule *r)
{
	if (needs_key(r) && s->ends.secret == NULL)
		return false;
	return r->kind == VERIFY_ANSWERED || r->kind == VERIFY_OPTIONAL || r->kind == VERIFY_SILENT;
}

// A rule that nothing was seen of: why.
static const char *skip_sentence(const struct verify_session *s, const struct verify_rule *r)
{
	if (needs_key(r) && s->ends.secret == NULL)
		return "no key was given with --key";
	if (s->is_stopped)
		return "stopped before";
	return s->is_alive ? "not in the address families that are asked" :
	                     "the server answered plain requests no more";
}

// The sentence about all that was seen.
static void finding_close(
	const struct verify_session *s, const struct verify_rule *r, struct verify_finding *f)
{
	char last[VERIFY_WHY];
	if (f->why[0] == '\0')
		finding_set(f, VERIFY_SKIP, skip_sentence(s, r));
	if (f->verdict != VERIFY_PASS || f->passes == 0)
		return;
	memcpy(last, f->why, sizeof(last));
	if (f->silences == f->passes)
		(void)verify_say(VERIFY_PASS, f->why,
			"no reply to any of %u frames; plain requests before and after were "
			"answered",
			f->silences);
	else if (f->passes > 1)
		(void)verify_say(VERIFY_PASS, f->why, "%u times; the last: %s", f->passes, last);
}

bool verify_session_run(struct verify_session *s, bool *ret_is_ip6)
{
	for (size_t i = 0; i < verify_rule_count; i++)
		s->finding[i].verdict = VERIFY_SKIP;
	if (!server_await(s) && !s->is_stopped) {
		bool ip4_is_silent =
			!s->control.exchange[0].is_ip6 && s->control.exchange[0].replies == 0;
		*ret_is_ip6 = !ip4_is_silent;
		return false;
	}
	volley_make(s, &s->plain, VERIFY_PLAIN);
	volley_ask(s, &s->plain, true);
	for (size_t i = 0; i < verify_rule_count; i++, s->rules++)
		if (needs_asking(s, &verify_rules[i]) && s->is_alive && !s->is_stopped)
			rule_ask(s, &verify_rules[i], &s->finding[i]);
	if (s->is_alive && !s->is_stopped)
		pairs_ask(s);
	for (size_t i = 0; i < verify_rule_count; i++) {
		rule_judge(s, &verify_rules[i], &s->finding[i]);
		finding_close(s, &verify_rules[i], &s->finding[i]);
	}
	return true;
}

unsigned verify_session_count(const struct verify_session *s, enum verify_verdict v, bool must_only)
{
	unsigned n = 0;
	for (size_t i = 0; i < verify_rule_count; i++)
		n += s->finding[i].verdict == v &&
		     (!must_only || verify_rules[i].level == VERIFY_MUST);
	return n;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "verify_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES       3 // of a request that should be answered
#define AWAIT_TRIES 5 // of that, in the beginning
#define NOISE_BITS  3 // below the precision, from which on randomness can be told
#define NOISE_LEAST 4 // replies that it takes

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
	return is_ip6 ? s->ends.demand.ip6.is_used : s->ends.demand.ip4.is_used;
}

static void case_add(
	struct verify_session *s, struct verify_volley *v, const struct verify_case *c, bool is_ip6)
{
	unsigned n = family_is_used(s, is_ip6) ? verify_case_frames(c, is_ip6) : 0;
	for (unsigned i = 0; i < n && v->count < VERIFY_VOLLEY; i++) {
		struct verify_exchange *x = &v->exchange[v->count++];
		x->what = c;
		x->is_ip6 = is_ip6;
		x->index = i;
		verify_request_make(&s->ends, x, s->number++);
	}
}

static void volley_make(struct verify_session *s, struct verify_volley *v, const char *rule)
{
	v->count = 0;
	v->answered = 0;
	v->broadcasts = 0;
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

// Makes the requests without a reply anew, so that a late reply to the first is not taken for a second.
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
	s->control.count = 0;
	s->control.answered = 0;
	s->control.broadcasts = 0;
	for (unsigned family = 0; family < 2; family++)
		case_add(s, &s->control, &verify_cases[0], family != 0);
	volley_ask(s, &s->control, false);
	s->is_alive = s->control.answered == s->control.count;
	return s->is_alive;
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
	bool is_alive = control_ask(s);
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
	bool is_alive = control_ask(s);
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

static void field_judge(
	const struct verify_session *s, const struct verify_rule *r, struct verify_finding *f)
{
	for (unsigned i = 0; i < s->plain.count; i++)
		if (s->plain.exchange[i].replies > 0)
			reply_judge(f, &s->plain.exchange[i], r->check);
}

static bool is_answered(const struct verify_exchange *x)
{
	return x->replies > 0 && x->out.ntp_length >= NTP_LENGTH;
}

// RFC 5905 section 6 wants the bits below the precision random.
static void noise_judge(const struct verify_session *s, struct verify_finding *f)
{
	uint64_t first = 0;
	uint64_t differ = 0;
	unsigned n = 0;
	int precision = 0;
	for (unsigned i = 0; i < s->plain.count; i++) {
		const struct verify_exchange *x = &s->plain.exchange[i];
		if (!is_answered(x))
			continue;
		uint64_t transmit = be64_get(verify_reply(x)->transmit_time);
		precision = (int8_t)verify_reply(x)->precision;
		first = n++ == 0 ? transmit : first;
		differ |= transmit ^ first;
	}
	int bits = 32 + precision;
	if (n < NOISE_LEAST || bits < NOISE_BITS || bits > 32 || first == 0) {
		finding_set(f, VERIFY_SKIP, "too few replies, or too few such bits");
		return;
	}
	bool is_random = (differ & ((1ull << bits) - 1)) != 0;
	f->verdict = verify_say(is_random ? VERIFY_PASS : VERIFY_FAIL, f->why,
		"the last %d bits of %u transmit timestamps %s", bits, n,
		is_random ? "differ" : "are all the same");
}

// The dispersion of one update grows with its age (RFC 5905 section 11.1); what the server estimates of
// its jitter goes up and down within it, so only a collapse is seen for sure.
static void growth_judge(const struct verify_session *s, struct verify_finding *f)
{
	const struct verify_exchange *a = &s->plain.exchange[0];
	const struct verify_exchange *b = &s->control.exchange[0];
	const struct ntp_wire *first = verify_reply(a);
	const struct ntp_wire *last = verify_reply(b);
	bool is_one = is_answered(a) && is_answered(b) && first->stratum != 0 &&
	              be64_get(first->reference_time) == be64_get(last->reference_time);
	if (!is_one) {
		finding_set(f, VERIFY_SKIP, "the reference time did not stay");
		return;
	}
	double before = be32_get(first->root_dispersion) / 65536.0;
	double after = be32_get(last->root_dispersion) / 65536.0;
	f->verdict = verify_say(after >= before / 2 ? VERIFY_PASS : VERIFY_FAIL, f->why,
		"%.6f s in the first reply, %.6f s in the last", before, after);
}

static void broadcast_judge(const struct verify_session *s, struct verify_finding *f)
{
	f->verdict = verify_say(
		s->broadcasts == 0 ? VERIFY_PASS : VERIFY_FAIL, f->why, "%u came", s->broadcasts);
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
		noise_judge(s, f);
		return;
	case VERIFY_GROWTH:
		growth_judge(s, f);
		return;
	case VERIFY_BROADCAST:
		broadcast_judge(s, f);
		return;
	case VERIFY_ANSWERED:
	case VERIFY_OPTIONAL:
	case VERIFY_SILENT:
	case VERIFY_EVERY:
		return;
	}
}

static bool needs_asking(const struct verify_rule *r)
{
	return r->kind == VERIFY_ANSWERED || r->kind == VERIFY_OPTIONAL || r->kind == VERIFY_SILENT;
}

// A rule that nothing was seen of: why.
static const char *skip_sentence(const struct verify_session *s)
{
	if (s->is_stopped)
		return "stopped before";
	return s->is_alive ? "not in the address families that are asked" :
	                     "the server answered plain requests no more";
}

// The sentence about all that was seen.
static void finding_close(const struct verify_session *s, struct verify_finding *f)
{
	char last[VERIFY_WHY];
	if (f->why[0] == '\0')
		finding_set(f, VERIFY_SKIP, skip_sentence(s));
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

// A link may be up some time before the other side looks at it.
static bool server_await(struct verify_session *s)
{
	bool is_there = false;
	for (unsigned i = 0; i < AWAIT_TRIES && !is_there && !s->is_stopped; i++)
		is_there = control_ask(s);
	return is_there;
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
		if (needs_asking(&verify_rules[i]) && s->is_alive && !s->is_stopped)
			rule_ask(s, &verify_rules[i], &s->finding[i]);
	for (size_t i = 0; i < verify_rule_count; i++) {
		rule_judge(s, &verify_rules[i], &s->finding[i]);
		finding_close(s, &s->finding[i]);
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

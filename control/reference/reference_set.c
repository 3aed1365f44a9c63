// SPDX-License-Identifier: BSD-3-Clause
#include "reference/reference_set.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

#include "common/log.h"
#include "common/units.h"
#include "core/counters.h"
#include "reference/kernel_clock.h"
#include "reference/reference.h"
#include "status/words.h"

void reference_set_open(
	struct reference_set *s, const struct config *config, const struct phc_tai *tai)
{
	*s = (struct reference_set){.config = config};
	for (unsigned i = 0; i < config->reference_count; i++) {
		provider_open(&s->provider[i], &config->reference[i]);
		s->provider[i].tai = *tai;
	}
	reference_select_init(&s->select, config->reference_count);
}

void reference_set_ask(
	struct reference_set *s, struct kernel_clock kernel, struct nanos now, struct nanos passed)
{
	for (unsigned i = 0; i < s->select.count; i++)
		if (!provider_is_pending(&s->provider[i]))
			provider_request(&s->provider[i], kernel, now, passed);
}

static void reference_set_change_log(const struct reference_set *s)
{
	const struct reference_select *c = &s->select;
	char from[REFERENCE_TEXT];
	char to[REFERENCE_TEXT];
	reference_text(&s->config->reference[c->former], from);
	reference_text(&s->config->reference[c->followed], to);
	if (c->followed < c->former)
		log_info("reference: following %s again, no longer %s: it was good three times in "
			 "a row",
			to, from);
	else
		log_warning("reference: following %s, no longer %s: %s", to, from,
			sync_reason_text(c->reason));
}

// Asks the one that is to be followed, so that it is followed by a new word: by the kernel's of
// now, too.
static void wanted_ask(struct reference_set *s, struct nanos now, struct nanos passed)
{
	static_assert(REFERENCE_SELECT_PATIENCE_NS + PROVIDER_TIMEOUT_NS < REFERENCE_SILENT_NS,
		"its answer comes before the node calls the followed one lost");
	unsigned wanted = reference_select_wanted(&s->select, passed);
	if (wanted != s->select.followed && !provider_is_pending(&s->provider[wanted]))
		provider_request(&s->provider[wanted], kernel_clock_read(), now, passed);
}

bool reference_set_look(struct reference_set *s, struct nanos now, struct nanos passed,
	struct reference_word *ret_word)
{
	struct reference_select *c = &s->select;
	bool is_news = false;
	for (unsigned i = 0; i < c->count; i++) {
		struct reference r;
		if (provider_poll(&s->provider[i], passed, &r) == PROVIDER_WAIT)
			continue;
		struct reference_word word =
			reference_word_make(&r, s->config->reference[i].allow_local);
		reference_select_hear(c, i, &word, passed);
		if (i != c->followed)
			continue;
		*ret_word = word;
		is_news = true;
	}
	if (!reference_select_follow(c, passed)) {
		wanted_ask(s, now, passed);
		return is_news;
	}
	reference_set_change_log(s);
	*ret_word = c->word[c->followed].said;
	return true;
}

void reference_set_check(struct reference_set *s, struct kernel_clock kernel)
{
	const struct reference_report *w = &s->select.word[s->select.followed];
	struct reference_word word = w->said;
	if (!w->has_said || w->fault == SYNC_REASON_SILENT)
		word.fault = SYNC_REASON_SILENT;
	word.reference.source = reference_set_followed(s)->source;
	reference_check_look(&s->check, &word, kernel);
}

const struct config_reference *reference_set_followed(const struct reference_set *s)
{
	return &s->config->reference[s->select.followed];
}

void reference_set_introduce(const struct config *config, struct statseg_head *head)
{
	struct statseg_references *to = &head->references;
	to->count = config->reference_count;
	for (unsigned i = 0; i < config->reference_count; i++) {
		struct statseg_reference *r = &to->reference[i];
		snprintf(r->source, sizeof(r->source), "%s",
			reference_source_text(config->reference[i].source));
		reference_text(&config->reference[i], r->text);
		counters_set(&r->fault, SYNC_REASON_SILENT);
	}
}

static void word_publish(
	const struct reference_report *w, uint64_t heard_ns, struct statseg_reference *to)
{
	const struct reference *r = &w->said.reference;
	counters_set(&to->fault, w->fault);
	counters_set(&to->answers, w->answers);
	counters_set(&to->failures, w->failures);
	if (!w->has_said)
		return;
	counters_set(&to->heard_ns, heard_ns);
	counters_set(&to->leap, r->leap);
	counters_set(&to->stratum, r->stratum);
	counters_set(&to->reference_id, r->reference_id);
	counters_set(&to->distance_ns, (uint64_t)reference_distance(r).n);
	counters_set(&to->correction_ns, (uint64_t)r->correction.n);
}

void reference_set_publish(
	const struct reference_set *s, struct nanos passed, struct statseg_head *head)
{
	const struct reference_select *c = &s->select;
	struct statseg_references *to = &head->references;
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	int64_t now_ns = t.tv_sec * NANOS_PER_S + t.tv_nsec;
	for (unsigned i = 0; i < c->count; i++) {
		const struct reference_report *w = &c->word[i];
		word_publish(w, (uint64_t)(now_ns - (passed.n - w->heard.n)), &to->reference[i]);
	}
	counters_set(&to->changes, c->changes);
	counters_set(&to->followed, c->followed);
	counters_set(&to->kernel, s->check.word);
	counters_set(&to->kernel_disagreements, s->check.disagreements);
}

void reference_set_close(struct reference_set *s)
{
	for (unsigned i = 0; i < s->select.count; i++)
		provider_close(&s->provider[i]);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "reference/reference_select.h"

void reference_select_init(struct reference_select *c, unsigned count)
{
	*c = (struct reference_select){.count = count};
	for (unsigned i = 0; i < count; i++)
		c->word[i].fault = SYNC_REASON_SILENT;
}

static enum sync_reason reference_select_fault_find(const struct reference_word *word)
{
	const struct reference *r = &word->reference;
	if (word->fault != SYNC_REASON_NONE)
		return word->fault;
	if (reference_is_old(r, (struct nanos){0}))
		return SYNC_REASON_OLD;
	return reference_distance(r).n >= REFERENCE_FAR_NS ? SYNC_REASON_FAR : SYNC_REASON_NONE;
}

static bool fault_is_within(enum sync_reason fault, enum reference_select_demand demand)
{
	return fault == SYNC_REASON_NONE ||
	       (fault == SYNC_REASON_FAR && demand == REFERENCE_SELECT_ANY);
}

void reference_select_hear(struct reference_select *c, unsigned i,
	const struct reference_word *word, struct nanos passed)
{
	struct reference_report *w = &c->word[i];
	w->fault = reference_select_fault_find(word);
	w->answers += word->reference.answered;
	w->failures += !word->reference.answered;
	if (word->reference.answered) {
		w->said = *word;
		w->heard = passed;
		w->has_said = true;
	}
	for (unsigned d = 0; d < REFERENCE_SELECT_DEMANDS; d++) {
		struct reference_select_run *run = &w->run[d];
		bool is_within = fault_is_within(w->fault, (enum reference_select_demand)d);
		run->polls = is_within ? run->polls + 1 : 0;
		if (is_within)
			run->at = passed;
		run->ever = run->ever || is_within;
	}
}

// Whether a reference has failed the demand for so long that a worse-placed one may be followed.
// One missed answer is no loss.
static bool is_given_up(const struct reference_select_run *run, struct nanos passed)
{
	return passed.n - run->at.n >=
	       (run->ever ? REFERENCE_SELECT_PATIENCE_NS : REFERENCE_SELECT_START_NS);
}

// The one to follow by this demand; count: there is none.
static unsigned pick(
	const struct reference_select *c, enum reference_select_demand demand, struct nanos passed)
{
	for (unsigned i = 0; i < c->count; i++) {
		const struct reference_select_run *run = &c->word[i].run[demand];
		bool is_better = i < c->followed;
		if (run->polls >= (is_better ? REFERENCE_GOOD_POLLS : 1))
			return i;
		if (!is_better && !is_given_up(run, passed))
			return c->followed;
	}
	return c->count;
}

unsigned reference_select_wanted(const struct reference_select *c, struct nanos passed)
{
	unsigned next = pick(c, REFERENCE_SELECT_GOOD, passed);
	if (next == c->count)
		next = pick(c, REFERENCE_SELECT_ANY, passed);
	return next == c->count ? c->followed : next;
}

bool reference_select_follow(struct reference_select *c, struct nanos passed)
{
	unsigned next = reference_select_wanted(c, passed);
	if (next == c->followed || c->word[next].heard.n != passed.n)
		return false;
	enum sync_reason fault = c->word[c->followed].fault;
	c->reason = next < c->followed ? SYNC_REASON_GOOD : fault;
	c->former = c->followed;
	c->followed = next;
	c->changes++;
	return true;
}

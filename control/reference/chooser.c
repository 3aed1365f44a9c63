// SPDX-License-Identifier: BSD-3-Clause
#include "reference/chooser.h"

void chooser_init(struct chooser *c, const struct config_reference *config, unsigned count)
{
	*c = (struct chooser){.count = count};
	for (unsigned i = 0; i < count; i++) {
		c->word[i].allow_local = config[i].allow_local;
		c->word[i].fault = NODE_REASON_SILENT;
	}
}

static enum node_reason fault_find(const struct chooser_word *w, const struct reference *r)
{
	enum node_reason fault = reference_fault(r, w->allow_local);
	if (fault != NODE_REASON_NONE)
		return fault;
	if (reference_is_old(r, (struct nanos){0}))
		return NODE_REASON_OLD;
	return reference_distance(r).n >= REFERENCE_FAR_NS ? NODE_REASON_FAR : NODE_REASON_NONE;
}

static bool fault_is_within(enum node_reason fault, enum chooser_demand demand)
{
	return fault == NODE_REASON_NONE || (fault == NODE_REASON_FAR && demand == CHOOSER_ANY);
}

void chooser_hear(struct chooser *c, unsigned i, const struct reference *r, struct nanos passed)
{
	struct chooser_word *w = &c->word[i];
	w->fault = fault_find(w, r);
	w->answers += r->answered;
	w->failures += !r->answered;
	if (r->answered) {
		w->said = *r;
		w->heard = passed;
		w->has_said = true;
	}
	for (unsigned d = 0; d < CHOOSER_DEMANDS; d++) {
		struct chooser_run *run = &w->run[d];
		bool is_within = fault_is_within(w->fault, (enum chooser_demand)d);
		run->polls = is_within ? run->polls + 1 : 0;
		if (is_within)
			run->at = passed;
		run->ever = run->ever || is_within;
	}
}

// Whether a reference has failed the demand for so long that a worse-placed one may be followed. One
// missed answer is no loss.
static bool is_given_up(const struct chooser_run *run, struct nanos passed)
{
	return passed.n - run->at.n >= (run->ever ? CHOOSER_PATIENCE_NS : CHOOSER_START_NS);
}

// The one to follow by this demand; count: there is none.
static unsigned pick(const struct chooser *c, enum chooser_demand demand, struct nanos passed)
{
	for (unsigned i = 0; i < c->count; i++) {
		const struct chooser_run *run = &c->word[i].run[demand];
		bool is_better = i < c->followed;
		if (run->polls >= (is_better ? REFERENCE_GOOD_POLLS : 1))
			return i;
		if (!is_better && !is_given_up(run, passed))
			return c->followed;
	}
	return c->count;
}

unsigned chooser_want(const struct chooser *c, struct nanos passed)
{
	unsigned next = pick(c, CHOOSER_GOOD, passed);
	if (next == c->count)
		next = pick(c, CHOOSER_ANY, passed);
	return next == c->count ? c->followed : next;
}

bool chooser_choose(struct chooser *c, struct nanos passed)
{
	unsigned next = chooser_want(c, passed);
	if (next == c->followed || c->word[next].heard.n != passed.n)
		return false;
	enum node_reason fault = c->word[c->followed].fault;
	c->reason = next < c->followed ? NODE_REASON_GOOD : fault;
	c->former = c->followed;
	c->followed = next;
	c->changes++;
	return true;
}

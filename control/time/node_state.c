// SPDX-License-Identifier: BSD-3-Clause
#include "time/node_state.h"

#include <stdlib.h>

void node_judge_init(struct node_judge *j)
{
	*j = (struct node_judge){.state = NODE_START};
}

bool node_state_is_served(enum node_state s)
{
	return s == NODE_SYNC || s == NODE_HOLDOVER;
}

// A verdict of the moment: where to go, and why.
struct turn {
	enum node_state state;
	enum node_reason reason;
};

static enum node_reason step_reason(enum clock_cause cause)
{
	switch (cause) {
	case CLOCK_CAUSE_SET:
		return NODE_REASON_SET;
	case CLOCK_CAUSE_SUSPEND:
		return NODE_REASON_SUSPEND;
	case CLOCK_CAUSE_COUNTER:
		return NODE_REASON_COUNTER;
	case CLOCK_CAUSE_LEAP:
		return NODE_REASON_NO_LEAP;
	case CLOCK_CAUSE_NONE:
	case CLOCK_CAUSE_MISS:
		break;
	}
	return NODE_REASON_MISS;
}

static void polls_forget(struct node_judge *j)
{
	j->good_polls = 0;
}

static void polls_count(struct node_judge *j, const struct node_facts *f)
{
	j->last_no = f->complaint;
	if (f->complaint != NODE_REASON_NONE)
		polls_forget(j);
	else if (f->has_polled && j->good_polls++ == 0)
		j->good_since = f->now;
}

// A jump where nothing was served yet is how a clock gets right.
static struct turn turn_stepped(struct node_judge *j, const struct node_facts *f)
{
	bool was_served = node_state_is_served(j->state) || j->state == NODE_STEP;
	polls_forget(j);
	j->hold_until.n = f->now.n + NODE_STEP_HOLD_NS;
	if (!was_served)
		return (struct turn){j->state, j->reason};
	if (llabs(f->step.n) >= NODE_STEP_NS)
		j->must_agree = true;
	return (struct turn){NODE_STEP, step_reason(f->cause)};
}

// What ends every state but the first.
static enum node_reason fatal_reason(const struct node_facts *f)
{
	if (f->is_before_build)
		return NODE_REASON_DATE;
	if (f->is_demoted)
		return NODE_REASON_DEMOTED;
	if (f->is_coarse)
		return NODE_REASON_COARSE;
	return f->gap.n > NODE_AGE_NS ? NODE_REASON_AGE : NODE_REASON_NONE;
}

// Whether the reference was good often and long enough.
static bool may_sync(const struct node_judge *j, const struct node_facts *f, unsigned polls)
{
	bool agrees = !j->must_agree || f->now.n - j->good_since.n >= NODE_STEP_AGREE_NS;
	return f->event == CLOCK_GOOD && j->good_polls >= polls && agrees;
}

static struct turn turn_start(const struct node_judge *j, const struct node_facts *f)
{
	if (may_sync(j, f, REFERENCE_GOOD_POLLS))
		return (struct turn){NODE_SYNC, NODE_REASON_GOOD};
	if (f->now.n - j->since.n > NODE_START_NS)
		return (struct turn){NODE_UNSYNC,
			j->last_no == NODE_REASON_NONE ? NODE_REASON_SILENT : j->last_no};
	return (struct turn){NODE_START, j->reason};
}

static struct turn turn_served(const struct node_judge *j, const struct node_facts *f)
{
	if (f->event == CLOCK_FITTING)
		return (struct turn){NODE_STEP, NODE_REASON_RATE};
	if (f->distance.n > NODE_DISTANCE_NS)
		return (struct turn){NODE_UNSYNC, NODE_REASON_DISTANCE};
	if (j->state == NODE_SYNC && f->loss != NODE_REASON_NONE)
		return (struct turn){NODE_HOLDOVER, f->loss};
	if (j->state == NODE_HOLDOVER && may_sync(j, f, REFERENCE_GOOD_POLLS))
		return (struct turn){NODE_SYNC, NODE_REASON_GOOD};
	return (struct turn){j->state, j->reason};
}

static struct turn turn_step(const struct node_judge *j, const struct node_facts *f)
{
	if (f->now.n >= j->hold_until.n && may_sync(j, f, 1))
		return (struct turn){NODE_SYNC, NODE_REASON_GOOD};
	if (j->good_polls == 0 && f->now.n - j->since.n > NODE_AGE_NS)
		return (struct turn){NODE_UNSYNC, NODE_REASON_AGE};
	return (struct turn){NODE_STEP, j->reason};
}

static struct turn turn_unsync(const struct node_judge *j, const struct node_facts *f)
{
	if (may_sync(j, f, REFERENCE_GOOD_POLLS) && f->now.n >= j->hold_until.n)
		return (struct turn){NODE_SYNC, NODE_REASON_GOOD};
	return (struct turn){NODE_UNSYNC, j->reason};
}

static struct turn turn_by_state(const struct node_judge *j, const struct node_facts *f)
{
	switch (j->state) {
	case NODE_START:
		return turn_start(j, f);
	case NODE_SYNC:
	case NODE_HOLDOVER:
		return turn_served(j, f);
	case NODE_STEP:
		return turn_step(j, f);
	case NODE_UNSYNC:
	case NODE_STATES:
		break;
	}
	return turn_unsync(j, f);
}

static struct turn turn_take(struct node_judge *j, const struct node_facts *f)
{
	enum node_reason fatal = fatal_reason(f);
	if (f->event == CLOCK_STEPPED)
		return turn_stepped(j, f);
	polls_count(j, f);
	if (fatal != NODE_REASON_NONE && j->state != NODE_START && j->state != NODE_UNSYNC)
		return (struct turn){NODE_UNSYNC, fatal};
	return turn_by_state(j, f);
}

// A step keeps the word that was given before it, unless it is a large one or lasts.
static enum node_announce announce_choose(const struct node_judge *j, const struct node_facts *f)
{
	bool is_far = f->distance.n > REFERENCE_FAR_NS;
	switch (j->state) {
	case NODE_SYNC:
		if (is_far)
			return NODE_DOWN;
		return llabs(f->correction.n) < NODE_CORRECTION_NS ? NODE_UP : NODE_DEGRADED;
	case NODE_HOLDOVER:
		is_far = is_far || f->now.n - j->since.n > NODE_HOLDOVER_NS;
		return is_far ? NODE_DOWN : NODE_DEGRADED;
	case NODE_STEP:
		is_far = j->must_agree || f->now.n - j->since.n > NODE_STEP_WORD_NS;
		return is_far ? NODE_DOWN : j->announce;
	case NODE_START:
	case NODE_UNSYNC:
	case NODE_STATES:
		break;
	}
	return NODE_DOWN;
}

bool node_judge_tick(struct node_judge *j, const struct node_facts *f)
{
	bool must_agree = j->must_agree;
	struct turn t = turn_take(j, f);
	bool is_new = t.state != j->state || must_agree != j->must_agree;
	if (is_new) {
		j->state = t.state;
		j->reason = t.reason;
		j->since = f->now;
		j->entered[t.state]++;
		if (t.state == NODE_STEP)
			j->hold_until.n = f->now.n + NODE_STEP_HOLD_NS;
	}
	if (t.state == NODE_SYNC)
		j->must_agree = false;
	if (is_new && t.state != NODE_SYNC)
		polls_forget(j);
	j->announce = announce_choose(j, f);
	return is_new;
}

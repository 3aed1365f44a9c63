// SPDX-License-Identifier: BSD-3-Clause
#include "time/sync_state.h"

#include <stdlib.h>

void sync_judge_init(struct sync_judge *j)
{
	*j = (struct sync_judge){.state = SYNC_STATE_START};
}

bool sync_state_is_served(enum sync_state s)
{
	return s == SYNC_STATE_SYNC || s == SYNC_STATE_HOLDOVER;
}

// A verdict of the moment: where to go, and why.
struct turn {
	enum sync_state state;
	enum sync_reason reason;
};

static enum sync_reason step_reason(enum clock_cause cause)
{
	switch (cause) {
	case CLOCK_CAUSE_SET:
		return SYNC_REASON_SET;
	case CLOCK_CAUSE_SUSPEND:
		return SYNC_REASON_SUSPEND;
	case CLOCK_CAUSE_COUNTER:
		return SYNC_REASON_COUNTER;
	case CLOCK_CAUSE_LEAP:
		return SYNC_REASON_NO_LEAP;
	case CLOCK_CAUSE_NONE:
	case CLOCK_CAUSE_MISS:
		break;
	}
	return SYNC_REASON_MISS;
}

static void polls_forget(struct sync_judge *j)
{
	j->good_polls = 0;
}

static void polls_count(struct sync_judge *j, const struct sync_facts *f)
{
	j->last_no = f->complaint;
	if (f->complaint != SYNC_REASON_NONE)
		polls_forget(j);
	else if (f->has_polled && j->good_polls++ == 0)
		j->good_since = f->now;
}

// A jump where nothing was served yet is how a clock gets right.
static struct turn turn_stepped(struct sync_judge *j, const struct sync_facts *f)
{
	bool was_served = sync_state_is_served(j->state) || j->state == SYNC_STATE_STEP;
	polls_forget(j);
	j->hold_until.n = f->now.n + SYNC_STEP_HOLD_NS;
	if (!was_served)
		return (struct turn){j->state, j->reason};
	if (llabs(f->step.n) >= SYNC_STEP_NS)
		j->must_agree = true;
	return (struct turn){SYNC_STATE_STEP, step_reason(f->cause)};
}

// What ends every state but the first.
static enum sync_reason fatal_reason(const struct sync_facts *f)
{
	if (f->is_before_build)
		return SYNC_REASON_DATE;
	if (f->is_demoted)
		return SYNC_REASON_DEMOTED;
	if (f->is_coarse)
		return SYNC_REASON_COARSE;
	return f->gap.n > SYNC_AGE_NS ? SYNC_REASON_AGE : SYNC_REASON_NONE;
}

// Whether the reference was good often and long enough.
static bool may_sync(const struct sync_judge *j, const struct sync_facts *f, unsigned polls)
{
	bool agrees = !j->must_agree || f->now.n - j->good_since.n >= SYNC_STEP_AGREE_NS;
	return f->event == CLOCK_GOOD && j->good_polls >= polls && agrees;
}

static struct turn turn_start(const struct sync_judge *j, const struct sync_facts *f)
{
	if (may_sync(j, f, REFERENCE_GOOD_POLLS))
		return (struct turn){SYNC_STATE_SYNC, SYNC_REASON_GOOD};
	if (f->now.n - j->since.n > SYNC_START_NS)
		return (struct turn){SYNC_STATE_UNSYNC,
			j->last_no == SYNC_REASON_NONE ? SYNC_REASON_SILENT : j->last_no};
	return (struct turn){SYNC_STATE_START, j->reason};
}

static struct turn turn_served(const struct sync_judge *j, const struct sync_facts *f)
{
	if (f->event == CLOCK_FITTING)
		return (struct turn){SYNC_STATE_STEP, SYNC_REASON_RATE};
	if (f->distance.n > SYNC_DISTANCE_NS)
		return (struct turn){SYNC_STATE_UNSYNC, SYNC_REASON_DISTANCE};
	if (j->state == SYNC_STATE_SYNC && f->loss != SYNC_REASON_NONE)
		return (struct turn){SYNC_STATE_HOLDOVER, f->loss};
	if (j->state == SYNC_STATE_HOLDOVER && may_sync(j, f, REFERENCE_GOOD_POLLS))
		return (struct turn){SYNC_STATE_SYNC, SYNC_REASON_GOOD};
	return (struct turn){j->state, j->reason};
}

static struct turn turn_step(const struct sync_judge *j, const struct sync_facts *f)
{
	if (f->now.n >= j->hold_until.n && may_sync(j, f, 1))
		return (struct turn){SYNC_STATE_SYNC, SYNC_REASON_GOOD};
	if (j->good_polls == 0 && f->now.n - j->since.n > SYNC_AGE_NS)
		return (struct turn){SYNC_STATE_UNSYNC, SYNC_REASON_AGE};
	return (struct turn){SYNC_STATE_STEP, j->reason};
}

static struct turn turn_unsync(const struct sync_judge *j, const struct sync_facts *f)
{
	if (may_sync(j, f, REFERENCE_GOOD_POLLS) && f->now.n >= j->hold_until.n)
		return (struct turn){SYNC_STATE_SYNC, SYNC_REASON_GOOD};
	return (struct turn){SYNC_STATE_UNSYNC, j->reason};
}

static struct turn turn_by_state(const struct sync_judge *j, const struct sync_facts *f)
{
	switch (j->state) {
	case SYNC_STATE_START:
		return turn_start(j, f);
	case SYNC_STATE_SYNC:
	case SYNC_STATE_HOLDOVER:
		return turn_served(j, f);
	case SYNC_STATE_STEP:
		return turn_step(j, f);
	case SYNC_STATE_UNSYNC:
	case SYNC_STATES:
		break;
	}
	return turn_unsync(j, f);
}

static struct turn turn_take(struct sync_judge *j, const struct sync_facts *f)
{
	enum sync_reason fatal = fatal_reason(f);
	if (f->event == CLOCK_STEPPED)
		return turn_stepped(j, f);
	polls_count(j, f);
	if (fatal != SYNC_REASON_NONE && j->state != SYNC_STATE_START &&
		j->state != SYNC_STATE_UNSYNC)
		return (struct turn){SYNC_STATE_UNSYNC, fatal};
	return turn_by_state(j, f);
}

// A step keeps the word that was given before it, unless it is a large one or lasts.
static enum announce announce_choose(const struct sync_judge *j, const struct sync_facts *f)
{
	bool is_far = f->distance.n > REFERENCE_FAR_NS;
	switch (j->state) {
	case SYNC_STATE_SYNC:
		if (is_far)
			return ANNOUNCE_DOWN;
		return llabs(f->correction.n) < SYNC_CORRECTION_NS ? ANNOUNCE_UP :
		                                                     ANNOUNCE_DEGRADED;
	case SYNC_STATE_HOLDOVER:
		is_far = is_far || f->now.n - j->since.n > SYNC_HOLDOVER_NS;
		return is_far ? ANNOUNCE_DOWN : ANNOUNCE_DEGRADED;
	case SYNC_STATE_STEP:
		is_far = j->must_agree || f->now.n - j->since.n > SYNC_STEP_WORD_NS;
		return is_far ? ANNOUNCE_DOWN : j->announce;
	case SYNC_STATE_START:
	case SYNC_STATE_UNSYNC:
	case SYNC_STATES:
		break;
	}
	return ANNOUNCE_DOWN;
}

bool sync_judge_tick(struct sync_judge *j, const struct sync_facts *f)
{
	bool must_agree = j->must_agree;
	struct turn t = turn_take(j, f);
	bool is_new = t.state != j->state || must_agree != j->must_agree;
	if (is_new) {
		j->state = t.state;
		j->reason = t.reason;
		j->since = f->now;
		j->entered[t.state]++;
		if (t.state == SYNC_STATE_STEP)
			j->hold_until.n = f->now.n + SYNC_STEP_HOLD_NS;
	}
	if (t.state == SYNC_STATE_SYNC)
		j->must_agree = false;
	if (is_new && t.state != SYNC_STATE_SYNC)
		polls_forget(j);
	j->announce = announce_choose(j, f);
	return is_new;
}

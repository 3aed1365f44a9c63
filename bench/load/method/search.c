// SPDX-License-Identifier: BSD-3-Clause
#include "method/search.h"

#include <stddef.h>

// Trials of the early phases are this much shorter than the final ones.
#define SHORT_SHARE  0.2
#define MIDDLE_SHARE 0.5
// And their intervals as much wider.
#define SHORT_WIDTH  4
#define MIDDLE_WIDTH 2
// The widest jump out of a half-known interval.
#define STEP_MOST 0.5
// What a phase has to decide about: the two bounds of the one before, and the load between them.
#define LOADS_USUAL 3
// Sums of seconds are compared with so much play.
#define PLAY 1e-9

void search_init(struct search *s, const struct search_settings *set)
{
	*s = (struct search){.set = *set};
	double t = set->final_seconds;
	s->phase[0] =
		(struct search_phase){SHORT_SHARE * t, SHORT_SHARE * t, SHORT_WIDTH * set->width};
	s->phase[1] = (struct search_phase){
		MIDDLE_SHARE * t, MIDDLE_SHARE * t, MIDDLE_WIDTH * set->width};
	s->phase[2] = (struct search_phase){t, set->sum_seconds, set->width};
	s->hint.low = set->first_rate;
	s->step = SHORT_WIDTH * set->width;
}

// Seconds of the trials at one load, by their length and by whether they kept the loss ratio.
struct sums {
	double full_low;
	double full_high;
	double short_low;
	double short_high;
};

static bool trial_is_full(const struct search_trial *t, const struct search_phase *p)
{
	return t->seconds >= p->trial_seconds - PLAY;
}

static struct sums search_sums_make(
	const struct search *s, unsigned goal, unsigned phase, uint64_t rate)
{
	struct sums sums = {0};
	for (unsigned i = 0; i < s->trial_count; i++) {
		const struct search_trial *t = &s->trial[i];
		if (t->rate != rate)
			continue;
		bool is_full = trial_is_full(t, &s->phase[phase]);
		double *low = is_full ? &sums.full_low : &sums.short_low;
		double *high = is_full ? &sums.full_high : &sums.short_high;
		*(t->loss_ratio > s->set.loss_ratio[goal] ? high : low) += t->seconds;
	}
	return sums;
}

// Short trials count only where they lost more than their share of good ones makes up for.
static double high_seconds(const struct search *s, const struct sums *sums)
{
	double exceed = s->set.exceed_ratio;
	double excess = sums->short_high - sums->short_low * exceed / (1 - exceed);
	return sums->full_high + (excess > 0 ? excess : 0);
}

static double whole_seconds(const struct search_phase *p, double measured)
{
	return measured > p->sum_seconds ? measured : p->sum_seconds;
}

enum search_class search_classify(
	const struct search *s, unsigned goal, unsigned phase, uint64_t rate)
{
	struct sums sums = search_sums_make(s, goal, phase, rate);
	double high = high_seconds(s, &sums);
	double whole = whole_seconds(&s->phase[phase], high + sums.full_low);
	double quantile = whole * s->set.exceed_ratio + PLAY;
	// As if all that is missing were good.
	if (high > quantile)
		return SEARCH_UPPER;
	// As if it were bad.
	return whole - sums.full_low <= quantile ? SEARCH_LOWER : SEARCH_UNDECIDED;
}

struct search_bounds search_find_bounds(const struct search *s, unsigned goal, unsigned phase)
{
	struct search_bounds b = {0};
	for (unsigned i = 0; i < s->trial_count; i++) {
		uint64_t rate = s->trial[i].rate;
		if ((b.high == 0 || rate < b.high) &&
			search_classify(s, goal, phase, rate) == SEARCH_UPPER)
			b.high = rate;
	}
	for (unsigned i = 0; i < s->trial_count; i++) {
		uint64_t rate = s->trial[i].rate;
		if (rate > b.low && (b.high == 0 || rate < b.high) &&
			search_classify(s, goal, phase, rate) == SEARCH_LOWER)
			b.low = rate;
	}
	return b;
}

// Goes one step out of the interval, and further the next time.
static double search_step_take(struct search *s)
{
	double step = s->step < STEP_MOST ? s->step : STEP_MOST;
	s->step = 2 * step;
	return step;
}

static uint64_t load_below(struct search *s, uint64_t high)
{
	if (s->hint.low != 0 && (high == 0 || s->hint.low < high))
		return s->hint.low < s->set.max_rate ? s->hint.low : s->set.max_rate;
	if (high == 0)
		return s->set.max_rate;
	return (uint64_t)((double)high * (1 - search_step_take(s)));
}

static uint64_t load_above(struct search *s, uint64_t low)
{
	if (low >= s->set.max_rate)
		return 0;
	uint64_t next = s->hint.high;
	if (next <= low)
		next = (uint64_t)((double)low * (1 + search_step_take(s))) + 1;
	return next < s->set.max_rate ? next : s->set.max_rate;
}

static bool is_narrow(const struct search_bounds *b, double width)
{
	uint64_t gap = b->high - b->low;
	return gap <= 1 || (double)gap <= width * (double)b->high;
}

// The next load of this phase; 0: the phase has what it wants.
static uint64_t load_choose(struct search *s)
{
	struct search_bounds b = search_find_bounds(s, s->goal_now, s->phase_now);
	if (b.low == 0)
		return load_below(s, b.high);
	if (b.high == 0)
		return load_above(s, b.low);
	if (is_narrow(&b, s->phase[s->phase_now].width))
		return 0;
	return b.low + (b.high - b.low) / 2;
}

static void phase_end(struct search *s)
{
	s->hint = search_find_bounds(s, s->goal_now, s->phase_now);
	s->phase_now++;
	if (s->phase_now == SEARCH_PHASES) {
		s->phase_now = 0;
		s->goal_now++;
	}
	if (s->goal_now < SEARCH_GOALS)
		s->step = s->phase[s->phase_now].width;
}

bool search_next(struct search *s, uint64_t *ret_rate, double *ret_seconds)
{
	if (s->trial_count == SEARCH_TRIALS_MAX)
		return false;
	while (s->goal_now < SEARCH_GOALS) {
		if (s->load == 0 ||
			search_classify(s, s->goal_now, s->phase_now, s->load) != SEARCH_UNDECIDED)
			s->load = load_choose(s);
		if (s->load != 0) {
			*ret_rate = s->load;
			*ret_seconds = s->phase[s->phase_now].trial_seconds;
			return true;
		}
		phase_end(s);
	}
	return false;
}

// Loads that the present phase still has to decide about: by halving, where both bounds are known.
static unsigned loads_left(const struct search *s)
{
	struct search_bounds b = search_find_bounds(s, s->goal_now, s->phase_now);
	unsigned loads = 1;
	if (b.low == 0 || b.high == 0)
		return LOADS_USUAL;
	double width = s->phase[s->phase_now].width * (double)b.high;
	for (double gap = (double)(b.high - b.low); gap > width; gap /= 2)
		loads++;
	return loads;
}

double search_seconds_left(const struct search *s)
{
	double seconds = 0;
	for (unsigned goal = s->goal_now; goal < SEARCH_GOALS; goal++) {
		unsigned first = goal == s->goal_now ? s->phase_now : 0;
		for (unsigned phase = first; phase < SEARCH_PHASES; phase++) {
			bool is_now = goal == s->goal_now && phase == s->phase_now;
			seconds += (is_now ? loads_left(s) : LOADS_USUAL) *
			           s->phase[phase].sum_seconds;
		}
	}
	return seconds;
}

void search_note(struct search *s, const struct search_trial *trial)
{
	if (s->trial_count < SEARCH_TRIALS_MAX)
		s->trial[s->trial_count++] = *trial;
}

// The smallest loss ratio of a full-length trial at this load that is not yet taken; NULL: none.
static const struct search_trial *least_lossy(
	const struct search *s, unsigned phase, uint64_t rate, const bool *taken)
{
	const struct search_trial *least = NULL;
	for (unsigned i = 0; i < s->trial_count; i++) {
		const struct search_trial *t = &s->trial[i];
		if (t->rate != rate || taken[i] || !trial_is_full(t, &s->phase[phase]))
			continue;
		if (least == NULL || t->loss_ratio < least->loss_ratio)
			least = t;
	}
	return least;
}

// RFC 9971's conditional throughput: the load less the loss ratio that all but the exceed ratio of
// the time kept.
static double throughput_make(const struct search *s, unsigned goal, unsigned phase, uint64_t rate)
{
	bool taken[SEARCH_TRIALS_MAX] = {false};
	struct sums sums = search_sums_make(s, goal, phase, rate);
	double high = high_seconds(s, &sums);
	double whole = whole_seconds(&s->phase[phase], high + sums.full_low);
	double remaining = whole * (1 - s->set.exceed_ratio) - PLAY;
	double loss = 1;
	while (remaining > 0) {
		const struct search_trial *t = least_lossy(s, phase, rate, taken);
		if (t == NULL)
			return 0;
		taken[t - s->trial] = true;
		loss = t->loss_ratio;
		remaining -= t->seconds;
	}
	return (double)rate * (1 - loss);
}

void search_result_make(const struct search *s, unsigned goal, struct search_result *ret_result)
{
	struct search_result r = {0};
	unsigned phase = SEARCH_PHASES;
	// The latest phase that has found anything.
	while (r.bounds.low == 0 && phase > 0)
		r.bounds = search_find_bounds(s, goal, --phase);
	if (r.bounds.low != 0)
		r.throughput = throughput_make(s, goal, phase, r.bounds.low);
	r.is_confirmed = s->goal_now > goal;
	*ret_result = r;
}

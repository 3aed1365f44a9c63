// SPDX-License-Identifier: BSD-3-Clause
// Random histories of everything that can happen to a server's time, and one rule over all of
// them: what is served is wrong by no more than the reply says.
//
// usage: lab [HISTORIES [RULE]], where RULE (steps, growth, excursion, future, correction, stale,
// update, order, zeros, shrink, leap) is broken on purpose and the run is good if the check that is
// there for it noticed. The seed is told; NTPWIRE_SEED=SEED brings a run back, and with HISTORIES 1
// the one history whose own seed that is.
//
// What is promised: in every reply T2 < T3, the reference time is not after T3, leap 3 comes with
// zeros, and root dispersion does not shrink under one reference time. And as long as the reference
// is honest: |served - true| <= root delay / 2 + root dispersion + bound. Not checked is that last
// rule where the reference lies (nobody could keep it), and from the end of a sleep in which the
// counter stood still to the first turn of the control thread.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "common/log.h"
#include "world.h"

#define EVENTS       8 // at the most
#define SLOW_TURN_NS NS_PER_S

#define OVER "an error over root distance and bound"

// What is broken, and what must be noticed then.
static const struct {
	const char *name;
	const char *wrong;
} rules[BREAKAGES] = {
	[BREAK_NOTHING] = {"nothing", NULL},
	[BREAK_STEPS] = {"steps", OVER},
	[BREAK_GROWTH] = {"growth", OVER},
	[BREAK_EXCURSION] = {"excursion", OVER},
	[BREAK_FUTURE] = {"future", "a reference time after the reply's own"},
	[BREAK_CORRECTION] = {"correction", OVER},
	[BREAK_STALE] = {"stale", OVER},
	[BREAK_UPDATE] = {"update", OVER},
	[BREAK_ORDER] = {"order", "T2 not before T3"},
	[BREAK_ZEROS] = {"zeros", "leap 3 with a stratum"},
	[BREAK_LEAP] = {"leap", OVER},
	[BREAK_SHRINK] = {"shrink", "root dispersion that shrinks under one reference time"},
};

struct tally {
	uint64_t probes, served, steps, synchronised;
	uint64_t seed;
	uint64_t failed; // own seed of the history that did
};

static struct world world;
static struct world_reply last;
static const char *event = "the start";

// Whether all is well.
static bool ask(struct world *w)
{
	last = world_ask(w);
	return last.wrong == NULL;
}

// Time passes, in which requests come.
static bool wait_and_ask(struct world *w, int64_t ns, unsigned requests)
{
	for (unsigned i = 0; i < requests; i++) {
		world_pass(w, ns / (requests + 1));
		if (!ask(w))
			return false;
	}
	world_pass(w, ns / (requests + 1));
	return true;
}

static int64_t below(struct world *w, int64_t n)
{
	return (int64_t)random_below(&w->random, (uint64_t)n);
}

// Turns of the control thread, `period` apart and a little late, with a request between some.
static bool turns(struct world *w, unsigned n, int64_t period)
{
	for (unsigned i = 0; i < n; i++) {
		int64_t late =
			random_below(&w->random, 50) == 0 ? below(w, period) : below(w, 100000);
		int64_t first = below(w, period);
		world_pass(w, first);
		if (random_below(&w->random, 4) == 0 && !ask(w))
			return false;
		world_pass(w, period - first + late);
		world_tick(w);
	}
	return true;
}

static bool some_turns(struct world *w)
{
	return turns(w, 10 + (unsigned)below(w, 150), TICK_NS);
}

static bool drift(struct world *w)
{
	double d = w->drift + draw_sign(&w->random) * draw_decades(&w->random, 1e-9, 2e-6);
	if (fabs(d) < 10e-6)
		w->drift = d;
	w->m.rate_error = w->drift;
	w->m.counter_error = draw_sign(&w->random) * draw_below(&w->random, 50e-9);
	return some_turns(w);
}

static bool slew(struct world *w)
{
	w->m.rate_error =
		w->drift + draw_sign(&w->random) * draw_decades(&w->random, 0.1e-6, 83333e-6);
	if (!some_turns(w))
		return false;
	// Sometimes nobody looks while it lasts.
	if (random_below(&w->random, 4) == 0 && !wait_and_ask(w, below(w, 300 * NS_PER_S), 3))
		return false;
	w->m.rate_error = w->drift;
	return true;
}

static bool step(struct world *w)
{
	double by = draw_sign(&w->random) * draw_decades(&w->random, 1e3, 86400e9);
	world_step(w, by, random_below(&w->random, 2) == 0);
	// The kernel tells of every step (timerfd, TFD_TIMER_CANCEL_ON_SET), at once or late:
	// mostly it was seen by then.
	if (random_below(&w->random, 2) == 0)
		clock_announce_set(&w->n.clock);
	else
		w->until_told = 1 + (unsigned)below(w, 10);
	return wait_and_ask(w, below(w, TICK_NS), 1);
}

static bool preemption(struct world *w)
{
	return wait_and_ask(w, (int64_t)draw_decades(&w->random, 1e6, 3e9), 2);
}

static bool noisy_brackets(struct world *w)
{
	unsigned every = w->m.spike_every;
	w->m.spike_every = 1 + (unsigned)below(w, 4);
	bool good = some_turns(w);
	w->m.spike_every = every;
	return good;
}

static bool freeze(struct world *w)
{
	return wait_and_ask(w, (int64_t)draw_decades(&w->random, 1e9, 400e9), 4);
}

// A sleep that the control thread has noticed and no worker yet: no request came meanwhile.
static void sleep_unseen(struct world *w)
{
	bool reads = w->reads_when_idle;
	w->reads_when_idle = false;
	machine_sleep(&w->m, (int64_t)draw_decades(&w->random, 2e7, 1e13), true);
	for (unsigned i = 0; i < 20; i++) {
		world_pass(w, TICK_NS);
		world_tick(w);
	}
	w->reads_when_idle = reads;
}

// The writer dies in the middle of a view.
static bool kill_writer(struct world *w)
{
	if (random_below(&w->random, 4) == 0)
		sleep_unseen(w);
	uint64_t sequence = atomic_load(&w->snapshot.sequence);
	if (sequence == 0)
		return true;
	w->is_stuck = true;
	atomic_store(&w->snapshot.sequence, sequence | 1);
	return wait_and_ask(w, below(w, 2 * NS_PER_S), 3);
}

static bool source_silent(struct world *w)
{
	w->reference.is_silent = true;
	bool good = turns(w, 700, TICK_NS);
	w->reference.is_silent = false;
	return good;
}

static bool source_lost(struct world *w)
{
	w->reference.is_lost = true;
	bool good = turns(w, 150, TICK_NS);
	w->reference.is_lost = false;
	return good;
}

// The control thread is slow meanwhile: a turn a second.
static bool source_still(struct world *w)
{
	w->reference.is_still = true;
	bool good = turns(w, 80 + (unsigned)below(w, 200), SLOW_TURN_NS);
	w->reference.is_still = false;
	return good;
}

static bool source_changed(struct world *w)
{
	w->reference.error_ns = draw_decades(&w->random, 1e3, 3e7);
	w->reference.delay_ns = draw_decades(&w->random, 1e2, 2e7);
	return true;
}

static bool suspend(struct world *w)
{
	bool stands = random_below(&w->random, 2) == 0;
	machine_sleep(&w->m, (int64_t)draw_decades(&w->random, 2e7, 1e13), stands);
	if (stands && random_below(&w->random, 4) == 0)
		w->m.counter_off_ns = -(double)(w->m.elapsed_ps / PS_PER_NS); // back to nothing
	// Until a daemon looks, the clock is as right as the one it was read from.
	if (random_below(&w->random, 2) == 0)
		world_step(w, draw_sign(&w->random) * draw_below(&w->random, 1e9), false);
	w->is_excused = stands;
	return wait_and_ask(w, below(w, TICK_NS), 1);
}

static bool demotion(struct world *w)
{
	w->m.is_demoted = true;
	bool good = turns(w, 110, TICK_NS);
	w->m.is_demoted = random_below(&w->random, 4) == 0;
	return good;
}

static const struct {
	const char *name;
	bool (*happens)(struct world *w);
} events[] = {
	{"drift", drift},
	{"a slew", slew},
	{"a slew", slew},
	{"a slew", slew},
	{"a step", step},
	{"a step", step},
	{"a preemption", preemption},
	{"noisy brackets", noisy_brackets},
	{"a frozen control thread", freeze},
	{"a writer that was killed", kill_writer},
	{"a silent source", source_silent},
	{"a lost source", source_lost},
	{"a source without updates", source_still},
	{"another source", source_changed},
	{"a sleep", suspend},
	{"a demoted counter", demotion},
};

#define EVENT_COUNT (sizeof(events) / sizeof(events[0]))

static bool history_go(struct world *w)
{
	event = "the start";
	w->reference.lies = random_below(&w->random, 6) == 0;
	if (!turns(w, 150 + (unsigned)below(w, 150), TICK_NS))
		return false;
	unsigned count = 1 + (unsigned)below(w, EVENTS);
	for (unsigned i = 0; i < count; i++) {
		unsigned which = (unsigned)below(w, EVENT_COUNT);
		event = events[which].name;
		if (!events[which].happens(w) || !some_turns(w))
			return false;
	}
	event = "the end";
	return turns(w, (unsigned)below(w, 300), TICK_NS);
}

static void tally_add(struct tally *t, const struct world *w)
{
	t->probes += w->probes;
	t->served += w->served;
	t->steps += w->n.clock.steps;
	t->synchronised += w->n.judge.entered[SYNC_STATE_SYNC] > 0;
}

static void fail_tell(const struct world *w, unsigned history, uint64_t seed)
{
	double since = (double)(w->m.elapsed_ps - w->begin_ps) / 1e12;
	printf("# history %u, its own seed %#" PRIx64 ": %s, during or after %s\n", history, seed,
		last.wrong, event);
	printf("# %.6f s after its beginning, in %s: %.1f ns off, %.1f ns told; the system clock "
	       "is "
	       "%.1f ns off; the reference %s\n",
		since, sync_state_text(w->n.judge.state), last.miss_ns, last.limit_ns,
		world_error_ns(w), w->reference.lies ? "lies" : "is honest");
}

static int breakage_find(const char *word)
{
	for (int i = 0; i < BREAKAGES; i++)
		if (strcmp(rules[i].name, word) == 0)
			return i;
	return -1;
}

// Whether what went wrong in a history is what the run is about.
static bool is_meant(enum breakage breakage)
{
	return breakage == BREAK_NOTHING || strcmp(last.wrong, rules[breakage].wrong) == 0;
}

// Runs until one fails; true if none did.
static bool histories_run(unsigned count, enum breakage breakage, struct tally *t)
{
	uint64_t seeds = random_seed("lab");
	t->seed = seeds;
	for (unsigned i = 0; i < count; i++) {
		// Drawn: seeds that lie a fixed step apart can be places in one and the same
		// stream.
		uint64_t own = i == 0 ? seeds : random_u64(&seeds);
		world_make(&world, own, breakage);
		bool good = history_go(&world);
		tally_add(t, &world);
		if (!good && is_meant(breakage)) {
			fail_tell(&world, i, own);
			t->failed = own;
			return false;
		}
	}
	return true;
}

static int result_tell(bool good, const char *what, const char *more)
{
	printf("1..1\n%sok 1 - t12 t13 r05 %s%s\n", good ? "" : "not ", what, more);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int master_run(unsigned count)
{
	struct tally t = {0};
	bool good = histories_run(count, BREAK_NOTHING, &t);
	printf("# %u histories, %" PRIu64 " replies, %" PRIu64 " of them synchronised; %" PRIu64
	       " histories came to SYNC; %" PRIu64 " steps seen\n",
		count, t.probes, t.served, t.synchronised, t.steps);
	if (good && count >= 100 && (t.served < t.probes / 8 || t.synchronised < count / 2)) {
		printf("# too little was served for this to say anything\n");
		good = false;
	}
	// In the name, which is what is left of a log.
	char seed[96];
	(void)snprintf(seed, sizeof(seed), ", NTPWIRE_SEED=%#" PRIx64, t.seed);
	if (t.failed != 0)
		(void)snprintf(seed, sizeof(seed),
			"; not so with 1 history and NTPWIRE_SEED=%#" PRIx64, t.failed);
	return result_tell(good, "random histories keep the master invariant", seed);
}

static int canary_run(unsigned count, enum breakage breakage)
{
	struct tally t = {0};
	bool caught = !histories_run(count, breakage, &t);
	return result_tell(caught, "a server with a broken rule is caught: ", rules[breakage].name);
}

int main(int argc, char **argv)
{
	unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000;
	int breakage = breakage_find(argc > 2 ? argv[2] : "nothing");
	if (count == 0 || breakage < 0 || argc > 3) {
		fprintf(stderr, "usage: lab [HISTORIES [RULE]]\n");
		return 2;
	}
	// Transitions are part of every history, and thousands of lines.
	log_set_level(LOG_LEVEL_ERROR);
	return breakage == BREAK_NOTHING ? master_run(count) :
	                                   canary_run(count, (enum breakage)breakage);
}

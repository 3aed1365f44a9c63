// SPDX-License-Identifier: BSD-3-Clause
#include "node.h"

#include <inttypes.h>
#include <math.h>
#include <time.h>

#include "log.h"

// Older than this, a view is void (RFC 5905 has no such rule; a server that cannot measure for five
// minutes is broken).
#define VALID_S 300
// 15 ppm (RFC 5905's PHI) as NTP units per 2^32 units.
#define DISPERSION_RATE 64425

void node_init(
	struct node *n, const struct config_reference *reference, const struct clock_source *source)
{
	*n = (struct node){.reference = reference, .state = NODE_START};
	clock_init(&n->clock, source);
}

static enum node_state state_next(
	const struct node *n, enum clock_event event, const struct reference *r)
{
	switch (event) {
	case CLOCK_STEPPED:
		return NODE_STEP;
	case CLOCK_FITTING:
		return n->state == NODE_START ? NODE_START : NODE_STEP;
	case CLOCK_GOOD:
		break;
	}
	return r->leap == LEAP_UNKNOWN ? NODE_UNSYNC : NODE_SYNC;
}

static void state_enter(struct node *n, enum node_state next)
{
	if (next == n->state)
		return;
	if (next == NODE_STEP)
		log_warning(
			"the system clock was stepped: serving leap 3 until it is measured again");
	else if (next == NODE_UNSYNC)
		log_warning("the system clock is not synchronised: serving leap 3, stratum 0");
	else
		log_info("the system clock is good: serving stratum %u", n->reference->stratum);
	n->state = next;
}

static struct clock_view view_make(
	const struct node *n, const struct clock_line *line, const struct reference *r)
{
	bool is_sync = n->state == NODE_SYNC;
	return (struct clock_view){
		.ref_cycles = line->ref_cycles,
		.ref_time = line->ref_time,
		.mult = line->mult,
		.reference_time = ntp_time_from_unix(r->reference_time),
		.root_dispersion = r->root_dispersion + line->error_bound,
		.dispersion_rate = DISPERSION_RATE,
		.valid_cycles = {line->hz * VALID_S},
		.error_bound = line->error_bound,
		.root_delay = r->root_delay,
		.reference_id = r->reference_id,
		.epoch = line->epoch,
		.leap = (uint8_t)(is_sync ? r->leap : LEAP_UNKNOWN),
		.stratum = is_sync ? r->stratum : 0,
		.precision = n->precision,
		.state = (uint8_t)n->state,
	};
}

bool node_tick(struct node *n, struct clock_view *ret_view)
{
	struct clock_line line;
	enum clock_event event = clock_tick(&n->clock);
	// The moment the line goes through, so that no reply is older than its reference time.
	struct reference r = reference_read(n->reference, clock_newest(&n->clock));
	state_enter(n, state_next(n, event, &r));
	if (n->state == NODE_START || !clock_line(&n->clock, &line))
		return false;
	if (n->precision == 0)
		n->precision = clock_precision(&n->clock.source, line.hz);
	*ret_view = view_make(n, &line, &r);
	return true;
}

static uint64_t monotonic_ns(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void node_publish(const struct node *n, const struct clock_view *view, const struct page *p)
{
	struct page_head *head = p->head;
	struct clock_line line;
	for (unsigned i = 0; i < head->node_count; i++)
		snapshot_publish(page_snapshot(p, i), view);
	if (clock_line(&n->clock, &line))
		counters_set(&head->counter_hz, line.hz);
	counters_add(&head->publishes, 1);
	counters_set(&head->control_beat_ns, monotonic_ns());
	counters_set(&head->steps, n->clock.steps);
	counters_set(&head->fit_residual_ns, (uint64_t)llround(n->clock.fit.residual_ns));
}

const char *node_state_text(enum node_state state)
{
	switch (state) {
	case NODE_START:
		return "start";
	case NODE_SYNC:
		return "sync";
	case NODE_STEP:
		return "step";
	case NODE_UNSYNC:
		return "unsync";
	}
	return "unknown";
}

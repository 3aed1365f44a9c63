// SPDX-License-Identifier: BSD-3-Clause
#include "status/health_state.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "common/units.h"
#include "status/port_words.h"
#include "status/words.h"

void health_say(struct health *h, enum health_code code, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	h->code = code;
	(void)vsnprintf(h->why, sizeof(h->why), format, list);
	va_end(list);
}

// The first worker that gives no heartbeat; worker_count: there is none.
static unsigned silent_worker(const struct reading *r)
{
	unsigned i = 0;
	while (i < r->worker_count && r->worker[i].has_heartbeat &&
		r->worker[i].heartbeat_ns <= HEALTH_WORKER_NS)
		i++;
	return i;
}

static unsigned ports_served(const struct reading *r)
{
	unsigned n = 0;
	for (unsigned i = 0; i < r->port_count; i++)
		n += r->port[i].state == PORT_SERVED;
	return n;
}

// What the server says of itself.
static void health_state_word_take(const struct reading *r, struct health *h)
{
	const struct reading_judge *j = &r->judge;
	const int64_t lasting_s = j->lasting_ns / NANOS_PER_S;
	enum sync_reason reason = sync_reason_shown(j->state, j->announce, j->reason, j->complaint);
	if (j->announce == ANNOUNCE_UP && j->state == SYNC_STATE_SYNC && r->clock.is_good)
		health_say(h, HEALTH_UP, "synchronised, stratum %u, root distance %.3f ms",
			r->clock.view.stratum, (double)r->clock.root_distance_ns / 1e6);
	else
		health_say(h, (enum health_code)(ANNOUNCE_UP - j->announce),
			"%s for %" PRId64 " s: %s", sync_state_text(j->state), lasting_s,
			sync_reason_text(reason));
}

// Whether a server is there at all, and means to stay.
static bool is_in_service(const struct reading *r)
{
	return r->state != READING_DEAD && r->state != READING_STOPPING &&
	       r->state != READING_STARTING;
}

void health_judge(const struct reading *r, struct health *ret_health)
{
	unsigned worker = silent_worker(r);
	if (!is_in_service(r))
		health_say(ret_health, HEALTH_DOWN, "%s", reading_state_sentence(r->state));
	else if (r->clock.age_ns > HEALTH_CONTROL_NS)
		health_say(ret_health, HEALTH_DOWN, "the control thread hangs: silent for %.1f s",
			(double)r->clock.age_ns / NANOS_PER_S);
	else if (worker < r->worker_count)
		health_say(ret_health, HEALTH_DOWN, "worker %u on core %u hangs: silent for %.1f s",
			worker, r->worker[worker].core,
			(double)r->worker[worker].heartbeat_ns / NANOS_PER_S);
	else if (r->port_count > 0 && ports_served(r) == 0)
		health_say(ret_health, HEALTH_DOWN, "port %s: %s", r->port[0].device,
			port_state_sentence(r->port[0].state));
	else
		health_state_word_take(r, ret_health);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "server/server_loop.h"

#include <inttypes.h>
#include <string.h>

#include "common/log.h"
#include "common/units.h"
#include "core/counters.h"
#include "core/verdict.h"
#include "daemon/events.h"
#include "daemon/supervise.h"
#include "keys/keyring.h"
#include "reference/kernel_clock.h"
#include "reference/reference_set.h"
#include "server/port_recovery.h"
#include "server/server.h"
#include "status/statseg.h"
#include "time/clock.h"
#include "time/leap.h"
#include "time/leap_list.h"
#include "time/machine_clock.h"
#include "time/timekeeper.h"
#include "time/timekeeper_publish.h"

#define DRAIN_TICKS (SERVER_DRAIN_MS * CLOCK_RATE / 1000)
// Ticks between polls of the reference then.
#define START_POLL (CLOCK_RATE / 4)

// Once a second; at the start, where a client waits, sooner.
static bool poll_is_due(struct server *s)
{
	if (s->until_poll-- > 0)
		return false;
	s->until_poll =
		(s->timekeeper.judge.state == SYNC_STATE_START ? START_POLL : CLOCK_RATE) - 1;
	return true;
}

// Asks everyone of the time and of leap seconds. The kernel is read after what waits for the disk,
// just before `now`.
static void references_poll(struct server *s)
{
	leap_look(&s->timekeeper.leap, machine_realtime(NULL));
	struct kernel_clock kernel = kernel_clock_read();
	struct nanos now = machine_realtime(NULL);
	leap_hear_kernel(&s->timekeeper.leap, kernel);
	reference_set_check(&s->references, kernel);
	s->kernel_tai = kernel.tai;
	reference_set_ask(&s->references, kernel, now, s->timekeeper.now);
}

static void timekeeper_turn(struct server *s)
{
	struct clock_view view;
	struct reference_word word;
	bool is_due = poll_is_due(s);
	if (is_due)
		references_poll(s);
	struct nanos now = machine_realtime(NULL);
	bool has_news = reference_set_look(&s->references, now, s->timekeeper.now, &word);
	if (has_news)
		timekeeper_hear(&s->timekeeper, &word);
	if (timekeeper_tick(&s->timekeeper, &view))
		timekeeper_publish(&s->timekeeper, &view, &s->statseg);
	if (is_due || has_news)
		reference_set_publish(&s->references, s->timekeeper.now, s->statseg.head);
}

// What was lost ends the server, in words: whoever starts it again may find it again.
static void fault_take(struct server *s, int r)
{
	if (r == 0)
		return;
	s->fault = r;
	if (s->stops == 0)
		s->stops = 1;
}

static void ports_tend(struct server *s)
{
	for (unsigned i = 0; i < s->cared; i++)
		fault_take(s, port_recovery_tick(&s->care[i], &s->diagnostic));
}

int server_turn(struct server *s, struct happened *ret_happened)
{
	int r = events_wait(&s->events, ret_happened);
	if (r < 0)
		return r;
	if (ret_happened->clock_was_set)
		clock_announce_set(&s->timekeeper.clock);
	if (ret_happened->reload)
		keyring_ask(&s->keyring);
	if (ret_happened->tick) {
		timekeeper_turn(s);
		keyring_tick(&s->keyring);
		ports_tend(s);
	}
	s->stops += ret_happened->stops;
	return 0;
}

// The list first: chronyd tells the kernel where it has one of its own.
int server_tai_offset(void *context, struct nanos utc)
{
	const struct server *s = context;
	const struct leap_watch *l = &s->timekeeper.leap;
	if (l->has_list)
		return leap_list_tai_offset(&l->list, utc.n / 1000000000);
	return s->kernel_tai;
}

// Whether it is time to leave the loop: after the drain, or at once on the second signal.
static bool server_is_done(struct server *s, const struct happened *happened)
{
	if (s->stops == 0)
		return false;
	if (s->drained == 0) {
		log_info("stopping: answering for %u ms more; a second signal stops now",
			SERVER_DRAIN_MS);
		supervise_stopping(&s->supervise);
	}
	atomic_store_explicit(&s->statseg.head->stopping, 1, memory_order_relaxed);
	s->drained += happened->tick || s->drained == 0;
	return s->stops > 1 || s->drained > DRAIN_TICKS;
}

int server_loop(struct server *s)
{
	struct happened happened;
	do {
		int r = server_turn(s, &happened);
		if (r < 0)
			return diagnostic_fail(
				&s->diagnostic, r, "the control loop failed: %s", strerror(-r));
		if (happened.tick)
			fault_take(s, supervise_tick(&s->supervise, &s->statseg, &s->diagnostic));
		if (happened.reload)
			log_info("SIGHUP: %s; the configuration itself is read at the start only: "
				 "restart for a new one",
				s->config->keys[0] == '\0' ? "there is no keys file" :
							     "the keys file is read again");
	} while (!server_is_done(s, &happened));
	return s->fault;
}

static uint64_t counter_sum(const struct server *s, bool is_verdict, unsigned index)
{
	uint64_t sum = 0;
	for (unsigned w = 0; w < s->workers.count; w++) {
		const struct counters *c = statseg_counters(&s->statseg, w);
		sum += counters_get(is_verdict ? &c->verdict[index] : &c->traffic[index]);
	}
	return sum;
}

void server_counters_tell(const struct server *s)
{
	for (unsigned t = 0; t < TRAFFIC_HEARTBEAT; t++)
		log_info("final %s %" PRIu64, traffic_text((enum traffic)t),
			counter_sum(s, false, t));
	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		uint64_t sum = counter_sum(s, true, v);
		if (sum > 0)
			log_info("final %s %" PRIu64, verdict_text((enum verdict)v), sum);
	}
}

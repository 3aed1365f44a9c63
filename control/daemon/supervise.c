// SPDX-License-Identifier: BSD-3-Clause
#include "daemon/supervise.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "core/counters.h"
#include "status/words.h"

void supervise_begin(struct supervise *s)
{
	*s = (struct supervise){0};
	int r = notify_open(&s->notify);
	if (r < 0)
		log_warning("NOTIFY_SOCKET cannot be used: %s; the supervisor is told nothing",
			strerror(-r));
	watchdog_init(&s->watchdog, s->notify.fd < 0 ? 0 : notify_watchdog_us());
	notify_send(&s->notify, "STATUS=starting: not synchronised yet");
}

static void status_write(
	const struct supervise *s, const struct statseg_head *head, char *ret_status)
{
	enum sync_state state = (enum sync_state)counters_get(&head->sync_state);
	enum announce announce = (enum announce)counters_get(&head->announce);
	enum sync_reason reason = sync_reason_shown(state, announce,
		(enum sync_reason)counters_get(&head->sync_reason),
		(enum sync_reason)counters_get(&head->sync_complaint));
	char hanging[32] = "";
	if (s->watchdog.hanging > 0)
		snprintf(hanging, sizeof(hanging), "workers that hang: %u; ", s->watchdog.hanging);
	snprintf(ret_status, SUPERVISE_STATUS, "%s%s: %s; announce: %s", hanging,
		sync_state_text(state), sync_reason_text(reason), announce_text(announce));
}

// With what comes before it in the same message.
static void status_send(struct supervise *s, const char *before, const char *status)
{
	char message[SUPERVISE_STATUS + 32];
	snprintf(message, sizeof(message), "%sSTATUS=%s", before, status);
	notify_send(&s->notify, message);
	snprintf(s->status, sizeof(s->status), "%s", status);
	s->until_status = CLOCK_RATE;
}

void supervise_ready(struct supervise *s, const struct statseg *p)
{
	char status[SUPERVISE_STATUS];
	status_write(s, p->head, status);
	status_send(s, "READY=1\n", status);
}

static void status_tell(struct supervise *s, const struct statseg_head *head)
{
	char status[SUPERVISE_STATUS];
	if (s->until_status > 0)
		s->until_status--;
	if (s->until_status > 0 || s->notify.fd < 0)
		return;
	status_write(s, head, status);
	if (strcmp(status, s->status) != 0)
		status_send(s, "", status);
}

static void hang_log(const struct supervise *s, const struct statseg_head *head, unsigned worker)
{
	char since[32] = "";
	time_t begin = time(NULL) - WATCHDOG_STILL / CLOCK_RATE;
	struct tm t;
	if (gmtime_r(&begin, &t) != NULL)
		(void)strftime(since, sizeof(since), "%Y-%m-%d %H:%M:%S UTC", &t);
	log_warning("worker %u on core %u hangs since %s%s", worker, head->worker[worker].core,
		since,
		s->watchdog.interval == 0 ? "" : ": the supervisor gets no sign of life meanwhile");
}

static int worker_lost(const struct statseg_head *head, unsigned worker, struct diagnostic *d)
{
	return diagnostic_fail(d, -ETIMEDOUT,
		"worker %u on core %u hangs for %d s now, and no supervisor's watchdog ends the "
		"server: it ends itself",
		worker, head->worker[worker].core, WATCHDOG_LOST / CLOCK_RATE);
}

static int workers_look(struct supervise *s, const struct statseg *p, struct diagnostic *d)
{
	int r = 0;
	for (unsigned i = 0; i < p->shape.worker_count; i++) {
		uint64_t beat = counters_get(&statseg_counters(p, i)->traffic[TRAFFIC_HEARTBEAT]);
		switch (watchdog_look(&s->watchdog, i, beat)) {
		case WATCHDOG_HANGS:
			hang_log(s, p->head, i);
			break;
		case WATCHDOG_GOES_ON:
			log_info("worker %u on core %u responds again", i, p->head->worker[i].core);
			break;
		case WATCHDOG_IS_LOST:
			r = worker_lost(p->head, i, d);
			break;
		case WATCHDOG_NOTHING:
			break;
		}
	}
	return r;
}

int supervise_tick(struct supervise *s, const struct statseg *p, struct diagnostic *d)
{
	int r = workers_look(s, p, d);
	if (watchdog_turn(&s->watchdog))
		notify_send(&s->notify, "WATCHDOG=1");
	status_tell(s, p->head);
	return r;
}

void supervise_stopping(struct supervise *s)
{
	notify_send(&s->notify, "STOPPING=1\nSTATUS=stopping: answers for a moment more");
	notify_close(&s->notify);
}

void supervise_end(struct supervise *s)
{
	notify_close(&s->notify);
}

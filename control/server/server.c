// SPDX-License-Identifier: BSD-3-Clause
#include "server/server.h"

#include <errno.h>
#include <stdlib.h>

#include "common/log.h"
#include "daemon/supervise.h"
#include "reference/reference_set.h"
#include "server/server_loop.h"
#include "server/server_steps.h"

static int server_start(struct server *s)
{
	int r = 0;
	const struct server_step *step;
	while (r == 0 && (step = server_step_at(s->begun)) != NULL) {
		s->begun++;
		r = server_step_start(s, step);
	}
	return r;
}

// From the step that was begun last back to the first.
static void server_stop(struct server *s)
{
	while (s->begun > 0)
		server_step_stop(s, server_step_at(--s->begun));
}

static void ready_tell(const struct server *s)
{
	for (unsigned i = 0; i < s->port_count; i++) {
		const struct statseg_port *p = &s->statseg.head->port[i];
		log_info("port %s: %02x:%02x:%02x:%02x:%02x:%02x, queues %u, link %s, checksums by "
			 "%s",
			p->device, p->mac[0], p->mac[1], p->mac[2], p->mac[3], p->mac[4], p->mac[5],
			p->queue_count, p->link_up ? "up" : "down",
			p->offload ? "the port" : "software");
	}
	log_info("ready: workers %u, ports %u, reference %s, %s", s->workers.count, s->port_count,
		reference_source_text(reference_set_followed(&s->references)->source),
		s->timekeeper.judge.state == SYNC_STATE_SYNC ? "synchronised" : "not synchronised");
}

int server_run(const struct config *c)
{
	struct server *s = calloc(1, sizeof(*s));
	if (s == NULL) {
		log_error("out of memory");
		return -ENOMEM;
	}
	s->config = c;
	diagnostic_note(&s->diagnostic, "out of memory");
	int r = server_start(s);
	if (r == 0) {
		ready_tell(s);
		supervise_ready(&s->supervise, &s->statseg);
		r = server_loop(s);
	}
	server_stop(s);
	if (r < 0)
		log_error("%s", s->diagnostic.sentence);
	free(s);
	return r;
}

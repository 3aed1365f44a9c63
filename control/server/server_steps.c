// SPDX-License-Identifier: BSD-3-Clause
#include "server/server_steps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "core/interleave.h"
#include "daemon/events.h"
#include "daemon/supervise.h"
#include "eal/topology.h"
#include "kernel/steering.h"
#include "keys/keyring.h"
#include "port/counter.h"
#include "eal/eal.h"
#include "eal/left_socket.h"
#include "common/log.h"
#include "port/port.h"
#include "port/port_service.h"
#include "reference/reference_set.h"
#include "server/port_recovery.h"
#include "server/server_loop.h"
#include "server/telemetry.h"
#include "server/workers.h"
#include "server/workers_interleave.h"
#include "status/statseg.h"
#include "time/leap.h"
#include "time/machine_clock.h"
#include "time/timekeeper.h"

// How long the clock may take to be measured at the start.
#define START_TICKS (10 * CLOCK_RATE)

static int supervisor_find(struct server *s)
{
	supervise_begin(&s->supervise);
	return 0;
}

static void supervisor_leave(struct server *s)
{
	supervise_end(&s->supervise);
}

static int server_steps_signals_take(struct server *s)
{
	s->events = (struct events){-1, -1, -1};
	int r = events_open(&s->events);
	return r < 0 ? diagnostic_fail(&s->diagnostic, r, "signals: %s", strerror(-r)) : 0;
}

static void signals_leave(struct server *s)
{
	events_close(&s->events);
}

static int server_steps_counter_choose(struct server *s)
{
	machine_clock_open(&s->machine, MACHINE_CLOCK_SOURCE);
	int r = machine_counter_choose(&s->machine, MACHINE_CPUINFO, s->config, &s->diagnostic);
	if (r < 0)
		return r;
	s->counter = (enum counter)r;
	if (s->counter == COUNTER_KERNEL)
		log_info("%s", s->diagnostic.sentence);
	else if (s->diagnostic.sentence[0] != '\0')
		log_warning("%s", s->diagnostic.sentence);
	return 0;
}

static int server_steps_keys_read(struct server *s)
{
	return keyring_open(&s->keyring, s->config->keys, &s->diagnostic);
}

static void keys_forget(struct server *s)
{
	keyring_close(&s->keyring);
}

static int cores_plan(struct server *s)
{
	return topology_begin(s->config, &s->topology, &s->diagnostic);
}

static int statseg_judge(struct server *s, int r)
{
	return r < 0 ? statseg_complain(s->config->run_dir, r, &s->diagnostic) : r;
}

// Before DPDK, because a status segment in use tells that another server has this run_dir and with
// it DPDK's files. It has room for every worker that there may be.
static int server_steps_statseg_make(struct server *s)
{
	const struct topology *t = &s->topology;
	unsigned node[CONFIG_WORKERS];
	topology_nodes(t, node);
	s->last_hz = statseg_last_rate(s->config->run_dir, s->counter);
	return statseg_judge(s, statseg_create(s->config->run_dir, t->node_count, node,
					t->worker_count, &s->statseg));
}

static void statseg_take_away(struct server *s)
{
	if (s->statseg.head != NULL)
		statseg_close(&s->statseg, s->config->run_dir, true);
}

static int server_steps_eal_bring_up(struct server *s)
{
	return eal_start(s->config, &s->topology, &s->diagnostic);
}

static void eal_take_down(struct server *s)
{
	eal_stop(s->config);
}

static int ports_probe(struct server *s)
{
	for (s->port_count = 0; s->port_count < s->config->port_count; s->port_count++) {
		unsigned i = s->port_count;
		int r = port_probe(&s->config->port[i], s->counter, &s->port[i], &s->diagnostic);
		if (r < 0)
			return r;
	}
	return 0;
}

// A port that was open is closed already.
static void ports_leave(struct server *s)
{
	for (unsigned i = s->port_count; i-- > 0;) {
		port_close(&s->port[i]);
		left_socket_remove(s->port[i].device); // DPDK 24.11 leaves vhost's
	}
}

static int queues_plan(struct server *s)
{
	struct topology_port ports[CONFIG_PORTS];
	for (unsigned i = 0; i < s->port_count; i++)
		ports[i] = (struct topology_port){s->port[i].max_queues, s->port[i].node};
	return topology_plan_queues(s->config, ports, &s->topology, &s->diagnostic);
}

static void statseg_introduce(struct server *s)
{
	struct statseg_head *head = s->statseg.head;
	const struct topology *t = &s->topology;
	head->started_unix_ns = (uint64_t)machine_realtime(NULL).n;
	head->port_count = s->config->port_count;
	snprintf(head->server_version, sizeof(head->server_version), "%s", NTPWIRE_VERSION);
	snprintf(head->config_path, sizeof(head->config_path), "%s", s->config->path);
	reference_set_introduce(s->config, head);
	snprintf(head->leap_file, sizeof(head->leap_file), "%s", leap_path(&s->config->leap));
	snprintf(head->idle, sizeof(head->idle), "%s", idle_policy_text(s->config->idle));
	head->smear = s->config->smear;
	head->counter = s->counter;
	for (unsigned i = 0; i < t->worker_count; i++)
		head->worker[i] = (struct statseg_worker){.core = t->worker[i].core,
			.node = t->worker[i].node,
			.queue_count = t->worker[i].queue_count};
}

// Once it is known which workers there are.
static int server_steps_statseg_fill(struct server *s)
{
	const struct topology *t = &s->topology;
	unsigned node[CONFIG_WORKERS];
	topology_nodes(t, node);
	int r = statseg_settle(&s->statseg, t->node_count, node, t->worker_count);
	if (r == 0)
		statseg_introduce(s);
	return statseg_judge(s, r);
}

static int server_steps_workers_make(struct server *s)
{
	return workers_create(&s->workers, &s->topology, s->port, &s->diagnostic);
}

static void workers_unmake(struct server *s)
{
	workers_free(&s->workers);
}

// The pools that port i's queues receive into, by the plan.
static void pools_choose(const struct server *s, unsigned port, struct rte_mempool **ret_pool)
{
	for (unsigned w = 0; w < s->topology.worker_count; w++) {
		const struct topology_worker *plan = &s->topology.worker[w];
		for (unsigned q = 0; q < plan->queue_count; q++)
			if (plan->queue[q].port == port)
				ret_pool[plan->queue[q].queue] = s->workers.pool[w];
	}
}

static int ports_open(struct server *s)
{
	struct rte_mempool *pool[CONFIG_WORKERS];
	for (unsigned i = 0; i < s->port_count; i++) {
		pools_choose(s, i, pool);
		int r = port_open(&s->port[i], s->topology.port_queues[i], pool, &s->diagnostic);
		if (r < 0)
			return r;
		port_describe(&s->port[i], &s->statseg.head->port[i]);
	}
	return 0;
}

static void ports_close(struct server *s)
{
	for (unsigned i = s->port_count; i-- > 0;)
		port_close(&s->port[i]);
}

static int statseg_show(struct server *s)
{
	int r = statseg_judge(s, statseg_announce(&s->statseg, s->config->run_dir));
	if (r == 0)
		(void)telemetry_register(s->config->run_dir);
	return r;
}

// Until there is a line that workers can be given, though it is not served yet.
static int clock_measure(struct server *s)
{
	bool is_kernel = s->counter == COUNTER_KERNEL;
	struct node_settings settings = {
		.source = {counter_hooks(s->counter)->control, machine_realtime, &s->machine,
			machine_suspended, is_kernel ? NULL : machine_is_demoted, is_kernel},
		.last_hz = s->last_hz,
		.leap = &s->config->leap,
		.trust_counter = s->config->trust_counter,
	};
	const struct phc_tai tai = {s, server_tai_offset};
	struct happened happened;
	if (s->config->interleaved_mib > 0)
		settings.precision_floor = interleave_precision(s->topology.worker_count);
	timekeeper_init(&s->timekeeper, &settings);
	reference_set_open(&s->references, s->config, &tai);
	int r = events_start_ticks(&s->events, CLOCK_RATE);
	for (unsigned i = 0; r == 0 && !s->timekeeper.has_line; i++) {
		r = i == START_TICKS ? -ETIMEDOUT : server_turn(s, &happened);
		if (s->stops > 0)
			r = -ECANCELED;
	}
	if (r < 0)
		return diagnostic_fail(
			&s->diagnostic, r, "the clock could not be measured: %s", strerror(-r));
	return 0;
}

static void references_close(struct server *s)
{
	reference_set_close(&s->references);
}

static int workers_prepare(struct server *s)
{
	workers_equip(&s->workers, s->config, &s->topology, s->port, &s->statseg);
	int r = workers_interleave(&s->workers, s->config, &s->topology, &s->diagnostic);
	if (r < 0)
		return r;
	if (s->config->interleaved_mib != 0)
		workers_ask_tx_stamps(&s->workers, &s->topology, s->port);
	for (s->cared = 0; s->cared < s->port_count; s->cared++)
		port_recovery_init(
			&s->care[s->cared], &s->port[s->cared], s->cared, &s->workers, &s->statseg);
	keyring_show(&s->keyring, &s->statseg);
	for (unsigned i = 0; i < s->workers.count; i++)
		keyring_join(&s->keyring, &s->workers.worker[i]->keys);
	return 0;
}

static int workers_run(struct server *s)
{
	return workers_launch(&s->workers, &s->diagnostic);
}

// A worker that does not stop keeps its memory and its port: nothing is freed under it, and the
// process ends.
static void workers_end(struct server *s)
{
	if (!workers_stop(&s->workers)) {
		log_error("a worker does not stop: leaving without cleaning up");
		if (s->fault != 0)
			log_error("%s", s->diagnostic.sentence);
		statseg_close(&s->statseg, s->config->run_dir, true);
		_exit(EXIT_FAILURE);
	}
	server_counters_tell(s);
}

static int steerings_open(struct server *s)
{
	int r = 0;
	for (unsigned i = 0; r == 0 && i < s->port_count; i++) {
		const struct port *p = &s->port[i];
		struct steering_port side = {
			.device = p->device, .meta_cookie = p->stamps.meta_cookie};
		port_service(p, s->config, &side.service);
		r = steering_open(&s->steering[i], &side, &s->diagnostic);
	}
	return r;
}

static void steerings_close(struct server *s)
{
	for (unsigned i = s->port_count; i-- > 0;)
		steering_close(&s->steering[i]);
}

// Workers answer meanwhile, and say that they do not know the time yet.
static int state_settle(struct server *s)
{
	struct happened happened;
	int r = 0;
	while (r == 0 && s->stops == 0 && s->timekeeper.judge.state == SYNC_STATE_START)
		r = server_turn(s, &happened);
	if (r < 0)
		return diagnostic_fail(
			&s->diagnostic, r, "the control loop failed: %s", strerror(-r));
	return 0;
}

// What it starts stands on what the steps above it started.
static const struct server_step steps[] = {
	{"supervisor", supervisor_find, supervisor_leave},
	{"signals", server_steps_signals_take, signals_leave},
	{"counter", server_steps_counter_choose, NULL},
	{"keys", server_steps_keys_read, keys_forget},
	{"cores", cores_plan, NULL},
	{"statseg", server_steps_statseg_make, statseg_take_away},
	{"dpdk", server_steps_eal_bring_up, eal_take_down},
	{"ports", ports_probe, ports_leave},
	{"queues", queues_plan, NULL},
	{"statseg entries", server_steps_statseg_fill, NULL},
	{"workers", server_steps_workers_make, workers_unmake},
	{"open ports", ports_open, ports_close},
	{"shown statseg", statseg_show, NULL}, // goes with the status segment
	{"clock", clock_measure, references_close},
	{"equipment", workers_prepare, NULL}, // goes with the workers
	{"running workers", workers_run, workers_end},
	{"kernel", steerings_open, steerings_close},
	{"state", state_settle, NULL},
};

const struct server_step *server_step_at(unsigned i)
{
	return i < sizeof(steps) / sizeof(steps[0]) ? &steps[i] : NULL;
}

int server_step_start(struct server *s, const struct server_step *step)
{
	log_debug("start: %s", step->name);
	return step->start(s);
}

void server_step_stop(struct server *s, const struct server_step *step)
{
	log_debug("stop: %s", step->name);
	if (step->stop != NULL)
		step->stop(s);
}

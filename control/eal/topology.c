// SPDX-License-Identifier: BSD-3-Clause
#include "eal/topology.h"

#include <errno.h>
#include <numa.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

// The kernel tells all it may have or nothing; this is the most that Linux is built for on x86.
#define KERNEL_CORES 8192

static uint8_t core_node(int core)
{
	if (numa_available() < 0)
		return 0;
	int node = numa_node_of_cpu(core);
	return node < 0 || node >= CONFIG_NODES ? 0 : (uint8_t)node;
}

static void machine_fill(struct machine *m, const cpu_set_t *set, size_t set_size)
{
	*m = (struct machine){0};
	for (int core = 0; core < TOPOLOGY_CORES; core++) {
		if (!CPU_ISSET_S((unsigned)core, set_size, set))
			continue;
		m->core[m->core_count] = (uint16_t)core;
		m->node[m->core_count] = core_node(core);
		m->core_count++;
	}
}

int topology_read(struct machine *ret_machine)
{
	cpu_set_t *set = CPU_ALLOC(KERNEL_CORES);
	size_t set_size = CPU_ALLOC_SIZE(KERNEL_CORES);
	if (set == NULL)
		return -ENOMEM;
	int r = sched_getaffinity(0, set_size, set) < 0 ? -errno : 0;
	if (r == 0)
		machine_fill(ret_machine, set, set_size);
	CPU_FREE(set);
	return r == 0 && ret_machine->core_count == 0 ? -ERANGE : r;
}

// Index in m of the core, or -1.
static int machine_find(const struct machine *m, unsigned core)
{
	for (unsigned i = 0; i < m->core_count; i++)
		if (m->core[i] == core)
			return (int)i;
	return -1;
}

static bool config_has_worker(const struct config *c, unsigned core)
{
	for (unsigned i = 0; i < c->worker_count; i++)
		if (c->worker_core[i] == core)
			return true;
	return false;
}

// Unless it is configured: the first allowed core without a worker, else the first allowed.
static unsigned main_core_choose(const struct config *c, const struct machine *m)
{
	if (c->main_core >= 0)
		return (unsigned)c->main_core;
	for (unsigned i = 0; i < m->core_count; i++)
		if (!config_has_worker(c, m->core[i]))
			return m->core[i];
	return m->core[0];
}

static void topology_worker_add(struct topology *t, const struct machine *m, unsigned i)
{
	struct topology_worker *w = &t->worker[t->worker_count++];
	w->core = m->core[i];
	w->node = m->node[i];
	w->lcore = t->worker_count; // 0 is the main core's
	if (w->node >= t->node_count)
		t->node_count = w->node + 1;
}

static bool core_is_free(const struct topology *t, const struct machine *m, unsigned i)
{
	return m->core[i] != t->main_core || m->core_count == 1;
}

// How many cores of each node may get a worker: all, or where those are too many, the nodes take
// turns, because which of them a port is on is not known yet.
static void shares_deal(const struct topology *t, const struct machine *m, unsigned *ret_share)
{
	unsigned cores[CONFIG_NODES] = {0};
	unsigned left = 0;
	for (unsigned i = 0; i < m->core_count; i++) {
		cores[m->node[i]] += core_is_free(t, m, i);
		left += core_is_free(t, m, i);
	}
	if (left > CONFIG_WORKERS)
		left = CONFIG_WORKERS;
	for (unsigned node = 0; left > 0; node = (node + 1) % CONFIG_NODES) {
		if (ret_share[node] == cores[node])
			continue;
		ret_share[node]++;
		left--;
	}
}

// `auto`: every allowed core but the main one; the only core where there is one.
static void workers_add_auto(struct topology *t, const struct machine *m)
{
	unsigned share[CONFIG_NODES] = {0};
	shares_deal(t, m, share);
	for (unsigned i = 0; i < m->core_count; i++) {
		if (!core_is_free(t, m, i) || share[m->node[i]] == 0)
			continue;
		share[m->node[i]]--;
		topology_worker_add(t, m, i);
	}
}

static int core_complain(
	const char *setting, unsigned core, const struct machine *m, struct diagnostic *d)
{
	return diagnostic_fail(d, -EINVAL,
		"%s: core %u is not among the %u cores this process may use (%u to %u): choose one "
		"of "
		"those, or widen the process's CPU affinity",
		setting, core, m->core_count, (unsigned)m->core[0],
		(unsigned)m->core[m->core_count - 1]);
}

int topology_plan_cores(const struct config *c, const struct machine *m,
	struct topology *ret_topology, struct diagnostic *d)
{
	struct topology t = {.node_count = 1};
	t.main_core = main_core_choose(c, m);
	if (machine_find(m, t.main_core) < 0)
		return core_complain("main_core", t.main_core, m, d);
	for (unsigned i = 0; i < c->worker_count; i++) {
		int found = machine_find(m, c->worker_core[i]);
		if (found < 0)
			return core_complain("workers", c->worker_core[i], m, d);
		topology_worker_add(&t, m, (unsigned)found);
	}
	if (c->workers_auto)
		workers_add_auto(&t, m);
	*ret_topology = t;
	return 0;
}

int topology_begin(const struct config *c, struct topology *ret_topology, struct diagnostic *d)
{
	struct machine *m = malloc(sizeof(*m));
	int r = m == NULL ? -ENOMEM : topology_read(m);
	if (r == 0)
		r = topology_plan_cores(c, m, ret_topology, d);
	else
		r = diagnostic_fail(d, r,
			"the cores that this process may use, of 0 to %d, cannot be told: %s",
			TOPOLOGY_CORES - 1, strerror(-r));
	free(m);
	return r;
}

void topology_nodes(const struct topology *t, unsigned *ret_node)
{
	for (unsigned i = 0; i < t->worker_count; i++)
		ret_node[i] = t->worker[i].node;
}

static bool worker_has_port(const struct topology_worker *w, unsigned port)
{
	return w->queue_count > 0 && w->queue[w->queue_count - 1].port == port;
}

// Whether a should get the port's next queue rather than b.
static bool worker_is_better(const struct topology_worker *a, const struct topology_worker *b,
	const struct topology_port *p)
{
	if (a->queue_count != b->queue_count)
		return a->queue_count < b->queue_count;
	return a->node == p->node && b->node != p->node;
}

// The worker for port i's next queue; NULL when all have one.
static struct topology_worker *worker_choose(
	struct topology *t, const struct topology_port *p, unsigned port)
{
	struct topology_worker *best = NULL;
	for (unsigned i = 0; i < t->worker_count; i++) {
		struct topology_worker *w = &t->worker[i];
		if (worker_has_port(w, port))
			continue;
		if (best == NULL || worker_is_better(w, best, p))
			best = w;
	}
	return best;
}

static void port_spread(struct topology *t, const struct topology_port *p, unsigned port)
{
	for (unsigned q = 0; q < p->max_queues; q++) {
		struct topology_worker *w = worker_choose(t, p, port);
		if (w == NULL)
			return;
		w->queue[w->queue_count++] = (struct topology_queue){(uint16_t)port, (uint16_t)q};
		t->port_queues[port]++;
	}
}

static int queues_check(const struct topology *t, struct diagnostic *d)
{
	unsigned served = 0;
	for (unsigned i = 0; i < t->worker_count; i++)
		served += t->worker[i].queue_count > 0;
	if (served > 0 && served == t->worker_count)
		return 0;
	if (served == 0)
		return diagnostic_fail(d, -EINVAL,
			"ports: none has both a queue to receive from and one to send to: name a "
			"device that receives and sends");
	return diagnostic_fail(d, -EINVAL,
		"workers: %u workers, but the ports have queues for %u only: list at most %u, or "
		"give "
		"the ports more queues",
		t->worker_count, served, served);
}

// Those that stay keep their order, and their lcores.
static void workers_drop_idle(struct topology *t)
{
	unsigned kept = 0;
	t->node_count = 1;
	for (unsigned i = 0; i < t->worker_count; i++) {
		if (t->worker[i].queue_count == 0)
			continue;
		t->worker[kept] = t->worker[i];
		if (t->worker[kept].node >= t->node_count)
			t->node_count = t->worker[kept].node + 1;
		kept++;
	}
	t->worker_count = kept;
}

// A port gets its queues spread in the order of the workers' load, so that ports with few queues
// end up on different workers.
int topology_plan_queues(const struct config *c, const struct topology_port *ports,
	struct topology *t, struct diagnostic *d)
{
	struct topology *plan = malloc(sizeof(*plan));
	if (plan == NULL)
		return diagnostic_fail(d, -ENOMEM, "out of memory");
	*plan = *t;
	for (unsigned i = 0; i < c->port_count; i++)
		port_spread(plan, &ports[i], i);
	if (c->workers_auto)
		workers_drop_idle(plan);
	int r = queues_check(plan, d);
	if (r == 0)
		*t = *plan;
	free(plan);
	return r;
}

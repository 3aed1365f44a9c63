// SPDX-License-Identifier: BSD-3-Clause
#include "eal/topology.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/table.h"

static struct diagnostic diagnostic;
static struct config config; // too large for a stack; config_clear before use

static struct config *config_clear(void)
{
	memset(&config, 0, sizeof(config));
	return &config;
}

// `count` cores from 0, the first half on node 0 and the second on node 1.
static struct machine two_nodes(unsigned count)
{
	struct machine m = {.core_count = count};
	for (unsigned i = 0; i < count; i++) {
		m.core[i] = (uint16_t)i;
		m.node[i] = i < count / 2 ? 0 : 1;
	}
	return m;
}

struct cores_row {
	const char *name;
	struct machine machine;
	int main_core;
	bool is_auto;
	unsigned listed;
	unsigned list[4];
	// Expected.
	int error;
	unsigned main;
	unsigned workers;
	unsigned worker[4];
	unsigned node[4];
	const char *says;
};

static const struct cores_row cores_rows[] = {
	{.name = "a list is taken as it stands",
		.machine = {.core_count = 4, .core = {0, 1, 2, 3}, .node = {0, 0, 1, 1}},
		.main_core = 0,
		.listed = 2,
		.list = {3, 1},
		.main = 0,
		.workers = 2,
		.worker = {3, 1},
		.node = {1, 0}},
	{.name = "auto takes every allowed core but the main one",
		.machine = {.core_count = 4, .core = {2, 3, 6, 7}, .node = {0, 0, 1, 1}},
		.main_core = 3,
		.is_auto = true,
		.main = 3,
		.workers = 3,
		.worker = {2, 6, 7},
		.node = {0, 1, 1}},
	{.name = "auto takes the only core where there is one",
		.machine = {.core_count = 1, .core = {5}},
		.main_core = -1,
		.is_auto = true,
		.main = 5,
		.workers = 1,
		.worker = {5}},
	{.name = "the main core avoids the workers",
		.machine = {.core_count = 3, .core = {0, 1, 2}},
		.main_core = -1,
		.listed = 2,
		.list = {0, 1},
		.main = 2,
		.workers = 2,
		.worker = {0, 1}},
	{.name = "the main core is shared where every core has a worker",
		.machine = {.core_count = 2, .core = {0, 1}},
		.main_core = -1,
		.listed = 2,
		.list = {0, 1},
		.main = 0,
		.workers = 2,
		.worker = {0, 1}},
	{.name = "two workers may share a core",
		.machine = {.core_count = 2, .core = {0, 1}},
		.main_core = 0,
		.listed = 2,
		.list = {1, 1},
		.main = 0,
		.workers = 2,
		.worker = {1, 1}},
	{.name = "a worker on a core that is not allowed",
		.machine = {.core_count = 2, .core = {4, 5}},
		.main_core = -1,
		.listed = 1,
		.list = {3},
		.error = -EINVAL,
		.says = "workers: core 3 is not among the 2 cores"},
	{.name = "a main core that is not allowed",
		.machine = {.core_count = 2, .core = {4, 5}},
		.main_core = 9,
		.is_auto = true,
		.error = -EINVAL,
		.says = "main_core: core 9 is not among the 2 cores"},
};

static void cores_are_planned(void **state)
{
	const struct cores_row *row = *state;
	static struct topology t;
	struct config *c = config_clear();
	c->main_core = row->main_core;
	c->workers_auto = row->is_auto;
	c->worker_count = row->listed;
	memcpy(c->worker_core, row->list, sizeof(row->list));
	t = (struct topology){.worker_count = 77};
	int r = topology_plan_cores(c, &row->machine, &t, &diagnostic);
	assert_int_equal(r, row->error);
	if (r < 0) {
		assert_int_equal(t.worker_count, 77);
		assert_non_null(strstr(diagnostic.sentence, row->says));
		return;
	}
	assert_int_equal(t.main_core, row->main);
	assert_int_equal(t.worker_count, row->workers);
	for (unsigned i = 0; i < row->workers; i++) {
		assert_int_equal(t.worker[i].lcore, i + 1);
		assert_int_equal(t.worker[i].core, row->worker[i]);
		assert_int_equal(t.worker[i].node, row->node[i]);
		assert_true(t.worker[i].node < t.node_count);
		assert_int_equal(t.worker[i].queue_count, 0);
	}
}

// A plan of `workers` workers on a machine of two nodes, one core more than workers.
static void plan_workers(unsigned workers, struct topology *ret_topology)
{
	static struct machine m;
	struct config *c = config_clear();
	c->workers_auto = true;
	c->main_core = 0;
	m = two_nodes(workers + 1);
	assert_int_equal(topology_plan_cores(c, &m, ret_topology, &diagnostic), 0);
}

struct queues_row {
	const char *name;
	unsigned workers;
	unsigned ports;
	struct topology_port port[4];
	// Expected: queues of each worker, of each port; zero workers: an error.
	unsigned of_worker[8];
	unsigned of_port[4];
	const char *says;
};

static const struct queues_row queues_rows[] = {
	{.name = "one port and one worker",
		.workers = 1,
		.ports = 1,
		.port = {{1, 0}},
		.of_worker = {1},
		.of_port = {1}},
	{.name = "a queue for each worker and no more",
		.workers = 3,
		.ports = 1,
		.port = {{64, 0}},
		.of_worker = {1, 1, 1},
		.of_port = {3}},
	{.name = "two ports for one worker",
		.workers = 1,
		.ports = 2,
		.port = {{1, 0}, {8, 1}},
		.of_worker = {2},
		.of_port = {1, 1}},
	{.name = "two ports of one queue go to two workers",
		.workers = 2,
		.ports = 2,
		.port = {{1, 0}, {1, 0}},
		.of_worker = {1, 1},
		.of_port = {1, 1}},
	{.name = "two full ports for two workers",
		.workers = 2,
		.ports = 2,
		.port = {{4, 0}, {4, 1}},
		.of_worker = {2, 2},
		.of_port = {2, 2}},
	{.name = "a narrow port goes to the least loaded",
		.workers = 3,
		.ports = 3,
		.port = {{2, 0}, {1, 0}, {3, 0}},
		.of_worker = {2, 2, 2},
		.of_port = {2, 1, 3}},
	{.name = "more workers than queues",
		.workers = 5,
		.ports = 2,
		.port = {{1, 0}, {2, 0}},
		.says = "5 workers, but the ports have queues for 3 only: list at most 3"},
};

static void queues_are_spread(void **state)
{
	const struct queues_row *row = *state;
	static struct topology t;
	plan_workers(row->workers, &t);
	struct config *c = config_clear();
	c->port_count = row->ports;
	int r = topology_plan_queues(c, row->port, &t, &diagnostic);
	if (row->says != NULL) {
		assert_int_equal(r, -EINVAL);
		assert_non_null(strstr(diagnostic.sentence, row->says));
		assert_int_equal(t.port_queues[0], 0);
		return;
	}
	assert_int_equal(r, 0);
	for (unsigned i = 0; i < row->workers; i++)
		assert_int_equal(t.worker[i].queue_count, row->of_worker[i]);
	for (unsigned i = 0; i < row->ports; i++)
		assert_int_equal(t.port_queues[i], row->of_port[i]);
}

static void among_equals_the_ports_own_node_comes_first(void **state)
{
	(void)state;
	static struct topology t;
	plan_workers(7, &t); // cores 1-3 on node 0, 4-7 on node 1
	struct config *c = config_clear();
	c->port_count = 2;
	struct topology_port ports[] = {{4, 1}, {3, 0}};
	assert_int_equal(topology_plan_queues(c, ports, &t, &diagnostic), 0);
	for (unsigned i = 0; i < t.worker_count; i++) {
		assert_int_equal(t.worker[i].queue_count, 1);
		assert_int_equal(ports[t.worker[i].queue[0].port].node, t.worker[i].node);
	}
}

struct auto_row {
	const char *name;
	unsigned cores; // half of them on each of two nodes
	int main_core;
	unsigned ports;
	struct topology_port port[2];
	// Expected.
	unsigned lcores; // workers before the queues are known
	unsigned workers;
	unsigned first; // core of the first
	unsigned last;  // of the last
};

static const struct auto_row auto_rows[] = {
	{"1 core, 1 queue", 1, -1, 1, {{1, 0}}, 1, 1, 0, 0},
	{"1 core, 4 queues", 1, -1, 1, {{4, 0}}, 1, 1, 0, 0},
	{"1 core, 64 queues", 1, -1, 1, {{64, 0}}, 1, 1, 0, 0},
	{"1 core, two ports", 1, -1, 2, {{1, 0}, {4, 0}}, 1, 1, 0, 0},
	{"3 cores, 1 queue", 3, -1, 1, {{1, 1}}, 2, 1, 1, 1},
	{"3 cores, 4 queues", 3, -1, 1, {{4, 1}}, 2, 2, 1, 2},
	{"3 cores, 64 queues", 3, -1, 1, {{64, 1}}, 2, 2, 1, 2},
	{"3 cores, two ports of 1 queue", 3, -1, 2, {{1, 1}, {1, 1}}, 2, 2, 1, 2},
	{"16 cores, 1 queue", 16, -1, 1, {{1, 0}}, 15, 1, 1, 1},
	{"16 cores, 1 queue on node 1", 16, -1, 1, {{1, 1}}, 15, 1, 8, 8},
	{"16 cores, 1 queue, main core on its node", 16, 8, 1, {{1, 1}}, 15, 1, 9, 9},
	{"16 cores, 4 queues", 16, -1, 1, {{4, 0}}, 15, 4, 1, 4},
	{"16 cores, 4 queues on node 1", 16, -1, 1, {{4, 1}}, 15, 4, 8, 11},
	{"16 cores, 64 queues", 16, -1, 1, {{64, 0}}, 15, 15, 1, 15},
	{"16 cores, two ports on two nodes", 16, -1, 2, {{4, 1}, {1, 0}}, 15, 5, 1, 11},
	{"129 cores, 1 queue", 129, -1, 1, {{1, 0}}, 127, 1, 1, 1},
	{"129 cores, 4 queues on node 1", 129, -1, 1, {{4, 1}}, 127, 4, 64, 67},
	{"129 cores, 64 queues on node 0", 129, -1, 1, {{64, 0}}, 127, 64, 1, 64},
	{"256 cores, 1 queue", 256, -1, 1, {{1, 0}}, 127, 1, 1, 1},
	{"256 cores, 1 queue on node 1", 256, -1, 1, {{1, 1}}, 127, 1, 128, 128},
	{"256 cores, 4 queues on node 1", 256, -1, 1, {{4, 1}}, 127, 4, 128, 131},
	{"256 cores, 64 queues", 256, -1, 1, {{64, 0}}, 127, 64, 1, 64},
	{"256 cores, two ports of 64 queues", 256, -1, 2, {{64, 0}, {64, 1}}, 127, 127, 1, 190},
};

static void check_plan(const struct topology *t, const struct topology_port *ports, unsigned n);

// Ascending in cores and in lcores, each with a queue, none beside the main core where there is
// another.
static void check_workers(const struct topology *t, unsigned cores)
{
	unsigned nodes = 1;
	for (unsigned i = 0; i < t->worker_count; i++) {
		const struct topology_worker *w = &t->worker[i];
		assert_true(w->queue_count > 0);
		assert_true(w->core != t->main_core || cores == 1);
		assert_in_range(w->lcore, 1, CONFIG_WORKERS);
		assert_true(i == 0 || (w->core > w[-1].core && w->lcore > w[-1].lcore));
		nodes = w->node >= nodes ? w->node + 1 : nodes;
	}
	assert_int_equal(t->node_count, nodes);
}

static void auto_is_a_worker_for_each_queue(void **state)
{
	const struct auto_row *row = *state;
	static struct machine m;
	static struct topology t;
	struct config *c = config_clear();
	c->workers_auto = true;
	c->main_core = row->main_core;
	c->port_count = row->ports;
	m = two_nodes(row->cores);
	assert_int_equal(topology_plan_cores(c, &m, &t, &diagnostic), 0);
	assert_int_equal(t.worker_count, row->lcores);
	assert_int_equal(topology_plan_queues(c, row->port, &t, &diagnostic), 0);
	assert_int_equal(t.worker_count, row->workers);
	assert_int_equal(t.worker[0].core, row->first);
	assert_int_equal(t.worker[t.worker_count - 1].core, row->last);
	check_workers(&t, row->cores);
	check_plan(&t, row->port, row->ports);
}

// A device that only receives, or only sends.
static void ports_without_queues_are_said(void **state)
{
	(void)state;
	static struct topology t;
	const struct topology_port port = {0, 0};
	plan_workers(3, &t);
	config.port_count = 1;
	assert_int_equal(topology_plan_queues(&config, &port, &t, &diagnostic), -EINVAL);
	assert_non_null(
		strstr(diagnostic.sentence, "ports: none has both a queue to receive from"));
	assert_int_equal(t.worker_count, 3);
}

// Counts the worker's queues of port p, and marks each as owned.
static unsigned count_queues(const struct topology_worker *w, unsigned p, unsigned *owners)
{
	unsigned count = 0;
	for (unsigned q = 0; q < w->queue_count; q++) {
		if (w->queue[q].port != p)
			continue;
		count++;
		owners[w->queue[q].queue]++;
	}
	return count;
}

// Each queue below a port's count belongs to exactly one worker, no worker has two of one port, and
// nobody has two queues more than another unless ports are narrow.
static void check_plan(const struct topology *t, const struct topology_port *ports, unsigned n)
{
	for (unsigned p = 0; p < n; p++) {
		unsigned owners[CONFIG_WORKERS] = {0};
		assert_in_range(t->port_queues[p], 1, ports[p].max_queues);
		for (unsigned w = 0; w < t->worker_count; w++)
			assert_true(count_queues(&t->worker[w], p, owners) <= 1);
		for (unsigned q = 0; q < CONFIG_WORKERS; q++)
			assert_int_equal(owners[q], q < t->port_queues[p] ? 1 : 0);
	}
}

static void random_plans_own_each_queue_once(void **state)
{
	(void)state;
	srand(20260824);
	for (unsigned i = 0; i < 500; i++) {
		struct topology_port ports[CONFIG_PORTS];
		static struct topology t;
		plan_workers(1 + (unsigned)rand() % 60, &t);
		struct config *c = config_clear();
		c->port_count = 1 + (unsigned)rand() % CONFIG_PORTS;
		for (unsigned p = 0; p < c->port_count; p++)
			ports[p] = (struct topology_port){
				1 + (unsigned)rand() % 80, (unsigned)rand() % 3};
		if (topology_plan_queues(c, ports, &t, &diagnostic) == 0)
			check_plan(&t, ports, c->port_count);
		else
			assert_non_null(strstr(diagnostic.sentence, "workers: "));
	}
}

static void this_machine_has_cores(void **state)
{
	(void)state;
	static struct machine m;
	assert_int_equal(topology_read(&m), 0);
	assert_true(m.core_count >= 1);
	for (unsigned i = 1; i < m.core_count; i++)
		assert_true(m.core[i - 1] < m.core[i]);
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(cores_rows); i++)
		table_add(&t, cores_rows[i].name, cores_are_planned, &cores_rows[i]);
	for (unsigned i = 0; i < TABLE_LENGTH(queues_rows); i++)
		table_add(&t, queues_rows[i].name, queues_are_spread, &queues_rows[i]);
	for (unsigned i = 0; i < TABLE_LENGTH(auto_rows); i++)
		table_add(&t, auto_rows[i].name, auto_is_a_worker_for_each_queue, &auto_rows[i]);
	TABLE_ADD(&t, ports_without_queues_are_said);
	TABLE_ADD(&t, among_equals_the_ports_own_node_comes_first);
	TABLE_ADD(&t, random_plans_own_each_queue_once);
	TABLE_ADD(&t, this_machine_has_cores);
	return table_run("topology", &t);
}

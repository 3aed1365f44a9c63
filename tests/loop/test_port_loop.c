// SPDX-License-Identifier: BSD-3-Clause
// Ports and workers as the server brings them up, on devices that need no hardware and no rights.
#include "port/port.h"
#include "port/port_service.h"
#include "server/workers.h"

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dpdk.h"
#include "harness/table.h"
#include "eal/hugepages.h"
#include "worker/worker_clock.h"

#define WORKERS 2

static struct diagnostic diagnostic;
static struct config config;
static struct topology topology;
static struct workers workers;
static struct port port;

static int dpdk_begin(void **state)
{
	(void)state;
	return dpdk_start(WORKERS);
}

static int dpdk_end(void **state)
{
	(void)state;
	return dpdk_stop();
}

// A configuration with one port, one address of each family, and a gateway.
static const struct config *config_of(const char *device)
{
	struct config_port *p = &config.port[0];
	memset(&config, 0, sizeof(config));
	config.port_count = 1;
	config.idle = IDLE_SLEEP;
	config.ttl = 61;
	config.dscp = 46;
	snprintf(p->device, sizeof(p->device), "%s", device);
	p->address[0] = (struct config_address){false, 24, {10, 123, 0, 1}, false};
	p->address[1] = (struct config_address){true, 64, {0xfd, 0, 1, 0x23, [15] = 1}, false};
	p->address_count = 2;
	p->has_gateway_mac = true;
	p->gateway_mac = (struct mac){{2, 0, 0, 0, 0, 9}};
	return &config;
}

static int probe(const char *device)
{
	diagnostic.sentence[0] = '\0';
	return port_probe(&config_of(device)->port[0], COUNTER_TSC, &port, &diagnostic);
}

static void a_virtual_device_is_made_and_inspected(void **state)
{
	(void)state;
	assert_int_equal(probe("net_null0"), 0);
	assert_string_equal(port.device, "net_null0");
	assert_true(port.max_queues >= 2);
	assert_false(port.is_wire);
	assert_true(port.rx_ring > 0 && port.tx_ring > 0);
	assert_true(port_queue_buffers(&port) >= (unsigned)port.rx_ring + port.tx_ring);
	assert_int_equal(port_queue_buffers(&port), hugepages_queue_buffers("net_null0"));
	port_close(&port);
}

// the ring that was asked for, where there is one: else what lies in a peer's or in the
// kernel's.
static void r12_a_queue_may_hold_more_than_its_ring(void **state)
{
	(void)state;
	assert_int_equal(probe("net_null7"), 0);
	assert_int_equal(port_queue_backlog(&port), UINT16_MAX);
	struct port other = port;
	other.is_wire = true;
	assert_int_equal(port_queue_backlog(&other), port.rx_ring);
	other.is_wire = false;
	snprintf(other.device, sizeof(other.device), "net_af_xdp0,iface=x");
	assert_int_equal(port_queue_backlog(&other), 4096);
	port_close(&port);
}

struct refusal_row {
	const char *name;
	const char *device;
	const char *says;
};

static const struct refusal_row refusals[] = {
	{"a driver that is not there", "net_nothing0", "port net_nothing0: no such device"},
	{"a PCI device that is not there", "0000:99:00.0", "dpdk-devbind.py"},
	{"an interface that is not there", "net_af_packet0,iface=nope0",
		"no network interface nope0"},
	{"no packet sockets for an interface that is not there", "net_af_xdp0,iface=nope0",
		"no network interface nope0"},
};

static void what_is_not_there_is_said(void **state)
{
	const struct refusal_row *row = *state;
	memset(&port, 0x5a, sizeof(port));
	const struct port before = port;
	assert_true(probe(row->device) < 0);
	assert_memory_equal(&port, &before, sizeof(port));
	// Without rights that is the first thing to be said.
	if (geteuid() == 0 || strstr(row->says, "interface") != NULL)
		assert_non_null(strstr(diagnostic.sentence, row->says));
}

struct wish_row {
	const char *name;
	const char *device;
	enum rx_timestamps rx;
	bool launch;
	const char *says; // NULL: fine
};

static const struct wish_row wishes[] = {
	{"T-08: stamps of a port that has no clock", "net_null3", RX_TIMESTAMPS_ON, false,
		"port net_null3: rx_timestamps: its clock cannot be read; write auto or off"},
	{"T-08: a launch time of a port that has none", "net_null4", RX_TIMESTAMPS_AUTO, true,
		"port net_null4: launch_time: it cannot send at a given moment; remove it"},
	{"T-08: whatever stamps there are", "net_null5", RX_TIMESTAMPS_AUTO, false, NULL},
	{"T-08: no stamps", "net_null6", RX_TIMESTAMPS_OFF, false, NULL},
};

// What cannot be honoured is said at the start; what may be left to the server falls back.
static void stamps_are_what_was_wished_or_a_mistake(void **state)
{
	const struct wish_row *row = *state;
	struct rte_mempool *pool =
		rte_pktmbuf_pool_create("wish", 2047, 64, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	assert_non_null(pool);
	assert_int_equal(probe(row->device), 0);
	config.port[0].rx_timestamps = row->rx;
	config.port[0].launch_time = row->launch;
	int r = port_open(&port, 1, &pool, &diagnostic);
	assert_int_equal(r < 0, row->says != NULL);
	if (row->says != NULL) {
		assert_non_null(strstr(diagnostic.sentence, row->says));
	} else {
		assert_int_equal(port.stamps.rx_flag, 0);
		assert_int_equal(port.stamps.rx_reason,
			row->rx == RX_TIMESTAMPS_OFF ? STAMP_REASON_OFF : STAMP_REASON_DRIVER);
		port_close(&port);
	}
	rte_mempool_free(pool);
}

static void the_service_is_what_was_configured(void **state)
{
	(void)state;
	struct service s;
	const struct port p = {.config = &config_of("net_null0")->port[0],
		.mac = {{2, 0, 0, 0, 0, 1}},
		.offload = true};
	port_service(&p, &config, &s);
	assert_memory_equal(&s.mac, &p.mac, sizeof(s.mac));
	assert_true(s.has_gateway);
	assert_int_equal(s.gateway.byte[5], 9);
	assert_true(s.offload);
	assert_int_equal(s.ttl, 61);
	assert_int_equal(s.traffic_class, 46 << 2);
	assert_true(service_has_ip4(&s, (const uint8_t[4]){10, 123, 0, 1}));
	assert_true(service_has_ip6(&s, config.port[0].address[1].byte));
	// The subnet's broadcast address follows from the prefix length.
	assert_false(service_answers_ip4(&s, (const uint8_t[4]){10, 123, 0, 255}));
}

// An IPv4 reply has 90 bytes, its preamble, check and gap 24: 912 bits.
static void a_reply_takes_its_time_on_real_wires_only(void **state)
{
	(void)state;
	struct port p = {.is_wire = true, .link_mbps = 1000};
	uint64_t gigabit = port_tx_step(&p);
	assert_in_range(ntp_time_to_nanos((int64_t)gigabit).n, 911, 912);
	p.link_mbps = 100000;
	assert_in_range(ntp_time_to_nanos((int64_t)port_tx_step(&p)).n, 8, 9);
	p.link_mbps = 0;
	assert_int_equal(port_tx_step(&p), 0);
	p = (struct port){.is_wire = false, .link_mbps = 1000};
	assert_int_equal(port_tx_step(&p), 0);
}

static void plan_two_workers(void)
{
	memset(&topology, 0, sizeof(topology));
	topology.node_count = 1;
	topology.worker_count = WORKERS;
	topology.port_queues[0] = WORKERS;
	for (unsigned i = 0; i < WORKERS; i++) {
		topology.worker[i].lcore = i + 1;
		topology.worker[i].queue_count = 1;
		topology.worker[i].queue[0] = (struct topology_queue){0, (uint16_t)i};
	}
}

static void pools_check_full(void)
{
	for (unsigned i = 0; i < workers.count; i++)
		assert_int_equal(rte_mempool_avail_count(workers.pool[i]), workers.pool[i]->size);
}

// The whole life: buffers, port, workers on their lcores, and back, with every buffer returned.
// net_null delivers frames of zeros without end.
static void workers_live_and_end_with_all_buffers(void **state)
{
	(void)state;
	static const unsigned node[WORKERS];
	char folder[] = "/tmp/ntpwire-port-XXXXXX";
	struct statseg statseg;
	struct statseg_port entry = {0};
	assert_non_null(mkdtemp(folder));
	assert_int_equal(statseg_create(folder, 1, node, WORKERS, &statseg), 0);
	assert_int_equal(probe("net_null1"), 0);
	plan_two_workers();
	memset(&workers, 0, sizeof(workers));
	assert_int_equal(workers_create(&workers, &topology, &port, &diagnostic), 0);
	assert_int_equal(port_open(&port, WORKERS, workers.pool, &diagnostic), 0);
	port_describe(&port, &entry);
	assert_int_equal(entry.queue_count, WORKERS);
	assert_string_equal(entry.device, "net_null1");
	statseg.head->counter = COUNTER_KERNEL;
	workers_equip(&workers, &config, &topology, &port, &statseg);
	for (unsigned i = 0; i < WORKERS; i++)
		assert_true(workers.worker[i]->clock.counter_read == worker_counter_kernel);
	assert_int_equal(workers_launch(&workers, &diagnostic), 0);
	port_observe(&port, &entry);
	assert_int_equal(entry.link_up, 1);
	assert_true(workers_stop(&workers));
	for (unsigned i = 0; i < WORKERS; i++) {
		const struct counters *c = statseg_counters(&statseg, i);
		uint64_t received = counters_get(&c->traffic[TRAFFIC_RX_PACKETS]);
		assert_true(received > 0);
		assert_int_equal(counters_get(&c->verdict[V_ETHER_DESTINATION]), received);
	}
	port_close(&port);
	pools_check_full();
	workers_free(&workers);
	statseg_close(&statseg, folder, true);
	(void)rmdir(folder);
}

// It has the worker's number of DPDK's, whichever others were left out.
static void a_worker_runs_on_its_own_lcore(void **state)
{
	(void)state;
	static const unsigned node[1];
	char folder[] = "/tmp/ntpwire-port-XXXXXX";
	struct statseg statseg;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(statseg_create(folder, 1, node, 1, &statseg), 0);
	assert_int_equal(probe("net_null9"), 0);
	plan_two_workers();
	topology.worker_count = 1;
	topology.worker[0].lcore = WORKERS;
	memset(&workers, 0, sizeof(workers));
	assert_int_equal(workers_create(&workers, &topology, &port, &diagnostic), 0);
	assert_int_equal(port_open(&port, 1, workers.pool, &diagnostic), 0);
	workers_equip(&workers, &config, &topology, &port, &statseg);
	assert_int_equal(workers_launch(&workers, &diagnostic), 0);
	assert_int_equal(rte_eal_get_lcore_state(WORKERS), RUNNING);
	assert_int_equal(rte_eal_get_lcore_state(1), WAIT);
	assert_true(workers_stop(&workers));
	assert_int_equal(rte_eal_get_lcore_state(WORKERS), WAIT);
	port_close(&port);
	workers_free(&workers);
	statseg_close(&statseg, folder, true);
	(void)rmdir(folder);
}

static void too_little_memory_is_said(void **state)
{
	(void)state;
	assert_int_equal(probe("net_null2"), 0);
	memset(&topology, 0, sizeof(topology));
	topology.worker_count = CONFIG_WORKERS;
	memset(&workers, 0, sizeof(workers));
	int r = workers_create(&workers, &topology, &port, &diagnostic);
	assert_int_equal(r, -ENOMEM);
	assert_non_null(strstr(diagnostic.sentence, "memory: no room for the buffers of worker"));
	workers_free(&workers);
	port_close(&port);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, a_virtual_device_is_made_and_inspected);
	TABLE_ADD(&t, r12_a_queue_may_hold_more_than_its_ring);
	for (unsigned i = 0; i < TABLE_LENGTH(refusals); i++)
		table_add(&t, refusals[i].name, what_is_not_there_is_said, &refusals[i]);
	for (unsigned i = 0; i < TABLE_LENGTH(wishes); i++)
		table_add(&t, wishes[i].name, stamps_are_what_was_wished_or_a_mistake, &wishes[i]);
	TABLE_ADD(&t, the_service_is_what_was_configured);
	TABLE_ADD(&t, a_reply_takes_its_time_on_real_wires_only);
	TABLE_ADD(&t, workers_live_and_end_with_all_buffers);
	TABLE_ADD(&t, a_worker_runs_on_its_own_lcore);
	TABLE_ADD(&t, too_little_memory_is_said);
	return table_run_between("port", &t, dpdk_begin, dpdk_end);
}

// SPDX-License-Identifier: BSD-3-Clause
// what the control thread does when a driver tells of its port. The port is one of rings; its
// driver's part is played here: its events, and what it answers to the control calls, which are
// counted.
#include "server/port_recovery.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_ring.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "time/clock.h"
#include "dpdk.h"
#include "harness/frame_build.h"
#include "harness/scratch.h"
#include "harness/table.h"
#include "worker/worker_clock.h"

#define WORKERS 2
#define HZ      1000000000u

// The calls that a driver gets from control: how many of each, and what it answers.
static struct {
	unsigned resets, configures, queues, starts, looks, clocks;
	int reset_answers;
	unsigned resets_refused; // times, with -EAGAIN
	bool is_down;
	uint32_t mbps;
	uint64_t clock_lead;
} driver;

static struct diagnostic diagnostic;
static struct config config;
static struct topology topology;
static struct workers workers;
static struct port port;
static struct statseg statseg;
static struct port_recovery care;

int __wrap_rte_eth_dev_reset(uint16_t id);
int __wrap_rte_eth_dev_configure(
	uint16_t id, uint16_t rx, uint16_t tx, const struct rte_eth_conf *conf);
int __wrap_rte_eth_rx_queue_setup(uint16_t id, uint16_t queue, uint16_t ring, unsigned node,
	const struct rte_eth_rxconf *conf, struct rte_mempool *pool);
int __wrap_rte_eth_dev_start(uint16_t id);
int __wrap_rte_eth_link_get_nowait(uint16_t id, struct rte_eth_link *ret_link);
int __wrap_rte_eth_stats_get(uint16_t id, struct rte_eth_stats *ret_stats);
int __wrap_rte_eth_read_clock(uint16_t id, uint64_t *ret_ticks);
int __real_rte_eth_dev_configure(
	uint16_t id, uint16_t rx, uint16_t tx, const struct rte_eth_conf *conf);
int __real_rte_eth_rx_queue_setup(uint16_t id, uint16_t queue, uint16_t ring, unsigned node,
	const struct rte_eth_rxconf *conf, struct rte_mempool *pool);
int __real_rte_eth_dev_start(uint16_t id);

int __wrap_rte_eth_dev_reset(uint16_t id)
{
	driver.resets++;
	if (driver.resets_refused > 0) {
		driver.resets_refused--;
		return -EAGAIN;
	}
	return driver.reset_answers != 0 ? driver.reset_answers : rte_eth_dev_stop(id);
}

int __wrap_rte_eth_dev_configure(
	uint16_t id, uint16_t rx, uint16_t tx, const struct rte_eth_conf *conf)
{
	driver.configures++;
	return __real_rte_eth_dev_configure(id, rx, tx, conf);
}

int __wrap_rte_eth_rx_queue_setup(uint16_t id, uint16_t queue, uint16_t ring, unsigned node,
	const struct rte_eth_rxconf *conf, struct rte_mempool *pool)
{
	driver.queues++;
	return __real_rte_eth_rx_queue_setup(id, queue, ring, node, conf, pool);
}

int __wrap_rte_eth_dev_start(uint16_t id)
{
	driver.starts++;
	return __real_rte_eth_dev_start(id);
}

int __wrap_rte_eth_link_get_nowait(uint16_t id, struct rte_eth_link *ret_link)
{
	(void)id;
	driver.looks++;
	*ret_link = (struct rte_eth_link){.link_speed = driver.mbps};
	ret_link->link_status = driver.is_down ? RTE_ETH_LINK_DOWN : RTE_ETH_LINK_UP;
	return 0;
}

int __wrap_rte_eth_stats_get(uint16_t id, struct rte_eth_stats *ret_stats)
{
	(void)id;
	driver.looks++;
	*ret_stats = (struct rte_eth_stats){0};
	return 0;
}

// A clock that runs as the counter does.
int __wrap_rte_eth_read_clock(uint16_t id, uint64_t *ret_ticks)
{
	(void)id;
	driver.clocks++;
	*ret_ticks = worker_counter() + driver.clock_lead;
	return 0;
}

static int care_begin(void **state)
{
	return scratch_begin(state) != 0 ? -1 : dpdk_start(WORKERS);
}

static int care_end(void **state)
{
	int r = dpdk_stop();
	return scratch_end(state) != 0 ? -1 : r;
}

static void config_make(void)
{
	struct config_port *p = &config.port[0];
	memset(&config, 0, sizeof(config));
	config.port_count = 1;
	config.idle = IDLE_SLEEP;
	// A ring's name cannot be had twice.
	static unsigned houses;
	snprintf(p->device, sizeof(p->device), "net_ring%u", houses++);
	p->rx_timestamps = RX_TIMESTAMPS_ON;
	p->address[0] = (struct config_address){false, 24, {10, 123, 0, 1}, false};
	p->address_count = 1;
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

static void turn(void)
{
	diagnostic.sentence[0] = '\0';
	assert_int_equal(port_recovery_tick(&care, &diagnostic), 0);
}

static void turns(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		turn();
}

// Everything as the server has it, with the port's clock known.
static void house_open(void)
{
	static const unsigned node[WORKERS];
	config_make();
	memset(&driver, 0, sizeof(driver));
	driver.mbps = 10000;
	memset(&workers, 0, sizeof(workers));
	assert_int_equal(statseg_create(scratch_path(""), 1, node, WORKERS, &statseg), 0);
	counters_set(&statseg.head->counter_hz, HZ);
	assert_int_equal(port_probe(&config.port[0], COUNTER_TSC, &port, &diagnostic), 0);
	assert_int_equal(workers_create(&workers, &topology, &port, &diagnostic), 0);
	assert_int_equal(port_open(&port, WORKERS, workers.pool, &diagnostic), 0);
	workers_equip(&workers, &config, &topology, &port, &statseg);
	port_recovery_init(&care, &port, 0, &workers, &statseg);
}

static void house_run(void)
{
	house_open();
	assert_int_equal(workers_launch(&workers, &diagnostic), 0);
	while (port.stamps.watch.reason != STAMP_REASON_GOOD)
		turn();
}

static void house_close(void)
{
	assert_true(workers_stop(&workers));
	port_close(&port);
	for (unsigned i = 0; i < workers.count; i++)
		assert_int_equal(rte_mempool_avail_count(workers.pool[i]), workers.pool[i]->size);
	workers_free(&workers);
	statseg_close(&statseg, scratch_path(""), true);
}

static void raise_event(enum rte_eth_event_type event)
{
	dpdk_raise(port.device, event);
}

static uint64_t polls(void)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < WORKERS; i++)
		sum += counters_get(&statseg_counters(&statseg, i)->traffic[TRAFFIC_POLLS]);
	return sum;
}

static uint64_t heartbeat(unsigned i)
{
	return counters_get(&statseg_counters(&statseg, i)->traffic[TRAFFIC_HEARTBEAT]);
}

// Until every worker went round twice: what it does then it does by what it knows now.
static void workers_go_round(void)
{
	for (unsigned i = 0; i < WORKERS; i++)
		for (unsigned n = 0; n < 2; n++)
			for (uint64_t was = heartbeat(i); heartbeat(i) == was;)
				(void)sched_yield();
}

static void care_becomes(enum port_state s)
{
	for (unsigned n = 0; care.state != s; n++) {
		assert_true(n < 10000);
		turn();
		workers_go_round();
	}
	assert_int_equal(statseg.head->port[0].state, s);
}

static unsigned calls(void)
{
	return driver.resets + driver.configures + driver.queues + driver.starts + driver.looks +
	       driver.clocks;
}

static void nobody_touches_it(void)
{
	unsigned called = calls();
	workers_go_round();
	uint64_t polled = polls();
	turns(3 * CLOCK_RATE);
	workers_go_round();
	assert_int_equal(calls(), called);
	assert_int_equal(polls(), polled);
}

// A request by way of the port's ring, to worker 0; the reply comes round to it again, and is
// nobody's.
static void is_answered(void)
{
	static struct frame_spec spec;
	uint8_t frame[FRAME_ROOM];
	char name[32];
	const _Atomic uint64_t *verdict = statseg_counters(&statseg, 0)->verdict;
	uint64_t answered = counters_get(&verdict[V_ANSWER_V4]);
	uint64_t refused = counters_get(&verdict[V_ETHER_DESTINATION]);
	frame_spec_ip4(&spec);
	size_t length = frame_build(&spec, frame);
	memcpy(frame, port.mac.byte, sizeof(port.mac.byte));
	struct rte_mbuf *m = rte_pktmbuf_alloc(workers.pool[0]);
	assert_non_null(m);
	memcpy(rte_pktmbuf_append(m, (uint16_t)length), frame, length);
	snprintf(name, sizeof(name), "ETH_RXTX0_%.16s", port.device);
	struct rte_ring *ring = rte_ring_lookup(name);
	assert_non_null(ring);
	assert_int_equal(rte_ring_enqueue(ring, m), 0);
	while (counters_get(&verdict[V_ETHER_DESTINATION]) == refused)
		(void)sched_yield();
	assert_int_equal(counters_get(&verdict[V_ANSWER_V4]), answered + 1);
}

static struct port_view view(void)
{
	struct port_snap_cache cache = {0};
	assert_true(port_snap_read(statseg_port_snap(&statseg, 0, 0), &cache));
	return cache.view;
}

// The line of before is gone when the workers come back, and there is a new one soon.
static void clock_is_measured_anew(uint32_t epoch)
{
	assert_int_equal(port.stamps.watch.reason, STAMP_REASON_FITTING);
	assert_int_equal(view().flags & PORT_VIEW_FIT, 0);
	while (port.stamps.watch.reason != STAMP_REASON_GOOD)
		turn();
	assert_int_equal(view().flags & PORT_VIEW_FIT, PORT_VIEW_FIT);
	assert_true(view().epoch > epoch);
}

static uint64_t times(enum port_event e)
{
	return counters_get(&statseg.head->port[0].event[e]);
}

static void r06_a_reset_rebuilds_queues_and_clock(void **state)
{
	(void)state;
	house_run();
	is_answered();
	for (unsigned n = 1; n <= 3; n++) {
		uint32_t epoch = view().epoch;
		raise_event(RTE_ETH_EVENT_INTR_RESET);
		driver.clock_lead += UINT64_C(1) << 40;
		assert_int_equal(driver.resets, n - 1);
		care_becomes(PORT_LEAVING);
		care_becomes(PORT_SERVED);
		assert_int_equal(driver.resets, n);
		assert_int_equal(driver.configures, 1 + n);
		assert_int_equal(driver.queues, WORKERS * (1 + n));
		assert_int_equal(driver.starts, 1 + n);
		clock_is_measured_anew(epoch);
		is_answered();
		assert_int_equal(times(PORT_EVENT_RESET), n);
	}
	house_close();
}

// Its driver recovers, twice at that, and has the port to itself until it says that it is done.
// By the counter, as a worker sees it: a minute is long for any of these tests.
static void no_gap_is_longer_than_the_test(void)
{
	for (unsigned i = 0; i < WORKERS; i++) {
		uint64_t most =
			counters_get(&statseg_counters(&statseg, i)->traffic[TRAFFIC_POLL_GAP_MAX]);
		assert_true(most < 60 * rte_get_tsc_hz());
	}
}

// Workers sleep here, and what they slept before they came back is none of the queue's gap.
static void r06_a_sleep_before_the_return_is_no_gap(void **state)
{
	(void)state;
	house_run();
	raise_event(RTE_ETH_EVENT_INTR_RESET);
	turn();
	workers_go_round();
	care_becomes(PORT_SERVED);
	workers_go_round();
	no_gap_is_longer_than_the_test();
	house_close();
}

static void r06_nobody_touches_a_port_that_recovers(void **state)
{
	(void)state;
	house_run();
	uint32_t epoch = view().epoch;
	raise_event(RTE_ETH_EVENT_ERR_RECOVERING);
	care_becomes(PORT_AWAY);
	nobody_touches_it();
	raise_event(RTE_ETH_EVENT_ERR_RECOVERING);
	nobody_touches_it();
	raise_event(RTE_ETH_EVENT_RECOVERY_SUCCESS);
	care_becomes(PORT_SERVED);
	assert_int_equal(driver.resets, 0);
	assert_int_equal(driver.configures, 1);
	clock_is_measured_anew(epoch);
	is_answered();
	assert_int_equal(times(PORT_EVENT_RECOVERING), 2);
	assert_int_equal(times(PORT_EVENT_RECOVERED), 1);
	house_close();
}

// Begun and over between two turns; its clock may be another all the same.
static void r06_a_recovery_that_nobody_saw_counts(void **state)
{
	(void)state;
	house_run();
	uint32_t epoch = view().epoch;
	raise_event(RTE_ETH_EVENT_ERR_RECOVERING);
	raise_event(RTE_ETH_EVENT_RECOVERY_SUCCESS);
	turn();
	assert_int_equal(care.state, PORT_LEAVING);
	care_becomes(PORT_SERVED);
	clock_is_measured_anew(epoch);
	is_answered();
	house_close();
}

// Asked for while it recovers: after that.
static void r06_a_reset_waits_for_a_recovery(void **state)
{
	(void)state;
	house_run();
	raise_event(RTE_ETH_EVENT_ERR_RECOVERING);
	raise_event(RTE_ETH_EVENT_INTR_RESET);
	care_becomes(PORT_AWAY);
	nobody_touches_it();
	raise_event(RTE_ETH_EVENT_RECOVERY_SUCCESS);
	care_becomes(PORT_SERVED);
	assert_int_equal(driver.resets, 1);
	is_answered();
	house_close();
}

static void r06_a_driver_may_want_to_be_asked_again(void **state)
{
	(void)state;
	house_run();
	driver.resets_refused = 5;
	raise_event(RTE_ETH_EVENT_INTR_RESET);
	care_becomes(PORT_AWAY);
	care_becomes(PORT_SERVED);
	assert_int_equal(driver.resets, 6);
	is_answered();
	house_close();
}

static void r06_a_driver_without_a_reset_is_restarted(void **state)
{
	(void)state;
	house_run();
	driver.reset_answers = -ENOTSUP;
	raise_event(RTE_ETH_EVENT_INTR_RESET);
	care_becomes(PORT_LEAVING);
	care_becomes(PORT_SERVED);
	assert_int_equal(driver.configures, 2);
	assert_int_equal(driver.starts, 2);
	is_answered();
	house_close();
}

// Turns until the port is lost; the error.
static int lose(void)
{
	int r = 0;
	for (unsigned n = 0; r == 0; n++) {
		assert_true(n < 10000);
		r = port_recovery_tick(&care, &diagnostic);
		workers_go_round();
	}
	return r;
}

struct loss_row {
	const char *name;
	enum rte_eth_event_type event;
	int reset_answers;
	unsigned resets_refused;
	int error;
	const char *says;
};

static const struct loss_row losses[] = {
	{"r06_a_recovery_that_failed_loses_the_port", RTE_ETH_EVENT_RECOVERY_FAILED, 0, 0, -EIO,
		"its driver could not recover it from an error: the server ends"},
	{"r06_a_port_that_was_removed_is_lost", RTE_ETH_EVENT_INTR_RMV, 0, 0, -ENODEV,
		"it was removed: the server ends"},
	{"r06_a_reset_that_failed_loses_the_port", RTE_ETH_EVENT_INTR_RESET, -EIO, 0, -EIO,
		"cannot reset it"},
	{"r06_a_reset_that_is_refused_for_long_loses_it", RTE_ETH_EVENT_INTR_RESET, 0, UINT_MAX,
		-EAGAIN, "cannot reset it"},
};

static void sentence_begins(const char *says)
{
	char whole[256];
	snprintf(whole, sizeof(whole), "port %.64s: %s", port.device, says);
	assert_int_equal(strncmp(diagnostic.sentence, whole, strlen(whole)), 0);
}

// Told once, in one sentence, and left alone from then on.
static void r06_a_lost_port_is_told_once(void **state)
{
	const struct loss_row *row = *state;
	house_run();
	raise_event(RTE_ETH_EVENT_ERR_RECOVERING);
	care_becomes(PORT_AWAY);
	if (row->event == RTE_ETH_EVENT_INTR_RESET)
		raise_event(RTE_ETH_EVENT_RECOVERY_SUCCESS);
	driver.reset_answers = row->reset_answers;
	driver.resets_refused = row->resets_refused;
	raise_event(row->event);
	assert_int_equal(lose(), row->error);
	sentence_begins(row->says);
	assert_int_equal(statseg.head->port[0].state, PORT_LOST);
	nobody_touches_it();
	raise_event(RTE_ETH_EVENT_INTR_RESET);
	raise_event(RTE_ETH_EVENT_INTR_LSC);
	nobody_touches_it();
	house_close();
}

// None of these has a queue of the port.
static void r06_who_does_not_poll_a_port_is_not_waited_for(void **state)
{
	(void)state;
	house_open();
	for (unsigned i = 0; i < WORKERS; i++)
		workers.worker[i]->queue[0].slot = 1;
	raise_event(RTE_ETH_EVENT_INTR_RESET);
	turns(3);
	assert_int_equal(care.state, PORT_SERVED);
	assert_int_equal(driver.resets, 1);
	for (unsigned i = 0; i < WORKERS; i++)
		workers.worker[i]->queue[0].slot = 0;
	house_close();
}

// Workers that were never launched do not heed. Nothing is taken apart under them.
static void r06_a_worker_that_stays_loses_the_port(void **state)
{
	(void)state;
	house_open();
	raise_event(RTE_ETH_EVENT_INTR_RESET);
	unsigned called = calls();
	unsigned n = 0;
	int r = 0;
	for (; r == 0 && n < 10 * CLOCK_RATE; n++)
		r = port_recovery_tick(&care, &diagnostic);
	assert_int_equal(r, -ETIMEDOUT);
	assert_in_range(n, 2 * CLOCK_RATE, 2 * CLOCK_RATE + 2);
	sentence_begins("a worker does not leave it: the server ends");
	assert_int_equal(calls(), called);
	house_close();
}

static uint64_t step_of(unsigned i)
{
	return workers.worker[i]->queue[0].responder.tx_step;
}

// T-13: replies of a burst are as far apart as the wire makes them. At a speed that is higher than
// what workers go by, T3 of the later ones would be late. A link that is down has none.
static void t13_another_speed_is_another_step(void **state)
{
	(void)state;
	static const uint32_t speeds[] = {10000, 1000, 100000};
	house_open();
	port.is_wire = true;
	assert_int_equal(workers_launch(&workers, &diagnostic), 0);
	for (unsigned n = 0; n < TABLE_LENGTH(speeds); n++) {
		driver.mbps = speeds[n];
		raise_event(RTE_ETH_EVENT_INTR_LSC);
		turn();
		turn();
		care_becomes(PORT_SERVED);
		assert_int_equal(step_of(0), (912ull << 32) / (speeds[n] * 1000000ull));
		assert_int_equal(step_of(1), step_of(0));
		assert_int_equal(workers.worker[1]->queue[0].paces, n + 1);
	}
	uint64_t step = step_of(0);
	driver.is_down = true;
	raise_event(RTE_ETH_EVENT_INTR_LSC);
	turns(3);
	assert_int_equal(care.state, PORT_SERVED);
	assert_int_equal(step_of(0), step);
	assert_int_equal(workers.worker[0]->queue[0].paces, TABLE_LENGTH(speeds));
	house_close();
}

// By its interrupt at once, without one within a second.
static void r07_link_changes_are_seen(void **state)
{
	(void)state;
	house_run();
	struct statseg_port *entry = &statseg.head->port[0];
	turns(CLOCK_RATE + 1);
	assert_int_equal(entry->link_up, 1);
	driver.is_down = true;
	raise_event(RTE_ETH_EVENT_INTR_LSC);
	turn();
	assert_int_equal(entry->link_up, 0);
	assert_int_equal(entry->link_changes, 1);
	driver.is_down = false;
	turns(CLOCK_RATE);
	assert_int_equal(entry->link_up, 1);
	assert_int_equal(entry->link_changes, 2);
	assert_int_equal(times(PORT_EVENT_LINK), 1);
	is_answered();
	house_close();
}

// A card's link is down after its reset, for a second or two. That is a change like any other, and
// when it is up again with the speed of before, workers have no more to leave for.
static void r06_the_link_comes_back_after_the_port(void **state)
{
	(void)state;
	house_open();
	port.is_wire = true;
	assert_int_equal(workers_launch(&workers, &diagnostic), 0);
	struct statseg_port *entry = &statseg.head->port[0];
	turns(CLOCK_RATE + 1);
	care_becomes(PORT_SERVED);
	uint64_t step = step_of(0);
	assert_int_not_equal(step, 0);
	uint64_t changes = entry->link_changes;
	driver.is_down = true;
	raise_event(RTE_ETH_EVENT_INTR_RESET);
	turn();
	care_becomes(PORT_SERVED);
	assert_int_equal(entry->link_up, 0);
	assert_int_equal(entry->link_changes, changes + 1);
	assert_int_equal(step_of(0), step);
	driver.is_down = false;
	for (unsigned n = 0; n < 2 * CLOCK_RATE; n++) {
		turn();
		assert_int_equal(care.state, PORT_SERVED);
	}
	assert_int_equal(entry->link_up, 1);
	assert_int_equal(entry->link_changes, changes + 2);
	house_close();
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, r06_a_reset_rebuilds_queues_and_clock);
	TABLE_ADD(&t, r06_a_sleep_before_the_return_is_no_gap);
	TABLE_ADD(&t, r06_nobody_touches_a_port_that_recovers);
	TABLE_ADD(&t, r06_a_recovery_that_nobody_saw_counts);
	TABLE_ADD(&t, r06_a_reset_waits_for_a_recovery);
	TABLE_ADD(&t, r06_a_driver_may_want_to_be_asked_again);
	TABLE_ADD(&t, r06_a_driver_without_a_reset_is_restarted);
	for (unsigned i = 0; i < TABLE_LENGTH(losses); i++)
		table_add(&t, losses[i].name, r06_a_lost_port_is_told_once, &losses[i]);
	TABLE_ADD(&t, r06_who_does_not_poll_a_port_is_not_waited_for);
	TABLE_ADD(&t, r06_a_worker_that_stays_loses_the_port);
	TABLE_ADD(&t, r06_the_link_comes_back_after_the_port);
	TABLE_ADD(&t, r07_link_changes_are_seen);
	TABLE_ADD(&t, t13_another_speed_is_another_step);
	return table_run_between("port care", &t, care_begin, care_end);
}

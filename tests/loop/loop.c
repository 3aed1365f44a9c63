// SPDX-License-Identifier: BSD-3-Clause
#include "loop.h"

#include "dpdk.h"
#include "harness/table.h"
#include "worker/worker_poll.h"

#include <rte_dev.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <stdio.h>
#include <string.h>

#define RX_ROOM 4096

uint64_t loop_counter;
uint64_t loop_counter_step;

static struct loop loop;

int loop_set_up(void **state)
{
	(void)state;
	return dpdk_start(0);
}

int loop_tear_down(void **state)
{
	(void)state;
	return dpdk_stop();
}

static uint64_t counter_read(void)
{
	loop_counter += loop_counter_step;
	return loop_counter;
}

static struct rte_ring *ring_make(const char *kind, unsigned port, unsigned queue, unsigned room)
{
	char name[32];
	snprintf(name, sizeof(name), "%s%u-%u", kind, port, queue);
	struct rte_ring *r = rte_ring_create(name, room, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
	assert_non_null(r);
	return r;
}

static void port_make(struct loop *l, unsigned i, unsigned tx_room)
{
	char name[32];
	struct loop_port *p = &l->port[i];
	const struct rte_eth_conf conf = {0};
	for (unsigned q = 0; q < LOOP_QUEUES; q++) {
		p->rx[q] = ring_make("rx", i, q, RX_ROOM);
		p->tx[q] = ring_make("tx", i, q, tx_room + 1);
	}
	snprintf(name, sizeof(name), "loop%u", i);
	int id = rte_eth_from_rings(name, p->rx, LOOP_QUEUES, p->tx, LOOP_QUEUES, 0);
	assert_in_range(id, 0, RTE_MAX_ETHPORTS - 1);
	p->id = (uint16_t)id;
	assert_int_equal(rte_eth_dev_configure(p->id, LOOP_QUEUES, LOOP_QUEUES, &conf), 0);
	for (uint16_t q = 0; q < LOOP_QUEUES; q++) {
		assert_int_equal(rte_eth_rx_queue_setup(p->id, q, 512, 0, NULL, l->pool[q]), 0);
		assert_int_equal(rte_eth_tx_queue_setup(p->id, q, 512, 0, NULL), 0);
	}
	assert_int_equal(rte_eth_dev_start(p->id), 0);
}

static void pool_make(struct loop *l, unsigned q)
{
	char name[32];
	snprintf(name, sizeof(name), "pool%u", q);
	l->pool[q] = rte_pktmbuf_pool_create(name, LOOP_POOL, 64, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	assert_non_null(l->pool[q]);
}

static void worker_make(struct loop *l, unsigned q)
{
	struct worker *w = &l->worker[q];
	w->index = q;
	w->queue_count = LOOP_PORTS;
	w->idle = WORKER_SPIN;
	w->late_gap.n = UINT64_MAX;
	w->drop_gap.n = UINT64_MAX;
	w->snapshot = &l->snapshot;
	w->counters = &l->counters[q];
	w->stop = &l->stop;
	w->clock.counter_read = counter_read;
	for (unsigned p = 0; p < LOOP_PORTS; p++) {
		w->queue[p].port = l->port[p].id;
		w->queue[p].queue = (uint16_t)q;
		w->queue[p].rx.backlog = LOOP_BACKLOG;
	}
}

struct loop *loop_open(unsigned tx_room)
{
	struct loop *l = &loop;
	memset(l, 0, sizeof(*l));
	desk_open(&l->desk);
	for (unsigned q = 0; q < LOOP_QUEUES; q++)
		pool_make(l, q);
	for (unsigned p = 0; p < LOOP_PORTS; p++)
		port_make(l, p, tx_room);
	for (unsigned q = 0; q < LOOP_QUEUES; q++)
		worker_make(l, q);
	loop_counter = l->desk.now.n;
	loop_counter_step = 0;
	loop_arrange(l);
	return l;
}

void loop_arrange(struct loop *l)
{
	desk_arrange(&l->desk);
	for (unsigned q = 0; q < LOOP_QUEUES; q++)
		for (unsigned p = 0; p < LOOP_PORTS; p++)
			responder_init(&l->worker[q].queue[p].responder, &l->desk.service, 7);
	snapshot_publish(&l->snapshot, &l->desk.view);
}

static void port_unmake(struct loop *l, unsigned i)
{
	char name[32];
	struct loop_port *p = &l->port[i];
	// The driver puts its own name before the one it was given.
	snprintf(name, sizeof(name), "net_ring_loop%u", i);
	assert_int_equal(rte_eth_dev_stop(p->id), 0);
	assert_int_equal(rte_eal_hotplug_remove("vdev", name), 0);
	for (unsigned q = 0; q < LOOP_QUEUES; q++) {
		assert_int_equal(rte_ring_count(p->rx[q]), 0);
		assert_int_equal(rte_ring_count(p->tx[q]), 0);
		rte_ring_free(p->rx[q]);
		rte_ring_free(p->tx[q]);
	}
}

void loop_close(struct loop *l)
{
	for (unsigned p = 0; p < LOOP_PORTS; p++)
		port_unmake(l, p);
	for (unsigned q = 0; q < LOOP_QUEUES; q++) {
		assert_int_equal(rte_mempool_avail_count(l->pool[q]), LOOP_POOL);
		rte_mempool_free(l->pool[q]);
	}
	desk_close(&l->desk);
}

struct rte_mbuf *loop_buffer(struct loop *l, unsigned queue, const uint8_t *data, size_t length)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(l->pool[queue]);
	assert_non_null(m);
	char *room = rte_pktmbuf_append(m, (uint16_t)length);
	assert_non_null(room);
	memcpy(room, data, length);
	return m;
}

void loop_put(struct loop *l, unsigned port, unsigned queue, struct rte_mbuf *m)
{
	assert_int_equal(rte_ring_enqueue(l->port[port].rx[queue], m), 0);
}

void loop_put_spec(struct loop *l, unsigned port, unsigned queue, const struct frame_spec *s)
{
	uint8_t frame[FRAME_ROOM];
	size_t length = frame_build(s, frame);
	loop_put(l, port, queue, loop_buffer(l, queue, frame, length));
}

struct rte_mbuf *loop_take(struct loop *l, unsigned port, unsigned queue)
{
	void *m;
	return rte_ring_dequeue(l->port[port].tx[queue], &m) == 0 ? m : NULL;
}

unsigned loop_drain(struct loop *l, unsigned port, unsigned queue)
{
	unsigned n = 0;
	for (struct rte_mbuf *m; (m = loop_take(l, port, queue)) != NULL; n++)
		rte_pktmbuf_free(m);
	return n;
}

unsigned loop_turn(struct loop *l, unsigned queue)
{
	unsigned n = 0;
	for (unsigned got; (got = worker_poll(&l->worker[queue])) > 0;)
		n += got;
	return n;
}

uint64_t loop_verdict(const struct loop *l, unsigned queue, enum verdict v)
{
	return counters_get(&l->counters[queue].verdict[v]);
}

uint64_t loop_traffic(const struct loop *l, unsigned queue, enum traffic t)
{
	return counters_get(&l->counters[queue].traffic[t]);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "server/workers.h"

#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_errno.h>

#include <errno.h>
#include <numa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "core/counters.h"
#include "core/ntp_time.h"
#include "core/quiesce.h"
#include "core/responder.h"
#include "port/counter.h"
#include "port/port_service.h"
#include "worker/worker_clock.h"
#include "worker/worker_run.h"

#define POOL_CACHE 256
// Default of the idle policy `sleep`: as fine as a timer still is for little load.
#define SLEEP_NS 50000
// How far ahead a launch time is: what a driver and its card need to schedule it.
#define LAUNCH_US 10
// Sends of a kernel further apart than this are slow ones: its code and data have left the caches.
// So rare, one more system call costs next to nothing.
#define TX_IDLE_LIMIT_US 1000
// How long a worker may take to begin or to end; it looks at its flag every few microseconds.
#define WAIT_MS 2000

void *workers_allocate(size_t size, unsigned node)
{
	if (numa_available() < 0)
		return calloc(1, size);
	// Pages fresh from the kernel are zero.
	return numa_alloc_onnode(size, (int)node);
}

void workers_release(void *memory, size_t size)
{
	if (memory == NULL)
		return;
	if (numa_available() < 0)
		free(memory);
	else
		numa_free(memory, size);
}

uint64_t workers_seed(void)
{
	uint64_t seed;
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = worker_counter();
	return seed;
}

static unsigned pool_size(const struct topology_worker *plan, const struct port *ports)
{
	unsigned n = 2 * POOL_CACHE + 2 * WORKER_BURST;
	for (unsigned i = 0; i < plan->queue_count; i++)
		n += port_queue_buffers(&ports[plan->queue[i].port]);
	// A mempool's ring is a power of two with one place unused.
	return rte_align32pow2(n + 1) - 1;
}

static struct rte_mempool *pool_create(
	unsigned index, const struct topology_worker *plan, const struct port *ports)
{
	char name[32];
	unsigned n = pool_size(plan, ports);
	snprintf(name, sizeof(name), "worker%u", index);
	struct rte_mempool *pool = rte_pktmbuf_pool_create(
		name, n, POOL_CACHE, 0, RTE_MBUF_DEFAULT_BUF_SIZE, (int)plan->node);
	if (pool != NULL || plan->node == 0)
		return pool;
	// Without huge pages on the worker's own node any other is better than none.
	return rte_pktmbuf_pool_create(
		name, n, POOL_CACHE, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
}

int workers_create(
	struct workers *w, const struct topology *t, const struct port *ports, struct diagnostic *d)
{
	for (w->count = 0; w->count < t->worker_count; w->count++) {
		unsigned i = w->count;
		w->lcore[i] = t->worker[i].lcore;
		w->worker[i] = workers_allocate(sizeof(struct worker), t->worker[i].node);
		w->pool[i] = pool_create(i, &t->worker[i], ports);
		if (w->worker[i] != NULL && w->pool[i] != NULL)
			continue;
		w->count++;
		return diagnostic_fail(d, -ENOMEM,
			"memory: no room for the buffers of worker %u (%u of 2 KiB): raise "
			"memory: { size: ... } or list fewer workers",
			i, pool_size(&t->worker[i], ports));
	}
	return 0;
}

static enum worker_idle idle_for(enum idle_policy policy)
{
	switch (policy) {
	case IDLE_SPIN:
		return WORKER_SPIN;
	case IDLE_SLEEP:
		return WORKER_SLEEP;
	case IDLE_PAUSE:
		break;
	}
	return WORKER_PAUSE;
}

static void queue_equip(
	struct worker_queue *q, const struct port *p, unsigned queue, const struct config *c)
{
	struct service service;
	q->port = p->id;
	q->queue = (uint16_t)queue;
	q->rx.backlog = port_queue_backlog(p);
	q->rx.stamp_offset = p->stamps.offset;
	q->tx.launch_offset = p->stamps.offset;
	q->rx.stamp_flag = p->stamps.rx_flag;
	q->rx.meta_cookie = p->stamps.meta_cookie;
	q->tx.launch_flag = p->stamps.tx_flag;
	q->tx.tx_is_synchronous = p->stamps.tx_is_synchronous;
	q->tx.latency = ntp_time_from_nanos((struct nanos){p->config->tx_latency_ns});
	port_service(p, c, &service);
	responder_init(&q->responder, &service, workers_seed());
	q->responder.tx_step = port_tx_step(p);
}

static void worker_equip(struct worker *w, const struct config *c,
	const struct topology_worker *plan, const struct port *ports)
{
	w->idle = idle_for(c->idle);
	w->sleep_ns = SLEEP_NS;
	w->clock.stamps_read = worker_stamps_clock;
	w->queue_count = plan->queue_count;
	for (unsigned i = 0; i < plan->queue_count; i++)
		queue_equip(&w->queue[i], &ports[plan->queue[i].port], plan->queue[i].queue, c);
}

// Where each queue counts what became of stamps, and reads what they mean.
static void stamps_equip(
	struct worker *w, const struct topology_worker *plan, const struct statseg *p)
{
	for (unsigned i = 0; i < plan->queue_count; i++) {
		unsigned slot = plan->queue[i].port;
		w->queue[i].slot = (uint16_t)slot;
		w->queue[i].rx.stamps = statseg_port_snap(p, plan->node, slot);
		w->queue[i].tx.stamps = w->queue[i].rx.stamps;
	}
}

static struct cycles workers_cycles_of(uint32_t us, uint64_t hz)
{
	return (struct cycles){(uint64_t)us * hz / 1000000};
}

// Lengths of time in cycles, of a counter whose rate is known. Without it no gap is told.
static void lengths_equip(struct worker *w, const struct config *c, uint64_t hz)
{
	w->late_gap.n = UINT64_MAX;
	w->drop_gap.n = UINT64_MAX;
	if (hz == 0)
		return;
	for (unsigned i = 0; i < w->queue_count; i++) {
		w->queue[i].tx.launch_lead = workers_cycles_of(LAUNCH_US, hz);
		w->queue[i].tx.tx_idle_limit = workers_cycles_of(
			w->queue[i].tx.tx_is_synchronous ? TX_IDLE_LIMIT_US : 0, hz);
	}
	w->late_gap = workers_cycles_of(c->max_poll_gap_us, hz);
	if (c->max_poll_gap_drop_us > 0)
		w->drop_gap = workers_cycles_of(c->max_poll_gap_drop_us, hz);
}

void workers_equip(struct workers *w, const struct config *c, const struct topology *t,
	const struct port *ports, const struct statseg *p)
{
	for (unsigned i = 0; i < w->count; i++) {
		struct worker *worker = w->worker[i];
		worker->index = i;
		worker->snapshot = statseg_snapshot(p, t->worker[i].node);
		worker->counters = statseg_counters(p, i);
		worker->stop = &w->stop;
		worker->clock.counter_read = counter_hooks((enum counter)p->head->counter)->worker;
		worker_equip(worker, c, &t->worker[i], ports);
		lengths_equip(worker, c, counters_get(&p->head->counter_hz));
		stamps_equip(worker, &t->worker[i], p);
		for (unsigned q = 0; q < worker->queue_count; q++)
			responder_give_key_counters(
				&worker->queue[q].responder, statseg_key_counters(p, i));
	}
}

static bool worker_has_begun(const struct workers *w, unsigned i)
{
	return counters_get(&w->worker[i]->counters->traffic[TRAFFIC_POLLS]) > 0;
}

static bool worker_has_ended(const struct workers *w, unsigned i)
{
	return rte_eal_get_lcore_state(w->lcore[i]) == WAIT;
}

static bool workers_wait(
	const struct workers *w, bool (*reached)(const struct workers *w, unsigned i))
{
	const struct timespec pause = {.tv_nsec = 1000000};
	unsigned next = 0;
	for (unsigned waited = 0; waited < WAIT_MS; waited++) {
		while (next < w->count && reached(w, next))
			next++;
		if (next == w->count)
			return true;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

int workers_launch(struct workers *w, struct diagnostic *d)
{
	for (unsigned i = 0; i < w->count; i++) {
		int r = rte_eal_remote_launch(worker_run, w->worker[i], w->lcore[i]);
		if (r < 0)
			return diagnostic_fail(
				d, r, "worker %u did not start: %s", i, strerror(-r));
	}
	if (workers_wait(w, worker_has_begun))
		return 0;
	return diagnostic_fail(d, -ETIMEDOUT,
		"a worker did not begin within %u ms: its core is kept by something else", WAIT_MS);
}

// Worker w's queues of a port, a bit for each.
static uint32_t queues_of(const struct worker *w, unsigned slot)
{
	uint32_t queues = 0;
	for (unsigned i = 0; i < w->queue_count; i++)
		if (w->queue[i].slot == slot)
			queues |= UINT32_C(1) << i;
	return queues;
}

// A worker without a queue of the port has nothing to heed, and is not waited for.
static void workers_quiesce_tell(
	struct workers *w, unsigned slot, void (*tell)(struct quiesce *quiesce, uint32_t queues))
{
	for (unsigned i = 0; i < w->count; i++) {
		uint32_t queues = queues_of(w->worker[i], slot);
		if (queues != 0)
			tell(&w->worker[i]->quiesce, queues);
	}
}

void workers_pause(struct workers *w, unsigned slot)
{
	workers_quiesce_tell(w, slot, quiesce_request);
}

void workers_pace(struct workers *w, unsigned slot, uint64_t tx_step)
{
	for (unsigned i = 0; i < w->count; i++) {
		for (unsigned k = 0; k < w->worker[i]->queue_count; k++) {
			struct worker_queue *q = &w->worker[i]->queue[k];
			if (q->slot != slot || q->responder.tx_step == tx_step)
				continue;
			q->responder.tx_step = tx_step;
			q->paces++;
		}
	}
}

void workers_resume(struct workers *w, unsigned slot)
{
	workers_quiesce_tell(w, slot, quiesce_release);
}

bool workers_have_acked(const struct workers *w)
{
	unsigned heeded = 0;
	while (heeded < w->count && quiesce_is_acked(&w->worker[heeded]->quiesce))
		heeded++;
	return heeded == w->count;
}

bool workers_stop(struct workers *w)
{
	atomic_store_explicit(&w->stop, 1, memory_order_release);
	return workers_wait(w, worker_has_ended);
}

void workers_free(struct workers *w)
{
	tx_stamps_close(&w->tx_stamps);
	for (unsigned i = 0; i < w->count; i++) {
		if (w->worker[i] != NULL)
			workers_release(w->worker[i]->interleave.bucket, w->interleave_bytes);
		workers_release(w->worker[i], sizeof(struct worker));
		rte_mempool_free(w->pool[i]);
	}
	w->count = 0;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "self_feed.h"

#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "worker/worker_clock.h"
#include "worker/worker_poll.h"
#include "worker/worker_run.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "run/stopwatch.h"

#define SUMS_EVERY                                                                                 \
	64 // of so many replies one has its checksums verified: they cost more than the rest

static uint64_t cpu_now_ns(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// A port's receive callback: judges replies and makes requests of them. The request stands beside
// each buffer.
static uint16_t turn_back(
	uint16_t port, uint16_t queue, struct rte_mbuf *m[], uint16_t n, uint16_t room, void *self)
{
	struct self_feed *s = self;
	(void)port, (void)queue, (void)room;
	for (uint16_t i = 0; i < n; i++) {
		const uint8_t *request = rte_mbuf_to_priv(m[i]);
		uint8_t *frame = rte_pktmbuf_mtod(m[i], uint8_t *);
		bool right = request_reply_fits(request, frame, m[i]->data_len);
		if (++s->turned % SUMS_EVERY == 0)
			right = right && request_reply_sums(frame);
		if (!right && s->wrong++ == 0)
			memcpy(s->first_wrong, frame, sizeof(s->first_wrong));
		memcpy(frame, request, REQUEST_LENGTH);
	}
	return n;
}

static int port_make(struct self_feed *s, unsigned lcore)
{
	char name[32];
	const struct rte_eth_conf conf = {0};
	int node = (int)rte_lcore_to_socket_id(lcore);
	snprintf(name, sizeof(name), "self%u", lcore);
	int id = rte_eth_from_rings(name, &s->ring, 1, &s->ring, 1, (unsigned)node);
	if (id < 0 || rte_eth_dev_configure((uint16_t)id, 1, 1, &conf) != 0 ||
		rte_eth_rx_queue_setup((uint16_t)id, 0, 512, (unsigned)node, NULL, s->pool) != 0 ||
		rte_eth_tx_queue_setup((uint16_t)id, 0, 512, (unsigned)node, NULL) != 0 ||
		rte_eth_dev_start((uint16_t)id) != 0)
		return -1;
	return id;
}

static bool ring_fill(struct self_feed *s)
{
	for (unsigned i = 0; i < SELF_FEED_FRAMES; i++) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(s->pool);
		if (m == NULL)
			return false;
		request_make(i, rte_mbuf_to_priv(m));
		void *room = rte_pktmbuf_append(m, REQUEST_LENGTH);
		memcpy(room, rte_mbuf_to_priv(m), REQUEST_LENGTH);
		if (rte_ring_enqueue(s->ring, m) != 0)
			return false;
	}
	return true;
}

static void worker_make(struct self_feed *s, uint16_t port, const struct snapshot *snapshot,
	const _Atomic uint32_t *stop)
{
	static const struct mac mac = {REQUEST_SERVER_MAC};
	static const struct be32 address = {REQUEST_SERVER_IP4};
	struct service service;
	struct worker *w = &s->worker;
	service_init(&service, mac);
	(void)service_add_ip4(&service, address, 24);
	w->queue_count = 1;
	w->idle = WORKER_SPIN;
	w->late_gap.n = UINT64_MAX;
	w->drop_gap.n = UINT64_MAX;
	w->snapshot = snapshot;
	w->counters = &s->counters;
	w->stop = stop;
	w->clock.counter_read = stopwatch_is_kernel ? worker_counter_kernel : worker_counter;
	w->queue[0].port = port;
	responder_init(&w->queue[0].responder, &service, port + 1u);
}

static bool rings_make(struct self_feed *s, unsigned lcore)
{
	char name[32];
	int node = (int)rte_lcore_to_socket_id(lcore);
	snprintf(name, sizeof(name), "self%u", lcore);
	s->pool = rte_pktmbuf_pool_create(
		name, 2 * SELF_FEED_FRAMES - 1, 64, REQUEST_ROOM, RTE_MBUF_DEFAULT_BUF_SIZE, node);
	s->ring = rte_ring_create(name, 2 * SELF_FEED_FRAMES, node, RING_F_SP_ENQ | RING_F_SC_DEQ);
	return s->pool != NULL && s->ring != NULL;
}

struct self_feed *self_feed_create(
	unsigned lcore, const struct snapshot *snapshot, const _Atomic uint32_t *stop)
{
	struct self_feed *s =
		rte_zmalloc_socket(NULL, sizeof(*s), 128, (int)rte_lcore_to_socket_id(lcore));
	if (s == NULL || !rings_make(s, lcore) || !ring_fill(s))
		return NULL;
	int port = port_make(s, lcore);
	if (port < 0)
		return NULL;
	worker_make(s, (uint16_t)port, snapshot, stop);
	// The first turn's frames are requests, not replies: the callback comes when they are
	// answered.
	while (counters_get(&s->counters.traffic[TRAFFIC_RX_PACKETS]) < SELF_FEED_FRAMES)
		(void)worker_poll(&s->worker);
	return rte_eth_add_rx_callback((uint16_t)port, 0, turn_back, s) == NULL ? NULL : s;
}

int self_feed_run(void *self)
{
	struct self_feed *s = self;
	s->turned = 0;
	s->wrong = 0;
	uint64_t cpu = cpu_now_ns();
	uint64_t begin = stopwatch_read();
	(void)worker_run(&s->worker);
	s->cycles = stopwatch_read() - begin;
	s->cpu_ns = cpu_now_ns() - cpu;
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "run/run.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>

#include "judge/offsets.h"
#include "judge/stamps.h"
#include "run/session.h"
#include "run/stopwatch.h"
#include "traffic/clients.h"

// Polls that may find leftovers of an earlier run in the receive ring.
#define FLUSH_POLLS 1000
// After the last reply that is due: time for one that is not.
#define LINGER_MS 10

static uint64_t key_make(void)
{
	uint64_t key;
	if (getrandom(&key, sizeof(key), 0) != sizeof(key))
		key = stopwatch_read() * 0x9e3779b97f4a7c15;
	return key;
}

static void run_prepare(struct run *r)
{
	struct profile profile = r->options->profile;
	profile.source = r->link->mac;
	profile.clients = r->want.clients;
	plan_make(&profile, key_make(), &r->plan);
	reply_check_init(&r->check, &r->plan, r->options->expect);
	r->check.allow_unsynchronised = r->options->allow_unsynchronised;
	offsets_init(&r->check.offsets, r->options->same_clock && r->options->expect == EXPECT_NTP);
	if (r->clients == NULL)
		return;
	clients_begin(r->clients);
	r->check.clients = r->clients->each;
}

// Where the clients of a run remember. False without memory.
static bool clients_find(const struct session *s, struct clients **ret_clients)
{
	const struct options *o = s->options;
	if (o->interleaved && !clients_make_room(s->clients, o->profile.clients))
		return false;
	*ret_clients = o->interleaved ? s->clients : NULL;
	return true;
}

struct run *run_create(const struct session *s)
{
	const struct options *o = s->options;
	struct run *r = calloc(1, sizeof(*r));
	if (r == NULL || !clients_find(s, &r->clients)) {
		free(r);
		return NULL;
	}
	r->options = o;
	r->link = s->link;
	r->want = (struct run_want){o->rate, o->seconds, o->profile.clients};
	r->counter_hz = stopwatch_measure_hz();
	run_prepare(r);
	return r;
}

void run_again(struct run *r, const struct run_want *want)
{
	const struct reply_check_before before = {r->plan.key, r->check.next};
	r->want = *want;
	r->sent = 0;
	r->tx_calls = 0;
	r->tx_refused = 0;
	r->rx_calls = 0;
	r->rx_empty = 0;
	r->preempted = 0;
	r->cpu_seconds = 0;
	r->client = 0;
	r->asking = 0;
	run_prepare(r);
	r->check.before = before;
}

static void queue_receive(struct run *r, uint16_t queue)
{
	struct rte_mbuf **m = r->received;
	unsigned n = rte_eth_rx_burst(r->link->port, queue, m, OPTIONS_BURST);
	r->rx_calls++;
	if (n == 0) {
		r->rx_empty++;
		return;
	}
	r->check.now = stamp_make(stopwatch_read());
	if (r->check.offsets.is_on)
		r->check.offsets.now = stopwatch_read_ntp();
	for (unsigned i = 0; i < n; i++)
		reply_check_frame(
			&r->check, rte_pktmbuf_mtod(m[i], const uint8_t *), m[i]->data_len);
	rte_pktmbuf_free_bulk(m, n);
}

static void run_receive(struct run *r)
{
	for (uint16_t queue = 0; queue < r->link->queues; queue++)
		queue_receive(r, queue);
}

// Basic mode does not come here, and has nothing of its work.
static __attribute__((noinline)) uint16_t frame_write_asking(struct run *r, uint8_t *frame)
{
	const struct reply_check *c = &r->check;
	uint64_t t2 = 0;
	if (plan_may_ask(&r->plan, c->next))
		t2 = client_ask(&c->clients[r->client], c->next);
	if (t2 == 0)
		return plan_write(&r->plan, c->next, r->client, frame);
	r->asking++;
	return plan_write_asking(&r->plan, c->next, r->client, t2, frame);
}

static void run_frame_make(struct run *r, struct rte_mbuf *m)
{
	struct reply_check *c = &r->check;
	uint8_t *frame = rte_pktmbuf_mtod(m, uint8_t *);
	window_open(&c->window, c->next);
	if (c->clients == NULL)
		m->data_len = plan_write(&r->plan, c->next, r->client, frame);
	else
		m->data_len = frame_write_asking(r, frame);
	m->pkt_len = m->data_len;
	c->next++;
	r->client++;
	if (r->client == r->plan.clients)
		r->client = 0;
}

// Makes n frames, where there are buffers for them.
static void frames_make(struct run *r, unsigned n)
{
	struct run_pending *p = &r->pending;
	if (n == 0 || rte_pktmbuf_alloc_bulk(r->link->pool, p->frame, n) != 0)
		return;
	for (unsigned i = 0; i < n; i++)
		run_frame_make(r, p->frame[i]);
	if (r->check.offsets.is_on)
		offsets_put(&r->check.offsets, r->check.next - n, n, stopwatch_read_ntp());
	stamps_put(&r->check.stamps, r->check.next - n, n, stamp_make(stopwatch_read()));
	p->queue = p->queue + 1u < r->link->queues ? (uint16_t)(p->queue + 1) : 0;
	p->first = 0;
	p->count = (uint16_t)n;
}

static void run_send(struct run *r, uint64_t now)
{
	struct run_pending *p = &r->pending;
	if (p->count == 0)
		frames_make(r, pace_due(&r->pace, now - r->begin, r->check.next, OPTIONS_BURST));
	if (p->count == 0)
		return;
	uint16_t n = rte_eth_tx_burst(r->link->port, p->queue, &p->frame[p->first], p->count);
	r->tx_calls++;
	r->tx_refused += n < p->count;
	r->sent += n;
	p->first = (uint16_t)(p->first + n);
	p->count = (uint16_t)(p->count - n);
}

static void pending_free(struct run *r)
{
	struct run_pending *p = &r->pending;
	rte_pktmbuf_free_bulk(&p->frame[p->first], p->count);
	p->count = 0;
}

static void ring_flush(struct run *r)
{
	for (unsigned i = 0; i < FLUSH_POLLS; i++) {
		uint16_t queue = (uint16_t)(i % r->link->queues);
		unsigned n = rte_eth_rx_burst(r->link->port, queue, r->received, OPTIONS_BURST);
		rte_pktmbuf_free_bulk(r->received, n);
	}
}

static uint64_t run_cycles_of(const struct run *r, double seconds)
{
	return (uint64_t)(seconds * (double)r->counter_hz);
}

uint64_t run_requests(const struct run *r)
{
	return r->sent - plan_count_junk(&r->plan, r->sent);
}

// Until every request has its reply, or no more is waited for.
static void run_drain(struct run *r, const volatile int *stop)
{
	uint64_t requests = run_requests(r);
	uint64_t begin = stopwatch_read();
	uint64_t limit = run_cycles_of(r, r->options->drain_seconds);
	uint64_t complete = 0;
	for (uint64_t now = begin; now - begin < limit && *stop < 2; now = stopwatch_read()) {
		run_receive(r);
		if (r->check.stats.answered < requests)
			continue;
		if (complete == 0)
			complete = now;
		if (now - complete > run_cycles_of(r, LINGER_MS / 1e3))
			return;
	}
}

// What the kernel gave this thread, and took from it, between two calls with sign -1 and 1.
static void core_account(struct run *r, int sign)
{
	struct rusage usage = {0};
	struct timespec cpu = {0};
	(void)getrusage(RUSAGE_THREAD, &usage);
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
	r->preempted += (uint64_t)(sign * usage.ru_nivcsw);
	r->cpu_seconds += sign * ((double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9);
}

void run_execute(struct run *r, run_progress *progress, void *context, const volatile int *stop)
{
	pace_init(&r->pace, r->want.rate, r->counter_hz);
	ring_flush(r);
	core_account(r, -1);
	r->begin = stopwatch_read();
	uint64_t length = run_cycles_of(r, r->want.seconds);
	uint64_t tick = r->begin + r->counter_hz;
	uint64_t now = r->begin;
	while (now - r->begin < length && *stop == 0) {
		run_receive(r);
		run_send(r, now);
		now = stopwatch_read();
		if ((int64_t)(now - tick) < 0)
			continue;
		tick += r->counter_hz;
		if (progress != NULL)
			progress(context, r, now);
	}
	r->end = now;
	core_account(r, 1);
	pending_free(r);
	run_drain(r, stop);
}

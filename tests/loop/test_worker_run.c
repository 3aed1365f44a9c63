// SPDX-License-Identifier: BSD-3-Clause
// The worker's own loop: how it rests, how it stops, and what a sleep costs in honesty.
#include "loop.h"

#include <rte_mbuf.h>

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "harness/reply_check.h"
#include "harness/table.h"
#include "worker/worker_clock.h"
#include "worker/worker_poll.h"
#include "worker/worker_run.h"

#define ROOM 1023
#define NS   1000000000ll

static void request_put(struct loop *l, unsigned port)
{
	static struct frame_spec spec;
	frame_spec_ip4(&spec);
	loop_put_spec(l, port, 0, &spec);
}

// Takes one reply and gives its root dispersion, of 2^-16 s.
static uint32_t dispersion_take(struct loop *l, unsigned port)
{
	struct rte_mbuf *m = loop_take(l, port, 0);
	assert_non_null(m);
	const uint8_t *data = rte_pktmbuf_mtod(m, uint8_t *);
	uint64_t words = reply_u64(data + m->data_len - NTP_LENGTH + 4);
	rte_pktmbuf_free(m);
	return (uint32_t)words;
}

static uint64_t counter_real(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	// The desk's counter runs at 2.5 GHz.
	uint64_t ns = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	return ns * 5 / 2;
}

static void *run(void *worker)
{
	(void)worker_run(worker);
	return NULL;
}

// Waits up to two seconds for a counter to reach a value.
static void await(const struct loop *l, enum traffic t, uint64_t value)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	for (unsigned i = 0; i < 2000 && loop_traffic(l, 0, t) < value; i++)
		(void)nanosleep(&pause, NULL);
	assert_true(loop_traffic(l, 0, t) >= value);
}

struct idle_row {
	const char *name;
	enum worker_idle idle;
};

static const struct idle_row idle_rows[] = {
	{"a spinning worker runs until it is told to stop", WORKER_SPIN},
	{"a pausing worker runs until it is told to stop", WORKER_PAUSE},
	{"a sleeping worker runs until it is told to stop", WORKER_SLEEP},
};

static void workers_run_until_told_to_stop(void **state)
{
	const struct idle_row *row = *state;
	pthread_t thread;
	struct loop *l = loop_open(ROOM);
	struct worker *w = &l->worker[0];
	w->idle = row->idle;
	w->sleep_ns = 50000;
	w->clock.counter_read = counter_real;
	assert_int_equal(pthread_create(&thread, NULL, run, w), 0);
	await(l, TRAFFIC_POLLS, 1);
	for (unsigned i = 0; i < 100; i++)
		request_put(l, i % 2);
	await(l, TRAFFIC_TX_PACKETS, 100);
	if (row->idle == WORKER_SLEEP)
		await(l, TRAFFIC_SLEEPS, 1);
	atomic_store(&l->stop, 1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(loop_drain(l, 0, 0) + loop_drain(l, 1, 0), 100);
	assert_true(loop_traffic(l, 0, TRAFFIC_HEARTBEAT) > 0);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_SLEEPS) > 0, row->idle == WORKER_SLEEP);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_POLLS) % LOOP_PORTS, 0);
	loop_close(l);
}

// A packet may have come at any moment of the sleep before the round.
static void a_sleep_is_told_in_root_dispersion(void **state)
{
	(void)state;
	struct loop *l = loop_open(ROOM);
	request_put(l, 0);
	assert_int_equal(worker_poll(&l->worker[0]), 1);
	uint32_t awake = dispersion_take(l, 0);
	l->worker[0].slept.n = 2500000; // one millisecond
	for (unsigned p = 0; p < LOOP_PORTS; p++)
		request_put(l, p);
	assert_int_equal(worker_poll(&l->worker[0]), LOOP_PORTS);
	for (unsigned p = 0; p < LOOP_PORTS; p++)
		assert_in_range(dispersion_take(l, p) - awake, 65, 67);
	assert_int_equal(l->worker[0].slept.n, 0);
	loop_close(l);
}

static uint64_t realtime_ntp(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	return ntp_time_from_unix((struct nanos){t.tv_sec * NS + t.tv_nsec}).raw;
}

// The line from the kernel's clock to CLOCK_REALTIME, both read now.
static void view_by_kernel(struct loop *l)
{
	struct clock_view *v = &l->desk.view;
	l->desk.now.n = worker_counter_kernel();
	v->ref_cycles = l->desk.now;
	v->ref_time.raw = realtime_ntp();
	v->mult = (uint64_t)llround(ldexp(1.0 / NS, 32 + NTP_MULT_SHIFT));
	v->valid_cycles.n = 60 * NS;
	v->precision = -20;
	loop_arrange(l);
}

// T2 and T3 by the kernel's clock lie between the system clock's times around the poll, but for a
// microsecond of noise below the precision on either side, and some between the readings above.
static void a_worker_by_the_kernels_clock_tells_right_times(void **state)
{
	(void)state;
	const uint64_t slack = (uint64_t)ntp_time_from_nanos((struct nanos){50000});
	struct loop *l = loop_open(ROOM);
	l->worker[0].clock.counter_read = worker_counter_kernel;
	view_by_kernel(l);
	for (unsigned i = 0; i < 100; i++) {
		request_put(l, 0);
		uint64_t before = realtime_ntp();
		assert_int_equal(worker_poll(&l->worker[0]), 1);
		uint64_t after = realtime_ntp();
		struct rte_mbuf *m = loop_take(l, 0, 0);
		assert_non_null(m);
		const uint8_t *data = rte_pktmbuf_mtod(m, uint8_t *) + m->data_len - NTP_LENGTH;
		assert_in_range(reply_u64(data + 32), before - slack, after + slack);
		assert_in_range(reply_u64(data + 40), before - slack, after + slack);
		assert_true(data[0] >> 6 == LEAP_NONE && data[1] != 0);
		rte_pktmbuf_free(m);
	}
	loop_close(l);
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(idle_rows); i++)
		table_add(&t, idle_rows[i].name, workers_run_until_told_to_stop, &idle_rows[i]);
	TABLE_ADD(&t, a_worker_by_the_kernels_clock_tells_right_times);
	TABLE_ADD(&t, a_sleep_is_told_in_root_dispersion);
	return table_run_between("worker", &t, loop_set_up, loop_tear_down);
}

// SPDX-License-Identifier: BSD-3-Clause
// A worker that stalls, with stamps of its own making: what waited while it did not look has no
// arrival time, and no answer pretends it has.
#include "loop.h"

#include <rte_mbuf.h>

#include <pthread.h>
#include <time.h>

#include "harness/reply_check.h"
#include "harness/table.h"
#include "worker/worker_poll.h"
#include "worker/worker_run.h"

#define ROOM 1023
// The desk's counter runs at 2.5 GHz.
#define US(n) (2500ull * (n))

static void requests_put(struct loop *l, unsigned n)
{
	static struct frame_spec spec;
	frame_spec_ip4(&spec);
	for (unsigned i = 0; i < n; i++)
		loop_put_spec(l, 0, 0, &spec);
}

// A loop whose worker 0 counts gaps over 50 us and drops after those over 1 ms, and polled just
// now.
static struct loop *loop_with_gaps(void)
{
	struct loop *l = loop_open(ROOM);
	l->worker[0].late_gap.n = US(50);
	l->worker[0].drop_gap.n = US(1000);
	for (unsigned p = 0; p < LOOP_PORTS; p++)
		l->worker[0].queue[p].rx.polled.n = loop_counter;
	return l;
}

static uint32_t dispersion_of(const struct rte_mbuf *m)
{
	const uint8_t *data = rte_pktmbuf_mtod(m, const uint8_t *);
	return (uint32_t)reply_u64(data + m->data_len - NTP_LENGTH + 4);
}

// Takes one reply and gives its root dispersion, of 2^-16 s.
static uint32_t dispersion_take(struct loop *l)
{
	struct rte_mbuf *m = loop_take(l, 0, 0);
	assert_non_null(m);
	uint32_t dispersion = dispersion_of(m);
	rte_pktmbuf_free(m);
	return dispersion;
}

struct stall_row {
	const char *name;
	uint64_t us;
	unsigned late;    // polls, of two queues each
	unsigned dropped; // of one request
};

static const struct stall_row stalls[] = {
	{"R-12: 50 us are no stall", 50, 0, 0},
	{"R-12: 51 us are a late poll", 51, 1, 0},
	{"R-12: after 1 ms the burst is answered yet", 1000, 1, 0},
	{"R-12: after 1.001 ms it is dropped", 1001, 1, 1},
	{"R-12: after 2 s it is dropped", 2000000, 1, 1},
	{"R-12: after an hour it is dropped", 3600000000ull, 1, 1},
};

static void r12_a_stall_is_counted_and_what_waited_dropped(void **state)
{
	const struct stall_row *row = *state;
	struct loop *l = loop_with_gaps();
	requests_put(l, 1);
	loop_counter += US(row->us);
	assert_int_equal(worker_poll(&l->worker[0]), 1);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_LATE_POLLS), row->late * LOOP_PORTS);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_POLL_GAP_MAX), row->late * US(row->us));
	assert_int_equal(loop_verdict(l, 0, V_LATE_POLL), row->dropped);
	assert_int_equal(loop_drain(l, 0, 0), 1 - row->dropped);
	// What comes afterwards is answered.
	requests_put(l, 1);
	assert_int_equal(worker_poll(&l->worker[0]), 1);
	assert_int_equal(loop_drain(l, 0, 0), 1);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_LATE_POLLS), row->late * LOOP_PORTS);
	loop_close(l);
}

// The stall is longer than one burst's worth: all that lay in the queue is dropped, and what came
// after the queue was seen empty is not.
static void r12_all_that_waited_is_dropped_burst_after_burst(void **state)
{
	(void)state;
	struct loop *l = loop_with_gaps();
	requests_put(l, 100);
	loop_counter += US(5000);
	assert_int_equal(loop_turn(l, 0), 100);
	assert_int_equal(loop_verdict(l, 0, V_LATE_POLL), 100);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_TX_PACKETS), 0);
	requests_put(l, 40);
	assert_int_equal(loop_turn(l, 0), 40);
	assert_int_equal(loop_verdict(l, 0, V_LATE_POLL), 100);
	assert_int_equal(loop_drain(l, 0, 0), 40);
	loop_close(l);
}

// What waits behind the first burst waits on while that one is answered. It may be too long then,
// and is told as long as it is not.
struct bursts_row {
	const char *name;
	uint64_t first_us; // the stall
	uint64_t next_us;  // from each burst to the next
	unsigned dropped;  // of four bursts
	uint64_t told[4];  // of root dispersion, 2^-16 s; of those that were answered
};

static const struct bursts_row bursts[] = {
	{"R-12: a shorter late poll ends no stall", 5000, 60, 4, {0}},
	{"R-12: nor does a poll that is not late", 5000, 10, 4, {0}},
	{"R-12: a backlog that waits on is dropped", 900, 146, 3, {59}},
	{"R-12: a backlog that waits on is told", 300, 146, 0, {20, 29, 39, 48}},
	{"R-12: also by polls that are not late", 300, 40, 0, {20, 22, 25, 28}},
};

static void r12_a_backlog_waits_on_while_it_is_worked_off(void **state)
{
	const struct bursts_row *row = *state;
	struct loop *l = loop_with_gaps();
	requests_put(l, 1);
	assert_int_equal(worker_poll(&l->worker[0]), 1);
	uint32_t prompt = dispersion_take(l);
	requests_put(l, 4 * WORKER_BURST);
	for (unsigned i = 0; i < 4; i++) {
		loop_counter += US(i == 0 ? row->first_us : row->next_us);
		assert_int_equal(worker_poll(&l->worker[0]), WORKER_BURST);
		if (i >= 4 - row->dropped)
			continue;
		assert_in_range(dispersion_take(l) - prompt, row->told[i] - 1, row->told[i] + 1);
		assert_int_equal(loop_drain(l, 0, 0), WORKER_BURST - 1);
	}
	assert_int_equal(loop_verdict(l, 0, V_LATE_POLL), row->dropped * WORKER_BURST);
	assert_int_equal(loop_drain(l, 0, 0), 0);
	// The queue was empty in between.
	assert_int_equal(worker_poll(&l->worker[0]), 0);
	requests_put(l, 1);
	assert_int_equal(worker_poll(&l->worker[0]), 1);
	assert_in_range(dispersion_take(l) - prompt, 0, 1);
	loop_close(l);
}

// Full bursts alone are no stall, however long they go on; after one that was short enough they are
// told what waited until it must be gone.
static void r12_a_full_load_is_no_stall(void **state)
{
	(void)state;
	struct loop *l = loop_with_gaps();
	uint32_t prompt = 0;
	for (unsigned i = 0; i < 100; i++) {
		requests_put(l, WORKER_BURST);
		loop_counter += US(i == 50 ? 60 : 40);
		assert_int_equal(worker_poll(&l->worker[0]), WORKER_BURST);
		uint32_t told = dispersion_take(l);
		prompt = i == 0 ? told : prompt;
		bool is_backlog = i >= 50 && i < 50 + LOOP_BACKLOG / WORKER_BURST;
		uint64_t waited_us = is_backlog ? 60 + 40 * (i - 50) : 0;
		uint64_t units = waited_us * 65536 / 1000000;
		assert_in_range(told - prompt + 1, units, units + 3);
		assert_int_equal(loop_drain(l, 0, 0), WORKER_BURST - 1);
	}
	assert_int_equal(loop_verdict(l, 0, V_LATE_POLL), 0);
	loop_close(l);
}

// A queue that never runs empty: no more than it can hold has waited.
static void r12_no_more_is_dropped_than_a_queue_can_hold(void **state)
{
	(void)state;
	struct loop *l = loop_with_gaps();
	requests_put(l, LOOP_BACKLOG + 4 * WORKER_BURST);
	loop_counter += US(5000);
	for (unsigned i = 0; i < LOOP_BACKLOG / WORKER_BURST + 4; i++) {
		assert_int_equal(worker_poll(&l->worker[0]), WORKER_BURST);
		loop_counter += US(10);
	}
	assert_int_equal(loop_verdict(l, 0, V_LATE_POLL), LOOP_BACKLOG);
	assert_int_equal(loop_drain(l, 0, 0), 4 * WORKER_BURST);
	loop_close(l);
}

// An empty poll after the stall: nothing waited.
static void r12_a_stall_over_an_empty_queue_drops_nothing(void **state)
{
	(void)state;
	struct loop *l = loop_with_gaps();
	loop_counter += US(5000);
	assert_int_equal(worker_poll(&l->worker[0]), 0);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_LATE_POLLS), LOOP_PORTS);
	requests_put(l, 3);
	assert_int_equal(worker_poll(&l->worker[0]), 3);
	assert_int_equal(loop_drain(l, 0, 0), 3);
	loop_close(l);
}

// A wait that is not dropped is told: T2 may be that much late.
static void r12_a_wait_that_is_answered_is_told_in_root_dispersion(void **state)
{
	(void)state;
	struct loop *l = loop_with_gaps();
	requests_put(l, 1);
	assert_int_equal(worker_poll(&l->worker[0]), 1);
	uint32_t prompt = dispersion_take(l);
	requests_put(l, 1);
	loop_counter += US(1000);
	assert_int_equal(worker_poll(&l->worker[0]), 1);
	assert_in_range(dispersion_take(l) - prompt, 65, 67);
	requests_put(l, 1);
	assert_int_equal(worker_poll(&l->worker[0]), 1);
	assert_in_range(dispersion_take(l) - prompt, 0, 1);
	// Nor where nothing is ever dropped.
	l->worker[0].drop_gap.n = UINT64_MAX;
	requests_put(l, 1);
	loop_counter += US(10000);
	assert_int_equal(worker_poll(&l->worker[0]), 1);
	assert_in_range(dispersion_take(l) - prompt, 655, 660);
	loop_close(l);
}

// The idle policy's sleep is measured and told by other means.
static void r12_a_sleep_is_no_late_poll(void **state)
{
	(void)state;
	struct loop *l = loop_with_gaps();
	struct worker *w = &l->worker[0];
	requests_put(l, 1);
	w->slept.n = US(3000);
	loop_counter += US(3049);
	assert_int_equal(worker_poll(w), 1);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_LATE_POLLS), 0);
	assert_int_equal(loop_drain(l, 0, 0), 1);
	// What a stall adds to a sleep counts alone.
	requests_put(l, 1);
	w->slept.n = US(3000);
	loop_counter += US(3000 + 1001);
	assert_int_equal(worker_poll(w), 1);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_POLL_GAP_MAX), US(1001));
	assert_int_equal(loop_verdict(l, 0, V_LATE_POLL), 1);
	loop_close(l);
}

// What lies behind the first burst waited through the sleep as well.
static void r12_a_sleep_is_told_to_all_that_waited_in_it(void **state)
{
	(void)state;
	struct loop *l = loop_with_gaps();
	struct worker *w = &l->worker[0];
	requests_put(l, 1);
	assert_int_equal(worker_poll(w), 1);
	uint32_t prompt = dispersion_take(l);
	requests_put(l, 2 * WORKER_BURST);
	w->slept.n = US(300);
	loop_counter += US(300);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(worker_poll(w), WORKER_BURST);
		assert_in_range(dispersion_take(l) - prompt, i == 0 ? 19 : 22, i == 0 ? 20 : 23);
		assert_int_equal(loop_drain(l, 0, 0), WORKER_BURST - 1);
		loop_counter += US(45);
	}
	assert_int_equal(worker_poll(w), 0);
	requests_put(l, 1);
	assert_int_equal(worker_poll(w), 1);
	assert_in_range(dispersion_take(l) - prompt, 0, 1);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_LATE_POLLS), 0);
	loop_close(l);
}

// Drops of other reasons keep their verdicts.
static void r12_other_drops_keep_their_reasons(void **state)
{
	(void)state;
	uint8_t frame[FRAME_ROOM];
	static struct frame_spec spec;
	struct loop *l = loop_with_gaps();
	frame_spec_ip4(&spec);
	size_t length = frame_build(&spec, frame);
	struct rte_mbuf *head = loop_buffer(l, 0, frame, length);
	assert_int_equal(rte_pktmbuf_chain(head, loop_buffer(l, 0, frame, 10)), 0);
	loop_put(l, 0, 0, head);
	requests_put(l, 2);
	loop_counter += US(5000);
	assert_int_equal(worker_poll(&l->worker[0]), 3);
	assert_int_equal(loop_verdict(l, 0, V_MULTI_SEGMENT), 1);
	assert_int_equal(loop_verdict(l, 0, V_LATE_POLL), 2);
	loop_close(l);
}

static void *run(void *worker)
{
	(void)worker_run(worker);
	return NULL;
}

// What lay in the queue before the worker began came nobody knows when: however long its first
// polls take, of which each is late if a reading of the counter takes so long.
static void worker_begins(uint64_t step, unsigned late)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	pthread_t thread;
	struct loop *l = loop_with_gaps();
	requests_put(l, 50);
	loop_counter_step = step;
	assert_int_equal(pthread_create(&thread, NULL, run, &l->worker[0]), 0);
	for (unsigned i = 0; i < 2000 && loop_traffic(l, 0, TRAFFIC_RX_PACKETS) < 50; i++)
		(void)nanosleep(&pause, NULL);
	atomic_store(&l->stop, 1);
	assert_int_equal(pthread_join(thread, NULL), 0);
	loop_counter_step = 0;
	assert_int_equal(loop_verdict(l, 0, V_LATE_POLL), 50);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_LATE_POLLS) > 0, late);
	loop_close(l);
}

static void r12_what_came_before_the_worker_is_dropped(void **state)
{
	(void)state;
	worker_begins(0, 0);
	worker_begins(US(60), 1);
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(stalls); i++)
		table_add(&t, stalls[i].name, r12_a_stall_is_counted_and_what_waited_dropped,
			&stalls[i]);
	TABLE_ADD(&t, r12_all_that_waited_is_dropped_burst_after_burst);
	for (unsigned i = 0; i < TABLE_LENGTH(bursts); i++)
		table_add(&t, bursts[i].name, r12_a_backlog_waits_on_while_it_is_worked_off,
			&bursts[i]);
	TABLE_ADD(&t, r12_a_full_load_is_no_stall);
	TABLE_ADD(&t, r12_no_more_is_dropped_than_a_queue_can_hold);
	TABLE_ADD(&t, r12_a_stall_over_an_empty_queue_drops_nothing);
	TABLE_ADD(&t, r12_a_wait_that_is_answered_is_told_in_root_dispersion);
	TABLE_ADD(&t, r12_a_sleep_is_no_late_poll);
	TABLE_ADD(&t, r12_a_sleep_is_told_to_all_that_waited_in_it);
	TABLE_ADD(&t, r12_other_drops_keep_their_reasons);
	TABLE_ADD(&t, r12_what_came_before_the_worker_is_dropped);
	return table_run_between("worker gaps", &t, loop_set_up, loop_tear_down);
}

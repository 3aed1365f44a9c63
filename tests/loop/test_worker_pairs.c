// SPDX-License-Identifier: BSD-3-Clause
// Interleaved mode through a worker: what its replies say of those before them.
#include "loop.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include <stdlib.h>
#include <string.h>

#include "harness/reply_check.h"
#include "harness/table.h"
#include "worker/xdp_stamp.h"

#define BUCKETS    64
#define STEP       10000 // cycles between two readings of the counter
#define CLIENTS    3
#define TX_LATENCY 100000 // NTP units: longer than a send
#define PRECISION  4160   // NTP units of it, and of a reading rounded

struct client {
	struct frame_spec spec;
	uint64_t receive; // of the last reply
	uint64_t transmit;
	uint64_t origin;
};

static struct interleave_bucket bucket[BUCKETS];

// The first send of all tells nothing: it is no test's.
static void first_send(struct loop *l)
{
	static struct frame_spec spec;
	frame_spec_ip4(&spec);
	loop_put_spec(l, 0, 0, &spec);
	assert_int_equal(loop_turn(l, 0), 1);
	assert_int_equal(loop_drain(l, 0, 0), 1);
}

static struct loop *interleave_burst_open(unsigned tx_room)
{
	struct loop *l = loop_open(tx_room);
	struct worker *w = &l->worker[0];
	memset(bucket, 0, sizeof(bucket));
	interleave_init(&w->interleave, bucket, BUCKETS, 0, 1);
	for (unsigned q = 0; q < w->queue_count; q++)
		responder_interleave(&w->queue[q].responder, &w->interleave, q);
	loop_counter_step = STEP;
	first_send(l);
	return l;
}

static void interleave_burst_close(struct loop *l)
{
	loop_counter_step = 0;
	loop_close(l);
}

static void field_put(struct client *c, unsigned at, uint64_t number)
{
	for (unsigned b = 0; b < 8; b++)
		c->spec.payload[at + b] = (uint8_t)(number >> (56 - 8 * b));
}

static void clients_begin(struct client *c)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		memset(&c[i], 0, sizeof(c[i]));
		frame_spec_ip4(&c[i].spec);
		c[i].spec.source_port = (uint16_t)(2000 + i);
		field_put(&c[i], 40, 1000 + i);
	}
}

static void clients_ask_again(struct client *c)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		field_put(&c[i], 24, c[i].receive);
		field_put(&c[i], 32, 77);
		field_put(&c[i], 40, 99);
	}
}

// One burst of all clients. Returns how many replies left.
static unsigned clients_ask(struct loop *l, struct client *c)
{
	unsigned n = 0;
	for (unsigned i = 0; i < CLIENTS; i++)
		loop_put_spec(l, 0, 0, &c[i].spec);
	assert_int_equal(loop_turn(l, 0), CLIENTS);
	for (struct rte_mbuf *m; (m = loop_take(l, 0, 0)) != NULL; n++) {
		const uint8_t *ntp = rte_pktmbuf_mtod(m, uint8_t *) + m->data_len - 48;
		c[n].origin = reply_u64(ntp + 24);
		c[n].receive = reply_u64(ntp + 32);
		c[n].transmit = reply_u64(ntp + 40);
		rte_pktmbuf_free(m);
	}
	return n;
}

// What all clients got for an origin: their receive timestamp in interleaved mode, their transmit
// timestamp else.
static void origins_are(const struct client *c, uint64_t origin)
{
	for (unsigned i = 0; i < CLIENTS; i++)
		assert_int_equal(c[i].origin, origin);
}

// The counter when the port had the burst, by the T2 of its replies.
static struct ntp_time left_after(const struct loop *l, const struct client *c, double readings)
{
	struct cycles spent = {(uint64_t)(readings * STEP)};
	int64_t units = ntp_time_from_cycles(spent, l->desk.view.mult);
	return ntp_time_add((struct ntp_time){c->receive}, units);
}

static void assert_near(uint64_t a, struct ntp_time b)
{
	int64_t off = (int64_t)(a - b.raw);
	assert_in_range((uint64_t)(off + 64), 0, 128);
}

// Arrival, T3's reading and those before and after the send are STEP apart.
static void check_told(bool tx_is_synchronous, int64_t latency, double readings, int64_t more)
{
	struct loop *l = interleave_burst_open(1023);
	struct client c[CLIENTS];
	struct ntp_time left;
	l->worker[0].queue[0].tx.tx_is_synchronous = tx_is_synchronous;
	l->worker[0].queue[0].tx.latency = latency;
	clients_begin(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_INTERLEAVED), 0);
	for (unsigned round = 1; round < 4; round++) {
		left = ntp_time_add(left_after(l, &c[0], readings), more);
		clients_ask_again(c);
		assert_int_equal(clients_ask(l, c), CLIENTS);
		for (unsigned i = 0; i < CLIENTS; i++) {
			assert_int_equal(c[i].origin, 77);
			assert_near(c[i].transmit, left);
		}
		assert_int_equal(loop_traffic(l, 0, TRAFFIC_INTERLEAVED), round * CLIENTS);
	}
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_INTERLEAVED_MISSED), 0);
	interleave_burst_close(l);
}

static void i2_what_is_told_was_read_after_the_send(void **state)
{
	(void)state;
	check_told(false, 0, 3, 0);
}

static void i2_a_kernel_sends_within_the_send(void **state)
{
	(void)state;
	check_told(true, 0, 2, 0);
}

// However long sends became: a T3 after the frame has left would be wrong.
static void i2_a_longer_send_of_a_kernel_is_told_by_its_beginning(void **state)
{
	(void)state;
	struct loop *l = interleave_burst_open(1023);
	struct client c[CLIENTS];
	l->worker[0].queue[0].tx.tx_is_synchronous = true;
	clients_begin(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	loop_counter_step = 3 * STEP;
	for (unsigned n = 0; n < 100; n++)
		assert_int_equal(clients_ask(l, c), CLIENTS);
	struct ntp_time left = left_after(l, &c[0], 6);
	clients_ask_again(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	assert_near(c[0].transmit, left);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_INTERLEAVED), CLIENTS);
	interleave_burst_close(l);
}

// What was calibrated is from the send's beginning, two readings after the arrival.
static void i2_the_calibrated_constant_counts_from_the_sends_beginning(void **state)
{
	(void)state;
	check_told(false, TX_LATENCY, 2, TX_LATENCY);
	check_told(true, TX_LATENCY, 2, TX_LATENCY);
}

// A worker that was away during the send does not know when its replies left.
static void check_long_send(bool tx_is_synchronous, unsigned times, bool is_told)
{
	struct loop *l = interleave_burst_open(1023);
	struct client c[CLIENTS];
	l->worker[0].queue[0].tx.tx_is_synchronous = tx_is_synchronous;
	clients_begin(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	clients_ask_again(c);
	loop_counter_step = times * STEP;
	assert_int_equal(clients_ask(l, c), CLIENTS);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_INTERLEAVED), CLIENTS);
	clients_ask_again(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_INTERLEAVED_MISSED), is_told ? 0 : CLIENTS);
	interleave_burst_close(l);
}

static void i6_a_send_that_took_too_long_has_no_pair(void **state)
{
	(void)state;
	check_long_send(false, 4, true);
	check_long_send(false, 5, false);
	check_long_send(true, 2, true);
	check_long_send(true, 3, false);
}

// Nobody knows how long a send takes when the first one is over; one in which the worker was away
// is forgotten.
static void i6_a_first_send_says_nothing(void **state)
{
	(void)state;
	struct loop *l = interleave_burst_open(1023);
	struct client c[CLIENTS];
	l->worker[0].queue[0].tx.send_sum = 0;
	loop_counter_step = 1000 * STEP;
	clients_begin(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	loop_counter_step = STEP;
	clients_ask_again(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	origins_are(c, 99);
	loop_counter_step = 17 * STEP;
	clients_ask_again(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	origins_are(c, 77);
	clients_ask_again(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	origins_are(c, 99);
	interleave_burst_close(l);
}

// A port that sends at a given moment, with a clock that is the counter; the moment is `readings`
// of it ahead when T3 is read.
static void launch_allow(struct loop *l, unsigned readings)
{
	static struct port_snap snap;
	struct worker_queue *q = &l->worker[0].queue[0];
	const struct port_view view = {
		.ref_cycles = {loop_counter},
		.ref_ticks = loop_counter,
		.mult = 1ull << PORT_MULT_SHIFT,
		.valid_cycles = {1000000000000},
		.max_age = UINT32_MAX,
		.width = 64,
		.flags = PORT_VIEW_FIT,
	};
	int offset;
	port_snap_publish(&snap, &view);
	assert_int_equal(rte_mbuf_dyn_tx_timestamp_register(&offset, &q->tx.launch_flag), 0);
	q->tx.launch_offset = (uint16_t)offset;
	q->tx.stamps = &snap;
	q->tx.launch_lead.n = readings * STEP;
}

// The moment of launch is told only if the send was over before it. Readings: T3, before the send,
// after it.
static void i6_a_launch_that_may_have_been_missed_has_no_pair(void **state)
{
	(void)state;
	struct client c[CLIENTS];
	for (unsigned readings = 2; readings < 4; readings++) {
		struct loop *l = interleave_burst_open(1023);
		launch_allow(l, readings);
		clients_begin(c);
		assert_int_equal(clients_ask(l, c), CLIENTS);
		struct ntp_time launched = left_after(l, &c[0], 1 + readings);
		// T3 of basic mode is that moment, but for bits below the precision.
		uint64_t off = c[0].transmit - launched.raw;
		assert_in_range(off + PRECISION, 0, 2 * PRECISION);
		clients_ask_again(c);
		assert_int_equal(clients_ask(l, c), CLIENTS);
		origins_are(c, readings == 3 ? 77 : 99);
		if (readings == 3)
			assert_near(c[0].transmit, launched);
		interleave_burst_close(l);
	}
}

// What is usual follows, on a counter that has few cycles for a send as well.
static void i6_sends_that_become_longer_are_usual_some_time(void **state)
{
	(void)state;
	struct loop *l = interleave_burst_open(1023);
	struct client c[CLIENTS];
	clients_begin(c);
	loop_counter_step = 10;
	assert_int_equal(clients_ask(l, c), CLIENTS);
	loop_counter_step = 35;
	for (unsigned n = 0; n < 100; n++)
		assert_int_equal(clients_ask(l, c), CLIENTS);
	loop_counter_step = 60;
	assert_int_equal(clients_ask(l, c), CLIENTS);
	clients_ask_again(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_INTERLEAVED), CLIENTS);
	interleave_burst_close(l);
}

// A counter that is slower than a send: it takes no cycle, or one.
static void i6_sends_of_a_cycle_or_none_are_usual(void **state)
{
	(void)state;
	struct loop *l = interleave_burst_open(1023);
	struct client c[CLIENTS];
	l->worker[0].queue[0].tx.send_sum = 0;
	clients_begin(c);
	for (unsigned n = 0; n < 200; n++) {
		loop_counter_step = n % 8 == 0;
		// Bursts of their own have times of their own.
		loop_counter += STEP;
		assert_int_equal(clients_ask(l, c), CLIENTS);
		if (n >= 2)
			origins_are(c, 77);
		clients_ask_again(c);
	}
	interleave_burst_close(l);
}

// A full port is told nothing, and that is no send.
static void i6_a_send_of_nothing_says_nothing(void **state)
{
	(void)state;
	struct loop *l = interleave_burst_open(1);
	struct client c[CLIENTS];
	const struct worker_queue *q = &l->worker[0].queue[0];
	clients_begin(c);
	loop_put_spec(l, 0, 0, &c[0].spec);
	assert_int_equal(loop_turn(l, 0), 1);
	int64_t sum = q->tx.send_sum;
	loop_counter_step = 10;
	loop_put_spec(l, 0, 0, &c[1].spec);
	assert_int_equal(loop_turn(l, 0), 1);
	assert_int_equal(q->tx.send_sum, sum);
	assert_int_not_equal(sum, 0);
	rte_pktmbuf_free(loop_take(l, 0, 0));
	interleave_burst_close(l);
}

static void i6_a_reply_that_the_port_refused_has_no_pair(void **state)
{
	(void)state;
	struct loop *l = interleave_burst_open(1);
	struct client c[CLIENTS];
	clients_begin(c);
	assert_int_equal(clients_ask(l, c), 1);
	// What the others would have been told: the first one's T2 with their places.
	c[1].receive = c[0].receive ^ 2;
	c[2].receive = c[0].receive ^ 4;
	clients_ask_again(c);
	field_put(&c[0], 24, c[1].receive);
	field_put(&c[1], 24, c[2].receive);
	assert_int_equal(clients_ask(l, c), 1);
	assert_int_equal(c[0].origin, 99);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_INTERLEAVED), 0);
	// Two of the three who asked got no reply in any mode.
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_INTERLEAVED_MISSED), 1);
	interleave_burst_close(l);
}

static void i6_a_new_epoch_ends_all_pairs(void **state)
{
	(void)state;
	struct loop *l = interleave_burst_open(1023);
	struct client c[CLIENTS];
	clients_begin(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	l->desk.view.epoch++;
	snapshot_publish(&l->snapshot, &l->desk.view);
	clients_ask_again(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	origins_are(c, 99);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_INTERLEAVED_MISSED), CLIENTS);
	interleave_burst_close(l);
}

// Its replies were further apart than those of now, or nearer: of the first it would still be
// right.
static void i2_what_left_at_another_pace_is_not_told(void **state)
{
	(void)state;
	struct loop *l = interleave_burst_open(1023);
	struct client c[CLIENTS];
	clients_begin(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	l->worker[0].queue[0].responder.tx_step = 1000;
	l->worker[0].queue[0].paces++;
	clients_ask_again(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	origins_are(c, 99);
	clients_ask_again(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	origins_are(c, 77);
	interleave_burst_close(l);
}

// What a port was given, call by call.
struct calls {
	unsigned sends;
	unsigned warm; // of no frame
};

static uint16_t call_count(
	uint16_t port, uint16_t queue, struct rte_mbuf **m, uint16_t n, void *calls)
{
	struct calls *c = calls;
	(void)port;
	(void)queue;
	(void)m;
	c->sends++;
	c->warm += n == 0;
	if (n == 0)
		loop_counter += 50 * STEP;
	return n;
}

// However long that takes, no T3 is from before it.
static void i2_a_kernels_way_is_warm_before_t3_is_read(void **state)
{
	(void)state;
	struct loop *l = interleave_burst_open(1023);
	struct worker_queue *q = &l->worker[0].queue[0];
	struct client c[CLIENTS];
	struct calls calls = {0};
	const struct rte_eth_rxtx_callback *hook =
		rte_eth_add_tx_callback(q->port, 0, call_count, &calls);
	assert_non_null(hook);
	clients_begin(c);
	for (unsigned sends = 1; sends <= 5; sends++) {
		// Not before it is asked for, then for the first send and for those that come late.
		bool is_warmed = sends == 3 || sends == 5;
		unsigned warm = calls.warm;
		if (sends == 2)
			q->tx.tx_idle_limit.n = 100 * STEP;
		loop_counter += is_warmed ? 100 * STEP : 40 * STEP;
		assert_int_equal(clients_ask(l, c), CLIENTS);
		assert_int_equal(calls.warm - warm, is_warmed ? 1 : 0);
		assert_int_equal(calls.sends - calls.warm, sends);
		struct ntp_time least = left_after(l, &c[0], is_warmed ? 50 : 0);
		assert_true(ntp_time_before(least, (struct ntp_time){c[0].transmit}));
	}
	assert_int_equal(rte_eth_remove_tx_callback(q->port, 0, hook), 0);
	interleave_burst_close(l);
}

// Readings of the counter from a burst's arrival to its send: three tries for a pair, T3, the send.
#define TO_SEND 8

// The clock of the kernel's stamps, by the desk's counter of 2.5 GHz.
static uint64_t stamps_ns(uint64_t counter)
{
	return counter / 5 * 2;
}

// Amid two readings.
static uint64_t stamps_clock(void)
{
	return stamps_ns(loop_counter + STEP / 2);
}

// A kernel that sends for so long, and says at some moment of it, or not, that the frame goes by.
// In readings.
struct kernel {
	double length;
	double stamped; // from the send's beginning; 0: not
	_Atomic uint64_t *stamp;
};

static uint16_t kernel_send(
	uint16_t port, uint16_t queue, struct rte_mbuf **m, uint16_t n, void *kernel)
{
	const struct kernel *k = kernel;
	uint64_t begin = loop_counter;
	(void)port;
	(void)queue;
	(void)m;
	loop_counter = begin + (uint64_t)((k->stamped + 1000) * STEP) - 1000 * STEP;
	if (k->stamped != 0 && *k->stamp == TX_STAMP_WANTED)
		*k->stamp = stamps_ns(loop_counter);
	loop_counter = begin + (uint64_t)(k->length * STEP);
	return n;
}

// Asks twice, and checks that the second time tells `left` readings after the first one's send
// began; < 0: nothing.
static void check_stamped(
	double length, double stamped, double left, unsigned counted, int64_t latency)
{
	static _Atomic uint64_t stamp;
	struct kernel kernel = {4, 0, &stamp};
	struct loop *l = interleave_burst_open(1023);
	struct worker *w = &l->worker[0];
	struct worker_queue *q = &w->queue[0];
	struct client c[CLIENTS];
	q->tx.tx_is_synchronous = true;
	q->rx.meta_cookie = 1;
	q->tx.latency = latency;
	q->tx.send_sum = 0;
	w->clock.stamps_read = stamps_clock;
	q->tx.stamp = &stamp;
	const struct rte_eth_rxtx_callback *hook =
		rte_eth_add_tx_callback(q->port, 0, kernel_send, &kernel);
	clients_begin(c);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(clients_ask(l, c), CLIENTS);
	kernel.length = length;
	kernel.stamped = stamped;
	assert_int_equal(clients_ask(l, c), CLIENTS);
	struct ntp_time expected = ntp_time_add(left_after(l, &c[0], TO_SEND + left), latency);
	clients_ask_again(c);
	assert_int_equal(clients_ask(l, c), CLIENTS);
	origins_are(c, left < 0 ? 99 : 77);
	if (left >= 0)
		assert_near(c[0].transmit, expected);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_TX_STAMPED), counted);
	assert_int_equal(stamp, TX_STAMP_NONE);
	assert_int_equal(rte_eth_remove_tx_callback(q->port, 0, hook), 0);
	interleave_burst_close(l);
}

// A pair of stamps' clock and counter is read within one reading of it: the stamp may be off by so
// much, and is told so much earlier.
static void i2_a_kernels_stamp_is_told(void **state)
{
	(void)state;
	check_stamped(4, 3, 2, 2, 0);
	check_stamped(4, 4.5, 3.5, 2, 0);
	check_stamped(4, 0, 0, 0, 0);
	// The send itself began later than what the stamp may mean.
	check_stamped(4, 0.5, 0, 2, 0);
	// And so does what was calibrated.
	check_stamped(4, 3, 0, 2, TX_LATENCY);
}

static void i2_a_long_send_is_told_by_its_stamp(void **state)
{
	(void)state;
	check_stamped(100, 0, -1, 0, 0);
	check_stamped(100, 30, 29, 2, 0);
}

// Later than the send's end, than all that was read, or before the burst came.
static void i6_a_stamp_from_elsewhere_is_none(void **state)
{
	(void)state;
	check_stamped(4, 6.25, 0, 0, 0);
	check_stamped(4, 50, 0, 0, 0);
	check_stamped(4, -50, 0, 0, 0);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, i2_what_is_told_was_read_after_the_send);
	TABLE_ADD(&t, i2_a_kernel_sends_within_the_send);
	TABLE_ADD(&t, i2_a_longer_send_of_a_kernel_is_told_by_its_beginning);
	TABLE_ADD(&t, i2_the_calibrated_constant_counts_from_the_sends_beginning);
	TABLE_ADD(&t, i6_a_send_that_took_too_long_has_no_pair);
	TABLE_ADD(&t, i6_a_first_send_says_nothing);
	TABLE_ADD(&t, i6_a_launch_that_may_have_been_missed_has_no_pair);
	TABLE_ADD(&t, i6_sends_that_become_longer_are_usual_some_time);
	TABLE_ADD(&t, i6_sends_of_a_cycle_or_none_are_usual);
	TABLE_ADD(&t, i6_a_send_of_nothing_says_nothing);
	TABLE_ADD(&t, i6_a_reply_that_the_port_refused_has_no_pair);
	TABLE_ADD(&t, i6_a_new_epoch_ends_all_pairs);
	TABLE_ADD(&t, i2_what_left_at_another_pace_is_not_told);
	TABLE_ADD(&t, i2_a_kernels_way_is_warm_before_t3_is_read);
	TABLE_ADD(&t, i2_a_kernels_stamp_is_told);
	TABLE_ADD(&t, i2_a_long_send_is_told_by_its_stamp);
	TABLE_ADD(&t, i6_a_stamp_from_elsewhere_is_none);
	return table_run_between("worker_pairs", &t, loop_set_up, loop_tear_down);
}

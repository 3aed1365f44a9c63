// SPDX-License-Identifier: BSD-3-Clause
// Receive stamps through the real worker: a callback on a port of rings writes them into the mbufs,
// as a driver does, from a clock that the test owns.
#include "dpdk.h"
#include "loop.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include "harness/reply_check.h"
#include "harness/table.h"
#include "worker/worker_poll.h"
#include "worker/xdp_stamp.h"

#define ROOM 1023
// The desk's counter runs at 2.5 GHz, the port's clock counts nanoseconds.
#define CYCLES(ns) (5 * (uint64_t)(ns) / 2)
#define SLOT       3
// What the clock of stamps in front says when the counter is 0.
#define FRONT_BASE 7000000000000u
#define FRONT_MARK 0x5d2b71c6e94a830fu

// What the port does to what it received.
struct driver {
	uint16_t offset;
	uint64_t flag;
	uint64_t ticks[64]; // the stamp of each frame of the next burst
	bool has_stamp[64];
};

static struct driver driver;
static struct port_snap snap;

static int dpdk_begin(void **state)
{
	(void)state;
	int offset;
	if (dpdk_start(0) < 0 || rte_mbuf_dyn_rx_timestamp_register(&offset, &driver.flag) < 0)
		return -1;
	driver.offset = (uint16_t)offset;
	return 0;
}

static uint16_t stamp(
	uint16_t port, uint16_t queue, struct rte_mbuf **m, uint16_t n, uint16_t max, void *context)
{
	(void)port;
	(void)queue;
	(void)max;
	(void)context;
	for (unsigned i = 0; i < n; i++) {
		if (!driver.has_stamp[i])
			continue;
		m[i]->ol_flags |= driver.flag;
		*RTE_MBUF_DYNFIELD(m[i], driver.offset, uint64_t *) = driver.ticks[i];
	}
	return n;
}

// The clock of stamps in front: it began with the counter. Each of its next readings is followed by
// a stall: the worker loses its core.
static struct {
	unsigned stalls;
	uint64_t cycles;    // of each
	struct cycles came; // when a burst was stamped
	uint64_t mark;
} front;

static uint64_t front_now(void)
{
	return FRONT_BASE + loop_counter / 5 * 2;
}

static uint64_t front_read(void)
{
	uint64_t ns = front_now();
	if (front.stalls > 0) {
		front.stalls--;
		loop_counter += front.cycles;
	}
	return ns;
}

// As the filter of an AF_XDP port does it: `ticks` is how long ago, in ns; 0 is a stamp of zero.
static uint16_t stamp_in_front(
	uint16_t port, uint16_t queue, struct rte_mbuf **m, uint16_t n, uint16_t max, void *context)
{
	(void)port;
	(void)queue;
	(void)max;
	(void)context;
	if (n > 0)
		front.came.n = loop_counter;
	for (unsigned i = 0; i < n; i++) {
		struct xdp_stamp s = {
			front.mark, driver.ticks[i] == 0 ? 0 : front_now() - driver.ticks[i]};
		if (!driver.has_stamp[i])
			continue;
		memcpy(rte_pktmbuf_mtod(m[i], uint8_t *) - sizeof(s), &s, sizeof(s));
	}
	return n;
}

// A port whose clock read 10^15 when the counter stood at the desk's reference.
static struct port_view view_of(const struct loop *l)
{
	return (struct port_view){
		.ref_ticks = 1000000000000000u,
		.ref_cycles = l->desk.view.ref_cycles,
		.mult = 5ull << (PORT_MULT_SHIFT - 1),
		.valid_cycles = {CYCLES(1000000000)},
		.max_age = UINT32_MAX / 100,
		.epoch = 1,
		.width = 64,
		.flags = PORT_VIEW_FIT,
	};
}

static struct loop *loop_with_stamps(void)
{
	struct loop *l = loop_open(ROOM);
	struct worker_queue *q = &l->worker[0].queue[0];
	const struct port_view view = view_of(l);
	// No random bits: times can be compared.
	l->desk.view.precision = -32;
	loop_arrange(l);
	port_snap_publish(&snap, &view);
	q->slot = SLOT;
	q->rx.stamp_offset = driver.offset;
	q->rx.stamp_flag = driver.flag;
	q->rx.stamps = &snap;
	q->tx.launch_offset = driver.offset;
	q->tx.stamps = &snap;
	memset(driver.has_stamp, 0, sizeof(driver.has_stamp));
	assert_non_null(rte_eth_add_rx_callback(l->port[0].id, 0, stamp, NULL));
	return l;
}

// The clock of the port `ago` ns before the counter's reading.
static uint64_t ticks_ago(const struct loop *l, uint64_t ago)
{
	uint64_t since = loop_counter - l->desk.view.ref_cycles.n;
	return 1000000000000000u + since * 2 / 5 - ago;
}

static void next_is(unsigned i, uint64_t ticks)
{
	driver.ticks[i] = ticks;
	driver.has_stamp[i] = true;
}

static void requests_put(struct loop *l, unsigned n)
{
	static struct frame_spec spec;
	for (unsigned i = 0; i < n; i++) {
		// A frame with VLAN tags takes the slow path.
		if (i % 3 == 2)
			frame_spec_ip6(&spec);
		else
			frame_spec_ip4(&spec);
		spec.vlan_count = i % 5 == 4;
		spec.vlan_type[0] = 0x8100;
		loop_put_spec(l, 0, 0, &spec);
	}
}

struct times {
	uint64_t receive;
	uint64_t transmit;
	uint64_t flags; // of its mbuf
};

static struct times times_take(struct loop *l)
{
	struct rte_mbuf *m = loop_take(l, 0, 0);
	assert_non_null(m);
	const uint8_t *ntp = rte_pktmbuf_mtod(m, const uint8_t *) + m->data_len - NTP_LENGTH;
	struct times t = {reply_u64(ntp + 32), reply_u64(ntp + 40), m->ol_flags};
	rte_pktmbuf_free(m);
	return t;
}

// How long before the counter's reading T2 says the packet came, in ns.
static int64_t age_of(const struct loop *l, struct times t)
{
	struct ntp_time now = clock_view_time(&l->desk.view, (struct cycles){loop_counter});
	return ntp_time_to_nanos(ntp_time_diff(now, (struct ntp_time){t.receive})).n;
}

static uint64_t fate_of(const struct loop *l, enum stamp s)
{
	return counters_get(&l->counters[0].stamp[SLOT][s]);
}

// Frames of one burst that came at different times have different T2, whichever way they go.
static void t06_each_packet_of_a_burst_has_its_own_time(void **state)
{
	(void)state;
	struct loop *l = loop_with_stamps();
	for (unsigned i = 0; i < WORKER_BURST; i++)
		next_is(i, ticks_ago(l, 320000 - i * 10000));
	requests_put(l, WORKER_BURST);
	assert_int_equal(loop_turn(l, 0), WORKER_BURST);
	for (unsigned i = 0; i < WORKER_BURST; i++) {
		struct times t = times_take(l);
		assert_in_range(age_of(l, t), 320000 - i * 10000 - 1, 320000 - i * 10000 + 1);
		assert_true(t.transmit > t.receive);
	}
	assert_int_equal(fate_of(l, STAMP_USED), WORKER_BURST);
	loop_close(l);
}

// T-08: the flag decides, packet by packet, whatever the port had promised.
static void t08_a_packet_without_the_flag_gets_the_counters_time(void **state)
{
	(void)state;
	struct loop *l = loop_with_stamps();
	for (unsigned i = 0; i < 10; i++)
		if (i % 2 == 0)
			next_is(i, ticks_ago(l, 5000));
	requests_put(l, 10);
	assert_int_equal(loop_turn(l, 0), 10);
	for (unsigned i = 0; i < 10; i++) {
		int64_t age = age_of(l, times_take(l));
		if (i % 2 == 0)
			assert_in_range(age, 4999, 5001);
		else
			assert_in_range(age + 1, 0, 2);
	}
	assert_int_equal(fate_of(l, STAMP_USED), 5);
	// A port that promised stamps and gives none: no stamp is refused, because there is none.
	for (int s = STAMP_USED + 1; s < STAMP_COUNT; s++)
		assert_int_equal(fate_of(l, (enum stamp)s), 0);
	loop_close(l);
}

// T-08: a port that is not to be looked at may write what it likes.
static void t08_stamps_that_nobody_asked_for_are_not_looked_at(void **state)
{
	(void)state;
	struct loop *l = loop_with_stamps();
	l->worker[0].queue[0].rx.stamp_flag = 0;
	l->worker[0].queue[0].rx.stamps = NULL;
	next_is(0, ticks_ago(l, 5000));
	requests_put(l, 1);
	assert_int_equal(loop_turn(l, 0), 1);
	assert_in_range(age_of(l, times_take(l)) + 1, 0, 2);
	assert_int_equal(fate_of(l, STAMP_USED), 0);
	loop_close(l);
}

// A worker whose port is AF_XDP.
static struct loop *loop_with_front_stamps(void)
{
	struct loop *l = loop_open(ROOM);
	struct worker_queue *q = &l->worker[0].queue[0];
	l->desk.view.precision = -32;
	loop_arrange(l);
	l->worker[0].clock.stamps_read = front_read;
	q->slot = SLOT;
	q->rx.meta_cookie = FRONT_MARK;
	front.stalls = 0;
	front.mark = FRONT_MARK;
	memset(driver.has_stamp, 0, sizeof(driver.has_stamp));
	assert_non_null(rte_eth_add_rx_callback(l->port[0].id, 0, stamp_in_front, NULL));
	return l;
}

// How long before the burst T2 is, of a packet stamped `ago` ns before it.
static int64_t front_age(struct loop *l, uint64_t ago)
{
	next_is(0, ago);
	requests_put(l, 1);
	assert_int_equal(loop_turn(l, 0), 1);
	struct ntp_time came = clock_view_time(&l->desk.view, front.came);
	struct ntp_time receive = {times_take(l).receive};
	return ntp_time_to_nanos(ntp_time_diff(came, receive)).n;
}

static int64_t error_told(const struct loop *l)
{
	return ntp_time_to_nanos((int64_t)l->worker[0].queue[0].rx.stamp_error).n;
}

// The stamp's age is by the kernel's clock and T2 by the served one.
static void t05_the_filters_stamp_in_front_of_a_frame_is_t2(void **state)
{
	(void)state;
	struct loop *l = loop_with_front_stamps();
	// Also one that has waited for long, as when more comes than can be answered.
	static const int64_t ages[] = {1000, 200000, 13000000, 900000000};
	for (unsigned i = 0; i < TABLE_LENGTH(ages); i++) {
		assert_in_range(front_age(l, (uint64_t)ages[i]) - ages[i] + 2, 0, 4);
		// What the kernel may slew its clock by.
		assert_in_range(error_told(l) - ages[i] / 12 + 2, 0, 4);
	}
	assert_int_equal(fate_of(l, STAMP_USED), TABLE_LENGTH(ages));
	loop_close(l);
}

// Between the readings of both clocks the worker loses its core for 5 ms.
static void r12_a_stall_between_two_clocks_is_noticed(void **state)
{
	(void)state;
	const int64_t ago = 200000;
	for (unsigned stalls = 1; stalls <= 4; stalls++) {
		struct loop *l = loop_with_front_stamps();
		front.stalls = stalls;
		front.cycles = CYCLES(5000000);
		int64_t miss = front_age(l, (uint64_t)ago) - ago;
		int64_t told = error_told(l);
		assert_in_range(miss + told + 2, 0, 2 * told + 4);
		// Half the bracket, and what the clock may have been slewed by.
		assert_in_range(told, stalls < 3 ? 0 : 2500000, stalls < 3 ? 900000 : 2700000);
		loop_close(l);
	}
}

// T-08: without the mark there is no stamp, and a stamp that was read is gone from the buffer.
static void t08_a_frame_without_a_mark_gets_the_counters_time(void **state)
{
	(void)state;
	struct loop *l = loop_with_front_stamps();
	static const struct xdp_stamp nothing;
	next_is(0, 1000);
	requests_put(l, 2);
	assert_int_equal(loop_turn(l, 0), 2);
	struct rte_mbuf *m = loop_take(l, 0, 0);
	assert_non_null(m);
	assert_memory_equal(
		rte_pktmbuf_mtod(m, uint8_t *) - sizeof(nothing), &nothing, sizeof(nothing));
	rte_pktmbuf_free(m);
	assert_in_range(age_of(l, times_take(l)) + 1, 0, 2);
	assert_int_equal(fate_of(l, STAMP_USED), 1);
	loop_close(l);
}

// A mark of our own making is what nobody else can have left in a buffer.
static void t08_another_mark_is_no_stamp(void **state)
{
	(void)state;
	struct loop *l = loop_with_front_stamps();
	front.mark ^= 1;
	assert_in_range(front_age(l, 5000000) + 1, 0, 2);
	for (enum stamp s = 0; s < STAMP_COUNT; s++)
		assert_int_equal(fate_of(l, s), 0);
	loop_close(l);
}

static const struct {
	const char *name;
	int64_t ago;
	enum stamp fate;
} front_bads[] = {
	{"T-07: zero in front", 0, STAMP_ZERO},
	{"T-06: ahead in front", -3600000000000, STAMP_FUTURE},
};

static void t06_a_bad_stamp_in_front_is_counted(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(front_bads); i++) {
		struct loop *l = loop_with_front_stamps();
		assert_in_range(front_age(l, (uint64_t)front_bads[i].ago) + 1, 0, 2);
		assert_int_equal(fate_of(l, front_bads[i].fate), 1);
		assert_int_equal(fate_of(l, STAMP_USED), 0);
		loop_close(l);
	}
}

// what the kernel itself says came more than a second ago, be it that the machine slept.
static void r12_what_is_old_by_the_kernels_clock_is_dropped(void **state)
{
	(void)state;
	struct loop *l = loop_with_front_stamps();
	next_is(0, 1100000000);
	requests_put(l, 1);
	assert_int_equal(loop_turn(l, 0), 1);
	assert_null(loop_take(l, 0, 0));
	assert_int_equal(fate_of(l, STAMP_OLD), 1);
	assert_int_equal(counters_get(&l->counters[0].verdict[V_LATE_POLL]), 1);
	loop_close(l);
}

struct bad_row {
	const char *name;
	int64_t ago;   // ns before the counter's reading; INT64_MIN: a stamp of zero
	uint8_t flags; // of the port's view
	enum stamp fate;
};

static const struct bad_row bads[] = {
	{"T-07: zero", INT64_MIN, PORT_VIEW_FIT | PORT_VIEW_ZERO_IS_INVALID, STAMP_ZERO},
	{"T-06: zero where it is a time", INT64_MIN, PORT_VIEW_FIT, STAMP_OLD},
	{"T-06: after a reset to nothing", 999999990000000, PORT_VIEW_FIT, STAMP_OLD},
	{"T-07: 4.29 s ahead", -4294967296, PORT_VIEW_FIT, STAMP_FUTURE},
	{"T-06: frozen for 11 ms", 11000000, PORT_VIEW_FIT, STAMP_OLD},
	{"T-06: no line", 1000, 0, STAMP_NO_FIT},
};

// What cannot be believed is counted by its reason, and the packet gets the counter's time.
static void t06_a_bad_stamp_is_counted_and_the_counters_time_served(void **state)
{
	const struct bad_row *row = *state;
	struct loop *l = loop_with_stamps();
	struct port_view view = view_of(l);
	view.flags = row->flags;
	port_snap_publish(&snap, &view);
	next_is(0, row->ago == INT64_MIN ? 0 : ticks_ago(l, (uint64_t)row->ago));
	requests_put(l, 1);
	assert_int_equal(loop_turn(l, 0), 1);
	assert_in_range(age_of(l, times_take(l)) + 1, 0, 2);
	for (int s = 0; s < STAMP_COUNT; s++)
		assert_int_equal(fate_of(l, (enum stamp)s), s == (int)row->fate);
	loop_close(l);
}

// Nobody measures the port's clock any more: after a second its line is worth nothing.
static void t06_a_line_that_grows_old_is_not_used(void **state)
{
	(void)state;
	struct loop *l = loop_with_stamps();
	loop_counter = l->desk.view.ref_cycles.n + CYCLES(1000001000);
	next_is(0, ticks_ago(l, 5000));
	requests_put(l, 1);
	assert_int_equal(loop_turn(l, 0), 1);
	assert_in_range(age_of(l, times_take(l)) + 1, 0, 2);
	assert_int_equal(fate_of(l, STAMP_STALE), 1);
	loop_close(l);
}

// A stamp that lies ahead of the counter by less than the lines may be apart: T3 is after it yet
// (T-13).
static void t13_t3_is_after_a_t2_that_is_ahead(void **state)
{
	(void)state;
	struct loop *l = loop_with_stamps();
	for (unsigned i = 0; i < 8; i++)
		next_is(i, ticks_ago(l, (uint64_t)-1500));
	requests_put(l, 8);
	assert_int_equal(loop_turn(l, 0), 8);
	for (unsigned i = 0; i < 8; i++) {
		struct times t = times_take(l);
		assert_in_range(age_of(l, t) + 1502, 0, 3);
		assert_true(t.transmit > t.receive);
	}
	loop_close(l);
}

// the stall leaves the stamps true; only what has none is dropped.
static void r12_stamped_packets_outlive_a_stall(void **state)
{
	(void)state;
	struct loop *l = loop_with_stamps();
	struct worker *w = &l->worker[0];
	w->late_gap.n = CYCLES(50000);
	w->drop_gap.n = CYCLES(1000000);
	for (unsigned p = 0; p < LOOP_PORTS; p++)
		w->queue[p].rx.polled.n = loop_counter;
	loop_counter += CYCLES(5000000);
	next_is(0, ticks_ago(l, 4000000));
	next_is(2, ticks_ago(l, 20000000)); // longer than a packet may have waited
	requests_put(l, 3);
	assert_int_equal(loop_turn(l, 0), 3);
	// The desk's line is 3 ppm fast.
	assert_in_range(age_of(l, times_take(l)), 3999999, 4000013);
	assert_null(loop_take(l, 0, 0));
	assert_int_equal(loop_verdict(l, 0, V_LATE_POLL), 2);
	assert_int_equal(fate_of(l, STAMP_OLD), 1);
	loop_close(l);
}

// How far a stamp may be off is told in root dispersion.
static void t12_a_stamps_error_is_told(void **state)
{
	(void)state;
	uint32_t dispersion[2];
	struct loop *l = loop_with_stamps();
	struct port_view view = view_of(l);
	for (unsigned i = 0; i < 2; i++) {
		view.error_bound.n = i * CYCLES(1000000);
		port_snap_publish(&snap, &view);
		next_is(0, ticks_ago(l, 5000));
		requests_put(l, 1);
		assert_int_equal(loop_turn(l, 0), 1);
		struct rte_mbuf *m = loop_take(l, 0, 0);
		const uint8_t *data = rte_pktmbuf_mtod(m, const uint8_t *);
		dispersion[i] = (uint32_t)reply_u64(data + m->data_len - NTP_LENGTH + 4);
		rte_pktmbuf_free(m);
	}
	assert_in_range(dispersion[1] - dispersion[0], 65, 67);
	loop_close(l);
}

// Asks for n replies at once, whose frames take 1000 units on the wire.
static void burst_ask(struct loop *l, unsigned n)
{
	l->worker[0].queue[0].responder.tx_step = 1000;
	requests_put(l, n);
	assert_int_equal(loop_turn(l, 0), n);
}

// How far T3 of a reply lies behind the counter's reading, in NTP units.
static int64_t lead_of(const struct loop *l, struct times t)
{
	struct ntp_time now = clock_view_time(&l->desk.view, (struct cycles){loop_counter});
	return ntp_time_diff((struct ntp_time){t.transmit}, now);
}

static int64_t lead_take(struct loop *l)
{
	return lead_of(l, times_take(l));
}

// T3 is the counter before the send, the way to the wire, and the frames in front. T-13.
static void t13_t3_is_what_the_wire_will_see(void **state)
{
	(void)state;
	struct loop *l = loop_with_stamps();
	l->worker[0].queue[0].tx.latency = 1288; // 300 ns
	burst_ask(l, 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(lead_take(l), 1288 + i * 1000);
	loop_close(l);
}

static void launch_allow(struct loop *l)
{
	struct worker_queue *q = &l->worker[0].queue[0];
	int offset;
	assert_int_equal(rte_mbuf_dyn_tx_timestamp_register(&offset, &q->tx.launch_flag), 0);
	assert_int_equal(offset, driver.offset);
	q->tx.launch_lead.n = CYCLES(10000);
	q->tx.latency = 1288;
}

// The first frame of a burst is told when to leave, by the port's clock; T3 is that moment.
static void t13_a_launch_time_is_t3(void **state)
{
	(void)state;
	struct loop *l = loop_with_stamps();
	const struct worker_queue *q = &l->worker[0].queue[0];
	launch_allow(l);
	burst_ask(l, 3);
	struct ntp_time then =
		clock_view_time(&l->desk.view, (struct cycles){loop_counter + CYCLES(10000)});
	for (unsigned i = 0; i < 3; i++) {
		struct rte_mbuf *m = loop_take(l, 0, 0);
		assert_non_null(m);
		assert_int_equal((m->ol_flags & q->tx.launch_flag) != 0, i == 0);
		if (i == 0)
			assert_int_equal(*RTE_MBUF_DYNFIELD(m, driver.offset, const uint64_t *),
				ticks_ago(l, (uint64_t)-10000));
		const uint8_t *end = rte_pktmbuf_mtod(m, const uint8_t *) + m->data_len;
		assert_int_equal(reply_u64(end - 8), then.raw + i * 1000);
		rte_pktmbuf_free(m);
	}
	loop_close(l);
}

// Writing the burst took longer than its moment is ahead, because the worker was away: it leaves at
// once, and no later than T3 says.
static void t13_nothing_is_launched_in_the_past(void **state)
{
	(void)state;
	struct loop *l = loop_with_stamps();
	const struct worker_queue *q = &l->worker[0].queue[0];
	launch_allow(l);
	for (unsigned i = 0; i < 2; i++) {
		loop_counter_step = CYCLES(i == 0 ? 9999 : 10000);
		requests_put(l, 1);
		assert_int_equal(worker_poll(&l->worker[0]), 1);
		loop_counter_step = 0;
		struct rte_mbuf *m = loop_take(l, 0, 0);
		assert_non_null(m);
		assert_int_equal((m->ol_flags & q->tx.launch_flag) != 0, i == 0);
		rte_pktmbuf_free(m);
	}
	loop_close(l);
}

// A port whose clock is not known, or was too long ago, sends at once, and T3 says so.
static void t13_without_a_line_nothing_is_launched(void **state)
{
	(void)state;
	struct loop *l = loop_with_stamps();
	struct port_view view = view_of(l);
	launch_allow(l);
	for (unsigned i = 0; i < 2; i++) {
		view.flags = i == 0 ? 0 : PORT_VIEW_FIT;
		view.valid_cycles.n = 1;
		port_snap_publish(&snap, &view);
		requests_put(l, 1);
		assert_int_equal(loop_turn(l, 0), 1);
		struct times reply = times_take(l);
		assert_int_equal(reply.flags & l->worker[0].queue[0].tx.launch_flag, 0);
		assert_int_equal(lead_of(l, reply), 1288);
	}
	loop_close(l);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, t06_each_packet_of_a_burst_has_its_own_time);
	TABLE_ADD(&t, t08_a_packet_without_the_flag_gets_the_counters_time);
	TABLE_ADD(&t, t08_stamps_that_nobody_asked_for_are_not_looked_at);
	for (unsigned i = 0; i < TABLE_LENGTH(bads); i++)
		table_add(&t, bads[i].name, t06_a_bad_stamp_is_counted_and_the_counters_time_served,
			&bads[i]);
	TABLE_ADD(&t, t05_the_filters_stamp_in_front_of_a_frame_is_t2);
	TABLE_ADD(&t, r12_a_stall_between_two_clocks_is_noticed);
	TABLE_ADD(&t, t08_a_frame_without_a_mark_gets_the_counters_time);
	TABLE_ADD(&t, t08_another_mark_is_no_stamp);
	TABLE_ADD(&t, t06_a_bad_stamp_in_front_is_counted);
	TABLE_ADD(&t, r12_what_is_old_by_the_kernels_clock_is_dropped);
	TABLE_ADD(&t, t06_a_line_that_grows_old_is_not_used);
	TABLE_ADD(&t, t13_t3_is_after_a_t2_that_is_ahead);
	TABLE_ADD(&t, r12_stamped_packets_outlive_a_stall);
	TABLE_ADD(&t, t12_a_stamps_error_is_told);
	TABLE_ADD(&t, t13_t3_is_what_the_wire_will_see);
	TABLE_ADD(&t, t13_a_launch_time_is_t3);
	TABLE_ADD(&t, t13_nothing_is_launched_in_the_past);
	TABLE_ADD(&t, t13_without_a_line_nothing_is_launched);
	return table_run_between("worker stamps", &t, dpdk_begin, loop_tear_down);
}

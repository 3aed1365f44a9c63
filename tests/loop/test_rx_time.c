// SPDX-License-Identifier: BSD-3-Clause
// When packets came, by mbufs that stand in memory: without a worker, a port and DPDK's start.
#include "worker/rx_time.h"

#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include <string.h>

#include "harness/table.h"
#include "worker/xdp_stamp.h"

#define MULT    (1ull << 48) // an NTP unit takes a cycle
#define BEGIN   1000000000000u
#define PACKETS 4
#define ROOM    256
#define FLAG    (1ull << 40)
#define MARK    0x1234567890abcdefu
#define TICKS   5000u // what the port's clock was at BEGIN

static struct rte_mbuf mbuf[PACKETS];
static struct rte_mbuf *mbufs[PACKETS];
static struct packet packet[PACKETS];
static uint8_t bytes[PACKETS][ROOM];
static _Atomic uint64_t fate[STAMP_COUNT], traffic[TRAFFIC_COUNT];
static const struct clock_view view = {
	.ref_cycles = {BEGIN}, .ref_time = {0xeb9a5f0012345678u}, .mult = MULT};
static const struct rx_burst burst = {mbufs, packet, PACKETS, {BEGIN + 1000}, &view};
static struct port_snap snap;
// As DPDK gives them out: aligned.
static const uint16_t stamp_offset = RTE_ALIGN_CEIL(offsetof(struct rte_mbuf, dynfield1), 8);

static uint64_t counter_read(void)
{
	return BEGIN + 1000;
}

static uint64_t stamps_read(void)
{
	return 7000000000;
}

static const struct worker_clock worker_clock = {counter_read, stamps_read};

static struct ntp_time at(int64_t cycles)
{
	return ntp_time_add(view.ref_time, cycles);
}

static void begin(void)
{
	const struct port_view line = {
		.ref_ticks = TICKS,
		.ref_cycles = {BEGIN},
		.mult = 1ull << PORT_MULT_SHIFT, // a tick takes a cycle
		.valid_cycles = {1000000},
		.error_bound = {3},
		.max_age = 900,
		.width = 64,
		.flags = PORT_VIEW_FIT,
	};
	port_snap_publish(&snap, &line);
	memset(mbuf, 0, sizeof(mbuf));
	for (unsigned i = 0; i < STAMP_COUNT; i++)
		fate[i] = 0;
	for (unsigned i = 0; i < TRAFFIC_COUNT; i++)
		traffic[i] = 0;
	for (unsigned i = 0; i < PACKETS; i++) {
		mbuf[i].buf_addr = bytes[i];
		mbuf[i].data_off = RTE_PKTMBUF_HEADROOM;
		mbufs[i] = &mbuf[i];
		packet[i] = (struct packet){.data = bytes[i] + RTE_PKTMBUF_HEADROOM,
			.is_whole = true,
			.verdict = V_MULTI_SEGMENT};
	}
}

static void card_stamps(unsigned i, uint64_t cycles)
{
	mbuf[i].ol_flags |= FLAG;
	*RTE_MBUF_DYNFIELD(&mbuf[i], stamp_offset, uint64_t *) = TICKS + cycles;
}

static void front_stamps(unsigned i, uint64_t mark, uint64_t ns)
{
	struct xdp_stamp stamp = {mark, ns};
	memcpy(packet[i].data - sizeof(stamp), &stamp, sizeof(stamp));
}

static void a_cards_stamps_are_t2(void **state)
{
	(void)state;
	begin();
	struct rx_time t = {.stamp_flag = FLAG, .stamp_offset = stamp_offset, .stamps = &snap};
	card_stamps(0, 600);
	card_stamps(2, 50); // older than 900
	assert_true(rx_time_has_stamps(&t));
	rx_time_stamps(&t, &burst, &worker_clock, fate);
	assert_true(packet[0].has_rx_time);
	assert_int_equal(packet[0].rx_time.raw, at(600).raw);
	for (unsigned i = 1; i < PACKETS; i++)
		assert_false(packet[i].has_rx_time);
	assert_int_equal(fate[STAMP_USED], 1);
	assert_int_equal(fate[STAMP_OLD], 1);
	// A card's clock may err: its packet is answered.
	assert_true(packet[2].is_whole);
	assert_int_equal(t.stamp_error, 3);
}

static void without_a_stamp_there_is_no_error_of_one(void **state)
{
	(void)state;
	begin();
	struct rx_time t = {.stamp_flag = FLAG,
		.stamp_offset = stamp_offset,
		.stamps = &snap,
		.stamp_error = 3};
	rx_time_stamps(&t, &burst, &worker_clock, fate);
	assert_int_equal(t.stamp_error, 0);
	assert_int_equal(fate[STAMP_USED], 0);
}

// What is old by the machine's own clock gets no answer.
static void a_stamp_in_front_is_t2(void **state)
{
	(void)state;
	begin();
	struct rx_time t = {.meta_cookie = MARK};
	front_stamps(0, MARK, stamps_read());
	front_stamps(1, MARK, stamps_read() - 2000000000);
	front_stamps(2, MARK + 1, stamps_read());
	rx_time_stamps(&t, &burst, &worker_clock, fate);
	assert_true(packet[0].has_rx_time);
	assert_int_equal(packet[0].rx_time.raw, at(1000).raw);
	assert_false(packet[1].is_whole);
	assert_int_equal(packet[1].verdict, V_LATE_POLL);
	assert_false(packet[2].has_rx_time);
	assert_int_equal(fate[STAMP_USED], 1);
	assert_int_equal(fate[STAMP_OLD], 1);
	assert_int_equal(t.pair.clock, stamps_read());
	assert_int_equal(t.pair.at.n, BEGIN + 1000);
}

static void poll(struct rx_time *t, uint64_t cycles, uint64_t slept)
{
	const struct cycles late_gap = {50};
	rx_time_poll(t, (struct cycles){BEGIN + cycles}, (struct cycles){slept}, late_gap, traffic);
}

// Gaps add up until the queue is seen empty, or gave what it can hold.
static void a_gap_is_how_long_packets_may_have_waited(void **state)
{
	(void)state;
	begin();
	struct rx_time t = {.backlog = 40};
	rx_time_begin(&t, (struct cycles){BEGIN}, false);
	poll(&t, 50, 0);
	assert_int_equal(t.late.n, 0);
	poll(&t, 200, 100); // asleep for most of it
	assert_int_equal(t.late.n, 0);
	poll(&t, 300, 0);
	assert_int_equal(t.late.n, 100);
	assert_int_equal(traffic[TRAFFIC_LATE_POLLS], 1);
	assert_int_equal(traffic[TRAFFIC_POLL_GAP_MAX], 100);
	rx_time_settle(&t, 32, 32, (struct cycles){0});
	assert_int_equal(t.late.n, 100);
	poll(&t, 310, 0);
	assert_int_equal(t.late.n, 110);
	assert_int_equal(traffic[TRAFFIC_LATE_POLLS], 1);
	rx_time_settle(&t, 32, 32, (struct cycles){0});
	assert_int_equal(t.late.n, 0);
	poll(&t, 500, 0);
	assert_int_equal(t.late.n, 190);
	rx_time_settle(&t, 31, 32, (struct cycles){0});
	assert_int_equal(t.late.n, 0);
	poll(&t, 600, 0);
	rx_time_empty(&t);
	assert_int_equal(t.late.n, 0);
}

static void waiting_is_an_error_until_it_is_too_long(void **state)
{
	(void)state;
	begin();
	const struct cycles drop = {500}, slept = {7};
	struct rx_time t = {.late = {500}, .stamp_error = 3};
	assert_int_equal(rx_time_error(&t, slept, drop, MULT), 510);
	rx_time_suspect(&t, &burst, drop);
	assert_true(packet[0].is_whole);
	t.late.n = 501;
	packet[1].has_rx_time = true;
	assert_int_equal(rx_time_error(&t, slept, drop, MULT), 10);
	rx_time_suspect(&t, &burst, drop);
	assert_int_equal(packet[0].verdict, V_LATE_POLL);
	assert_true(packet[1].is_whole);
}

// What lies in a queue before polling starts has no known arrival time.
static void a_beginning_is_a_gap_without_end(void **state)
{
	(void)state;
	begin();
	struct rx_time t = {.backlog = 40};
	rx_time_begin(&t, (struct cycles){BEGIN}, true);
	assert_true(t.late.n == UINT64_MAX);
	poll(&t, 10, 0);
	assert_true(t.late.n == UINT64_MAX);
	rx_time_settle(&t, 32, 32, (struct cycles){5});
	assert_true(t.late.n == UINT64_MAX);
	rx_time_settle(&t, 8, 8, (struct cycles){0});
	assert_int_equal(t.late.n, 0);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, a_cards_stamps_are_t2);
	TABLE_ADD(&t, without_a_stamp_there_is_no_error_of_one);
	TABLE_ADD(&t, a_stamp_in_front_is_t2);
	TABLE_ADD(&t, a_gap_is_how_long_packets_may_have_waited);
	TABLE_ADD(&t, waiting_is_an_error_until_it_is_too_long);
	TABLE_ADD(&t, a_beginning_is_a_gap_without_end);
	return table_run("rx_time", &t);
}

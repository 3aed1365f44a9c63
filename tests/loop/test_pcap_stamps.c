// SPDX-License-Identifier: BSD-3-Clause
// T-05: captured packets, whose stamps are in the file: the one driver that stamps every packet on
// a machine without such a card. The port is opened as the server does it, the worker is the
// server's.
#include <rte_ethdev.h>
#include <rte_mempool.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dpdk.h"
#include "harness/desk.h"
#include "harness/reply_check.h"
#include "harness/scratch.h"
#include "harness/table.h"
#include "port/port.h"
#include "worker/worker.h"
#include "worker/worker_poll.h"

#define PACKETS 20
#define BASE_US 1790000000000000u

static struct diagnostic diagnostic;
static struct config_port config;
static struct port port;
static struct desk desk;
static struct worker worker;
static struct counters counters;
static struct snapshot snapshot;
static struct port_snap snap;
static uint64_t now;

static int pcap_begin(void **state)
{
	return scratch_begin(state) != 0 ? -1 : dpdk_start(0);
}

static int pcap_end(void **state)
{
	int r = dpdk_stop();
	return scratch_end(state) != 0 ? -1 : r;
}

static void u32_write(FILE *f, uint32_t n)
{
	assert_int_equal(fwrite(&n, sizeof(n), 1, f), 1);
}

// What came when, in microseconds after the base; the fourth is from the day before.
static int64_t us_of(unsigned i)
{
	return i == 3 ? -86400000000 : 137 * (int64_t)i;
}

static void capture_write(void)
{
	uint8_t frame[FRAME_ROOM];
	static struct frame_spec spec;
	FILE *f = fopen(scratch_path("in.pcap"), "wb");
	assert_non_null(f);
	const uint32_t head[] = {0xa1b2c3d4, 4u << 16 | 2, 0, 0, 65535, 1};
	for (unsigned i = 0; i < TABLE_LENGTH(head); i++)
		u32_write(f, head[i]);
	frame_spec_ip4(&spec);
	uint32_t length = (uint32_t)frame_build(&spec, frame);
	for (unsigned i = 0; i < PACKETS; i++) {
		uint64_t us = BASE_US + (uint64_t)us_of(i);
		u32_write(f, (uint32_t)(us / 1000000));
		u32_write(f, (uint32_t)(us % 1000000));
		u32_write(f, length);
		u32_write(f, length);
		assert_int_equal(fwrite(frame, length, 1, f), 1);
	}
	assert_int_equal(fclose(f), 0);
}

static struct rte_mempool *port_bring_up(void)
{
	struct rte_mempool *pool =
		rte_pktmbuf_pool_create("pcap", 2047, 64, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	assert_non_null(pool);
	snprintf(config.device, sizeof(config.device), "net_pcap0,rx_pcap=%s,tx_pcap=%s",
		scratch_path("in.pcap"), scratch_path("out.pcap"));
	config.rx_timestamps = RX_TIMESTAMPS_ON;
	assert_int_equal(port_probe(&config, COUNTER_TSC, &port, &diagnostic), 0);
	assert_int_equal(port_open(&port, 1, &pool, &diagnostic), 0);
	return pool;
}

static uint64_t counter_read(void)
{
	return now;
}

// The counter runs at 2^30 Hz, and stood at 10^12 at the base.
static void worker_make(void)
{
	const uint64_t ref = 1000000000000u;
	struct worker_queue *q = &worker.queue[0];
	desk_open(&desk);
	desk.view.ref_cycles.n = ref;
	desk.view.ref_time = ntp_time_from_unix((struct nanos){(int64_t)BASE_US * 1000});
	desk.view.mult = 4ull << NTP_MULT_SHIFT;
	desk.view.precision = -32;
	snapshot_publish(&snapshot, &desk.view);
	const struct port_view view = {
		.ref_ticks = BASE_US,
		.ref_cycles = {ref},
		.mult = (uint64_t)(1073.741824 * 0x1p48),
		.valid_cycles = {1u << 30},
		.max_age = UINT32_MAX / 100,
		.width = 64,
		.flags = PORT_VIEW_FIT,
	};
	port_snap_publish(&snap, &view);
	now = ref + (1u << 30) / 200;
	worker = (struct worker){.queue_count = 1,
		.late_gap = {UINT64_MAX},
		.drop_gap = {UINT64_MAX},
		.snapshot = &snapshot,
		.counters = &counters,
		.clock.counter_read = counter_read};
	q->port = port.id;
	q->rx.stamp_flag = port.stamps.rx_flag;
	q->rx.stamp_offset = port.stamps.offset;
	q->rx.stamps = &snap;
	responder_init(&q->responder, &desk.service, 7);
}

// T2 of each reply in the file that left, in ns after the base.
static void replies_read(int64_t ret_ns[static PACKETS])
{
	uint8_t record[16 + FRAME_ROOM];
	FILE *f = fopen(scratch_path("out.pcap"), "rb");
	assert_non_null(f);
	assert_int_equal(fread(record, 24, 1, f), 1);
	for (unsigned i = 0; i < PACKETS; i++) {
		uint32_t length;
		assert_int_equal(fread(record, 16, 1, f), 1);
		memcpy(&length, record + 8, sizeof(length));
		assert_in_range(length, NTP_LENGTH, FRAME_ROOM);
		assert_int_equal(fread(record, length, 1, f), 1);
		struct ntp_time t2 = {reply_u64(record + length - NTP_LENGTH + 32)};
		ret_ns[i] = ntp_time_to_nanos(ntp_time_diff(t2, desk.view.ref_time)).n;
	}
	assert_int_equal(fclose(f), 0);
}

static void t05_t2_is_what_the_capture_says(void **state)
{
	int64_t ns[PACKETS];
	(void)state;
	capture_write();
	struct rte_mempool *pool = port_bring_up();
	// It stamps without having offered to.
	assert_true(port.stamps.rx_flag != 0);
	assert_int_equal(port.stamps.kind, NIC_CLOCK_SYSTEM);
	worker_make();
	for (unsigned got = 0, tries = 0; got < PACKETS && tries < 100; tries++)
		got += worker_poll(&worker);
	assert_int_equal(counters_get(&counters.traffic[TRAFFIC_TX_PACKETS]), PACKETS);
	assert_int_equal(counters_get(&counters.stamp[0][STAMP_USED]), PACKETS - 1);
	assert_int_equal(counters_get(&counters.stamp[0][STAMP_OLD]), 1);
	port_close(&port);
	replies_read(ns);
	for (unsigned i = 0; i < PACKETS; i++) {
		// The refused one has the counter's time: 5 ms after the base.
		int64_t wanted = i == 3 ? 5000000 : us_of(i) * 1000;
		assert_true(llabs(ns[i] - wanted) <= 2);
	}
	assert_int_equal(rte_mempool_avail_count(pool), 2047);
	rte_mempool_free(pool);
	desk_close(&desk);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, t05_t2_is_what_the_capture_says);
	return table_run_between("pcap stamps", &t, pcap_begin, pcap_end);
}

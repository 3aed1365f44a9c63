// SPDX-License-Identifier: BSD-3-Clause
// The calibration between two ports of rings, joined as by a cable, whose common clock the test
// owns.
#include "calibrate/calibrate.h"

#include <rte_dev.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "harness/random.h"
#include "harness/table.h"
#include "dpdk.h"
#include "loop.h"

#define HZ 2500000000u

// The machine and the card; time passes where it is read or rested.
struct card {
	double now_ns;
	double clock_hz;
	double latency_ns; // from the send to the wire
	double jitter_ns;  // at most
	unsigned lost;     // of 100 frames
	unsigned bare;     // of 100 frames have no stamp
	unsigned wild;     // of 100 stamps are anything
	unsigned copies;   // of each frame, by a mirror, a us later
	uint64_t random;
	uint64_t flag;
	uint16_t offset;
};

static struct card card;
static struct rx_ts_monitor watch;
static struct calibration calibration;

static int dpdk_begin(void **state)
{
	int offset;
	(void)state;
	if (dpdk_start(0) < 0 || rte_mbuf_dyn_rx_timestamp_register(&offset, &card.flag) < 0)
		return -1;
	card.offset = (uint16_t)offset;
	return 0;
}

static struct cycles counter(void *context)
{
	(void)context;
	card.now_ns += 5;
	struct cycles now = {(uint64_t)(card.now_ns * (HZ / 1e9))};
	card.now_ns += 5;
	return now;
}

static uint64_t ticks_at(double ns)
{
	return 55555 + (uint64_t)(ns * 1e-9 * card.clock_hz);
}

static int ticks(void *context, uint64_t *ret_ticks)
{
	(void)context;
	card.now_ns += 350;
	*ret_ticks = ticks_at(card.now_ns);
	card.now_ns += 350;
	return 0;
}

static void rest(void *context, unsigned us)
{
	(void)context;
	card.now_ns += us * 1000.0;
}

static bool one_in_100(unsigned share)
{
	return random_below(&card.random, 100) < share;
}

// The copies of the first frame come behind all.
static uint16_t mirror(struct rte_mbuf **m, uint16_t n, uint16_t max)
{
	for (unsigned i = 0; i < card.copies && n > 0 && n < max; i++) {
		m[n] = rte_pktmbuf_copy(m[0], m[0]->pool, 0, UINT32_MAX);
		assert_non_null(m[n]);
		*RTE_MBUF_DYNFIELD(m[n], card.offset, uint64_t *) +=
			(uint64_t)(card.clock_hz * 1e-6);
		n++;
	}
	return n;
}

// What the card does to what came: nothing has passed since it was sent.
static uint16_t arrive(
	uint16_t port, uint16_t queue, struct rte_mbuf **m, uint16_t n, uint16_t max, void *context)
{
	uint16_t kept = 0;
	(void)port;
	(void)queue;
	(void)context;
	for (unsigned i = 0; i < n; i++) {
		double jitter = card.jitter_ns * (double)random_below(&card.random, 1000) / 1000;
		uint64_t stamp = ticks_at(card.now_ns + card.latency_ns + jitter);
		if (one_in_100(card.lost)) {
			rte_pktmbuf_free(m[i]);
			continue;
		}
		if (!one_in_100(card.bare))
			m[i]->ol_flags |= card.flag;
		*RTE_MBUF_DYNFIELD(m[i], card.offset, uint64_t *) =
			one_in_100(card.wild) ? random_u64(&card.random) >> 1 : stamp;
		m[kept++] = m[i];
	}
	return mirror(m, kept, max);
}

static struct rte_ring *cable[2];
static uint16_t port[2];

static void ports_make(struct rte_mempool *pool)
{
	for (unsigned i = 0; i < 2; i++) {
		cable[i] = rte_ring_create(i == 0 ? "there" : "back", 64, 0, 0);
		assert_non_null(cable[i]);
	}
	for (unsigned i = 0; i < 2; i++) {
		const struct rte_eth_conf conf = {0};
		int id = rte_eth_from_rings(
			i == 0 ? "left" : "right", &cable[1 - i], 1, &cable[i], 1, 0);
		assert_true(id >= 0);
		port[i] = (uint16_t)id;
		assert_int_equal(rte_eth_dev_configure(port[i], 1, 1, &conf), 0);
		assert_int_equal(rte_eth_rx_queue_setup(port[i], 0, 64, 0, NULL, pool), 0);
		assert_int_equal(rte_eth_tx_queue_setup(port[i], 0, 64, 0, NULL), 0);
		assert_int_equal(rte_eth_dev_start(port[i]), 0);
		assert_non_null(rte_eth_add_rx_callback(port[i], 0, arrive, NULL));
	}
}

static void ports_unmake(void)
{
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(rte_eth_dev_stop(port[i]), 0);
		assert_int_equal(
			rte_eal_hotplug_remove("vdev", i == 0 ? "net_ring_left" : "net_ring_right"),
			0);
	}
	for (unsigned i = 0; i < 2; i++)
		rte_ring_free(cable[i]);
}

struct way_row {
	const char *name;
	double clock_hz;
	double latency_ns;
	double jitter_ns;
	unsigned lost;
	unsigned bare;
	unsigned wild;
	int error;
	unsigned copies;
};

static const struct way_row ways[] = {
	{"420 ns by a clock of 1 GHz", 1e9, 420, 0, 0, 0, 0, 0, 0},
	{"300 ns by a clock of 156.25 MHz", 156.25e6 * (1 + 12e-6), 300, 0, 0, 0, 0, 0, 0},
	{"a jitter of 200 ns", 1e9, 500, 200, 0, 0, 0, 0, 0},
	{"some are lost, some without a stamp, some stamped wildly", 1e9, 420, 0, 10, 10, 10, 0, 0},
	{"a mirror instead of a cable", 1e9, 420, 0, 0, 0, 0, 0, 1},
	{"a switch that brings each frame thrice", 1e9, 420, 0, 10, 0, 0, 0, 2},
	{"no cable", 1e9, 420, 0, 100, 0, 0, -ENODATA, 0},
	{"no stamps", 1e9, 420, 0, 0, 100, 0, -ENODATA, 0},
	{"a stamp before the send", 1e9, -400, 0, 0, 0, 0, 0, 0},
};

// No frame leaves before the transmit time that it is given.
static void check_latency(const struct way_row *row, const struct calibration_sum *sum)
{
	int latency = calibrate_latency(sum);
	if (row->latency_ns < 0) {
		assert_int_equal(latency, -1);
		return;
	}
	unsigned early = 0;
	for (unsigned i = 0; i < calibration.stamped; i++)
		early += calibration.ns[i] < latency;
	assert_int_equal(early, 0);
	double grain_ns = 1e9 / row->clock_hz + 6;
	assert_true(fabs(latency - row->latency_ns) <= grain_ns + row->jitter_ns / 100);
}

// A clock of a microsecond puts some frames before their send.
static void what_cannot_be_is_not_proposed(void **state)
{
	(void)state;
	const struct calibration_sum coarse = {400, -300, 900, -600};
	const struct calibration_sum apart = {100001, 100001, 100001, 5};
	assert_int_equal(calibrate_latency(&coarse), 0);
	assert_int_equal(calibrate_latency(&apart), -1);
}

static void the_way_to_the_wire_is_measured(void **state)
{
	const struct way_row *row = *state;
	const struct nic_clock_source source = {ticks, counter, NULL};
	struct calibration_sum sum;
	struct rte_mempool *pool =
		rte_pktmbuf_pool_create("way", 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	assert_non_null(pool);
	ports_make(pool);
	card.now_ns = 1e12;
	card.clock_hz = row->clock_hz;
	card.latency_ns = row->latency_ns;
	card.jitter_ns = row->jitter_ns;
	card.lost = row->lost;
	card.bare = row->bare;
	card.wild = row->wild;
	card.copies = row->copies;
	card.random = random_seed(row->name);
	rx_ts_monitor_on(&watch, nic_profile_find("mlx5_pci"), &source);
	for (unsigned from = 0; from < 2; from++) {
		calibration = (struct calibration){.tx_port = port[from],
			.rx_port = port[1 - from],
			.from = {{2, 0, 0, 0, 0, 1}},
			.to = {{2, 0, 0, 0, 0, 2}},
			.pool = pool,
			.rx_flag = card.flag,
			.offset = card.offset,
			.hz = HZ,
			.watch = &watch,
			.rest = rest};
		assert_int_equal(calibrate_measure(&calibration), 0);
		assert_int_equal(calibration.sent, CALIBRATE_FRAMES);
		assert_true(calibration.arrived <= CALIBRATE_FRAMES);
		assert_int_equal(calibrate_sum(&calibration, &sum), row->error);
		if (row->error != 0)
			continue;
		printf("# %s: median %.1f, %.1f to %.1f ns\n", row->name, sum.median_ns, sum.low_ns,
			sum.high_ns);
		// Half a reading of the counter lies between it and the send.
		double grain_ns = 1e9 / row->clock_hz + 6;
		assert_true(fabs(sum.median_ns - row->latency_ns - row->jitter_ns / 2) <=
			    grain_ns + row->jitter_ns / 10);
		assert_true(fabs(sum.high_ns - sum.low_ns - 0.8 * row->jitter_ns) <=
			    2 * grain_ns + row->jitter_ns / 10);
		assert_true(calibration.stamped <= calibration.arrived);
		check_latency(row, &sum);
	}
	ports_unmake();
	assert_int_equal(rte_mempool_avail_count(pool), 1023);
	rte_mempool_free(pool);
}

static int ticks_never(void *context, uint64_t *ret_ticks)
{
	(void)context;
	(void)ret_ticks;
	return -ENOTSUP;
}

static void a_clock_that_cannot_be_read_is_said(void **state)
{
	(void)state;
	const struct nic_clock_source source = {ticks_never, counter, NULL};
	rx_ts_monitor_on(&watch, nic_profile_find("mlx5_pci"), &source);
	calibration = (struct calibration){.hz = HZ, .watch = &watch, .rest = rest};
	assert_int_equal(calibrate_measure(&calibration), -ENOTSUP);
	assert_int_equal(watch.reason, STAMP_REASON_UNREADABLE);
	assert_int_equal(calibration.sent, 0);
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(ways); i++)
		table_add(&t, ways[i].name, the_way_to_the_wire_is_measured, &ways[i]);
	TABLE_ADD(&t, what_cannot_be_is_not_proposed);
	TABLE_ADD(&t, a_clock_that_cannot_be_read_is_said);
	return table_run_between("calibrate", &t, dpdk_begin, loop_tear_down);
}

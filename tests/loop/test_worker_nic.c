// SPDX-License-Identifier: BSD-3-Clause
// The whole way of a stamp, on a machine in simulated time: a card's clock that drifts, wraps,
// jumps and stops; its stamps in mbufs as a driver writes them; the watch that measures it ten
// times a second; and the worker that answers. What every reply says is held against the truth.
#include "dpdk.h"
#include "loop.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include <math.h>
#include <string.h>

#include "harness/random.h"
#include "harness/reply_check.h"
#include "harness/table.h"
#include "time/rx_ts_monitor.h"
#include "worker/worker_poll.h"

#define ROOM 1023
#define HZ   2500000000u
// A tenth of a second, in which a burst comes at a time of its own.
#define TURN_NS 100000000.0
#define TURNS   300
#define BURST   8
// The worker comes this much later than the last packet, at most.
#define POLL_NS 30000.0

enum driver_kind {
	DRIVER_PLAIN,
	DRIVER_EXTENDS, // the hardware has 32 bits; the driver makes 64 of them, as ice
	DRIVER_NEVER,   // promises stamps and gives none, as bnxt
};

struct history {
	const char *name;
	const char *profile;
	double clock_hz;
	unsigned width;
	enum driver_kind driver;
	unsigned zeros;    // of 100 stamps
	unsigned garbage;  // of 100 stamps
	unsigned reset_at; // turn; 0: never
	unsigned step_at;  // by 5 ms
	unsigned stop_at;
	uint64_t used_least; // of TURNS * BURST
	unsigned wrong_most; // before a turn of the watch could know
};

struct card {
	const struct history *h;
	double now_ns; // the truth
	double clock_ticks;
	bool is_stopped;
	uint64_t random;
	uint64_t flag;
	uint16_t offset;
	uint64_t high; // upper half as the driver thinks it is
	uint32_t low;  // the last lower half it saw
	double came_ns[BURST];
	uint64_t stamp[BURST];
};

static struct card card;
static struct port_snap snap;
static struct rx_ts_monitor watch;

static int dpdk_begin(void **state)
{
	int offset;
	(void)state;
	if (dpdk_start(0) < 0 || rte_mbuf_dyn_rx_timestamp_register(&offset, &card.flag) < 0)
		return -1;
	card.offset = (uint16_t)offset;
	return 0;
}

static void pass(double ns)
{
	card.now_ns += ns;
	if (!card.is_stopped)
		card.clock_ticks += ns * 1e-9 * card.h->clock_hz;
}

static uint64_t counter_now(void)
{
	return (uint64_t)(card.now_ns * (HZ / 1e9));
}

static uint64_t clock_now(void)
{
	return (uint64_t)card.clock_ticks & UINT64_MAX >> (64 - card.h->width);
}

static struct cycles counter(void *context)
{
	(void)context;
	pass(5);
	struct cycles now = {counter_now()};
	pass(5);
	return now;
}

static int ticks(void *context, uint64_t *ret_ticks)
{
	(void)context;
	pass(350 + (double)random_below(&card.random, 80));
	*ret_ticks = clock_now();
	pass(350 + (double)random_below(&card.random, 80));
	return 0;
}

static uint64_t worker_reads(void)
{
	return counter_now();
}

// A driver that takes a lower half smaller than the one before for a wrap, missing stamps included.
static uint64_t driver_extend(uint32_t low)
{
	if (low < card.low)
		card.high++;
	card.low = low;
	return card.high << 32 | low;
}

static uint64_t stamp_make(void)
{
	uint64_t stamp = clock_now();
	if (random_below(&card.random, 100) < card.h->zeros)
		stamp = 0;
	if (random_below(&card.random, 100) < card.h->garbage)
		stamp = random_u64(&card.random);
	return card.h->driver == DRIVER_EXTENDS ? driver_extend((uint32_t)stamp) : stamp;
}

static uint16_t deliver(
	uint16_t port, uint16_t queue, struct rte_mbuf **m, uint16_t n, uint16_t max, void *context)
{
	(void)port;
	(void)queue;
	(void)max;
	(void)context;
	for (unsigned i = 0; i < n && card.h->driver != DRIVER_NEVER; i++) {
		m[i]->ol_flags |= card.flag;
		*RTE_MBUF_DYNFIELD(m[i], card.offset, uint64_t *) = card.stamp[i];
	}
	return n;
}

// A counter of exactly 2.5 GHz, and a snapshot that says so.
static struct loop *loop_make(const struct history *h)
{
	struct loop *l = loop_open(ROOM);
	struct worker_queue *q = &l->worker[0].queue[0];
	const struct nic_clock_source source = {ticks, counter, NULL};
	card.h = h;
	card.now_ns = 1e12;
	card.clock_ticks = ldexp(1, 32) - 2 * h->clock_hz; // wraps soon, where it has 32 bits
	card.is_stopped = false;
	card.random = random_seed(h->name);
	card.high = 0;
	card.low = 0;
	l->desk.view.ref_cycles.n = counter_now();
	l->desk.view.mult = (uint64_t)llround(ldexp(1.0 / HZ, 32 + NTP_MULT_SHIFT));
	l->desk.view.precision = -32;
	loop_arrange(l);
	l->worker[0].clock.counter_read = worker_reads;
	q->rx.stamp_flag = card.flag;
	q->rx.stamp_offset = card.offset;
	q->rx.stamps = &snap;
	memset(&snap, 0, sizeof(snap));
	rx_ts_monitor_on(&watch, nic_profile_find(h->profile), &source);
	assert_non_null(rte_eth_add_rx_callback(l->port[0].id, 0, deliver, NULL));
	return l;
}

static uint64_t fates(const struct loop *l, enum stamp first, enum stamp last)
{
	uint64_t sum = 0;
	for (enum stamp s = first; s <= last; s++)
		sum += counters_get(&l->counters[0].stamp[0][s]);
	return sum;
}

static void watch_turn(const struct loop *l)
{
	(void)rx_ts_monitor_turn(
		&watch, HZ, fates(l, STAMP_USED, STAMP_USED), fates(l, STAMP_ZERO, STAMP_OLD));
	const struct port_view view = rx_ts_monitor_view(&watch, HZ, 0);
	port_snap_publish(&snap, &view);
}

static void misfortune(unsigned turn)
{
	if (card.h->reset_at != 0 && turn == card.h->reset_at)
		card.clock_ticks = 1;
	if (card.h->step_at != 0 && turn == card.h->step_at)
		card.clock_ticks += 5e-3 * card.h->clock_hz;
	card.is_stopped |= card.h->stop_at != 0 && turn == card.h->stop_at;
}

static void burst_come(struct loop *l)
{
	static struct frame_spec spec;
	frame_spec_ip4(&spec);
	for (unsigned i = 0; i < BURST; i++) {
		pass((double)random_below(&card.random, 5000));
		card.came_ns[i] = card.now_ns;
		card.stamp[i] = stamp_make();
		loop_put_spec(l, 0, 0, &spec);
	}
	pass((double)random_below(&card.random, (uint64_t)POLL_NS));
}

// How far T2 lies behind the truth, in ns.
static double t2_late_ns(struct loop *l, double came_ns)
{
	struct rte_mbuf *m = loop_take(l, 0, 0);
	assert_non_null(m);
	const uint8_t *end = rte_pktmbuf_mtod(m, const uint8_t *) + m->data_len;
	struct ntp_time t2 = {reply_u64(end - 16)};
	struct ntp_time t3 = {reply_u64(end - 8)};
	rte_pktmbuf_free(m);
	assert_true(ntp_time_before(t2, t3));
	double said = ldexp((double)ntp_time_diff(t2, l->desk.view.ref_time), -32) * 1e9;
	double ref_ns = (double)l->desk.view.ref_cycles.n / (HZ / 1e9);
	return said + ref_ns - came_ns;
}

struct outcome {
	unsigned exact;  // T2 is the stamp's: within 50 ns and the clock's grain
	unsigned polled; // T2 is the worker's: later, by no more than it came late
	unsigned wrong;
};

static void replies_judge(struct loop *l, struct outcome *o)
{
	double grain_ns = 1e9 / card.h->clock_hz;
	double polled_ns = card.now_ns;
	for (unsigned i = 0; i < BURST; i++) {
		double late = t2_late_ns(l, card.came_ns[i]);
		if (fabs(late) <= 50 + grain_ns)
			o->exact++;
		else if (fabs(card.came_ns[i] + late - polled_ns) <= 2)
			o->polled++;
		else
			o->wrong++;
		// Whatever happens, by no more than a packet may have waited.
		assert_true(fabs(late) < 10e6);
	}
}

static const struct history histories[] = {
	{.name = "T-06: 156.25 MHz, 37 ppm fast, 63 bits",
		.profile = "mlx5_pci",
		.clock_hz = 156.25e6 * (1 + 37e-6),
		.width = 63,
		.used_least = 2250},
	{.name = "T-06: 32 bits of nanoseconds wrap seven times",
		.profile = "net_ice",
		.clock_hz = 1e9 * (1 - 12e-6),
		.width = 32,
		.used_least = 2250},
	{.name = "T-06: a reset to nothing",
		.profile = "mlx5_pci",
		.clock_hz = 1e9,
		.width = 63,
		.reset_at = 100,
		.used_least = 1900},
	{.name = "T-06: a step of 5 ms",
		.profile = "mlx5_pci",
		.clock_hz = 1e9,
		.width = 63,
		.step_at = 100,
		.used_least = 1900},
	{.name = "T-06: a clock that stops",
		.profile = "mlx5_pci",
		.clock_hz = 1e9,
		.width = 63,
		.stop_at = 100,
		.used_least = 650,
		.wrong_most = BURST},
	{.name = "T-06: all stamps are garbage",
		.profile = "mlx5_pci",
		.clock_hz = 1e9,
		.width = 63,
		.garbage = 100},
	{.name = "T-06: one stamp in five is garbage",
		.profile = "mlx5_pci",
		.clock_hz = 1e9,
		.width = 63,
		.garbage = 20},
	{.name = "T-07: ice with missing stamps, extended wrongly",
		.profile = "net_ice",
		.clock_hz = 1e9,
		.width = 32,
		.driver = DRIVER_EXTENDS,
		.zeros = 1,
		.used_least = 2200},
	{.name = "T-08: promised and never given",
		.profile = "mlx5_pci",
		.clock_hz = 1e9,
		.width = 63,
		.driver = DRIVER_NEVER},
};

// Right within 50 ns, or the worker's own time: nothing else is ever served. But in the burst
// behind a stop no one can know of it yet: its frozen stamps lie where stamps can lie.
static void t06_t2_is_right_or_the_workers_own(void **state)
{
	const struct history *h = *state;
	struct outcome o = {0};
	struct loop *l = loop_make(h);
	for (unsigned turn = 0; turn < TURNS; turn++) {
		misfortune(turn);
		watch_turn(l);
		burst_come(l);
		assert_int_equal(worker_poll(&l->worker[0]), BURST);
		replies_judge(l, &o);
		pass(TURN_NS);
	}
	uint64_t used = fates(l, STAMP_USED, STAMP_USED);
	printf("# %s: stamps used %u, right %u, polled %u, wrong %u; reason %s\n", h->name,
		(unsigned)used, o.exact, o.polled, o.wrong, stamp_reason_text(watch.reason));
	assert_true(o.wrong <= h->wrong_most);
	assert_true(used >= h->used_least);
	if (h->used_least == 0)
		assert_true(used < TURNS * BURST / 3);
	assert_int_equal(loop_traffic(l, 0, TRAFFIC_TX_PACKETS), TURNS * BURST);
	loop_close(l);
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(histories); i++)
		table_add(&t, histories[i].name, t06_t2_is_right_or_the_workers_own, &histories[i]);
	return table_run_between("worker nic", &t, dpdk_begin, loop_tear_down);
}

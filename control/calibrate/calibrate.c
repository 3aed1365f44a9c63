// SPDX-License-Identifier: BSD-3-Clause
#include "calibrate/calibrate.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "worker/rx_stamp.h"

// An IPv4 reply without FCS.
#define FRAME_LENGTH 90
#define FCS          4
// Of a kind that nobody answers (IEEE 802, local experimental), with a number of ours in it.
#define ETHER_TYPE 0x88b5
#define NUMBER_AT  14
#define MAGIC      0x6e747077u

#define CLOCK_TURNS (NIC_CLOCK_SAMPLES + 8)
#define TURN_US     (1000000u / NIC_CLOCK_RATE)
#define FRAME_US    1000
#define FRAMES_TURN (TURN_US / FRAME_US)
// How often an answer is looked for, and how long between two looks.
#define WAIT_LOOKS 200
#define WAIT_US    10
#define BURST      32
// As configurations have it.
#define TX_LATENCY_MAX 100000

static struct cycles calibrate_counter_now(const struct calibration *c)
{
	const struct nic_clock_source *s = &c->watch->clock.source;
	return s->counter(s->context);
}

static void calibrate_rest(const struct calibration *c, unsigned us)
{
	c->rest(c->watch->clock.source.context, us);
}

static struct rte_mbuf *calibrate_frame_make(const struct calibration *c, uint32_t number)
{
	const uint32_t mark[2] = {MAGIC, number};
	struct rte_mbuf *m = rte_pktmbuf_alloc(c->pool);
	if (m == NULL)
		return NULL;
	uint8_t *data = (uint8_t *)rte_pktmbuf_append(m, FRAME_LENGTH);
	memset(data, 0, FRAME_LENGTH);
	memcpy(data, c->to.byte, 6);
	memcpy(data + 6, c->from.byte, 6);
	data[12] = ETHER_TYPE >> 8;
	data[13] = ETHER_TYPE & 0xff;
	memcpy(data + NUMBER_AT, mark, sizeof(mark));
	return m;
}

static bool frame_is(const struct rte_mbuf *m, uint32_t number)
{
	uint32_t mark[2];
	if (m->data_len < NUMBER_AT + sizeof(mark))
		return false;
	memcpy(mark, rte_pktmbuf_mtod_offset(m, const uint8_t *, NUMBER_AT), sizeof(mark));
	return mark[0] == MAGIC && mark[1] == number;
}

// Where the frame's first bit stood on the counter's scale, less the counter before the send. A
// clock of one NTP unit a cycle makes the stamp's time a reading of the counter.
static bool stamp_place(
	const struct calibration *c, const struct rte_mbuf *m, struct cycles sent, double *ret_ns)
{
	const struct clock_view plain = {.ref_cycles = sent, .mult = 1ull << NTP_MULT_SHIFT};
	struct port_view view = rx_ts_monitor_view(c->watch, c->hz, 0);
	struct rx_stamp_line line;
	struct ntp_time at;
	uint64_t ticks = *RTE_MBUF_DYNFIELD(m, c->offset, const uint64_t *);
	// In those units: a tenth of a second.
	view.max_age = (uint32_t)(c->hz / 10);
	rx_stamp_prepare(&view, &plain, calibrate_counter_now(c), &line);
	if (rx_stamp_read(&line, ticks, FRAME_LENGTH, &at) != STAMP_USED)
		return false;
	double wire_ns = (double)((FRAME_LENGTH + FCS) * (uint64_t)c->byte_time) / 0x1p48 * 1e9;
	*ret_ns = (double)(int64_t)at.raw * 1e9 / (double)c->hz;
	if (!c->watch->profile->is_start)
		*ret_ns -= wire_ns;
	return true;
}

// One burst from the wire. True if our frame was in it. A switch or a mirror may bring it twice:
// the first counts.
static bool frame_take(struct calibration *c, uint32_t number, struct cycles sent)
{
	struct rte_mbuf *m[BURST];
	bool found = false;
	unsigned n = rte_eth_rx_burst(c->rx_port, 0, m, BURST);
	for (unsigned i = 0; i < n; i++) {
		if (!found && frame_is(m[i], number)) {
			found = true;
			c->arrived++;
			bool has = (m[i]->ol_flags & c->rx_flag) != 0;
			c->stamped += has && stamp_place(c, m[i], sent, &c->ns[c->stamped]);
		}
		rte_pktmbuf_free(m[i]);
	}
	return found;
}

static int calibrate_frame_send(struct calibration *c, uint32_t number)
{
	struct rte_mbuf *m = calibrate_frame_make(c, number);
	if (m == NULL)
		return -ENOMEM;
	struct cycles sent = calibrate_counter_now(c);
	if (rte_eth_tx_burst(c->tx_port, 0, &m, 1) != 1) {
		rte_pktmbuf_free(m);
		return -EIO;
	}
	c->sent++;
	for (unsigned i = 0; i < WAIT_LOOKS && !frame_take(c, number, sent); i++)
		calibrate_rest(c, WAIT_US);
	return 0;
}

int calibrate_measure(struct calibration *c)
{
	c->sent = c->arrived = c->stamped = 0;
	for (unsigned i = 0; i < CLOCK_TURNS; i++) {
		(void)rx_ts_monitor_turn(c->watch, c->hz, 0, 0);
		calibrate_rest(c, TURN_US);
	}
	for (uint32_t i = 0; i < CALIBRATE_FRAMES; i++) {
		if (i % FRAMES_TURN == 0)
			(void)rx_ts_monitor_turn(c->watch, c->hz, 0, 0);
		if (c->watch->reason != STAMP_REASON_GOOD)
			return -ENOTSUP;
		int r = calibrate_frame_send(c, i);
		if (r < 0)
			return r;
		calibrate_rest(c, FRAME_US);
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;
	return (x > y) - (x < y);
}

int calibrate_sum(struct calibration *c, struct calibration_sum *ret_sum)
{
	unsigned n = c->stamped;
	if (n == 0 || n < c->sent / 2)
		return -ENODATA;
	qsort(c->ns, n, sizeof(c->ns[0]), compare);
	*ret_sum = (struct calibration_sum){
		c->ns[n / 2], c->ns[n / 10], c->ns[n - 1 - n / 10], c->ns[0]};
	return 0;
}

int calibrate_latency(const struct calibration_sum *sum)
{
	if (sum->median_ns < 0 || sum->median_ns > TX_LATENCY_MAX)
		return -1;
	return sum->least_ns > 0 ? (int)sum->least_ns : 0;
}

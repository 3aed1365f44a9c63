// SPDX-License-Identifier: BSD-3-Clause
#include <rte_mbuf.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calibrate/calibrate.h"
#include "common/diagnostic.h"
#include "common/log.h"
#include "eal/eal.h"
#include "eal/topology.h"
#include "port/counter.h"
#include "port/port.h"
#include "port/port_stamps.h"
#include "status/port_words.h"
#include "time/clock.h"
#include "time/machine_clock.h"

#define SIDES 2
#define POOL  4095
// As long as the counter's rate takes to be known to a millionth.
#define CLOCK_TICKS (2 * CLOCK_RATE)

struct bench {
	struct config config; // a copy: receive stamps are wanted, whatever it says
	struct topology topology;
	struct port port[SIDES];
	struct rte_mempool *pool[SIDES];
	unsigned port_count;
	struct machine_clock machine;
	enum counter counter;
	uint64_t hz;
	struct diagnostic diagnostic;
};

static void calibrate_run_rest(void *context, unsigned us)
{
	const struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000L};
	(void)context;
	(void)nanosleep(&t, NULL);
}

static int config_take(struct bench *b, const struct config *c)
{
	b->config = *c;
	if (c->port_count < SIDES)
		return diagnostic_fail(&b->diagnostic, -EINVAL,
			"%s: one port alone cannot be calibrated: list the one it is joined to by "
			"a cable as the second",
			c->path);
	b->config.port_count = SIDES;
	for (unsigned i = 0; i < SIDES; i++) {
		b->config.port[i].rx_timestamps = RX_TIMESTAMPS_ON;
		b->config.port[i].launch_time = false;
	}
	return 0;
}

static int calibrate_run_counter_choose(struct bench *b)
{
	machine_clock_open(&b->machine, MACHINE_CLOCK_SOURCE);
	int r = machine_counter_choose(&b->machine, MACHINE_CPUINFO, &b->config, &b->diagnostic);
	if (r < 0)
		return r;
	b->counter = (enum counter)r;
	if (b->diagnostic.sentence[0] != '\0')
		log_info("%s", b->diagnostic.sentence);
	return 0;
}

static int calibrate_run_eal_bring_up(struct bench *b)
{
	int r = topology_begin(&b->config, &b->topology, &b->diagnostic);
	if (r == 0)
		r = eal_start(&b->config, &b->topology, &b->diagnostic);
	return r;
}

static int port_bring_up(struct bench *b, unsigned i)
{
	char name[32];
	int r = port_probe(&b->config.port[i], b->counter, &b->port[i], &b->diagnostic);
	if (r < 0)
		return r;
	b->port_count = i + 1;
	snprintf(name, sizeof(name), "calibrate%u", i);
	b->pool[i] = rte_pktmbuf_pool_create(
		name, POOL, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, (int)b->port[i].node);
	if (b->pool[i] == NULL)
		return diagnostic_fail(&b->diagnostic, -ENOMEM,
			"memory: no room for buffers: raise memory: { size: ... }");
	return port_open(&b->port[i], 1, &b->pool[i], &b->diagnostic);
}

static int calibrate_run_rate_measure(struct bench *b)
{
	const struct clock_source source = {
		.counter = counter_hooks(b->counter)->control,
		.realtime = machine_realtime,
		.context = &b->machine,
		.may_be_coarse = b->counter == COUNTER_KERNEL,
	};
	struct clock clock;
	struct clock_line line;
	clock_init(&clock, &source);
	for (unsigned i = 0; i < CLOCK_TICKS; i++) {
		(void)clock_tick(&clock);
		calibrate_run_rest(NULL, 1000000 / CLOCK_RATE);
	}
	if (!clock_line(&clock, &line))
		return diagnostic_fail(
			&b->diagnostic, -ETIMEDOUT, "the clock could not be measured");
	b->hz = line.hz;
	return 0;
}

static void sum_print(const struct bench *b, const struct calibration *c,
	const struct calibration_sum *sum, unsigned from)
{
	const char *device = b->port[from].config->device;
	printf("%s -> %s: %u frames, %u came, %u with a stamp\n", device,
		b->port[1 - from].config->device, c->sent, c->arrived, c->stamped);
	printf("  on the wire %.0f ns after the send (median; 10 to 90 %%: %.0f to %.0f ns; least: "
	       "%.0f ns)\n",
		sum->median_ns, sum->low_ns, sum->high_ns, sum->least_ns);
	int latency = calibrate_latency(sum);
	if (latency < 0)
		printf("  that cannot be: are both ports' clocks one, and the stamps of frames' "
		       "starts?\n");
	else
		printf("  write for this port:  tx_latency: %d\n", latency);
}

static int way_measure(struct bench *b, unsigned from)
{
	static struct calibration c;
	struct port *tx = &b->port[from];
	struct port *rx = &b->port[1 - from];
	struct calibration_sum sum;
	c = (struct calibration){.tx_port = tx->id,
		.rx_port = rx->id,
		.from = tx->mac,
		.to = rx->mac,
		.pool = b->pool[from],
		.rx_flag = rx->stamps.rx_flag,
		.offset = rx->stamps.offset,
		.hz = b->hz,
		.byte_time = port_stamps_byte_time(rx->is_wire ? rx->link_mbps : 0),
		.watch = &rx->stamps.watch,
		.rest = calibrate_run_rest};
	int r = calibrate_measure(&c);
	if (r == 0)
		r = calibrate_sum(&c, &sum);
	if (r == 0)
		sum_print(b, &c, &sum, from);
	else if (r == -ENOTSUP)
		(void)diagnostic_fail(&b->diagnostic, r, "port %s: %s", rx->device,
			stamp_reason_sentence(rx->stamps.watch.reason));
	else
		(void)diagnostic_fail(&b->diagnostic, r,
			"port %s: of %u frames %u came to %s, %u with a stamp that can be: see "
			"that a cable joins the two, and that the second stamps packets",
			tx->device, c.sent, c.arrived, rx->device, c.stamped);
	return r;
}

static int bench_run(struct bench *b, const struct config *c)
{
	int r = config_take(b, c);
	if (r == 0)
		r = calibrate_run_counter_choose(b);
	if (r == 0)
		r = calibrate_run_eal_bring_up(b);
	for (unsigned i = 0; r == 0 && i < SIDES; i++)
		r = port_bring_up(b, i);
	if (r == 0)
		r = calibrate_run_rate_measure(b);
	for (unsigned from = 0; r == 0 && from < SIDES; from++)
		r = way_measure(b, from);
	return r;
}

int calibrate_run(const struct config *c)
{
	struct bench *b = calloc(1, sizeof(*b));
	if (b == NULL) {
		log_error("out of memory");
		return -ENOMEM;
	}
	diagnostic_note(&b->diagnostic, "out of memory");
	int r = bench_run(b, c);
	if (r < 0)
		log_error("%s", b->diagnostic.sentence);
	for (unsigned i = 0; i < b->port_count; i++) {
		port_close(&b->port[i]);
		rte_mempool_free(b->pool[i]);
	}
	eal_stop(&b->config);
	free(b);
	return r;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "server/telemetry.h"

#include <rte_telemetry.h>
#include <rte_version.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/counters.h"
#include "core/verdict.h"
#include "status/statseg.h"

// A mapping of its own, which stays until the process ends: DPDK's thread answers until then, and
// waits for nobody who takes the server down.
static struct statseg telemetry_page;

static void number_add(struct rte_tel_data *d, const char *name, uint64_t value)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
	(void)rte_tel_data_add_dict_uint(d, name, value);
#else
	(void)rte_tel_data_add_dict_u64(d, name, value);
#endif
}

// Of all ports.
static uint64_t stamps_sum(const struct counters *c, enum stamp fate)
{
	uint64_t sum = 0;
	for (unsigned slot = 0; slot < COUNTERS_PORTS; slot++)
		sum += counters_get(&c->stamp[slot][fate]);
	return sum;
}

// Sums over workers [first, end).
static void counters_fill(struct rte_tel_data *d, unsigned first, unsigned end)
{
	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		uint64_t sum = 0;
		for (unsigned w = first; w < end; w++)
			sum += counters_get(&statseg_counters(&telemetry_page, w)->verdict[v]);
		number_add(d, verdict_text((enum verdict)v), sum);
	}
	for (unsigned t = 0; t < TRAFFIC_HEARTBEAT; t++) {
		uint64_t sum = 0;
		for (unsigned w = first; w < end; w++)
			sum += counters_get(&statseg_counters(&telemetry_page, w)->traffic[t]);
		number_add(d, traffic_text((enum traffic)t), sum);
	}
	for (unsigned f = 0; f < STAMP_COUNT; f++) {
		uint64_t sum = 0;
		for (unsigned w = first; w < end; w++)
			sum += stamps_sum(statseg_counters(&telemetry_page, w), (enum stamp)f);
		number_add(d, stamp_text((enum stamp)f), sum);
	}
}

static void part_add(struct rte_tel_data *d, const char *name, unsigned first, unsigned end)
{
	struct rte_tel_data *part = rte_tel_data_alloc();
	if (part == NULL)
		return;
	rte_tel_data_start_dict(part);
	counters_fill(part, first, end);
	(void)rte_tel_data_add_dict_container(d, name, part, 0);
}

static void telemetry_worker_add(struct rte_tel_data *d, unsigned w)
{
	char name[32];
	snprintf(name, sizeof(name), "worker%u", w);
	part_add(d, name, w, w + 1);
}

// An answer of DPDK's ends at 16 KiB, which 13 workers fill, and it leaves out what does not fit:
// so the number of workers comes first, and each can be asked for alone.
static int stats_answer(const char *command, const char *parameters, struct rte_tel_data *d)
{
	unsigned workers = telemetry_page.shape.worker_count;
	(void)command;
	rte_tel_data_start_dict(d);
	if (parameters != NULL && *parameters != '\0') {
		char *rest;
		unsigned long w = strtoul(parameters, &rest, 10);
		if (*rest != '\0' || w >= workers)
			return -EINVAL;
		telemetry_worker_add(d, (unsigned)w);
		return 0;
	}
	number_add(d, "workers", workers);
	part_add(d, "total", 0, workers);
	for (unsigned w = 0; w < workers; w++)
		telemetry_worker_add(d, w);
	return 0;
}

// DPDK takes no help of 128 characters and more.
int telemetry_register(const char *run_dir)
{
	int r = statseg_open(run_dir, &telemetry_page);
	if (r < 0)
		return r;
	return rte_telemetry_register_cmd("/ntpwire/stats", stats_answer,
		"Counters of all workers and of each. Parameter: a worker's number, for it alone");
}

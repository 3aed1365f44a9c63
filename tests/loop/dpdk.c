// SPDX-License-Identifier: BSD-3-Clause
#include "dpdk.h"

#include <rte_eal.h>

#include <libgen.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

// Internal to DPDK: what a driver calls.
struct rte_eth_dev;
struct rte_eth_dev *rte_eth_dev_get_by_name(const char *name);
int rte_eth_dev_callback_process(
	struct rte_eth_dev *dev, enum rte_eth_event_type event, void *ret_param);

int dpdk_start(unsigned workers)
{
	static char prefix[64];
	static char lcores[128];
	static char *argv[] = {"loop", prefix, lcores, "--no-huge", "--no-shconf", "--no-pci",
		"--no-telemetry", "-m128", "--iova-mode=va", "--log-level=*:error", NULL};
	int core = sched_getcpu();
	snprintf(prefix, sizeof(prefix), "--file-prefix=ntpwire-loop-%d", (int)getpid());
	int n = snprintf(lcores, sizeof(lcores), "--lcores=0@%d", core);
	for (unsigned i = 1; i <= workers; i++)
		n += snprintf(lcores + n, sizeof(lcores) - (size_t)n, ",%u@%d", i, core);
	return rte_eal_init(sizeof(argv) / sizeof(argv[0]) - 1, argv) < 0 ? -1 : 0;
}

int dpdk_stop(void)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s", rte_eal_get_runtime_dir());
	int r = rte_eal_cleanup();
	(void)rmdir(path);
	(void)rmdir(dirname(path));
	return r;
}

void dpdk_raise(const char *device, enum rte_eth_event_type event)
{
	(void)rte_eth_dev_callback_process(rte_eth_dev_get_by_name(device), event, NULL);
}

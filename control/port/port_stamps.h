// SPDX-License-Identifier: BSD-3-Clause
// A port's stamps on DPDK: which are asked for, how its clock is read, and what workers and page
// are told of it. What decides is in rx_ts_monitor and nic_clock. Main thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "status/statseg.h"
#include "time/rx_ts_monitor.h"

struct rte_eth_conf;
struct rte_eth_dev_info;

struct port_stamps {
	uint64_t
		rx_flag; // mbuf flag of a packet that the port stamped; 0: stamps are not looked at
	uint64_t tx_flag; // mbuf flag of a burst that is to be sent at its moment; 0: none is
	uint16_t offset;  // in an mbuf, of either
	uint16_t port;    // DPDK's number
	enum nic_clock_kind kind;
	enum stamp_reason rx_reason; // GOOD where rx_flag is set; else why it is not
	uint64_t meta_cookie;   // the filter stamps, and nothing is to be measured; 0: it does not
	bool tx_is_synchronous; // the kernel sends before a send returns
	struct rx_ts_monitor watch;
};

// Decides which stamps are asked for, by configuration, driver and what the port offers, and adds
// the offloads they need to conf. -ENOTSUP for a setting that cannot be honoured; *ret_why then
// says why and what to write instead.
int port_stamps_choose(struct port_stamps *s, const struct config_port *c,
	const struct rte_eth_dev_info *info, struct rte_eth_conf *conf, const char **ret_why);

// Begins to watch the clock of a port that was started, by the server's counter. s must stay where
// it is. As above where the clock cannot be read and a setting needs it.
int port_stamps_open(struct port_stamps *s, const struct config_port *c, uint16_t port,
	enum counter counter, const char **ret_why);

// Has the clock of a port that was restarted measured anew.
void port_stamps_restart(struct port_stamps *s);

// One turn of the watch, NIC_CLOCK_RATE times a second: measures, judges, publishes to the workers
// of all nodes, and shows it in the status segment. `slot`: the port's number in the configuration;
// `device`: its name, for the log; link_mbps: 0 where the speed means nothing.
void port_stamps_turn(struct port_stamps *s, const struct statseg *statseg, unsigned slot,
	const char *device, uint32_t link_mbps);

// NTP units times 2^16 that a byte takes on a wire of this speed, as in struct port_view; 0: 0.
uint32_t port_stamps_byte_time(uint32_t link_mbps);

// SPDX-License-Identifier: BSD-3-Clause
// Reading a port's clock is experimental in DPDK 22.11.
#define ALLOW_EXPERIMENTAL_API

#include "port/port_stamps.h"

#include <rte_ethdev.h>
#include <rte_mbuf_dyn.h>
#include <rte_random.h>

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <time.h>

#include "common/log.h"
#include "core/counters.h"
#include "core/port_snap.h"
#include "port/counter.h"
#include "status/port_words.h"
#include "time/nic_clock.h"
#include "time/nic_profile.h"

#define GHZ 1000000000u

static int timesync_read(uint16_t port, uint64_t *ret_ticks)
{
	struct timespec t;
	int r = rte_eth_timesync_read_time(port, &t);
	if (r == 0)
		*ret_ticks = (uint64_t)t.tv_sec * GHZ + (uint64_t)t.tv_nsec;
	return r;
}

static int port_stamps_system_read(uint64_t *ret_ticks)
{
	struct timespec t;
	if (clock_gettime(CLOCK_REALTIME, &t) < 0)
		return -errno;
	*ret_ticks = (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
	return 0;
}

static int ticks_read(void *context, uint64_t *ret_ticks)
{
	const struct port_stamps *s = context;
	switch (s->kind) {
	case NIC_CLOCK_READ:
		return rte_eth_read_clock(s->port, ret_ticks);
	case NIC_CLOCK_TIMESYNC:
		return timesync_read(s->port, ret_ticks);
	case NIC_CLOCK_SYSTEM:
		return port_stamps_system_read(ret_ticks);
	case NIC_CLOCK_ANY:
	case NIC_CLOCK_XDP_META:
		break;
	}
	return -ENOTSUP;
}

static enum stamp_reason rx_judge(const struct config_port *c, const struct nic_profile *profile,
	const struct rte_eth_dev_info *info)
{
	switch (c->rx_timestamps) {
	case RX_TIMESTAMPS_OFF:
		return STAMP_REASON_OFF;
	case RX_TIMESTAMPS_ON:
		return STAMP_REASON_GOOD;
	case RX_TIMESTAMPS_AUTO:
		break;
	}
	if (!profile->is_trusted)
		return STAMP_REASON_DRIVER;
	bool is_offered = profile->clock == NIC_CLOCK_XDP_META ||
	                  (info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_TIMESTAMP) != 0;
	return is_offered ? STAMP_REASON_GOOD : STAMP_REASON_OFFLOAD;
}

// Where in an mbuf the stamps lie: one field for both ways, and a flag for each.
static int fields_find(struct port_stamps *s, bool launch)
{
	int offset = 0;
	int r = 0;
	if (s->rx_reason == STAMP_REASON_GOOD && s->meta_cookie == 0)
		r = rte_mbuf_dyn_rx_timestamp_register(&offset, &s->rx_flag);
	if (r == 0 && launch)
		r = rte_mbuf_dyn_tx_timestamp_register(&offset, &s->tx_flag);
	s->offset = (uint16_t)offset;
	return r < 0 ? -rte_errno : 0;
}

int port_stamps_choose(struct port_stamps *s, const struct config_port *c,
	const struct rte_eth_dev_info *info, struct rte_eth_conf *conf, const char **ret_why)
{
	const struct nic_profile *profile = nic_profile_find(info->driver_name);
	*s = (struct port_stamps){.rx_reason = rx_judge(c, profile, info)};
	s->tx_is_synchronous = profile->is_syscall;
	if (s->rx_reason == STAMP_REASON_GOOD && profile->clock == NIC_CLOCK_XDP_META)
		s->meta_cookie = rte_rand() | 1; // nobody outside can know it
	s->watch.profile = profile;
	*ret_why = "launch_time: it cannot send at a given moment; remove it, or use a port that "
		   "can (ConnectX-6 Dx and later with tx_pp=500 among the device's arguments)";
	if (c->launch_time && (info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_SEND_ON_TIMESTAMP) == 0)
		return -ENOTSUP;
	*ret_why = "no room for a stamp in DPDK's buffers; write rx_timestamps: off";
	int r = fields_find(s, c->launch_time);
	if (r < 0)
		return r;
	if (s->rx_flag != 0)
		conf->rxmode.offloads |= info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_TIMESTAMP;
	if (s->tx_flag != 0)
		conf->txmode.offloads |= RTE_ETH_TX_OFFLOAD_SEND_ON_TIMESTAMP;
	return 0;
}

// Finds how the clock of this port is read. Some drivers keep theirs off until they are asked for
// it.
static int clock_find(struct port_stamps *s)
{
	uint64_t ticks;
	s->kind = s->watch.profile->clock;
	if (s->kind == NIC_CLOCK_ANY) {
		s->kind = NIC_CLOCK_READ;
		if (ticks_read(s, &ticks) == 0)
			return 0;
		s->kind = NIC_CLOCK_TIMESYNC;
	}
	if (s->kind == NIC_CLOCK_TIMESYNC)
		(void)rte_eth_timesync_enable(s->port);
	return ticks_read(s, &ticks);
}

int port_stamps_open(struct port_stamps *s, const struct config_port *c, uint16_t port,
	enum counter counter, const char **ret_why)
{
	const struct nic_clock_source source = {ticks_read, counter_hooks(counter)->control, s};
	const struct nic_profile *profile = s->watch.profile;
	s->port = port;
	if (s->rx_flag == 0 && s->tx_flag == 0) {
		rx_ts_monitor_off(&s->watch, s->rx_reason);
		return 0;
	}
	int r = clock_find(s);
	if (r == 0) {
		rx_ts_monitor_on(&s->watch, profile, &source);
		return 0;
	}
	*ret_why = s->tx_flag != 0 ? "launch_time: its clock cannot be read; remove it" :
	                             "rx_timestamps: its clock cannot be read; write auto or off";
	s->rx_reason = STAMP_REASON_UNREADABLE;
	s->rx_flag = 0;
	rx_ts_monitor_off(&s->watch, s->rx_reason);
	return c->launch_time || c->rx_timestamps == RX_TIMESTAMPS_ON ? r : 0;
}

void port_stamps_restart(struct port_stamps *s)
{
	if (s->watch.is_on && s->kind == NIC_CLOCK_TIMESYNC)
		(void)rte_eth_timesync_enable(s->port);
	rx_ts_monitor_restart(&s->watch);
}

uint32_t port_stamps_byte_time(uint32_t link_mbps)
{
	return link_mbps == 0 ? 0 : (uint32_t)((8ull << 48) / (link_mbps * 1000000ull));
}

static uint64_t fate_sum(const struct statseg *statseg, unsigned slot, enum stamp fate)
{
	uint64_t sum = 0;
	for (unsigned w = 0; w < statseg->shape.worker_count; w++)
		sum += counters_get(&statseg_counters(statseg, w)->stamp[slot][fate]);
	return sum;
}

static void change_tell(const struct port_stamps *s, const char *device)
{
	const char *why = stamp_reason_sentence(s->watch.reason);
	if (s->watch.reason == STAMP_REASON_GOOD)
		log_info("port %s: NIC clock calibrated%s", device,
			s->rx_flag == 0 ? "" : ": receive times are its stamps");
	else if (s->watch.reason == STAMP_REASON_FITTING)
		log_info("port %s: %s", device, why);
	else
		log_warning("port %s: software receive timestamps: %s", device, why);
}

static void port_stamps_statseg_fill(
	const struct port_stamps *s, struct statseg_port *entry, uint64_t hz)
{
	const struct rx_ts_monitor *w = &s->watch;
	bool is_rx = s->rx_reason == STAMP_REASON_GOOD;
	double ns_per_cycle = 1e9 / (double)hz;
	counters_set(&entry->stamp_reason, is_rx ? w->reason : s->rx_reason);
	if (!w->is_on)
		return;
	counters_set(&entry->nic_unit_hz, w->profile->unit_hz);
	counters_set(&entry->nic_rate_mhz, (uint64_t)(nic_clock_rate(&w->clock, hz) * 1000));
	counters_set(&entry->nic_residual_ps, (uint64_t)(w->clock.residual * ns_per_cycle * 1000));
}

void port_stamps_turn(struct port_stamps *s, const struct statseg *statseg, unsigned slot,
	const char *device, uint32_t link_mbps)
{
	uint64_t hz = counters_get(&statseg->head->counter_hz);
	struct statseg_port *entry = &statseg->head->port[slot];
	if (hz == 0)
		return;
	uint64_t refused = 0;
	for (enum stamp fate = STAMP_ZERO; fate <= STAMP_OLD; fate++)
		refused += fate_sum(statseg, slot, fate);
	if (rx_ts_monitor_turn(&s->watch, hz, fate_sum(statseg, slot, STAMP_USED), refused))
		change_tell(s, device);
	port_stamps_statseg_fill(s, entry, hz);
	if (!s->watch.is_on)
		return;
	const struct port_view view =
		rx_ts_monitor_view(&s->watch, hz, port_stamps_byte_time(link_mbps));
	for (unsigned n = 0; n < statseg->shape.node_count; n++)
		port_snap_publish(statseg_port_snap(statseg, n, slot), &view);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "port/port.h"

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/devargs.h"
#include "common/log.h"
#include "core/counters.h"
#include "eal/left_socket.h"
#include "kernel/xdp_filter.h"
#include "kernel/xdp_place.h"

// Receive rings are an accuracy parameter: what waits in one is stamped late.
#define RX_RING 512
#define TX_RING 512
// AF_XDP's fill and completion rings, which its driver makes of this size whatever it is asked for.
#define AF_XDP_BUFFERS 4096
// More than a queue holds that is not ours to size: memif's at most 16384 packets, by what the peer
// asked for, a guest's 32768; a tap's is as long as its interface's, a packet socket's as its
// framecnt. Not without an end, because a queue that never runs empty would be dropped for ever
// after one late poll.
#define FOREIGN_BACKLOG UINT16_MAX

// DPDK 22.11's tap says 16, and puts the descriptors of all, both ways, into a message with room
// for eight of them: with five queues it writes over its stack.
#define TAP_QUEUES 4

#define LINK_WAIT_MS 2000
#define LINK_POLL_MS 10

#define CHECKSUMS_RX (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM)
#define CHECKSUMS_TX (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM)

// IPv4 reply with preamble, frame check and gap: the shortest that is sent.
#define REPLY_WIRE_BITS ((14 + 20 + 8 + 48 + 24) * 8)

// One sentence about a step of a port's life that DPDK refused.
static int port_complain(const struct port *p, const char *what, int error, struct diagnostic *d)
{
	return diagnostic_fail(d, error, "port %s: cannot %s: %s%s", p->device, what,
		strerror(-error), geteuid() == 0 ? "" : ": run ntpwired as root");
}

// DPDK's number of the device `name`; PCI addresses may lack the domain.
static int port_own_port_find(const char *name, uint16_t *ret_id)
{
	for (uint16_t id = 0; id < RTE_MAX_ETHPORTS; id++) {
		struct rte_eth_dev_info info;
		if (!rte_eth_dev_is_valid_port(id))
			continue;
		if (rte_eth_dev_info_get(id, &info) < 0 || info.device == NULL)
			continue;
		const char *have = rte_dev_name(info.device);
		size_t skip = strlen(have) - strlen(name);
		if (strlen(have) < strlen(name) || (skip > 0 && !devargs_is_pci(name)))
			continue;
		if (strcmp(have + skip, name) != 0)
			continue;
		*ret_id = id;
		return 0;
	}
	return -ENODEV;
}

// The device as DPDK is to make it: an AF_XDP port without a filter of the operator's gets ours.
static bool device_complete(const char *device, char *ret_device, size_t size)
{
	char filter[PATH_MAX];
	bool is_bare = devargs_is_driver(device, "net_af_xdp") &&
	               !devargs_argument(device, "xdp_prog", filter, sizeof(filter));
	int length = is_bare && xdp_object_find(XDP_FILTER_OBJECT, filter, sizeof(filter)) ?
	                     snprintf(ret_device, size, "%s,xdp_prog=%s", device, filter) :
	                     snprintf(ret_device, size, "%s", device);
	return length > 0 && (size_t)length < size;
}

static int device_create(const char *device, uint16_t *ret_id)
{
	char name[CONFIG_TEXT];
	char complete[CONFIG_TEXT + PATH_MAX];
	if (!devargs_name(device, name, sizeof(name)) ||
		!device_complete(device, complete, sizeof(complete)))
		return -ENAMETOOLONG;
	int r = devargs_is_pci(device) ? 0 : rte_dev_probe(complete);
	return r < 0 ? r : port_own_port_find(name, ret_id);
}

// The interface that a virtual device is to take over; "" if it takes none.
// From DPDK 24.11 on, a longer one is not looked at.
#define DEVICE_MAX 127

static void port_interface(const struct port *p, char ret_name[static CONFIG_TEXT])
{
	if (!devargs_argument(p->device, "iface", ret_name, CONFIG_TEXT))
		ret_name[0] = '\0';
	// A vhost port's "interface" is the path of a socket.
	if (strchr(ret_name, '/') != NULL)
		ret_name[0] = '\0';
}

// Why a device could not be made or found. Drivers' own error numbers say little: many return -1.
static int probe_complain(const struct port *p, int error, struct diagnostic *d)
{
	char interface[CONFIG_TEXT];
	port_interface(p, interface);
	const char *remedy = "see that the driver's name and its arguments are right";
	if (devargs_is_pci(p->device))
		remedy = "see that the address is right and the device bound to vfio-pci "
			 "(dpdk-devbind.py --status)";
	if (strlen(p->device) > DEVICE_MAX)
		remedy = "it is longer than the 127 characters that DPDK 24.11 takes: shorten its "
			 "path or leave defaults away";
	if (geteuid() != 0)
		remedy = "run ntpwired as root";
	if (interface[0] != '\0' && if_nametoindex(interface) == 0)
		return diagnostic_fail(d, error,
			"port %s: there is no network interface %s here: see ip link", p->device,
			interface);
	return diagnostic_fail(
		d, error, "port %s: no such device, or it cannot be used: %s", p->device, remedy);
}

static unsigned port_queues(const struct port *p, const struct rte_eth_dev_info *info)
{
	unsigned both = info->max_rx_queues < info->max_tx_queues ? info->max_rx_queues :
	                                                            info->max_tx_queues;
	bool is_tap =
		devargs_is_driver(p->device, "net_tap") || devargs_is_driver(p->device, "net_tun");
	return is_tap && both > TAP_QUEUES ? TAP_QUEUES : both;
}

static int port_inspect(struct port *p)
{
	struct rte_eth_dev_info info;
	int r = rte_eth_dev_info_get(p->id, &info);
	if (r < 0)
		return r;
	int node = rte_eth_dev_socket_id(p->id);
	p->node = node < 0 ? 0 : (unsigned)node;
	p->max_queues = port_queues(p, &info);
	p->is_wire = strcmp(rte_bus_name(rte_dev_bus(info.device)), "vdev") != 0;
	p->rx_ring = RX_RING;
	p->tx_ring = TX_RING;
	return rte_eth_dev_adjust_nb_rx_tx_desc(p->id, &p->rx_ring, &p->tx_ring);
}

static int port_create(struct port *p, struct diagnostic *d)
{
	int r = left_socket_clear(p->device, d);
	if (r == 0)
		r = xdp_place_take(p->device, p->config->xdp, d);
	if (r < 0)
		return r;
	r = device_create(p->device, &p->id);
	if (r < 0) {
		xdp_place_leave(p->device);
		return probe_complain(p, r, d);
	}
	r = port_inspect(p);
	if (r < 0) {
		(void)rte_eth_dev_close(p->id);
		xdp_place_leave(p->device);
		return port_complain(p, "ask what it can do", r, d);
	}
	return 0;
}

// AF_XDP needs a kernel, a driver and rights that not every machine has; packet sockets are
// everywhere, and slower. They are no way round somebody else's program, nor for who wants to share
// with it.
static int port_fall_back(struct port *p, unsigned queue_count, struct diagnostic *d)
{
	char other[CONFIG_TEXT];
	char interface[CONFIG_TEXT];
	const struct diagnostic *refusal = xdp_place_refusal(p->device);
	if (refusal != NULL) {
		*d = *refusal;
		return -EBUSY;
	}
	port_interface(p, interface);
	if (!devargs_fallback(p->device, queue_count, other, sizeof(other)))
		return -ENOTSUP;
	if (if_nametoindex(interface) == 0)
		return -ENODEV;
	log_warning("%s: falling back to %s, which is slower", d->sentence, other);
	snprintf(p->device, sizeof(p->device), "%s", other);
	return port_create(p, d);
}

int port_probe(const struct config_port *c, enum counter counter, struct port *ret_port,
	struct diagnostic *d)
{
	struct port p = {.config = c, .counter = counter};
	snprintf(p.device, sizeof(p.device), "%s", c->device);
	int r = port_create(&p, d);
	if (r < 0 && port_fall_back(&p, 1, d) == 0)
		r = 0;
	if (r == 0)
		*ret_port = p;
	return r;
}

// A client is to stay with one worker: hash the source address alone where the port can, addresses
// and ports where it cannot.
static uint64_t rss_types(const struct port *p, const struct rte_eth_dev_info *info)
{
	const uint64_t wanted = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_IPV6 |
	                        RTE_ETH_RSS_NONFRAG_IPV6_UDP;
	uint64_t offered = info->flow_type_rss_offloads;
	if ((offered & RTE_ETH_RSS_L3_SRC_ONLY) == 0)
		log_info("port %s: cannot spread packets by source address alone: one client's "
			 "packets may come to several workers",
			p->device);
	return (wanted | RTE_ETH_RSS_L3_SRC_ONLY) & offered;
}

static void configuration_fill(struct port *p, const struct rte_eth_dev_info *info,
	unsigned queue_count, struct rte_eth_conf *conf)
{
	*conf = (struct rte_eth_conf){0};
	conf->rxmode.mtu = info->max_mtu < RTE_ETHER_MTU ? info->max_mtu : RTE_ETHER_MTU;
	if ((info->rx_offload_capa & CHECKSUMS_RX) == CHECKSUMS_RX)
		conf->rxmode.offloads |= CHECKSUMS_RX;
	p->offload = (info->tx_offload_capa & CHECKSUMS_TX) == CHECKSUMS_TX;
	if (p->offload)
		conf->txmode.offloads |= CHECKSUMS_TX;
	conf->intr_conf.lsc = (*info->dev_flags & RTE_ETH_DEV_INTR_LSC) != 0;
	conf->intr_conf.rmv = (*info->dev_flags & RTE_ETH_DEV_INTR_RMV) != 0;
	// Each queue sends what its worker received into its own pool, and nobody else holds it.
	conf->txmode.offloads |= info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	if (queue_count == 1)
		return;
	conf->rx_adv_conf.rss_conf.rss_hf = rss_types(p, info);
	if (conf->rx_adv_conf.rss_conf.rss_hf != 0)
		conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
}

static int port_own_port_configure(struct port *p, unsigned queue_count, struct diagnostic *d)
{
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf;
	int r = rte_eth_dev_info_get(p->id, &info);
	if (r < 0)
		return port_complain(p, "ask what it can do", r, d);
	configuration_fill(p, &info, queue_count, &conf);
	const char *why = NULL;
	r = port_stamps_choose(&p->stamps, p->config, &info, &conf, &why);
	if (r < 0)
		return diagnostic_fail(d, r, "port %s: %s", p->device, why);
	r = rte_eth_dev_configure(p->id, (uint16_t)queue_count, (uint16_t)queue_count, &conf);
	if (r < 0)
		return port_complain(p, "configure it", r, d);
	p->queue_count = queue_count;
	return 0;
}

unsigned port_queue_buffers(const struct port *p)
{
	unsigned kept = devargs_is_driver(p->device, "net_af_xdp") ? AF_XDP_BUFFERS : 0;
	return (unsigned)p->rx_ring + p->tx_ring + kept;
}

uint16_t port_queue_backlog(const struct port *p)
{
	if (devargs_is_driver(p->device, "net_af_xdp"))
		return p->rx_ring < AF_XDP_BUFFERS ? AF_XDP_BUFFERS : p->rx_ring;
	return p->is_wire ? p->rx_ring : FOREIGN_BACKLOG;
}

static int port_setup_queue(
	struct port *p, unsigned queue, struct rte_mempool *pool, struct diagnostic *d)
{
	unsigned node = (unsigned)pool->socket_id;
	uint16_t number = (uint16_t)queue;
	int r = rte_eth_rx_queue_setup(p->id, number, p->rx_ring, node, NULL, pool);
	if (r < 0)
		return port_complain(p, "set up a receive queue", r, d);
	r = rte_eth_tx_queue_setup(p->id, number, p->tx_ring, node, NULL);
	if (r < 0)
		return port_complain(p, "set up a transmit queue", r, d);
	return 0;
}

// Pause frames would hold replies back after their transmit time was written.
static void flow_control_off(const struct port *p)
{
	struct rte_eth_fc_conf fc = {0};
	if (rte_eth_dev_flow_ctrl_get(p->id, &fc) < 0)
		return;
	fc.mode = RTE_ETH_FC_NONE;
	if (rte_eth_dev_flow_ctrl_set(p->id, &fc) < 0)
		log_debug("port %s: flow control stays as it is", p->device);
}

static void port_link_read(struct port *p)
{
	struct rte_eth_link link = {0};
	if (rte_eth_link_get_nowait(p->id, &link) < 0)
		return;
	bool is_known = link.link_speed != RTE_ETH_SPEED_NUM_NONE &&
	                link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN;
	p->link_up = link.link_status == RTE_ETH_LINK_UP;
	p->link_mbps = p->link_up && is_known ? link.link_speed : 0;
}

// Hardware takes a second or two after its start; the peer of a virtual device may never come.
static void port_link_wait(struct port *p)
{
	const struct timespec pause = {.tv_nsec = LINK_POLL_MS * 1000000L};
	unsigned limit = p->is_wire ? LINK_WAIT_MS : 0;
	port_link_read(p);
	for (unsigned waited = 0; !p->link_up && waited < limit; waited += LINK_POLL_MS) {
		(void)nanosleep(&pause, NULL);
		port_link_read(p);
	}
	if (p->link_up)
		return;
	log_warning("port %s: link is down; it answers when the link comes up", p->device);
}

static int port_start(struct port *p, struct diagnostic *d)
{
	struct rte_ether_addr address;
	int r = rte_eth_macaddr_get(p->id, &address);
	if (r < 0)
		return port_complain(p, "read its MAC address", r, d);
	memcpy(p->mac.byte, address.addr_bytes, sizeof(p->mac.byte));
	flow_control_off(p);
	r = rte_eth_dev_start(p->id);
	if (r < 0)
		return port_complain(p, "start it", r, d);
	p->started = true;
	(void)rte_eth_promiscuous_disable(p->id);
	return 0;
}

static int port_build(struct port *p, unsigned queue_count, struct diagnostic *d)
{
	int r = port_own_port_configure(p, queue_count, d);
	for (unsigned i = 0; r == 0 && i < queue_count; i++)
		r = port_setup_queue(p, i, p->pool[i], d);
	return r < 0 ? r : port_start(p, d);
}

static int port_try(struct port *p, unsigned queue_count, struct diagnostic *d)
{
	int r = port_events_open(&p->events, p->id);
	if (r < 0)
		return port_complain(p, "listen to its events", r, d);
	r = port_build(p, queue_count, d);
	if (r < 0)
		return r;
	port_link_wait(p);
	const char *why = NULL;
	r = port_stamps_open(&p->stamps, p->config, p->id, p->counter, &why);
	if (r < 0)
		return diagnostic_fail(d, r, "port %s: %s", p->device, why);
	return 0;
}

int port_open(
	struct port *p, unsigned queue_count, struct rte_mempool *const *pool, struct diagnostic *d)
{
	memcpy(p->pool, pool, queue_count * sizeof(p->pool[0]));
	int r = port_try(p, queue_count, d);
	if (r == 0)
		return 0;
	// Before another is made: a driver that failed half-way may close its descriptors twice.
	port_close(p);
	if (port_fall_back(p, queue_count, d) < 0)
		return r;
	return port_try(p, queue_count, d);
}

// A driver without a reset of its own is stopped: configuring it anew does the rest.
static int port_reset(const struct port *p)
{
	int r = rte_eth_dev_reset(p->id);
	return r == -ENOTSUP ? rte_eth_dev_stop(p->id) : r;
}

int port_restart(struct port *p, struct diagnostic *d)
{
	const struct port_stamps stamps = p->stamps;
	const struct mac mac = p->mac;
	int r = port_reset(p);
	if (r < 0)
		return port_complain(p, "reset it", r, d);
	p->started = false;
	r = port_build(p, p->queue_count, d);
	if (r < 0)
		return r;
	// Workers go by what these said when they were equipped.
	p->stamps = stamps;
	if (memcmp(&mac, &p->mac, sizeof(mac)) != 0)
		return diagnostic_fail(d, -EADDRNOTAVAIL,
			"port %s: it came back from its reset with another MAC address", p->device);
	port_stamps_restart(&p->stamps);
	return 0;
}

uint64_t port_tx_step(const struct port *p)
{
	if (!p->is_wire || p->link_mbps == 0)
		return 0;
	return ((uint64_t)REPLY_WIRE_BITS << 32) / ((uint64_t)p->link_mbps * 1000000u);
}

void port_describe(const struct port *p, struct statseg_port *ret_entry)
{
	snprintf(ret_entry->device, sizeof(ret_entry->device), "%s", p->device);
	memcpy(ret_entry->mac, p->mac.byte, sizeof(ret_entry->mac));
	ret_entry->link_up = p->link_up;
	ret_entry->offload = p->offload;
	ret_entry->queue_count = p->queue_count;
	ret_entry->node = p->node;
	ret_entry->link_mbps = p->link_mbps;
}

void port_observe(struct port *p, struct statseg_port *entry)
{
	struct rte_eth_stats stats;
	bool was_up = p->link_up;
	port_link_read(p);
	if (p->link_up != was_up) {
		log_info("port %s: link is %s", p->device, p->link_up ? "up" : "down");
		counters_add(&entry->link_changes, 1);
	}
	entry->link_up = p->link_up;
	entry->link_mbps = p->link_mbps;
	if (rte_eth_stats_get(p->id, &stats) < 0)
		return;
	atomic_store_explicit(&entry->imissed, stats.imissed, memory_order_relaxed);
	atomic_store_explicit(&entry->ierrors, stats.ierrors, memory_order_relaxed);
	atomic_store_explicit(&entry->rx_nombuf, stats.rx_nombuf, memory_order_relaxed);
	atomic_store_explicit(&entry->oerrors, stats.oerrors, memory_order_relaxed);
}

void port_stamp(struct port *p, const struct statseg *statseg, unsigned slot)
{
	port_stamps_turn(&p->stamps, statseg, slot, p->device, p->is_wire ? p->link_mbps : 0);
}

void port_close(struct port *p)
{
	if (p->id == RTE_MAX_ETHPORTS)
		return;
	port_events_close(&p->events, p->id);
	if (p->started)
		(void)rte_eth_dev_stop(p->id);
	(void)rte_eth_dev_close(p->id);
	xdp_place_leave(p->device);
	p->started = false;
	p->id = RTE_MAX_ETHPORTS;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "run/link.h"

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "run/link_args.h"

#define RING       1024
#define POOL_CACHE 256
#define POLL_MS    10
#define LOOP       "net_ring_loop"
#define VIRTIO     "net_virtio" // and net_virtio_user

// DPDK keeps pointers into its arguments, so they live as long as the process.
static struct link_args args;

// DPDK's folder for this process, which it does not remove itself.
static void link_runtime_remove(void)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s", rte_eal_get_runtime_dir());
	(void)rmdir(path);
	char *slash = strrchr(path, '/');
	if (slash == NULL)
		return;
	// Gone only if nobody else's is in it.
	*slash = '\0';
	(void)rmdir(path);
}

static int link_eal_start(const struct options *o, char *message, size_t message_size)
{
	char prefix[64];
	snprintf(prefix, sizeof(prefix), "ntpwire-load-%d", (int)getpid());
	if (!link_args_make(o, o->file_prefix != NULL ? o->file_prefix : prefix, &args)) {
		snprintf(message, message_size,
			"the arguments for DPDK are too long: use fewer --eal");
		return -E2BIG;
	}
	if (rte_eal_init(args.count, args.word) >= 0)
		return 0;
	int error = rte_errno != 0 ? rte_errno : EIO;
	link_runtime_remove();
	snprintf(message, message_size,
		"DPDK did not start with --device %s (%s): see that the device is right, run it as "
		"root, and reserve huge pages or say --huge-pages off",
		o->device, strerror(error));
	return -error;
}

static int link_port_find(
	const struct options *o, struct link *l, char *message, size_t message_size)
{
	uint64_t port = rte_eth_find_next_owned_by(0, RTE_ETH_DEV_NO_OWNER);
	if (port < RTE_MAX_ETHPORTS) {
		l->port = (uint16_t)port;
		return 0;
	}
	snprintf(message, message_size,
		"--device %s: DPDK found no such port; a card must be bound to vfio-pci "
		"(dpdk-devbind.py --status)",
		o->device);
	return -ENODEV;
}

static bool is_virtio(const struct rte_eth_dev_info *info)
{
	return strncmp(info->driver_name, VIRTIO, strlen(VIRTIO)) == 0;
}

static int link_port_configure(
	const struct link *l, struct rte_eth_dev_info *ret_info, uint16_t *ret_rx, uint16_t *ret_tx)
{
	struct rte_eth_conf conf = {0};
	int r = rte_eth_dev_info_get(l->port, ret_info);
	if (r < 0)
		return r;
	// Every frame is allocated from the one pool and freed with one reference.
	conf.txmode.offloads = ret_info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	r = rte_eth_dev_configure(l->port, l->queues, l->queues, &conf);
	*ret_rx = RING;
	*ret_tx = RING;
	return r < 0 ? r : rte_eth_dev_adjust_nb_rx_tx_desc(l->port, ret_rx, ret_tx);
}

static int pool_make(struct link *l, uint16_t rx, uint16_t tx)
{
	unsigned wanted = l->queues * ((unsigned)rx + tx) + 4 * POOL_CACHE + 2 * OPTIONS_BURST;
	// A pool's ring is a power of two with one place unused.
	l->pool = rte_pktmbuf_pool_create("load", rte_align32pow2(wanted) - 1, POOL_CACHE, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	l->rx_pool = l->pool;
	return l->pool == NULL ? -ENOMEM : 0;
}

// Buffers come back in the order they went out.
static struct rte_mempool *pool_in_order(const char *name, unsigned buffers)
{
	return rte_pktmbuf_pool_create_by_ops(name, buffers + 2 * OPTIONS_BURST, 0, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, "ring_sp_sc");
}

// Virtio lends its buffers to the other side for a whole turn of the ring. Out of one pool,
// received and sent ones lie in another order after every turn, no processor foresees which is
// next, and within seconds the other side copies half as many.
static int pools_make(struct link *l, uint16_t rx, uint16_t tx)
{
	l->pool = pool_in_order("load", l->queues * (unsigned)tx);
	l->rx_pool = pool_in_order("load_rx", l->queues * (unsigned)rx);
	return l->pool == NULL || l->rx_pool == NULL ? -ENOMEM : 0;
}

static int queues_setup(const struct link *l, uint16_t rx, uint16_t tx)
{
	unsigned node = (unsigned)rte_eth_dev_socket_id(l->port);
	int r = 0;
	for (uint16_t q = 0; r == 0 && q < l->queues; q++) {
		r = rte_eth_rx_queue_setup(l->port, q, rx, node, NULL, l->rx_pool);
		if (r == 0)
			r = rte_eth_tx_queue_setup(l->port, q, tx, node, NULL);
	}
	return r;
}

// Takes l's pools, or makes them where it has none.
static int port_setup(struct link *l)
{
	struct rte_eth_dev_info info;
	uint16_t rx;
	uint16_t tx;
	struct rte_ether_addr mac;
	int r = link_port_configure(l, &info, &rx, &tx);
	if (r == 0 && l->pool == NULL)
		r = is_virtio(&info) ? pools_make(l, rx, tx) : pool_make(l, rx, tx);
	if (r == 0)
		r = queues_setup(l, rx, tx);
	if (r == 0)
		r = rte_eth_macaddr_get(l->port, &mac);
	if (r < 0)
		return r;
	memcpy(l->mac.byte, mac.addr_bytes, sizeof(l->mac.byte));
	return rte_eth_dev_start(l->port);
}

int link_open(const struct options *o, struct link *ret_link, char *message, size_t message_size)
{
	struct link l = {.queues = (uint16_t)o->queues};
	int r = link_eal_start(o, message, message_size);
	if (r < 0)
		return r;
	r = link_port_find(o, &l, message, message_size);
	if (r == 0) {
		r = port_setup(&l);
		if (r < 0)
			snprintf(message, message_size,
				"--device %s: the port did not start: %s; more --memory or fewer "
				"--queues "
				"may help",
				o->device, strerror(-r));
	}
	if (r < 0) {
		(void)rte_eal_cleanup();
		link_runtime_remove();
		return r;
	}
	*ret_link = l;
	return 0;
}

bool link_wait(const struct link *l, double seconds, const volatile int *stop)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
	struct rte_eth_link state = {0};
	for (double waited = 0; *stop == 0; waited += POLL_MS / 1e3) {
		if (rte_eth_link_get_nowait(l->port, &state) == 0 &&
			state.link_status == RTE_ETH_LINK_UP)
			return true;
		if (waited >= seconds)
			return false;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

int link_open_loop(const struct link *l, struct link *ret_loop)
{
	struct link loop = {.queues = 1, .pool = l->pool, .rx_pool = l->rx_pool};
	int r = rte_eal_hotplug_add("vdev", LOOP, "");
	if (r < 0)
		return r;
	r = rte_eth_dev_get_port_by_name(LOOP, &loop.port);
	if (r == 0)
		r = port_setup(&loop);
	if (r < 0) {
		(void)rte_eal_hotplug_remove("vdev", LOOP);
		return r;
	}
	*ret_loop = loop;
	return 0;
}

void link_close_loop(struct link *loop)
{
	(void)rte_eth_dev_stop(loop->port);
	(void)rte_eal_hotplug_remove("vdev", LOOP);
}

void link_close(struct link *l)
{
	(void)rte_eth_dev_stop(l->port);
	(void)rte_eth_dev_close(l->port);
	if (l->rx_pool != l->pool)
		rte_mempool_free(l->rx_pool);
	rte_mempool_free(l->pool);
	(void)rte_eal_cleanup();
	link_runtime_remove();
}

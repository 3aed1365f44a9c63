// SPDX-License-Identifier: BSD-3-Clause
#include "server/workers_interleave.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>

#include "common/devargs.h"
#include "common/log.h"
#include "core/interleave.h"
#include "core/responder.h"
#include "kernel/tx_stamps.h"
#include "kernel/xdp_filter.h"

// All of it is touched now: a worker has no time for that.
static struct interleave_bucket *buckets_allocate(size_t size, unsigned node)
{
	void *bucket = workers_allocate(size, node);
	if (bucket == NULL)
		return NULL;
	// Large pages if there are any: a worker looks at it in no order.
	(void)madvise(bucket, size, MADV_HUGEPAGE);
	memset(bucket, 0, size);
	return bucket;
}

static int worker_interleave(struct workers *w, unsigned i, unsigned node, uint64_t secret)
{
	struct worker *worker = w->worker[i];
	struct interleave_bucket *bucket = buckets_allocate(w->interleave_bytes, node);
	if (bucket == NULL)
		return -ENOMEM;
	size_t count = w->interleave_bytes / sizeof(*bucket);
	interleave_init(&worker->interleave, bucket, count, i, w->count);
	worker->interleave.secret = secret;
	for (unsigned q = 0; q < worker->queue_count; q++)
		responder_interleave(&worker->queue[q].responder, &worker->interleave, q);
	return 0;
}

static bool port_may_be_stamped(const struct port *p)
{
	char interface[CONFIG_TEXT];
	return p->stamps.tx_is_synchronous && p->stamps.meta_cookie != 0 &&
	       devargs_argument(p->device, "iface", interface, sizeof(interface)) &&
	       tx_stamps_reach(interface);
}

static int tx_stamps_begin(struct tx_stamps *t)
{
	char object[PATH_MAX];
	return xdp_object_find(TX_STAMPS_OBJECT, object, sizeof(object)) ?
	               tx_stamps_open(t, object) :
	               -ENOENT;
}

static int tx_stamp_give(struct workers *w, struct worker_queue *q, unsigned cpu)
{
	int r = w->tx_stamps.place != NULL ? 0 : tx_stamps_begin(&w->tx_stamps);
	q->tx.stamp = tx_stamps_place(&w->tx_stamps, cpu);
	return r;
}

// The largest that is not above n; 0 for 0.
static size_t power_of_two(unsigned n)
{
	return n == 0 ? 0 : (size_t)1 << (31 - __builtin_clz(n));
}

int workers_interleave(
	struct workers *w, const struct config *c, const struct topology *t, struct diagnostic *d)
{
	uint64_t secret = workers_seed();
	size_t mib = power_of_two(c->interleaved_mib);
	int r = 0;
	w->interleave_bytes = mib << 20;
	for (unsigned i = 0; mib != 0 && r == 0 && i < w->count; i++)
		r = worker_interleave(w, i, t->worker[i].node, secret);
	if (r < 0)
		return diagnostic_fail(d, r,
			"interleaved: no memory of %zu MiB for each of %u workers; write less, or "
			"0",
			mib, w->count);
	return 0;
}

void workers_ask_tx_stamps(struct workers *w, const struct topology *t, const struct port *ports)
{
	int r = 0;
	for (unsigned i = 0; i < w->count; i++)
		for (unsigned q = 0; q < w->worker[i]->queue_count && r == 0; q++)
			if (port_may_be_stamped(&ports[t->worker[i].queue[q].port]))
				r = tx_stamp_give(w, &w->worker[i]->queue[q], t->worker[i].core);
	if (r < 0)
		log_warning("interleaved: no kernel transmit timestamps (%s): the start of the "
			    "send is reported instead",
			strerror(-r));
}

// SPDX-License-Identifier: BSD-3-Clause
#include "worker/worker_count.h"

#include "core/counters.h"

void worker_count_sent(const struct worker *w, const struct burst_sent *s, uint64_t bytes)
{
	_Atomic uint64_t *traffic = w->counters->traffic;
	counters_add(&traffic[TRAFFIC_TX_PACKETS], s->replies);
	counters_add(&traffic[TRAFFIC_TX_BYTES], bytes);
	counters_add(&traffic[TRAFFIC_ANSWERED_IP6], s->ip6);
	if (s->codes > 0)
		counters_add(&traffic[TRAFFIC_MAC_RIGHT], s->codes);
	if ((s->interleaved | s->missed) == 0)
		return;
	counters_add(&traffic[TRAFFIC_INTERLEAVED], s->interleaved);
	counters_add(&traffic[TRAFFIC_INTERLEAVED_MISSED], s->missed);
}

// Most bursts hold one verdict only: equal neighbours are counted together.
static void verdicts_count(const struct worker *w, unsigned n)
{
	for (unsigned i = 0; i < n;) {
		enum verdict v = w->packet[i].verdict;
		unsigned first = i;
		while (i < n && w->packet[i].verdict == v)
			i++;
		counters_add(&w->counters->verdict[v], i - first);
	}
}

void worker_count_burst(const struct worker *w, unsigned n, uint64_t bytes)
{
	_Atomic uint64_t *traffic = w->counters->traffic;
	counters_add(&traffic[TRAFFIC_RX_PACKETS], n);
	counters_add(&traffic[TRAFFIC_RX_BYTES], bytes);
	counters_add(&traffic[TRAFFIC_BURSTS], 1);
	if (n == WORKER_BURST)
		counters_add(&traffic[TRAFFIC_FULL_BURSTS], 1);
	verdicts_count(w, n);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "worker/worker_count.h"

// Of these packets, how many were answered. at: which packet each bit is; NULL: the one of its number.
static unsigned bits_answered(const struct worker *w, uint64_t bits, const uint8_t *at, bool is_all)
{
	unsigned answered = 0;
	if (is_all)
		return (unsigned)__builtin_popcountll(bits);
	for (; bits != 0; bits &= bits - 1) {
		unsigned i = (unsigned)__builtin_ctzll(bits);
		answered += verdict_is_answer(w->packet[at != NULL ? at[i] : i].verdict);
	}
	return answered;
}

static void asked_count(
	const struct worker *w, const struct interleave_asked *a, const uint8_t *at, bool is_all)
{
	_Atomic uint64_t *traffic = w->counters->traffic;
	if (a->asking == 0)
		return;
	counters_add(&traffic[TRAFFIC_INTERLEAVED], bits_answered(w, a->found, at, is_all));
	counters_add(&traffic[TRAFFIC_INTERLEAVED_MISSED],
		bits_answered(w, a->asking & ~a->found, at, is_all));
}

void worker_count_pairs(const struct worker *w, const struct responder *r, bool is_all)
{
	asked_count(w, &r->columns.ip4.asked, r->columns.ip4.at, is_all);
	asked_count(w, &r->columns.ip6.asked, r->columns.ip6.at, is_all);
	asked_count(w, &r->pairs.asked, NULL, is_all);
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

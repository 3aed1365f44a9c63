// SPDX-License-Identifier: BSD-3-Clause
#include "ctl/rates.h"

bool rates_are_possible(const struct reading *before, const struct reading *now)
{
	return before != NULL && before->pid == now->pid &&
	       before->started_unix_ns == now->started_unix_ns &&
	       before->worker_count == now->worker_count &&
	       now->monotonic_ns > before->monotonic_ns;
}

double rates_of(const struct reading *before, const struct reading *now, uint64_t was, uint64_t is)
{
	double seconds = (double)(now->monotonic_ns - before->monotonic_ns) / 1e9;
	return seconds <= 0 || is < was ? RATE_UNKNOWN : (double)(is - was) / seconds;
}

static uint64_t sum(const struct reading_worker *w, unsigned first, unsigned end)
{
	uint64_t n = 0;
	for (unsigned v = first; v < end; v++)
		n += w->verdict[v];
	return n;
}

uint64_t rates_sum_answered(const struct reading_worker *w)
{
	return sum(w, 0, VERDICT_FIRST_DROP);
}

uint64_t rates_sum_silent(const struct reading_worker *w)
{
	return sum(w, VERDICT_FIRST_DROP, VERDICT_COUNT);
}

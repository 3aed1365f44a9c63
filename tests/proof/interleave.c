// SPDX-License-Identifier: BSD-3-Clause
// Sources: interleave
// Unwind: 10
// Seconds: 5
// Whatever a client sends for an origin and whatever lies in the table: nothing outside of it is
// touched, and who sends an even origin is told nothing.
#include "core/interleave.h"
#include "proof.h"

int main(void)
{
	struct interleave_bucket bucket[2];
	struct interleave t;
	struct interleave_lookup a;
	struct ntp_time origin, time, left;
	unsigned worker, workers, queue;
	const unsigned i = INTERLEAVE_ASKED - 1; // the last there can be
	uint64_t step;
	uint32_t sent;
	assume(workers >= 1 && workers <= INTERLEAVE_WORKERS && worker < workers);
	assume(queue < INTERLEAVE_QUEUES && step <= UINT32_MAX);
	interleave_init(&t, bucket, 2, worker, workers);
	a.asking = 0;
	interleave_ask(&t, &a, i, origin);
	interleave_find(&t, queue, step, &a);
	claim(a.found == 0 || (a.found == a.asking && (origin.raw & 1) == 1));
	interleave_fetch(&t, origin);
	interleave_save(&t, queue, interleave_time(&t, time), left, sent);
#ifdef CANARY
	interleave_find(&t, queue, step, &a);
	claim(a.found == 0);
#endif
	return 0;
}

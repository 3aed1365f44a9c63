// SPDX-License-Identifier: BSD-3-Clause
// Sources: interleave
// Unwind: 10
// Seconds: 5
// Whatever a client sends for an origin and whatever lies in the table: nothing outside of it is touched, and
// who sends an even origin is told nothing.
#include "core/interleave.h"
#include "proof.h"

int main(void)
{
	struct interleave_bucket bucket[2];
	struct interleave t;
	struct ntp_time origin[64], time, left;
	uint64_t transmit[64];
	unsigned worker, workers, queue, i;
	uint64_t step;
	uint32_t sent;
	assume(workers >= 1 && workers <= INTERLEAVE_WORKERS && worker < workers);
	assume(queue < INTERLEAVE_QUEUES && step <= UINT32_MAX && i < 64);
	interleave_init(&t, bucket, 2, worker, workers);
	uint64_t asks = (uint64_t)1 << i;
	uint64_t found = interleave_find(&t, queue, origin, asks, step, transmit);
	claim(found == 0 || (found == asks && (origin[i].raw & 1) == 1));
	interleave_fetch(&t, origin[i]);
	interleave_save(&t, queue, interleave_time(&t, time), left, sent);
#ifdef CANARY
	claim(interleave_find(&t, queue, origin, asks, step, transmit) == 0);
#endif
	return 0;
}

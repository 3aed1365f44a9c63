// SPDX-License-Identifier: BSD-3-Clause
// Four frames of any bytes under any plan: nothing outside of them is touched, one that does not
// stay is left as it was, and a reply has its request's transmit time, T2 before T3, and a T3 of
// its own. What does not match in them has a reason. A proof defines FRAME, the frames' length, and
// its family's FASTPATH_SEEK, FASTPATH_JUDGE, FASTPATH_MISMATCH and FASTPATH_ANSWER.
#pragma once

#include "core/fastpath/fast_reject.h"
#include "proof.h"

#define ORIGIN (FRAME - 24)

static uint64_t number_at(const uint8_t *p)
{
	struct be64 wire;
	memcpy(wire.byte, p, sizeof(wire));
	return be64_get(wire);
}

static void frame_claim(
	const struct fast_answer *a, bool is_good, const uint8_t *before, const uint8_t *after)
{
	if (!is_good) {
		claim(memcmp(before, after, FRAME) == 0);
		return;
	}
	claim(memcmp(after + ORIGIN, before + FRAME - 8, 8) == 0);
	uint64_t receive = number_at(after + FRAME - 16);
	uint64_t transmit = number_at(after + FRAME - 8);
	claim((int64_t)(transmit - receive) > 0);
	claim(transmit != number_at(after + ORIGIN));
	claim(!a->even || (transmit & 1) == 0);
}

// Half of what 64 bits can hold: 34 years.
static void near_assume(struct ntp_time receive, struct ntp_time transmit)
{
	int64_t difference = ntp_time_diff(transmit, receive);
	assume(difference > INT64_MIN / 2 && difference < INT64_MAX / 2);
}

static void times_assume(const struct fast_set *set, const struct fast_answer *a)
{
	assume(a->receive_mask <= UINT32_MAX && a->transmit_mask <= UINT32_MAX);
	assume(a->step <= UINT32_MAX && a->place <= 2 && a->even <= 1);
	assume(!a->even || ((a->transmit_mask | a->transmit.raw | a->step) & 1) == 0);
	near_assume(a->receive, a->transmit);
	for (unsigned i = 0; i < LANES; i++) {
		near_assume(
			(struct ntp_time){set->receive[i]}, (struct ntp_time){set->transmit[i]});
		assume(!a->even || (set->transmit[i] & 1) == 0);
	}
}

static bool is_paired(const struct fast_set *set, const struct fast_answer *a, unsigned i)
{
	return a->has_pairs && (set->asked.found >> i & 1) != 0;
}

int main(void)
{
	struct fast_set set;
	struct fast_answer a;
	struct interleave_bucket bucket[2];
	struct interleave table = {.bucket = bucket, .hash_shift = 63};
	unsigned bits;
	uint8_t frame[LANES][FRAME], before[LANES][FRAME];
	set.n = LANES;
	assume(bits >= interleave_grid_bits(1) && bits <= interleave_grid_bits(INTERLEAVE_WORKERS));
	table.grid_bits = bits;
	for (unsigned i = 0; i < LANES; i++)
		set.data[i] = frame[i];
	memcpy(before, frame, sizeof(frame));
	times_assume(&set, &a);
	FASTPATH_SEEK(&set, &table);
	FASTPATH_JUDGE(&set);
	uint64_t mismatch[LANES];
	FASTPATH_MISMATCH(&set, 0, mismatch);
	for (unsigned i = 0; i < LANES; i++)
		claim(mismatch[i] < 1ull << MISMATCH_COUNT);
	FASTPATH_ANSWER(&set, &a);
	for (unsigned i = 0; i < LANES; i++) {
		bool is_good = set.good[0] >> i & 1;
		if (is_good && is_paired(&set, &a, i))
			claim(number_at(frame[i] + FRAME - 8) == set.asked.transmit[i]);
		else
			frame_claim(&a, is_good, before[i], frame[i]);
	}
	claim(set.good[0] <= EVERY_LANE);
#ifdef CANARY
	claim(set.good[0] < EVERY_LANE);
#endif
	return 0;
}

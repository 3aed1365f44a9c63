// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/pace.h"

// What may be overdue: five milliseconds' worth, but at least two bursts, and at most what the
// server's receive ring holds.
#define OVERDUE_DIVISOR 200
#define OVERDUE_LEAST   128
#define OVERDUE_MOST    512

void pace_init(struct pace *p, uint64_t rate, uint64_t counter_hz)
{
	__extension__ typedef unsigned __int128 uint128;
	uint64_t limit = rate / OVERDUE_DIVISOR;
	if (limit < OVERDUE_LEAST)
		limit = OVERDUE_LEAST;
	*p = (struct pace){.limit = limit < OVERDUE_MOST ? limit : OVERDUE_MOST};
	p->mult = (uint64_t)(((uint128)rate << 64) / counter_hz);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "daemon/watchdog.h"

#define US_PER_TICK (1000000u / CLOCK_RATE)

void watchdog_init(struct watchdog *w, uint64_t us)
{
	uint64_t ticks = us / 2 / US_PER_TICK;
	*w = (struct watchdog){0};
	if (us == 0)
		return;
	w->interval = ticks < CLOCK_RATE ? (unsigned)ticks : CLOCK_RATE;
	if (w->interval == 0)
		w->interval = 1;
}

enum watchdog_news watchdog_look(struct watchdog *w, unsigned worker, uint64_t beat)
{
	struct watchdog_pulse *p = &w->pulse[worker];
	bool hung = p->still >= WATCHDOG_STILL;
	if (p->beat != beat) {
		*p = (struct watchdog_pulse){.beat = beat};
		w->hanging -= hung;
		return hung ? WATCHDOG_GOES_ON : WATCHDOG_NOTHING;
	}
	if (p->still == WATCHDOG_LOST)
		return WATCHDOG_NOTHING;
	p->still++;
	if (p->still == WATCHDOG_LOST && w->interval == 0)
		return WATCHDOG_IS_LOST;
	if (p->still != WATCHDOG_STILL)
		return WATCHDOG_NOTHING;
	w->hanging++;
	return WATCHDOG_HANGS;
}

bool watchdog_turn(struct watchdog *w)
{
	if (w->until > 0)
		w->until--;
	if (w->interval == 0 || w->until > 0 || w->hanging > 0)
		return false;
	w->until = w->interval;
	return true;
}

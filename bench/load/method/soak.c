// SPDX-License-Identifier: BSD-3-Clause
#include "method/soak.h"

void soak_init(struct soak *s, struct soak_interval *interval, unsigned room)
{
	*s = (struct soak){.interval = interval, .room = room};
}

// A reply that overtook others makes them look lost until they come, so it can be taken back only
// in part: what an interval has counted stays.
static uint64_t lost_take(struct soak *s, const struct soak_reading *now)
{
	uint64_t lost = now->known > now->answered ? now->known - now->answered : 0;
	uint64_t more = lost > s->lost ? lost - s->lost : 0;
	s->lost += more;
	return more;
}

void soak_note(struct soak *s, const struct soak_reading *now)
{
	double seconds = now->elapsed_s - s->last.elapsed_s;
	if (s->count == s->room || seconds <= 0)
		return;
	s->interval[s->count++] = (struct soak_interval){.elapsed_s = now->elapsed_s,
		.offered_pps = (double)(now->sent - s->last.sent) / seconds,
		.answered_pps = (double)(now->answered - s->last.answered) / seconds,
		.lost = lost_take(s, now),
		.invalid = now->invalid - s->last.invalid};
	s->last = *now;
}

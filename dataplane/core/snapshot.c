// SPDX-License-Identifier: BSD-3-Clause
#include "core/snapshot.h"

#include <string.h>

#include "core/seqcount.h"

void snapshot_publish(struct snapshot *s, const struct clock_view *view)
{
	uint64_t word[SNAPSHOT_WORDS];
	memcpy(word, view, sizeof(word));
	seqcount_publish(&s->sequence, s->word, word, SNAPSHOT_WORDS);
}

// A copy that is the one before what the writer is at is as good as any; for one that is older it
// pays to wait as long as a writer takes that is not stuck.
static unsigned tries_of(const struct snapshot_cache *cache, uint64_t seen)
{
	return cache->sequence == (seen & ~1ull) ? SNAPSHOT_TRIES : SNAPSHOT_TRIES_MISSED;
}

bool snapshot_copy(const struct snapshot *s, struct snapshot_cache *cache)
{
	uint64_t word[SNAPSHOT_WORDS];
	uint64_t seen = 0;
	for (unsigned i = 0; i < tries_of(cache, seen); i++) {
		uint64_t got = seqcount_copy(&s->sequence, s->word, word, SNAPSHOT_WORDS, &seen);
		if (got == 0)
			continue;
		memcpy(&cache->view, word, sizeof(word));
		cache->sequence = got;
		return true;
	}
	// What was published since may have taken back what the copy says. By what the last try
	// saw: a writer that was done a moment later has taken back nothing that could have been
	// known.
	if (cache->sequence != (seen & ~1ull))
		cache->view.stratum = 0;
	return false;
}

bool clock_view_is_good(const struct clock_view *v, struct cycles now)
{
	int64_t age = (int64_t)(now.n - v->ref_cycles.n);
	// Counters of two cores may differ a little. By more, it is the counter that went back.
	bool fresh = age < 0 ? 0 - (uint64_t)age <= v->valid_cycles.n >> CLOCK_VIEW_EARLIER :
	                       (uint64_t)age <= v->valid_cycles.n;
	return v->mult != 0 && v->leap != LEAP_UNKNOWN && v->stratum != 0 && fresh;
}

uint64_t clock_view_dispersion(const struct clock_view *v, struct cycles now)
{
	__extension__ typedef unsigned __int128 uint128;
	int64_t since = (int64_t)(now.n - v->ref_cycles.n);
	if (since <= 0)
		return v->root_dispersion;
	// An age of centuries, which a slow counter can hold, makes the error huge, never small.
	uint128 age = (uint128)(uint64_t)since * v->mult >> NTP_MULT_SHIFT;
	if (age > UINT64_MAX)
		age = UINT64_MAX;
	uint128 growth = (age * v->dispersion_rate >> 32) + 1;
	uint128 sum = growth + v->root_dispersion;
	return sum > UINT64_MAX ? UINT64_MAX : (uint64_t)sum;
}

void clock_view_leave(struct clock_view *v, struct cycles at)
{
	if ((v->leap_flags & LEAP_CROSSED) != 0 ||
		ntp_time_before(clock_view_time(v, at), v->leap_at))
		return;
	v->ref_time = ntp_time_add(v->ref_time, -ntp_time_from_seconds(v->leap_step));
	v->leap_flags |= LEAP_CROSSED;
}

int64_t clock_view_past_leap(const struct clock_view *v, struct cycles at)
{
	struct ntp_time time = clock_view_time(v, at);
	if ((v->leap_flags & LEAP_CROSSED) != 0)
		time = ntp_time_add(time, ntp_time_from_seconds(v->leap_step));
	return ntp_time_diff(time, v->leap_at);
}

// What chrony says around a leap: half a second before it and a second and a half after.
#define WINDOW_BEFORE (1ll << 31)
#define WINDOW_AFTER  (3ll << 31)
#define DAY_S         86400

uint8_t clock_view_leap(const struct clock_view *v, struct cycles at)
{
	if (v->leap_step == 0)
		return v->leap;
	int64_t past = clock_view_past_leap(v, at);
	// A second that is left out is the day's last: the leap comes before midnight.
	int64_t ahead = ntp_time_from_seconds(v->leap_step < 0 ? DAY_S - 1 : DAY_S);
	if ((v->leap_flags & LEAP_WINDOW) != 0 && past >= -WINDOW_BEFORE && past < WINDOW_AFTER)
		return LEAP_UNKNOWN;
	if ((v->leap_flags & LEAP_ANNOUNCED) == 0 || past >= 0 || past < -ahead)
		return LEAP_NONE;
	return v->leap_step > 0 ? LEAP_INSERT : LEAP_DELETE;
}

// SPDX-License-Identifier: BSD-3-Clause
// Sources: snapshot
// Seconds: 45
#include "proof.h"

#include "core/snapshot.h"

// A reader's copy is taken over the leap at most once, by whole seconds, and only when the leap is
// past; how far it is past, it tells alike before and after.
int main(void)
{
	struct clock_view view = nondet_clock_view();
	struct cycles now = {nondet_uint64()};
	assume(view.leap_step >= -1 && view.leap_step <= 1);
	// The rate plays no part; this one need not be multiplied by.
	view.mult = (uint64_t)1 << NTP_MULT_SHIFT;
	struct clock_view own = view;
	clock_view_cross(&own, now);
	int64_t moved = ntp_time_diff(view.ref_time, own.ref_time);
	claim(moved == 0 || moved == ntp_time_from_seconds(view.leap_step));
	claim(view.leap_step != 0 || (moved == 0 && own.leap_flags == view.leap_flags));
	claim((view.leap_flags & LEAP_CROSSED) == 0 || moved == 0);
	claim(own.ref_cycles.n == view.ref_cycles.n && own.leap_at.raw == view.leap_at.raw);
	claim(clock_view_leap(&own, now) <= LEAP_UNKNOWN || view.leap_step == 0);
	if (view.leap_step == 0)
		return 0;
	bool is_past = clock_view_past_leap(&view, now) >= 0;
	claim((own.leap_flags & LEAP_CROSSED) != 0 || !is_past);
	claim(moved == 0 || is_past);
	claim(clock_view_past_leap(&own, now) == clock_view_past_leap(&view, now));
	struct clock_view twice = own;
	clock_view_cross(&twice, now);
	claim(twice.ref_time.raw == own.ref_time.raw && twice.leap_flags == own.leap_flags);
#ifdef CANARY
	claim(moved == 0);
#endif
	return 0;
}

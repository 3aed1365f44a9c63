// SPDX-License-Identifier: BSD-3-Clause
// Sources: snapshot
// Seconds: 20
#include "proof.h"

#include "core/snapshot.h"

int main(void)
{
	struct clock_view view = nondet_clock_view();
	struct cycles now = {nondet_uint64()};
	// The error never shrinks with age, whatever was published.
	claim(clock_view_dispersion(&view, now) >= view.root_dispersion);
	(void)clock_view_time(&view, now);
	if (clock_view_is_good(&view, now)) {
		claim(view.leap != LEAP_UNKNOWN && view.stratum != 0);
		claim((int64_t)(now.n - view.ref_cycles.n) <= 0 || view.valid_cycles.n != 0);
	}
#ifdef CANARY
	claim(clock_view_dispersion(&view, now) > view.root_dispersion);
#endif
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
// Sources: ntp_time
// Seconds: 10
#include "proof.h"

#include "core/ntp_time.h"

#define YEARS_68 (68ll * 365 * 86400 * 1000000000)

int main(void)
{
	uint64_t units = nondet_uint64();
	uint32_t short_format = ntp_short_from_units(units);
	// Rounded up, and saturated: never less than it is, unless it is more than the format
	// holds.
	claim(short_format == UINT32_MAX || (uint64_t)short_format << 16 >= units);
	claim(short_format == UINT32_MAX || ((uint64_t)short_format << 16) - units <= UINT16_MAX);
	// No overflow on the way, and the right side of the epoch.
	struct nanos ns = {nondet_int64()};
	assume(ns.n > -YEARS_68 && ns.n < YEARS_68);
	int64_t whole = ntp_time_from_nanos(ns);
	claim(ns.n < 0 ? whole < 0 : whole >= 0);
	(void)ntp_time_to_nanos(nondet_int64());
	// Differences and sums undo each other in every era.
	struct ntp_time a = {nondet_uint64()};
	struct ntp_time b = {nondet_uint64()};
	claim(ntp_time_add(b, ntp_time_diff(a, b)).raw == a.raw);
	int8_t precision = (int8_t)nondet_uint8();
	claim(ntp_time_noise_mask(precision) <= UINT32_MAX);
#ifdef CANARY
	claim((uint64_t)short_format << 16 >= units);
#endif
	return 0;
}

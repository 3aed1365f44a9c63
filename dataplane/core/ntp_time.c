// SPDX-License-Identifier: BSD-3-Clause
#include "core/ntp_time.h"

#define NANOS_PER_SECOND 1000000000

// Splits first, so that every product fits: the fraction of a second alone is scaled.
int64_t ntp_time_from_nanos(struct nanos ns)
{
	int64_t seconds = ns.n / NANOS_PER_SECOND;
	int64_t rest = ns.n % NANOS_PER_SECOND;
	if (rest < 0) {
		rest += NANOS_PER_SECOND;
		seconds -= 1;
	}
	uint64_t fraction = ((uint64_t)rest << 32) / NANOS_PER_SECOND;
	return (int64_t)(((uint64_t)seconds << 32) + fraction);
}

struct nanos ntp_time_to_nanos(int64_t units)
{
	int64_t seconds = units >> 32;
	uint64_t fraction = (uint64_t)units & UINT32_MAX;
	int64_t rest = (int64_t)(fraction * NANOS_PER_SECOND >> 32);
	return (struct nanos){seconds * NANOS_PER_SECOND + rest};
}

struct ntp_time ntp_time_from_unix(struct nanos since_1970)
{
	uint64_t since_1900 = (uint64_t)NTP_UNIX_OFFSET << 32;
	return (struct ntp_time){(uint64_t)ntp_time_from_nanos(since_1970) + since_1900};
}

uint32_t ntp_short_from_units(uint64_t units)
{
	uint64_t rounded = (units >> 16) + ((units & 0xffff) != 0);
	return rounded > UINT32_MAX ? UINT32_MAX : (uint32_t)rounded;
}

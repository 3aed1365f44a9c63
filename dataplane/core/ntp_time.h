// SPDX-License-Identifier: BSD-3-Clause
// NTP time and what is measured in it. Three units, three types: they cannot be mixed.
//
// A timestamp is RFC 5905 section 6's 64-bit format: 32.32 fixed point seconds modulo 2^64, so a
// difference of two is right across the end of an era (first: 2036-02-07 06:28:16 UTC) as long as
// they are less than 68 years apart. Which era it is, only the control side needs to know. No
// floating point anywhere. Pure, any thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// A timestamp: 2^-32 s (0.233 ns) units modulo 2^64.
struct ntp_time {
	uint64_t raw;
};

// A reading of the machine's counter (x86 TSC, arm64 CNTVCT), or a difference of two, modulo 2^64.
struct cycles {
	uint64_t n;
};

// Signed nanoseconds: a length of time, or an instant since 1970 where a name says so.
struct nanos {
	int64_t n;
};

// Seconds from the NTP era's beginning, 1900-01-01, to the Unix epoch (RFC 5905, figure 4).
#define NTP_UNIX_OFFSET 2208988800u

// Rates of the counter are written in NTP units per cycle times 2^48: 2e-15 relative resolution
// for counters from 66 kHz up.
#define NTP_MULT_SHIFT 48

// a - b in NTP units, right for times less than 68 years apart.
static inline int64_t ntp_time_diff(struct ntp_time a, struct ntp_time b)
{
	return (int64_t)(a.raw - b.raw);
}

// Whether a is the earlier of two times less than 68 years apart.
static inline bool ntp_time_before(struct ntp_time a, struct ntp_time b)
{
	return ntp_time_diff(a, b) < 0;
}

// t moved by n NTP units, modulo 2^64.
static inline struct ntp_time ntp_time_add(struct ntp_time t, int64_t n)
{
	return (struct ntp_time){t.raw + (uint64_t)n};
}

// The bits of a timestamp that mean nothing at a precision of log2 s; all of the fraction at most.
static inline uint64_t ntp_time_noise_mask(int8_t precision)
{
	int bits = 32 + precision;
	if (bits < 0)
		bits = 0;
	return bits > 31 ? UINT32_MAX : (1ull << bits) - 1;
}

// How many NTP units a counter that makes `mult` (see NTP_MULT_SHIFT) advances in c cycles, where
// c is a difference that may be negative; rounds towards the past.
static inline int64_t ntp_time_from_cycles(struct cycles c, uint64_t mult)
{
	__extension__ typedef __int128 int128;
	return (int64_t)((int128)(int64_t)c.n * (int128)mult >> NTP_MULT_SHIFT);
}

// NTP units in ns nanoseconds, rounded towards the past; exact to one unit over +-68 years.
int64_t ntp_time_from_nanos(struct nanos ns);

// Nanoseconds in NTP units, rounded towards the past.
struct nanos ntp_time_to_nanos(int64_t units);

// The timestamp of an instant given as nanoseconds since 1970-01-01 00:00:00 UTC.
struct ntp_time ntp_time_from_unix(struct nanos since_1970);

// An amount of NTP units (2^-32 s) in RFC 5905's short format (16.16 s), rounded up and saturated:
// a delay or dispersion may be overstated, never understated.
uint32_t ntp_short_from_units(uint64_t units);

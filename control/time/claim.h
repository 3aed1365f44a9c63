// SPDX-License-Identifier: BSD-3-Clause
// The reference's last word that can be served, and what the served clock's error comes to by it as
// time passes.
//
// Errors are NTP units, half the root delay left out where not said otherwise; none shrinks with
// age, and none overflows, whatever the reference said. Pure; one thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/ntp_time.h"
#include "reference/reference.h"
#include "time/clock.h"

struct claim {
	bool is_there;
	struct reference said; // with its times bounded
	struct nanos at;       // passed since the start when it was heard
	struct clock_line
		trace; // the line then: what the clock does from there on is its own doing
};

// When an error is asked for.
struct claim_moment {
	struct nanos passed;           // since the start
	const struct clock_line *line; // of the system clock
	uint64_t noise;                // in which the counter's readings lie, NTP units
};

// A step of the system clock, which a word may be from before.
struct claim_step {
	struct nanos after;  // CLOCK_REALTIME after it
	struct nanos before; // and as it would be without it
	struct nanos told;   // the reference time that was told before it
};

// Takes r, heard when `passed` had passed and the system clock's line was `line`.
void claim_take(struct claim *c, const struct reference *r, struct nanos passed,
	const struct clock_line *line);

// The system clock jumped by what was expected of it: the line then is told by the new scale.
void claim_jump(struct claim *c, struct nanos by);

// Whether r can only be from after the step.
bool claim_is_after_step(const struct claim_step *s, const struct reference *r);

// Whether the reference's clock was not set for too long.
bool claim_is_old(const struct claim *c, struct nanos passed);

// How fast the error grows by now: NTP units per 2^32 of age, REFERENCE_PHI at the least.
uint64_t claim_rate(const struct claim *c, const struct clock_line *line);

// The served clock's error.
uint64_t claim_dispersion(const struct claim *c, const struct claim_moment *now);

// Half the root delay.
uint64_t claim_half_delay(const struct claim *c);

// Its root distance, in ns; INT64_MAX without a claim.
struct nanos claim_distance(const struct claim *c, const struct claim_moment *now);

// Whether r, an answer, says less than what is held, and no news.
bool claim_outdoes(
	const struct claim *c, const struct claim_moment *now, const struct reference *r);

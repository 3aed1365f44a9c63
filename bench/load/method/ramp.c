// SPDX-License-Identifier: BSD-3-Clause
#include "method/ramp.h"

#include "traffic/pace.h"

#define FACTOR_TENTHS        15
#define CLIENT_SHARE         10 // requests a second of each
#define LOST_MOST_PERCENT    50.0
#define SKIPPED_MOST_PERCENT 1.0

static void clients_fill(struct ramp *r)
{
	uint64_t n = r->rate / CLIENT_SHARE;
	if (n > r->max_clients)
		n = r->max_clients;
	r->clients = n > 0 ? (uint32_t)n : 1;
}

void ramp_init(struct ramp *r, uint64_t max_rate, uint32_t max_clients)
{
	*r = (struct ramp){.max_rate = max_rate, .max_clients = max_clients, .rate = RAMP_FIRST};
	if (max_rate == 0)
		r->max_rate = PACE_RATE_MAX;
	if (r->rate > r->max_rate)
		r->rate = r->max_rate;
	clients_fill(r);
}

enum ramp_end ramp_climb(struct ramp *r, const struct ramp_step *step)
{
	uint64_t next = r->rate * FACTOR_TENTHS / 10;
	if (step->lost_percent > LOST_MOST_PERCENT)
		return RAMP_LOST;
	if (step->skipped_percent > SKIPPED_MOST_PERCENT)
		return RAMP_TOO_LATE;
	if (next > r->max_rate || next == r->rate)
		return RAMP_TOP;
	r->rate = next;
	clients_fill(r);
	return RAMP_GOES_ON;
}

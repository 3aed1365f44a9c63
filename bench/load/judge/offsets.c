// SPDX-License-Identifier: BSD-3-Clause
#include "judge/offsets.h"

#include <math.h>

#define NTP_UNITS 4294967296.0

void deviation_add(struct deviation *d, double ns)
{
	double before = ns - d->mean_ns;
	if (d->count == 0 || ns < d->min_ns)
		d->min_ns = ns;
	if (d->count == 0 || ns > d->max_ns)
		d->max_ns = ns;
	d->count++;
	d->mean_ns += before / (double)d->count;
	d->squares += before * (ns - d->mean_ns);
}

double deviation_stddev_ns(const struct deviation *d)
{
	return d->count < 2 ? 0 : sqrt(d->squares / (double)d->count);
}

void offsets_init(struct offsets *o, bool is_on)
{
	o->is_on = is_on;
	o->now = 0;
	o->t2_less_sent = (struct deviation){0};
	o->t3_less_received = (struct deviation){0};
	o->offset = (struct deviation){0};
	o->early_t2 = 0;
	o->late_t3 = 0;
}

void offsets_put(struct offsets *o, uint64_t first, unsigned n, uint64_t time)
{
	for (unsigned i = 0; i < n; i++)
		o->sent[(first + i) % STAMPS_SIZE] = time;
}

// Across an era too.
static double difference_ns(uint64_t a, uint64_t b)
{
	return (double)(int64_t)(a - b) * (1e9 / NTP_UNITS);
}

void offsets_take(struct offsets *o, uint64_t sequence, uint64_t t2, uint64_t t3)
{
	double forth = difference_ns(t2, o->sent[sequence % STAMPS_SIZE]);
	double back = difference_ns(t3, o->now);
	deviation_add(&o->t2_less_sent, forth);
	deviation_add(&o->t3_less_received, back);
	deviation_add(&o->offset, (forth + back) / 2);
	o->early_t2 += forth < 0;
	o->late_t3 += back > 0;
}

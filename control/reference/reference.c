// SPDX-License-Identifier: BSD-3-Clause
#include "reference/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "core/wire_int.h"

#define NS_PER_US 1000
// More than any distance: 73 years.
#define REFERENCE_MAX_NS (INT64_MAX / 4)
// The kernel adds this to maxerror for every second since the clock was last adjusted.
#define KERNEL_ERROR_GROWTH_US 500
// The same in NTP units per 2^32.
#define KERNEL_ERROR_RATE 2147484
// `fixed` has no moment at which the clock was set; one not long ago keeps clients content.
#define FIXED_UPDATE_NS (16 * NANOS_PER_S)

uint32_t reference_id_number(const struct config_reference *c)
{
	struct be32 id = {{0}};
	memcpy(id.byte, c->reference_id, strnlen(c->reference_id, sizeof(id.byte)));
	return be32_get(id);
}

static uint64_t reference_units_from_ns(int64_t ns)
{
	return (uint64_t)ntp_time_from_nanos((struct nanos){ns});
}

static enum leap kernel_leap(struct kernel_clock kernel)
{
	// TIME_OOP: the leap second itself, which the clock counts twice.
	if (kernel.state < 0 || (kernel.status & STA_UNSYNC) || kernel.state == TIME_ERROR ||
		kernel.state == TIME_OOP)
		return LEAP_UNKNOWN;
	// TIME_WAIT: it is over, and nobody took the order to insert or delete it back yet.
	if (kernel.state == TIME_WAIT)
		return LEAP_NONE;
	if (kernel.status & STA_INS)
		return LEAP_INSERT;
	return kernel.status & STA_DEL ? LEAP_DELETE : LEAP_NONE;
}

uint32_t reference_root_delay(const struct config_reference *c)
{
	return (uint32_t)(((uint64_t)c->root_delay_us * 65536 + 999999) / 1000000);
}

// What the kernel has yet to add to its clock, little by little, with or without STA_PLL. timesyncd
// hands it up to 0.4 s and calls the error 0, so nothing else tells how far off the clock is; what
// ntpd hands it is in maxerror too, and counts twice.
static struct nanos kernel_correction(struct kernel_clock kernel)
{
	int64_t unit_ns = kernel.status & STA_NANO ? 1 : NS_PER_US;
	return (struct nanos){kernel.offset * unit_ns};
}

struct reference reference_from_kernel(
	const struct config_reference *c, struct kernel_clock kernel, struct nanos now)
{
	int64_t error_us = kernel.maxerror > 0 ? kernel.maxerror : 0;
	struct reference r = {
		.answered = true,
		.leap = kernel_leap(kernel),
		.as_of = now,
		.dispersion_rate = KERNEL_ERROR_RATE,
		.source = REFERENCE_KERNEL,
	};
	r.root_dispersion = reference_units_from_ns(error_us * NS_PER_US);
	if (r.leap == LEAP_UNKNOWN)
		return r;
	r.stratum = c->stratum;
	r.root_delay = reference_root_delay(c);
	r.reference_id = reference_id_number(c);
	r.reference_time.n = now.n - error_us * NANOS_PER_S / KERNEL_ERROR_GROWTH_US;
	r.correction = kernel_correction(kernel);
	return r;
}

struct reference reference_from_config(const struct config_reference *c, struct nanos now)
{
	return (struct reference){
		.answered = true,
		.leap = LEAP_NONE,
		.as_of = now,
		.source = REFERENCE_FIXED,
		.stratum = c->stratum,
		.reference_id = reference_id_number(c),
		.root_delay = reference_root_delay(c),
		.root_dispersion = reference_units_from_ns(REFERENCE_FIXED_ERROR_NS),
		.reference_time = {now.n - now.n % FIXED_UPDATE_NS},
		.update_interval = {FIXED_UPDATE_NS},
	};
}

bool reference_is_daemon(enum reference_source s)
{
	return s == REFERENCE_CHRONY || s == REFERENCE_NTPD || s == REFERENCE_NTPD_RS;
}

static enum sync_reason reference_fault_find(const struct reference *r, bool allow_local)
{
	if (!r->answered)
		return SYNC_REASON_SILENT;
	if (r->leap == LEAP_UNKNOWN || r->stratum == 0)
		return SYNC_REASON_LEAP;
	if (r->stratum > 15)
		return SYNC_REASON_STRATUM;
	return r->is_local && !allow_local ? SYNC_REASON_LOCAL : SYNC_REASON_NONE;
}

struct reference_word reference_word_make(const struct reference *r, bool allow_local)
{
	return (struct reference_word){*r, reference_fault_find(r, allow_local)};
}

bool reference_is_old(const struct reference *r, struct nanos age)
{
	int64_t limit = REFERENCE_OLD_NS;
	if (r->update_interval.n <= 0)
		return false;
	if (r->update_interval.n > limit / REFERENCE_OLD_INTERVALS)
		limit = r->update_interval.n < INT64_MAX / REFERENCE_OLD_INTERVALS ?
		                r->update_interval.n * REFERENCE_OLD_INTERVALS :
		                INT64_MAX;
	return nanos_between(r->reference_time, r->as_of) > limit - age.n;
}

struct nanos reference_distance(const struct reference *r)
{
	double units = (double)r->root_dispersion + ldexp(r->root_delay, 15);
	double ns = ldexp(units, -32) * 1e9 + fabs((double)r->correction.n);
	return (struct nanos){ns < (double)REFERENCE_MAX_NS ? llround(ns) : REFERENCE_MAX_NS};
}

// SPDX-License-Identifier: BSD-3-Clause
#include "worker/rx_stamp.h"

#include <string.h>

#include "worker/xdp_stamp.h"

__extension__ typedef __int128 int128;

// A stamp may seem this much later than the counter's reading behind it, in NTP units: 2 us, what
// the two lines may be apart.
#define AHEAD 8590
#define FCS   4
// Of the machine's own stamps, 1 s: nobody waits for a reply longer than that.
#define MAX_AGE UINT32_MAX
// Times 2^PORT_MULT_SHIFT, rounded.
#define UNITS_PER_NS 1208925819614629ull

// By multiplication: what is negative is not to be shifted to the left.
#define FRACTIONS (1 << PORT_FRACTION_BITS)
#define SCALE     (1ll << (PORT_MULT_SHIFT - PORT_FRACTION_BITS))

static enum stamp line_usable(const struct port_view *p, struct cycles now)
{
	int64_t age = (int64_t)(now.n - p->ref_cycles.n);
	if ((p->flags & PORT_VIEW_FIT) == 0)
		return STAMP_NO_FIT;
	return age > 0 && (uint64_t)age > p->valid_cycles.n ? STAMP_STALE : STAMP_USED;
}

// Cycles with PORT_FRACTION_BITS of a fraction in NTP units.
static int64_t units_of(int128 fractions, uint64_t mult)
{
	return (int64_t)(fractions * (int128)mult >> (NTP_MULT_SHIFT + PORT_FRACTION_BITS));
}

void rx_stamp_prepare(const struct port_view *p, const struct clock_view *time, struct cycles now,
	struct rx_stamp_line *ret_line)
{
	int64_t ref = (int64_t)(p->ref_cycles.n - time->ref_cycles.n);
	int64_t since = (int64_t)(now.n - p->ref_cycles.n);
	int128 ref_fractions = (int128)ref * FRACTIONS + p->ref_fraction;
	int128 since_fractions = (int128)since * FRACTIONS - p->ref_fraction;
	*ret_line = (struct rx_stamp_line){
		.ref_ticks = p->ref_ticks,
		.mult = (uint64_t)((int128)p->mult * (int128)time->mult >> NTP_MULT_SHIFT),
		.since_ref = units_of(since_fractions, time->mult),
		.ref_time = ntp_time_add(time->ref_time, units_of(ref_fractions, time->mult)),
		.error_bound = (uint64_t)ntp_time_from_cycles(p->error_bound, time->mult),
		.max_age = p->max_age,
		.byte_time = p->byte_time,
		.shift = (uint8_t)(64 - p->width),
		.zero_is_invalid = (p->flags & PORT_VIEW_ZERO_IS_INVALID) != 0,
		.usable = time->mult == 0 ? STAMP_NO_FIT : line_usable(p, now),
	};
}

bool rx_stamp_take(uint8_t *data, size_t room, uint64_t mark, uint64_t *ret_ns)
{
	struct xdp_stamp stamp;
	if (room < sizeof(stamp))
		return false;
	uint8_t *at = data - sizeof(stamp);
	memcpy(&stamp, at, sizeof(stamp));
	if (stamp.mark != mark)
		return false;
	memset(at, 0, sizeof(stamp));
	*ret_ns = stamp.ns;
	return true;
}

void rx_stamp_prepare_ns(
	uint64_t ns, struct ntp_time now, uint64_t error_bound, struct rx_stamp_line *ret_line)
{
	*ret_line = (struct rx_stamp_line){
		.ref_ticks = ns,
		.mult = UNITS_PER_NS,
		.ref_time = now,
		.error_bound = error_bound,
		.max_age = MAX_AGE,
		.zero_is_invalid = true,
		.usable = STAMP_USED,
	};
}

bool rx_stamp_ticks(
	const struct port_view *p, struct cycles now, struct cycles at, uint64_t *ret_ticks)
{
	if (line_usable(p, now) != STAMP_USED || p->mult == 0)
		return false;
	int64_t since = (int64_t)(at.n - p->ref_cycles.n);
	int128 fractions = (int128)since * FRACTIONS - p->ref_fraction;
	int128 ticks = fractions * SCALE / (int128)p->mult;
	*ret_ticks = p->ref_ticks + (uint64_t)ticks;
	return true;
}

// In 128 bits to the end: garbage must not come round into the window.
enum stamp rx_stamp_read(
	const struct rx_stamp_line *l, uint64_t ticks, unsigned length, struct ntp_time *ret_time)
{
	if (l->usable != STAMP_USED)
		return l->usable;
	if (l->zero_is_invalid && ticks << l->shift == 0)
		return STAMP_ZERO;
	int64_t since = (int64_t)((ticks - l->ref_ticks) << l->shift) >> l->shift;
	int128 offset = (int128)since * (int128)l->mult >> PORT_MULT_SHIFT;
	offset += (uint64_t)(length + FCS) * l->byte_time >> 16;
	int128 age = (int128)l->since_ref - offset;
	if (age < -AHEAD)
		return STAMP_FUTURE;
	if (age > (int128)l->max_age)
		return STAMP_OLD;
	*ret_time = ntp_time_add(l->ref_time, (int64_t)offset);
	return STAMP_USED;
}

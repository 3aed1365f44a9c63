// SPDX-License-Identifier: BSD-3-Clause
// T2 and T3 of four frames at a time. For columns_ip4.c and columns_ip6.c alone.
#pragma once

#include "core/columns.h"

struct column_stamps {
	lanes receive; // as on the wire
	lanes transmit;
};

// The burst's random number and the client's own: other bits for every frame.
LANES_INLINE lanes column_noise(lanes x)
{
	x ^= x >> 31;
	x ^= x << 21;
	return x ^ x >> 11;
}

// What responder.c does for one packet: noise, and T3 after T2 and not the client's own (rule H7).
LANES_INLINE struct column_stamps column_stamps_make(
	const struct column_answer *a, lanes receive, lanes transmit, lanes origin)
{
	lanes noise = column_noise(origin ^ a->random);
	receive ^= noise & a->receive_mask;
	transmit ^= noise >> 32 & a->transmit_mask;
	lanes is_after = (lanes)((lanes_signed)(receive - transmit) < (lanes_signed){0});
	lanes next = (receive + 1 + a->even) & ~a->even;
	transmit = (transmit & is_after) | (next & ~is_after);
	transmit += lanes_equal(transmit, lanes_swap(origin)) & (1 + a->even);
	return (struct column_stamps){lanes_swap(receive), lanes_swap(transmit)};
}

// What differs between the frames of a burst: T3 and the place in T2 of the first four, and how far on
// the next four are.
struct column_pace {
	lanes transmit;
	lanes step;
	lanes place;
	lanes place_step;
};

LANES_INLINE struct column_pace column_pace_make(const struct column_answer *a)
{
	lanes first = {0, a->step, 2 * a->step, 3 * a->step};
	return (struct column_pace){
		.transmit = first + a->transmit.raw,
		.step = lanes_all(LANES * a->step),
		.place = {0, a->place, 2 * a->place, 3 * a->place},
		.place_step = lanes_all(LANES * a->place),
	};
}

// T2 and T3 of the frames from `first` on as the set has them. An earlier reply's T3 is told as it was.
LANES_INLINE struct column_stamps column_own_times(
	const struct column_set *set, unsigned first, const struct column_answer *a, lanes origin)
{
	lanes transmit = lanes_load(&set->transmit[first]);
	struct column_stamps stamp =
		column_stamps_make(a, lanes_load(&set->receive[first]), transmit, origin);
	if (!a->has_pairs)
		return stamp;
	lanes paired = lanes_load(&set->paired[first]);
	stamp.transmit = (lanes_swap(transmit) & paired) | (stamp.transmit & ~paired);
	return stamp;
}

// T2 and T3 of the frames from `first` on, whose transmit times of *pace are used up.
LANES_INLINE struct column_stamps column_times(const struct column_set *set, unsigned first,
	const struct column_answer *a, struct column_pace *pace)
{
	lanes origin = lanes_load(set->kept[first / LANES][COLUMN_KEPT_ORIGIN]);
	if (a->has_times)
		return column_own_times(set, first, a, origin);
	struct column_stamps stamp =
		column_stamps_make(a, pace->place ^ a->receive.raw, pace->transmit, origin);
	pace->transmit += pace->step;
	pace->place += pace->place_step;
	return stamp;
}

// SPDX-License-Identifier: BSD-3-Clause
// T2 and T3 of four frames at a time. For fastpath_ip4.c and fastpath_ip6.c alone.
#pragma once

#include "core/fastpath/fastpath_set.h"

struct fast_stamps {
	lanes receive; // as on the wire
	lanes transmit;
	lanes origin;
};

// The burst's random number and the client's own: other bits for every frame.
LANES_INLINE lanes fast_noise(lanes x)
{
	x ^= x >> 31;
	x ^= x << 21;
	return x ^ x >> 11;
}

// What responder.c does for one packet: noise, and T3 after T2 and not the client's own (rule H7).
LANES_INLINE struct fast_stamps fast_stamps_make(
	const struct fast_answer *a, lanes receive, lanes transmit, lanes origin)
{
	lanes noise = fast_noise(origin ^ a->random);
	receive ^= noise & a->receive_mask;
	transmit ^= noise >> 32 & a->transmit_mask;
	lanes is_after = (lanes)((lanes_signed)(receive - transmit) < (lanes_signed){0});
	lanes next = (receive + 1 + a->even) & ~a->even;
	transmit = (transmit & is_after) | (next & ~is_after);
	transmit += lanes_equal(transmit, lanes_swap(origin)) & (1 + a->even);
	return (struct fast_stamps){lanes_swap(receive), lanes_swap(transmit), origin};
}

// What differs between the frames of a burst: T3 and the place in T2 of the first four, and how far
// on the next four are.
struct fast_pace {
	lanes transmit;
	lanes step;
	lanes place;
	lanes place_step;
};

LANES_INLINE struct fast_pace fast_pace_make(const struct fast_answer *a)
{
	lanes first = {0, a->step, 2 * a->step, 3 * a->step};
	return (struct fast_pace){
		.transmit = first + a->transmit.raw,
		.step = lanes_all(LANES * a->step),
		.place = {0, a->place, 2 * a->place, 3 * a->place},
		.place_step = lanes_all(LANES * a->place),
	};
}

// An earlier reply's T3 is told as it was, and the origin is the request's receive timestamp then.
LANES_INLINE void fast_pair(const struct fast_set *set, unsigned first, struct fast_stamps *stamp)
{
	const lanes bit = {1, 2, 4, 8};
	lanes is_found = lanes_equal(lanes_all(set->asked.found >> first) & bit, bit);
	lanes transmit = lanes_swap(lanes_load(&set->asked.transmit[first]));
	lanes origin = lanes_load(&set->asked_receive[first]);
	stamp->transmit = (transmit & is_found) | (stamp->transmit & ~is_found);
	stamp->origin = (origin & is_found) | (stamp->origin & ~is_found);
}

// T2, T3 and origin of the frames from `first` on, whose transmit times of *pace are used up.
LANES_INLINE struct fast_stamps fast_times(const struct fast_set *set, unsigned first,
	const struct fast_answer *a, struct fast_pace *pace)
{
	lanes origin = lanes_load(set->kept[first / LANES][FAST_KEPT_ORIGIN]);
	lanes receive = pace->place ^ a->receive.raw;
	lanes transmit = pace->transmit;
	if (a->has_times) {
		receive = lanes_load(&set->receive[first]);
		transmit = lanes_load(&set->transmit[first]);
	}
	struct fast_stamps stamp = fast_stamps_make(a, receive, transmit, origin);
	if (a->has_pairs)
		fast_pair(set, first, &stamp);
	pace->transmit += pace->step;
	pace->place += pace->place_step;
	return stamp;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "time/rx_ts_monitor.h"

// 10 ms in NTP units: longer than a packet waits for a worker that lives.
#define MAX_AGE (UINT32_MAX / 100)
// A second's refusals that make a port one that cannot be believed: over 1 %, and not a single one.
#define REFUSED_SHARE 100
#define REFUSED_LEAST 10
// A minute, doubled each time up to an hour.
#define REST       (60 * NIC_CLOCK_RATE)
#define REST_TIMES 6

void rx_ts_monitor_off(struct rx_ts_monitor *w, enum stamp_reason reason)
{
	*w = (struct rx_ts_monitor){.reason = reason};
}

void rx_ts_monitor_on(struct rx_ts_monitor *w, const struct nic_profile *profile,
	const struct nic_clock_source *source)
{
	*w = (struct rx_ts_monitor){
		.profile = profile, .reason = STAMP_REASON_FITTING, .is_on = true};
	nic_clock_init(&w->clock, source, profile->width);
}

void rx_ts_monitor_restart(struct rx_ts_monitor *w)
{
	if (!w->is_on)
		return;
	nic_clock_restart(&w->clock);
	if (w->reason == STAMP_REASON_GOOD)
		w->reason = STAMP_REASON_FITTING;
}

static enum stamp_reason rx_ts_monitor_reason_of(enum nic_clock_event event)
{
	switch (event) {
	case NIC_CLOCK_UNREADABLE:
		return STAMP_REASON_UNREADABLE;
	case NIC_CLOCK_JUMPED:
		return STAMP_REASON_JUMPED;
	case NIC_CLOCK_STOPPED:
		return STAMP_REASON_STOPPED;
	case NIC_CLOCK_ROUGH:
		return STAMP_REASON_ROUGH;
	case NIC_CLOCK_SLOPE:
		return STAMP_REASON_SLOPE;
	case NIC_CLOCK_FITTING:
	case NIC_CLOCK_GOOD:
		break;
	}
	return STAMP_REASON_GOOD;
}

// A clock that was never at fault is used as soon as there is a line, one that was only once all
// its samples are good ones.
static bool clock_is_proven(const struct rx_ts_monitor *w)
{
	unsigned enough = w->reason == STAMP_REASON_GOOD || w->reason == STAMP_REASON_FITTING ?
	                          NIC_CLOCK_ENOUGH :
	                          NIC_CLOCK_SAMPLES;
	return w->clock.count >= enough;
}

// A failed reading is no evidence: a clock under suspicion stays suspect.
static bool is_at_fault(enum stamp_reason reason)
{
	return reason != STAMP_REASON_GOOD && reason != STAMP_REASON_FITTING &&
	       reason != STAMP_REASON_UNREADABLE;
}

static enum stamp_reason clock_judge(struct rx_ts_monitor *w, uint64_t hz)
{
	enum nic_clock_event event = nic_clock_tick(&w->clock, hz);
	enum stamp_reason fault = rx_ts_monitor_reason_of(event);
	if (fault == STAMP_REASON_UNREADABLE && is_at_fault(w->reason))
		return w->reason;
	if (fault != STAMP_REASON_GOOD)
		return fault;
	return event == NIC_CLOCK_GOOD && clock_is_proven(w) ? STAMP_REASON_GOOD : w->reason;
}

// Once a second: whether too many of its stamps were refused.
static bool stamps_are_refused(struct rx_ts_monitor *w, uint64_t used, uint64_t refused)
{
	if (++w->turns < NIC_CLOCK_RATE)
		return false;
	uint64_t bad = refused - w->refused;
	uint64_t all = bad + used - w->used;
	w->turns = 0;
	w->used = used;
	w->refused = refused;
	return bad >= REFUSED_LEAST && bad > all / REFUSED_SHARE;
}

static void rest_begin(struct rx_ts_monitor *w)
{
	unsigned times = w->rests < REST_TIMES ? w->rests : REST_TIMES;
	w->rest = (unsigned)REST << times;
	w->rests++;
}

bool rx_ts_monitor_turn(struct rx_ts_monitor *w, uint64_t hz, uint64_t used, uint64_t refused)
{
	enum stamp_reason was = w->reason;
	if (!w->is_on)
		return false;
	enum stamp_reason clock = clock_judge(w, hz);
	bool are_refused = stamps_are_refused(w, used, refused);
	if (w->rest > 0) {
		w->rest--;
		if (w->rest == 0)
			w->reason = STAMP_REASON_FITTING;
	} else {
		w->reason = clock;
	}
	if (w->reason == STAMP_REASON_GOOD && are_refused) {
		w->reason = STAMP_REASON_REFUSED;
		rest_begin(w);
	}
	return w->reason != was;
}

struct port_view rx_ts_monitor_view(const struct rx_ts_monitor *w, uint64_t hz, uint32_t byte_time)
{
	struct port_view v = {.max_age = MAX_AGE, .width = 64};
	if (w->is_on && w->profile->zero_is_none)
		v.flags |= PORT_VIEW_ZERO_IS_INVALID;
	if (w->is_on && w->profile->is_start)
		v.byte_time = byte_time;
	// An unreadable clock's last line grows old by itself.
	if (w->reason == STAMP_REASON_GOOD || w->reason == STAMP_REASON_UNREADABLE)
		(void)nic_clock_line(&w->clock, hz, &v);
	return v;
}

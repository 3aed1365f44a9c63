// SPDX-License-Identifier: BSD-3-Clause
#include "time/leap.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/smear.h"
#include "common/log.h"
#include "common/units.h"

#define DAY_S 86400
// The smear ends at the noon after the leap, which is a second further with one inserted.
#define AFTER_S (SMEAR_LENGTH_S - SMEAR_BEFORE_S + 2)

void leap_init(struct leap_watch *l, const struct config_leap *config)
{
	*l = (struct leap_watch){.config = config};
}

const char *leap_path(const struct config_leap *c)
{
	return c->file[0] == '\0' ? LEAP_LIST_SYSTEM : c->file;
}

static int64_t leap_seconds_of(struct nanos t)
{
	return t.n / NANOS_PER_S - (t.n % NANOS_PER_S < 0);
}

enum leap_list_state leap_list_state(const struct leap_watch *l, struct nanos now)
{
	if (!l->has_list)
		return LEAP_LIST_NONE;
	return leap_list_has_expired(&l->list, leap_seconds_of(now)) ? LEAP_LIST_EXPIRED :
	                                                               LEAP_LIST_GOOD;
}

static void date_write(int64_t at, char ret_text[32])
{
	struct tm t;
	time_t seconds = (time_t)at;
	if (gmtime_r(&seconds, &t) == NULL || strftime(ret_text, 32, "%Y-%m-%d", &t) == 0)
		snprintf(ret_text, 32, "an unknown day");
}

static bool file_is_same(const struct stat *a, const struct stat *b)
{
	return a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_size == b->st_size && a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

// A file that is gone is told once, as one that was never there.
static void leap_file_read(struct leap_watch *l)
{
	struct diagnostic why;
	struct stat st = {0};
	const char *path = leap_path(l->config);
	bool is_first = !l->has_told;
	if (stat(path, &st) < 0)
		st = (struct stat){0};
	if (!is_first && file_is_same(&st, &l->file))
		return;
	l->file = st;
	l->has_told = true;
	if (leap_list_read(path, &l->list, &why) == 0) {
		l->has_list = true;
		l->told = LEAP_LIST_NONE;
		return;
	}
	log_warning("leap seconds: %s: %s; %s", path, why.sentence,
		l->has_list ? "the list read before stays in force" :
			      "without a list a leap second needs the word of the reference and "
			      "of the kernel");
}

static void expiry_tell(struct leap_watch *l, struct nanos now)
{
	char date[32];
	enum leap_list_state state = leap_list_state(l, now);
	if (state == l->told || !l->has_list)
		return;
	l->told = state;
	date_write(l->list.expires, date);
	if (state == LEAP_LIST_EXPIRED)
		log_warning("leap seconds: %s expired on %s: TAI - UTC stays %d s, and it says "
			    "nothing of leap seconds to come; put a new one there",
			leap_path(l->config), date,
			leap_list_tai_offset(&l->list, leap_seconds_of(now)));
	else
		log_info("leap seconds: %s, expires on %s, TAI - UTC is %d s", leap_path(l->config),
			date, leap_list_tai_offset(&l->list, leap_seconds_of(now)));
}

void leap_look(struct leap_watch *l, struct nanos now)
{
	leap_file_read(l);
	expiry_tell(l, now);
}

void leap_hear(struct leap_watch *l, const struct reference *r)
{
	// The others' "none" is no word against one that was given.
	if (!r->answered || r->leap == LEAP_UNKNOWN || !reference_is_daemon(r->source))
		return;
	l->by_reference = r->leap;
	l->by_reference_at = r->as_of;
}

void leap_hear_kernel(struct leap_watch *l, struct kernel_clock kernel)
{
	if (kernel.state < 0)
		return;
	l->by_kernel = LEAP_NONE;
	// TIME_WAIT: it is over, and nobody took the order back yet.
	if (kernel.state == TIME_WAIT)
		return;
	if (kernel.status & STA_INS)
		l->by_kernel = LEAP_INSERT;
	else if (kernel.status & STA_DEL)
		l->by_kernel = LEAP_DELETE;
}

static int step_of(enum leap leap)
{
	return leap == LEAP_INSERT ? 1 : leap == LEAP_DELETE ? -1 : 0;
}

// True at a month's end: only then is "a leap today" from a daemon or the kernel accepted.
static bool ends_a_month(int64_t midnight)
{
	struct tm t;
	time_t seconds = (time_t)midnight;
	return gmtime_r(&seconds, &t) != NULL && t.tm_mday == 1;
}

// A leap that somebody says there is.
struct said {
	int64_t midnight;
	int step;
};

static struct said list_says(const struct leap_watch *l, struct nanos now)
{
	struct said s = {0};
	if (leap_list_state(l, now) != LEAP_LIST_GOOD ||
		!leap_list_next(&l->list, leap_seconds_of(now), &s.midnight, &s.step) ||
		s.midnight - leap_seconds_of(now) > DAY_S)
		return (struct said){0};
	return s;
}

static struct said day_says(enum leap leap, struct nanos now)
{
	int64_t s = leap_seconds_of(now);
	int64_t midnight = s - s % DAY_S + DAY_S;
	return (struct said){midnight, ends_a_month(midnight) ? step_of(leap) : 0};
}

static struct said reference_says(const struct leap_watch *l, struct nanos now)
{
	bool is_stale = l->by_reference_at.n < now.n - DAY_S * NANOS_PER_S;
	return day_says(is_stale ? LEAP_NONE : l->by_reference, now);
}

static bool is_same(struct said a, struct said b)
{
	return a.step != 0 && a.step == b.step && a.midnight == b.midnight;
}

static unsigned witnesses_of(const struct leap_watch *l, struct nanos now, struct said s)
{
	unsigned w = 0;
	w |= is_same(s, list_says(l, now)) ? LEAP_BY_LIST : 0;
	w |= is_same(s, reference_says(l, now)) ? LEAP_BY_REFERENCE : 0;
	w |= is_same(s, day_says(l->by_kernel, now)) ? LEAP_BY_KERNEL : 0;
	return w;
}

static bool are_enough(unsigned witnesses)
{
	return (witnesses & (witnesses - 1)) != 0;
}

static void leap_arm(struct leap_watch *l, struct said s, unsigned witnesses)
{
	char text[LEAP_WITNESS_TEXT];
	char date[32];
	l->step = (int8_t)s.step;
	l->midnight = s.midnight;
	l->witnesses = (uint8_t)witnesses;
	l->is_crossed = false;
	l->armed++;
	date_write(s.midnight - 1, date);
	log_info("leap second armed: one will be %s at the end of %s, announced by: %s",
		s.step > 0 ? "inserted" : "left out", date, leap_witness_text(witnesses, text));
}

static void smear_spoil(struct leap_watch *l)
{
	l->no_smear_until = l->midnight + AFTER_S;
	if (!l->config->smears)
		return;
	log_warning("leap seconds: too late to begin or end a smear: addresses of smeared time "
		    "answer with leap 3 until the noon after");
}

static void leap_cancel(struct leap_watch *l, struct nanos now)
{
	char text[LEAP_WITNESS_TEXT];
	l->cancelled++;
	log_warning("leap second disarmed, still announced by: %s",
		leap_witness_text(l->witnesses, text));
	l->step = 0;
	if (leap_seconds_of(now) >= l->midnight - SMEAR_BEFORE_S)
		smear_spoil(l);
}

static void leap_find(struct leap_watch *l, struct nanos now, bool has_served)
{
	const struct said all[] = {
		list_says(l, now), reference_says(l, now), day_says(l->by_kernel, now)};
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		unsigned witnesses = witnesses_of(l, now, all[i]);
		if (!are_enough(witnesses))
			continue;
		leap_arm(l, all[i], witnesses);
		if (has_served && leap_seconds_of(now) >= l->midnight - SMEAR_BEFORE_S)
			smear_spoil(l);
		return;
	}
}

// A server that starts in the hours after a leap goes on with the smear that others began. Nobody
// but the list remembers then; that the clock has taken the leap, its state of synchronisation
// says.
static void leap_join(struct leap_watch *l, struct nanos now)
{
	struct said s;
	if (leap_list_state(l, now) != LEAP_LIST_GOOD ||
		!leap_list_last(&l->list, leap_seconds_of(now), &s.midnight, &s.step) ||
		leap_seconds_of(now) >= s.midnight + AFTER_S ||
		leap_seconds_of(l->first) < s.midnight || leap_seconds_of(now) < l->no_smear_until)
		return;
	l->step = (int8_t)s.step;
	l->midnight = s.midnight;
	l->witnesses = LEAP_BY_LIST;
	l->is_crossed = true;
}

void leap_tick(struct leap_watch *l, struct nanos now, bool has_served)
{
	// Before that its clock may be anything.
	if (!has_served || l->first.n == 0)
		l->first = now;
	bool is_over = leap_seconds_of(now) >= l->midnight + AFTER_S ||
	               leap_seconds_of(now) < l->midnight - 2 * DAY_S;
	if (l->step != 0 && is_over)
		l->step = 0;
	if (l->step != 0 && !l->is_crossed && leap_seconds_of(now) < l->midnight - 1) {
		unsigned w = witnesses_of(l, now, (struct said){l->midnight, l->step});
		l->witnesses = (uint8_t)w;
		if (!are_enough(w))
			leap_cancel(l, now);
	}
	if (l->step == 0)
		leap_find(l, now, has_served);
	if (l->step == 0)
		leap_join(l, now);
}

void leap_cross(struct leap_watch *l)
{
	l->is_crossed = true;
	log_info("leap second applied by the system clock");
}

// A second that is left out is the day's last.
static struct nanos switch_at(const struct leap_watch *l)
{
	return (struct nanos){(l->midnight - (l->step < 0)) * NANOS_PER_S};
}

void leap_reset(struct leap_watch *l, struct nanos now)
{
	l->is_crossed = l->step != 0 && now.n >= switch_at(l).n;
}

struct nanos leap_jump(const struct leap_watch *l, struct nanos *ret_at)
{
	if (l->step == 0 || l->is_crossed)
		return (struct nanos){0};
	*ret_at = switch_at(l);
	return (struct nanos){-l->step * NANOS_PER_S};
}

void leap_fill(const struct leap_watch *l, struct nanos now, struct clock_view *v)
{
	if (l->has_list)
		v->tai_offset = (int16_t)leap_list_tai_offset(&l->list, leap_seconds_of(now));
	if (leap_seconds_of(now) < l->no_smear_until)
		v->leap_flags = LEAP_NO_SMEAR;
	if (l->step == 0)
		return;
	v->leap_at = ntp_time_from_unix(switch_at(l));
	v->leap_step = l->step;
	v->leap_flags |= LEAP_ANNOUNCED;
	if (l->config->window)
		v->leap_flags |= LEAP_WINDOW;
	if (l->is_crossed)
		v->leap_flags |= LEAP_CROSSED;
}

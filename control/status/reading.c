// SPDX-License-Identifier: BSD-3-Clause
#include "status/reading.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/units.h"
#include "core/counters.h"
#include "core/ntp.h"
#include "core/ntp_time.h"
#include "core/port_snap.h"
#include "core/smear.h"
#include "core/snapshot.h"
#include "core/wire_int.h"

// A control thread that publishes 100 times a second and has not for this long does not run.
#define HUNG_NS NANOS_PER_S

__extension__ typedef __int128 int128;

static int64_t reading_clock_ns(clockid_t clock)
{
	struct timespec t = {0};
	(void)clock_gettime(clock, &t);
	return t.tv_sec * NANOS_PER_S + t.tv_nsec;
}

// The counter now, by what it was at the snapshot and how fast it goes.
static struct cycles reading_counter_now(const struct reading *r)
{
	int128 since = (int128)r->clock.age_ns * (int128)r->counter_hz / NANOS_PER_S;
	return (struct cycles){r->clock.view.ref_cycles.n + (uint64_t)since};
}

// As workers make of the view what they tell addresses of smeared time.
static void smear_read(struct reading *r, const struct statseg_head *head)
{
	const struct clock_view *v = &r->clock.view;
	struct reading_leap *l = &r->leap;
	struct smear_line line;
	struct ntp_time now = clock_view_time(v, reading_counter_now(r));
	uint32_t smear = head->smear;
	l->smear = smear <= SMEAR_COSINE ? (enum smear_kind)smear : SMEAR_OFF;
	smear_prepare(l->smear, v, &line);
	l->smear_refused = l->smear != SMEAR_OFF && (v->leap_flags & LEAP_NO_SMEAR) != 0;
	l->smear_runs = !l->smear_refused && smear_is_on(&line, now);
	if (l->smear_runs)
		l->smeared_ns = ntp_time_to_nanos(ntp_time_diff(smear_time(&line, now), now)).n;
}

static void leap_read(struct reading *r, const struct statseg *p)
{
	const struct statseg_head *head = p->head;
	struct reading_leap *l = &r->leap;
	int64_t step = (int64_t)counters_get(&head->leap_step);
	uint64_t state = counters_get(&head->leap_file_state);
	l->step = step == 1 || step == -1 ? (int)step : 0;
	l->midnight = (int64_t)counters_get(&head->leap_midnight);
	l->witnesses = (unsigned)counters_get(&head->leap_witnesses);
	l->armed = counters_get(&head->leap_armed);
	l->cancelled = counters_get(&head->leap_cancelled);
	l->file_state = state > LEAP_LIST_EXPIRED ? LEAP_LIST_NONE : (enum leap_list_state)state;
	l->file_expires = (int64_t)counters_get(&head->leap_file_expires);
	l->tai_offset = r->clock.view.tai_offset;
	reading_text_copy(l->file, sizeof(l->file), head->leap_file);
	smear_read(r, head);
}

static int64_t reading_ns_from_units(uint64_t units)
{
	return ntp_time_to_nanos(units > INT64_MAX ? INT64_MAX : (int64_t)units).n;
}

// The answer itself is asked, so that what is shown is what workers serve.
static void served_read(struct reading_clock *c, struct cycles now)
{
	struct ntp_answer a;
	ntp_answer_prepare(&c->view, now, 0, &a);
	c->is_good = a.stratum != 0;
	c->leap = a.leap;
	c->view.stratum = a.stratum;
	c->view.reference_id = be32_get(a.reference_id);
	c->root_dispersion_ns = reading_ns_from_units(clock_view_dispersion(&c->view, now));
	// Not the answer's, which is in units of 15 us. With leap 3 it is 1 s at the least.
	if (!c->is_good && c->root_dispersion_ns < NANOS_PER_S)
		c->root_dispersion_ns = NANOS_PER_S;
}

static void clock_read(struct reading *r, const struct statseg *p)
{
	struct snapshot_cache cache = {0};
	struct reading_clock *c = &r->clock;
	bool read = snapshot_read(statseg_snapshot(p, 0), &cache);
	if (!read || cache.sequence == 0 || cache.view.mult == 0)
		return;
	int64_t beat = (int64_t)counters_get(&p->head->control_beat_ns);
	c->is_known = true;
	c->view = cache.view;
	c->age_ns = beat < r->monotonic_ns ? r->monotonic_ns - beat : 0;
	struct cycles now = reading_counter_now(r);
	clock_view_cross(&c->view, now);
	c->root_delay_ns = (int64_t)((uint64_t)c->view.root_delay * NANOS_PER_S >> 16);
	served_read(c, now);
	c->root_distance_ns = c->root_delay_ns / 2 + c->root_dispersion_ns;
	c->error_bound_ns = reading_ns_from_units(c->view.error_bound);
	c->correction_ns = (int64_t)counters_get(&p->head->correction_ns);
	if (c->is_good)
		c->reference_age_ns = reading_ns_from_units((uint64_t)ntp_time_diff(
			clock_view_time(&c->view, now), c->view.reference_time));
}

static enum reading_state state_read(const struct reading *r, const struct statseg *p)
{
	if (!statseg_is_served(p))
		return READING_DEAD;
	if (atomic_load_explicit(&p->head->stopping, memory_order_relaxed) != 0)
		return READING_STOPPING;
	if (!r->clock.is_known)
		return READING_STARTING;
	if (r->clock.age_ns > HUNG_NS)
		return READING_HUNG;
	if (r->clock.is_good)
		return r->judge.state == SYNC_STATE_HOLDOVER ? READING_HOLDOVER : READING_SYNC;
	if (r->judge.state == SYNC_STATE_START)
		return READING_STARTING;
	return r->judge.state == SYNC_STATE_STEP ? READING_STEP : READING_UNSYNC;
}

// A status segment may hold any number.
static enum sync_reason reason_read(const _Atomic uint64_t *from)
{
	uint64_t n = counters_get(from);
	return n < SYNC_REASON_COUNT ? (enum sync_reason)n : SYNC_REASON_COUNT;
}

static void judge_read(struct reading *r, const struct statseg_head *head)
{
	struct reading_judge *j = &r->judge;
	uint64_t state = counters_get(&head->sync_state);
	uint64_t announce = counters_get(&head->announce);
	int64_t since = (int64_t)counters_get(&head->sync_since_ns);
	j->state = state < SYNC_STATES ? (enum sync_state)state : SYNC_STATE_UNSYNC;
	j->reason = reason_read(&head->sync_reason);
	j->complaint = reason_read(&head->sync_complaint);
	j->announce = announce <= ANNOUNCE_UP ? (enum announce)announce : ANNOUNCE_DOWN;
	j->lasting_ns = since > 0 && since < r->monotonic_ns ? r->monotonic_ns - since : 0;
	for (unsigned i = 0; i < SYNC_STATES; i++)
		j->entered[i] = counters_get(&head->entered[i]);
}

static int64_t cycles_ns(uint64_t cycles, uint64_t hz)
{
	int128 ns = (int128)cycles * NANOS_PER_S / hz;
	return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

static void worker_read(struct reading *r, const struct statseg *p, unsigned i)
{
	struct reading_worker *w = &r->worker[i];
	const struct counters *c = statseg_counters(p, i);
	const struct statseg_worker *who = &p->head->worker[i];
	w->core = who->core;
	w->node = who->node;
	w->queue_count = who->queue_count;
	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		w->verdict[v] = counters_get(&c->verdict[v]);
		r->total.verdict[v] += w->verdict[v];
	}
	for (unsigned t = 0; t < TRAFFIC_COUNT; t++) {
		w->traffic[t] = counters_get(&c->traffic[t]);
		r->total.traffic[t] += t >= TRAFFIC_HEARTBEAT ? 0 : w->traffic[t];
	}
	if (r->counter_hz != 0)
		w->poll_gap_ns = cycles_ns(w->traffic[TRAFFIC_POLL_GAP_MAX], r->counter_hz);
	uint64_t beat = w->traffic[TRAFFIC_HEARTBEAT];
	w->has_heartbeat = beat != 0 && r->clock.is_known && r->counter_hz != 0;
	if (!w->has_heartbeat)
		return;
	int64_t age = (int64_t)(reading_counter_now(r).n - beat);
	w->heartbeat_ns = age < 0 ? 0 : (int64_t)((int128)age * NANOS_PER_S / r->counter_hz);
}

static void stamps_clock_read(struct reading_stamps *s, const struct reading *r,
	const struct statseg_port *from, const struct port_view *v)
{
	uint64_t unit = counters_get(&from->nic_unit_hz);
	s->is_measured = (v->flags & PORT_VIEW_FIT) != 0 && r->counter_hz != 0;
	if (!s->is_measured)
		return;
	int64_t age = (int64_t)(reading_counter_now(r).n - v->ref_cycles.n);
	s->age_ns = age < 0 ? 0 : cycles_ns((uint64_t)age, r->counter_hz);
	s->bound_ns = cycles_ns(v->error_bound.n, r->counter_hz);
	s->rate_hz = (double)counters_get(&from->nic_rate_mhz) / 1000;
	s->residual_ns = (double)counters_get(&from->nic_residual_ps) / 1000;
	s->epoch = v->epoch;
	s->has_ppm = unit != 0;
	s->off_ppm = unit == 0 ? 0 : (s->rate_hz / (double)unit - 1) * 1e6;
}

static void stamps_read(struct reading *r, const struct statseg *p, unsigned i)
{
	struct reading_stamps *s = &r->port[i].stamps;
	const struct statseg_port *from = &p->head->port[i];
	struct port_snap_cache cache = {0};
	uint64_t reason = counters_get(&from->stamp_reason);
	s->reason = reason < STAMP_REASON_COUNT ? (enum stamp_reason)reason : STAMP_REASON_COUNT;
	(void)port_snap_read(statseg_port_snap(p, 0, i), &cache);
	stamps_clock_read(s, r, from, &cache.view);
	for (unsigned w = 0; w < p->shape.worker_count; w++)
		for (unsigned f = 0; f < STAMP_COUNT; f++)
			s->fate[f] += counters_get(&statseg_counters(p, w)->stamp[i][f]);
}

static void port_read(struct reading *r, const struct statseg *p, unsigned i)
{
	struct reading_port *to = &r->port[i];
	const struct statseg_port *from = &p->head->port[i];
	reading_text_copy(to->device, sizeof(to->device), from->device);
	memcpy(to->mac, from->mac, sizeof(to->mac));
	to->link_up = from->link_up != 0;
	to->offload = from->offload != 0;
	to->link_mbps = from->link_mbps;
	to->queue_count = from->queue_count;
	to->node = from->node;
	to->imissed = counters_get(&from->imissed);
	to->ierrors = counters_get(&from->ierrors);
	to->rx_nombuf = counters_get(&from->rx_nombuf);
	to->oerrors = counters_get(&from->oerrors);
	uint64_t state = counters_get(&from->state);
	to->state = state < PORT_STATES ? (enum port_state)state : PORT_STATES;
	to->link_changes = counters_get(&from->link_changes);
	for (unsigned e = 0; e < PORT_EVENTS; e++)
		to->event[e] = counters_get(&from->event[e]);
	stamps_read(r, p, i);
}

static void reading_key_read(const struct statseg *p, unsigned slot, struct reading_key *ret_key)
{
	const struct statseg_key *from = &statseg_keys(p)->slot[slot];
	uint64_t type = counters_get(&from->type);
	struct reading_key k = {.id = (uint32_t)counters_get(&from->id)};
	k.type = type < KEY_TYPES ? (enum key_type)type : KEY_TYPES;
	for (unsigned w = 0; w < p->shape.worker_count; w++) {
		const struct key_counters *c = statseg_key_counters(p, w);
		k.right += counters_get(&c->right[slot]);
		k.wrong += counters_get(&c->wrong[slot]);
	}
	k.right -= counters_get(&from->right_before);
	k.wrong -= counters_get(&from->wrong_before);
	*ret_key = k;
}

static int key_compare(const void *a, const void *b)
{
	uint32_t x = ((const struct reading_key *)a)->id;
	uint32_t y = ((const struct reading_key *)b)->id;
	return (x > y) - (x < y);
}

static void reading_keys_read(struct reading *r, const struct statseg *p)
{
	for (unsigned slot = 0; slot < KEY_SLOTS && r->key_count < KEYS_MAX; slot++)
		if (counters_get(&statseg_keys(p)->slot[slot].id) != 0)
			reading_key_read(p, slot, &r->key[r->key_count++]);
	qsort(r->key, r->key_count, sizeof(r->key[0]), key_compare);
}

static void head_read(struct reading *r, const struct statseg *p)
{
	const struct statseg_head *head = p->head;
	r->monotonic_ns = reading_clock_ns(CLOCK_MONOTONIC);
	r->unix_ns = reading_clock_ns(CLOCK_REALTIME);
	r->pid = head->pid;
	r->started_unix_ns = (int64_t)head->started_unix_ns;
	reading_text_copy(r->version, sizeof(r->version), head->server_version);
	reading_text_copy(r->config_path, sizeof(r->config_path), head->config_path);
	reading_references_take(head, r->monotonic_ns, &r->references);
	reading_text_copy(r->idle, sizeof(r->idle), head->idle);
	r->publishes = counters_get(&head->publishes);
	r->steps = counters_get(&head->steps);
	r->fit_residual_ns = counters_get(&head->fit_residual_ns);
	r->fit_restarts = counters_get(&head->fit_restarts);
	r->counter = (enum counter)head->counter;
	r->counter_hz = counters_get(&head->counter_hz);
	r->worker_count = p->shape.worker_count;
	r->port_count = p->shape.port_count;
}

int reading_take(const char *run_dir, struct reading **ret_reading)
{
	struct statseg p;
	int e = statseg_open(run_dir, &p);
	if (e < 0)
		return e;
	struct reading *r = calloc(1, sizeof(*r));
	if (r != NULL) {
		head_read(r, &p);
		judge_read(r, p.head);
		clock_read(r, &p);
		leap_read(r, &p);
		r->state = state_read(r, &p);
		for (unsigned i = 0; i < r->worker_count; i++)
			worker_read(r, &p, i);
		for (unsigned i = 0; i < r->port_count; i++)
			port_read(r, &p, i);
		reading_keys_read(r, &p);
		*ret_reading = r;
	}
	statseg_close(&p, run_dir, false);
	return r == NULL ? -ENOMEM : 0;
}

static const struct {
	const char *word;
	const char *sentence;
} states[] = {
	[READING_DEAD] = {"dead", "not running: its server ended without cleaning up"},
	[READING_STOPPING] = {"stopping", "stopping: answers for a moment more"},
	[READING_STARTING] = {"starting", "starting: not synchronised yet"},
	[READING_HUNG] = {"hung", "the control thread hangs: dispersion grows until time is void"},
	[READING_SYNC] = {"sync", "synchronised"},
	[READING_HOLDOVER] = {"holdover",
		"holdover: the reference is lost, its last word is served, the error growing"},
	[READING_STEP] = {"step", "the clock was stepped: answers leap 3 until measured again"},
	[READING_UNSYNC] = {"unsync", "not synchronised: answers leap 3, stratum 0"},
};

const char *reading_state_word(enum reading_state s)
{
	return states[s].word;
}

const char *reading_state_sentence(enum reading_state s)
{
	return states[s].sentence;
}

const char *reading_reference_id(uint32_t id, char *ret_text)
{
	unsigned char c[4] = {(unsigned char)(id >> 24), (unsigned char)(id >> 16),
		(unsigned char)(id >> 8), (unsigned char)id};
	unsigned length = 0;
	while (length < 4 && c[length] > ' ' && c[length] <= '~')
		length++;
	bool is_text = length > 0;
	for (unsigned i = length; i < 4; i++)
		is_text = is_text && c[i] == 0;
	if (is_text)
		snprintf(ret_text, 16, "%.*s", (int)length, (const char *)c);
	else
		snprintf(ret_text, 16, "%u.%u.%u.%u", c[0], c[1], c[2], c[3]);
	return ret_text;
}

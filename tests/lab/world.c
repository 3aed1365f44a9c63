// SPDX-License-Identifier: BSD-3-Clause
#include "world.h"

#include <math.h>
#include <string.h>

#include "draw.h"

#define EARLIER_NS (12 * 3600 * NS_PER_S)
#define MIDNIGHT   (1814400000 * NS_PER_S) // the end of June 2027

static int64_t true_ns(const struct world *w)
{
	return (w->m.elapsed_ps - w->begin_ps) / PS_PER_NS;
}

// A second that is left out is the day's last.
static int64_t leap_switch(const struct world_leap *l)
{
	return l->midnight - (l->step < 0 ? NS_PER_S : 0);
}

// What UTC says at elapsed_ps, in ns since true_start_ns.
static double utc_ns(const struct world *w, int64_t elapsed_ps)
{
	double even = (double)(elapsed_ps - w->begin_ps) / (double)PS_PER_NS;
	double at = (double)(leap_switch(&w->leap) - w->true_start_ns);
	return even - (even >= at ? w->leap.step * 1e9 : 0);
}

double world_error_ns(const struct world *w)
{
	double clock = w->m.realtime_ns + (double)(w->m.start_ns - w->true_start_ns);
	return clock - utc_ns(w, w->m.elapsed_ps);
}

// Half a minute to four minutes before a leap second.
static int64_t leap_draw(struct world *w)
{
	struct world_leap *l = &w->leap;
	int64_t before = 30 * NS_PER_S + (int64_t)random_below(&w->random, 210) * NS_PER_S;
	l->step = random_below(&w->random, 2) == 0 ? 1 : -1;
	l->midnight = MIDNIGHT;
	l->kernel_misses = random_below(&w->random, 4) == 0;
	return MIDNIGHT - before;
}

// Today, or a moment before something ends: eras, 31-bit seconds, a century.
static int64_t start_draw(uint64_t *random)
{
	static const int64_t ends[] = {2085978496, 2147483648, 4102444800};
	if (random_below(random, 4) != 0)
		return START_NS;
	int64_t before = (int64_t)random_below(random, 12) * NS_PER_S;
	return ends[random_below(random, 3)] * NS_PER_S - before;
}

static struct machine machine_draw(uint64_t *random)
{
	static const uint64_t rates[] = {24000000, 100000000, 1000000000, 2596122000, 5000000000};
	struct machine m = machine_make(rates[random_below(random, 5)]);
	m.hz += random_below(random, m.hz / 1000);
	m.noise = random_u64(random) | 1;
	m.grain = m.hz / 100000000; // 10 ns
	m.spike_every = 20 + (unsigned)random_below(random, 3000);
	m.spike_ns = 1000 + (int64_t)random_below(random, 50000);
	return m;
}

static void reference_draw(struct world *w)
{
	static const enum reference_source sources[] = {
		REFERENCE_CHRONY, REFERENCE_NTPD, REFERENCE_NTPD_RS};
	struct world_reference *r = &w->reference;
	r->error_ns = draw_decades(&w->random, 1e3, 3e7);
	r->delay_ns = draw_decades(&w->random, 1e2, 2e7);
	r->interval_ns = (int64_t)draw_decades(&w->random, 1e8, 64e9);
	r->source = sources[random_below(&w->random, 3)];
}

static void worker_make(struct world *w)
{
	static const struct mac mac = {{0x02, 0, 0, 0, 0, 0x01}};
	static const struct be32 address = {{10, 123, 0, 1}};
	struct service service;
	struct frame_spec spec;
	service_init(&service, mac);
	(void)service_add_ip4(&service, address, 24);
	responder_init(&w->responder, &service, random_u64(&w->random));
	frame_spec_ip4(&spec);
	w->request_length = frame_build(&spec, w->request);
}

void world_make(struct world *w, uint64_t seed, enum breakage breakage)
{
	*w = (struct world){.random = seed, .breakage = breakage};
	w->m = machine_draw(&w->random);
	bool has_leap = random_below(&w->random, 4) == 0;
	w->true_start_ns = has_leap ? leap_draw(w) : start_draw(&w->random);
	w->m.start_ns = w->true_start_ns;
	w->begin_ps = w->m.elapsed_ps;
	reference_draw(w);
	// The machine's clock begins with an error that the reference knows.
	w->m.realtime_ns = draw_sign(&w->random) * draw_below(&w->random, w->reference.error_ns);
	w->drift = draw_sign(&w->random) * draw_below(&w->random, 10e-6);
	w->reads_when_idle = random_below(&w->random, 4) != 0;
	w->m.rate_error = w->drift;
	node_on(&w->n, &w->m, w->true_start_ns - EARLIER_NS);
	if (random_below(&w->random, 4) == 0)
		clock_warm(&w->n.clock,
			w->m.hz - w->m.hz / 2000 + random_below(&w->random, w->m.hz / 1000));
	worker_make(w);
}

// Its own daemon steps after an update.
void world_step(struct world *w, double ns, bool is_own)
{
	w->m.realtime_ns += ns;
	if (is_own)
		w->reference.due_ns = true_ns(w);
	else
		w->reference.unknown_ns += ns;
}

// Who announced it does so until the clock has taken it, which may be a little behind.
static bool leap_is_told(const struct world *w)
{
	const struct world_leap *l = &w->leap;
	int64_t past = true_ns(w) - (leap_switch(l) - w->true_start_ns);
	return l->step != 0 && !l->was_taken && past < NS_PER_S / 2;
}

static void leap_pass(struct world *w)
{
	struct world_leap *l = &w->leap;
	double by = l->step * 1e9;
	int64_t clock = w->m.start_ns + (int64_t)floor(w->m.realtime_ns);
	bool takes = !l->kernel_misses && clock >= leap_switch(l);
	if (!l->is_past && true_ns(w) >= leap_switch(l) - w->true_start_ns) {
		l->is_past = true;
		w->reference.unknown_ns += by;
	}
	if (!takes || l->was_taken)
		return;
	l->was_taken = true;
	w->m.realtime_ns -= by;
	w->reference.unknown_ns -= by;
	if (random_below(&w->random, 2) == 0)
		clock_announce_set(&w->n.clock);
}

void world_pass(struct world *w, int64_t ns)
{
	machine_pass(&w->m, ns);
	if (w->leap.step != 0)
		leap_pass(w);
}

static void reference_update(struct world *w)
{
	struct world_reference *r = &w->reference;
	if (r->is_still || true_ns(w) < r->due_ns)
		return;
	r->due_ns = true_ns(w) + r->interval_ns;
	r->updated_ns = w->m.start_ns + (int64_t)floor(w->m.realtime_ns);
	r->unknown_ns = 0;
}

// What holds the clock's error as far as it knows, sometimes just so. Where the error is small, the
// correction may be left out.
static void honest_fill(struct world *w, struct reference *r)
{
	struct world_reference *from = &w->reference;
	double off = from->unknown_ns - world_error_ns(w);
	double error = from->error_ns * (0.5 + draw_below(&w->random, 1));
	double room = error + from->delay_ns / 2;
	double noise = random_below(&w->random, 2) == 0 ? room : draw_below(&w->random, room);
	double correction = off + draw_sign(&w->random) * noise;
	if (fabs(off) <= room && random_below(&w->random, 2) == 0)
		correction = 0;
	r->correction.n = llround(correction);
	r->root_dispersion = (uint64_t)ntp_time_from_nanos((struct nanos){llround(error) + 2});
	r->root_delay = ntp_short_from_units(
		(uint64_t)ntp_time_from_nanos((struct nanos){llround(from->delay_ns)}));
	r->dispersion_rate = random_below(&w->random, 10000);
}

// Anything, and now and then a number from the edge.
static int64_t absurd(struct world *w)
{
	static const int64_t edges[] = {0, 1, -1, INT64_MAX, INT64_MIN, INT64_MAX / 8};
	if (random_below(&w->random, 2) == 0)
		return edges[random_below(&w->random, 6)];
	return (int64_t)random_u64(&w->random) >> random_below(&w->random, 64);
}

static void lying_fill(struct world *w, struct reference *r)
{
	honest_fill(w, r);
	r->root_dispersion = random_below(&w->random, 4) == 0 ? (uint64_t)absurd(w) : 1;
	if (random_below(&w->random, 8) != 0)
		return;
	r->leap = (enum leap)random_below(&w->random, 4);
	r->stratum = (uint8_t)random_below(&w->random, 256);
	r->root_delay = (uint32_t)absurd(w);
	r->dispersion_rate = (uint64_t)absurd(w);
	r->as_of.n = absurd(w);
	r->reference_time.n = absurd(w);
	r->correction.n = absurd(w);
	r->update_interval.n = absurd(w);
}

static enum leap leap_word(const struct world *w)
{
	if (!leap_is_told(w))
		return LEAP_NONE;
	return w->leap.step > 0 ? LEAP_INSERT : LEAP_DELETE;
}

static void kernel_poll(struct world *w)
{
	enum leap word = leap_word(w);
	struct kernel_clock kernel = {.state = TIME_OK};
	if (word == LEAP_INSERT)
		kernel.status = STA_INS;
	else if (word == LEAP_DELETE)
		kernel.status = STA_DEL;
	leap_hear_kernel(&w->n.leap, kernel);
}

static void reference_poll(struct world *w)
{
	const struct world_reference *from = &w->reference;
	struct reference r = {.answered = !from->is_silent,
		.stratum = 2,
		.reference_id = 0x47505300,
		.source = from->source};
	reference_update(w);
	r.as_of.n = w->m.start_ns + (int64_t)floor(w->m.realtime_ns);
	r.reference_time.n = from->updated_ns;
	r.update_interval.n = from->interval_ns;
	r.leap = leap_word(w);
	if (from->lies)
		lying_fill(w, &r);
	else
		honest_fill(w, &r);
	if (from->is_lost && random_below(&w->random, 2) == 0)
		r.leap = LEAP_UNKNOWN;
	else if (from->is_lost)
		r.stratum = 0;
	const struct reference_word word = reference_word_make(&r, false);
	timekeeper_hear(&w->n, &word);
	kernel_poll(w);
}

static void view_break(struct world *w, struct clock_view *v)
{
	bool was_known = w->n.judge.entered[SYNC_STATE_SYNC] > 0;
	if (w->breakage == BREAK_STEPS && v->leap == LEAP_UNKNOWN && was_known) {
		v->leap = LEAP_NONE;
		v->stratum = 2;
		v->root_dispersion = 1 << 22;
		v->valid_cycles.n = w->m.hz;
	} else if (w->breakage == BREAK_GROWTH) {
		v->dispersion_rate = 0;
	} else if (w->breakage == BREAK_FUTURE) {
		v->reference_time = ntp_time_add(v->ref_time, 1 << 22);
	}
}

static void reply_break(struct world *w, uint8_t *ntp)
{
	bool is_served = ntp[0] >> 6 != LEAP_UNKNOWN;
	if (w->breakage == BREAK_ORDER)
		memcpy(ntp + 40, ntp + 32, 8);
	else if (w->breakage == BREAK_ZEROS && !is_served)
		ntp[1] = 2;
	else if (w->breakage == BREAK_SHRINK && is_served && ntp[11] > 0)
		ntp[11] = (uint8_t)(ntp[11] - random_below(&w->random, 2));
}

void world_tick(struct world *w)
{
	struct clock_view view;
	if (w->until_told > 0 && --w->until_told == 0)
		clock_announce_set(&w->n.clock);
	if (w->until_poll-- == 0) {
		w->until_poll = w->n.judge.state == SYNC_STATE_START ? 24 : 99;
		reference_poll(w);
		if (w->breakage == BREAK_EXCURSION)
			w->n.claim.trace.mult = 0;
		if (w->breakage == BREAK_CORRECTION)
			w->n.claim.said.correction.n = 0;
		if (w->breakage == BREAK_UPDATE)
			w->n.must_update = false;
	}
	if (timekeeper_tick(&w->n, &view)) {
		w->is_stuck = false;
		w->has_view = true;
		view_break(w, &view);
		snapshot_publish(&w->snapshot, &view);
		// Who knew nothing for a while begins anew.
		if (view.stratum == 0)
			w->served_time = 0;
	}
	w->is_excused = false;
	if (w->reads_when_idle)
		(void)snapshot_read(&w->snapshot, &w->cache);
}

static uint64_t number_at(const uint8_t *p, unsigned bytes)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < bytes; i++)
		n = n << 8 | p[i];
	return n;
}

// How far t is ahead of true time, which was `elapsed_ps` then.
static double miss_ns(const struct world *w, struct ntp_time t, int64_t elapsed_ps)
{
	struct ntp_time start = ntp_time_from_unix((struct nanos){w->true_start_ns});
	double told = ldexp((double)ntp_time_diff(t, start), -32) * 1e9;
	return told - utc_ns(w, elapsed_ps);
}

// RFC 5905 7.3: who does not know the time says so in every field.
static const char *unsynchronised_wrong(const uint8_t *ntp)
{
	if (ntp[1] != 0)
		return "leap 3 with a stratum";
	if (number_at(ntp + 12, 4) != 0)
		return "leap 3 with a reference id";
	return number_at(ntp + 16, 8) != 0 ? "leap 3 with a reference time" : NULL;
}

static const char *served_wrong(struct world *w, const uint8_t *ntp, struct ntp_time transmit)
{
	struct ntp_time reference = {number_at(ntp + 16, 8)};
	uint32_t error = (uint32_t)number_at(ntp + 8, 4);
	const char *wrong = NULL;
	if (ntp[1] == 0 || ntp[1] > 15)
		wrong = "a stratum that is none";
	else if (!w->is_excused && ntp_time_before(transmit, reference))
		wrong = "a reference time after the reply's own";
	else if (reference.raw == w->served_time && error < w->served_error)
		wrong = "root dispersion that shrinks under one reference time";
	// A reader that missed views may have an error of its own, which grew faster.
	w->served_time = w->is_stuck ? 0 : reference.raw;
	w->served_error = error;
	return wrong;
}

// Who may be served a wrong time: the clients of a machine that has just woken up, and those of a
// reference that lies.
static void error_judge(struct world *w, const uint8_t *ntp, struct world_reply *reply)
{
	double distance = (double)number_at(ntp + 4, 4) / 2 + (double)number_at(ntp + 8, 4);
	double bound = ldexp((double)w->cache.view.error_bound, -32) * 1e9;
	reply->limit_ns = distance / 65536 * 1e9 + bound;
	bool is_checked = !w->reference.lies && !w->is_excused;
	if (is_checked && fabs(reply->miss_ns) > reply->limit_ns && reply->wrong == NULL)
		reply->wrong = "an error over root distance and bound";
}

static void burst_answer(struct world *w, struct packet *p, struct cycles arrival)
{
	const struct clock_view *view = &w->cache.view;
	struct cycles now = {machine_cycles(&w->m)};
	if (w->breakage != BREAK_LEAP)
		clock_view_cross(&w->cache.view, now);
	struct burst_times times = {clock_view_time(view, arrival), clock_view_time(view, now)};
	struct ntp_answer answer;
	ntp_answer_prepare(view, now, 0, &answer);
	responder_answer(&w->responder, p, 1, &answer, &times);
}

struct world_reply world_ask(struct world *w)
{
	struct world_reply reply = {.wrong = "no answer"};
	uint8_t frame[FRAME_ROOM];
	memcpy(frame, w->request, w->request_length);
	struct packet p = {
		.data = frame,
		.length = (uint16_t)w->request_length,
		.checksums = {CHECKSUM_UNKNOWN, CHECKSUM_UNKNOWN},
		.is_whole = true,
	};
	struct cycles arrival = {machine_cycles(&w->m)};
	int64_t came_ps = w->m.elapsed_ps;
	world_pass(w, (int64_t)random_below(&w->random, 20000));
	uint8_t stratum = w->cache.view.stratum;
	if (!snapshot_read(&w->snapshot, &w->cache) && w->breakage == BREAK_STALE)
		w->cache.view.stratum = stratum;
	if (responder_open(&w->responder, &p, 1) != 1)
		return reply;
	burst_answer(w, &p, arrival);
	uint8_t *ntp = frame + p.length - NTP_LENGTH;
	reply_break(w, ntp);
	struct ntp_time receive = {number_at(ntp + 32, 8)};
	struct ntp_time transmit = {number_at(ntp + 40, 8)};
	w->probes++;
	reply.is_served = ntp[0] >> 6 != LEAP_UNKNOWN;
	reply.wrong = ntp_time_before(receive, transmit) ? NULL : "T2 not before T3";
	if (!reply.is_served) {
		if (reply.wrong == NULL)
			reply.wrong = unsynchronised_wrong(ntp);
		return reply;
	}
	w->served++;
	const char *wrong = served_wrong(w, ntp, transmit);
	if (reply.wrong == NULL)
		reply.wrong = wrong;
	reply.miss_ns = miss_ns(w, receive, came_ps);
	error_judge(w, ntp, &reply);
	if (reply.wrong != NULL)
		return reply;
	reply.miss_ns = miss_ns(w, transmit, w->m.elapsed_ps);
	error_judge(w, ntp, &reply);
	return reply;
}

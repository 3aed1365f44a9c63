// SPDX-License-Identifier: BSD-3-Clause
#include "ctl/status.h"

#include <inttypes.h>
#include <time.h>

#include "common/units.h"
#include "core/counters.h"
#include "status/port_words.h"
#include "status/words.h"

#define LABEL "%-16s"

static void time_write(char *to, size_t size, int64_t unix_ns)
{
	time_t seconds = (time_t)(unix_ns / NANOS_PER_S);
	struct tm t;
	if (gmtime_r(&seconds, &t) == NULL || strftime(to, size, "%Y-%m-%d %H:%M:%S UTC", &t) == 0)
		snprintf(to, size, "an unknown time");
}

static void duration_write(char *to, size_t size, int64_t seconds)
{
	if (seconds < 120)
		snprintf(to, size, "%" PRId64 " s", seconds);
	else if (seconds < 2 * 3600)
		snprintf(to, size, "%" PRId64 " min", seconds / 60);
	else if (seconds < 48 * 3600)
		snprintf(to, size, "%" PRId64 " h %" PRId64 " min", seconds / 3600,
			seconds / 60 % 60);
	else
		snprintf(to, size, "%" PRId64 " days %" PRId64 " h", seconds / 86400,
			seconds / 3600 % 24);
}

static void server_print(FILE *out, const struct reading *r)
{
	char since[64];
	char lasting[64];
	time_write(since, sizeof(since), r->started_unix_ns);
	duration_write(lasting, sizeof(lasting), (r->unix_ns - r->started_unix_ns) / NANOS_PER_S);
	fprintf(out, LABEL "ntpwired %s, pid %" PRId32 ", since %s (%s)\n", "server", r->version,
		r->pid, since, lasting);
	fprintf(out, LABEL "%s\n", "state", reading_state_sentence(r->state));
	fprintf(out, LABEL "%s\n", "configuration", r->config_path);
}

// What speaks against the state, where that is news.
static void complaint_print(FILE *out, const struct reading_judge *j)
{
	bool is_up = j->state == SYNC_STATE_SYNC && j->announce == ANNOUNCE_UP;
	if (is_up || j->complaint == SYNC_REASON_NONE || j->complaint == j->reason)
		return;
	fprintf(out, LABEL "%s because %s\n", "",
		j->state == SYNC_STATE_SYNC ? announce_text(j->announce) : "not in sync",
		sync_reason_text(j->complaint));
}

static void judge_print(FILE *out, const struct reading *r)
{
	const struct reading_judge *j = &r->judge;
	char lasting[64];
	duration_write(lasting, sizeof(lasting), j->lasting_ns / NANOS_PER_S);
	fprintf(out, LABEL "%s for %s: %s; announce: %s\n", "time", sync_state_text(j->state),
		lasting, sync_reason_text(j->reason), announce_text(j->announce));
	complaint_print(out, j);
	fprintf(out, LABEL "", "transitions");
	for (unsigned i = SYNC_STATE_SYNC; i < SYNC_STATES; i++)
		fprintf(out, "%s%s %" PRIu64, i == SYNC_STATE_SYNC ? "" : ", ",
			sync_state_text((enum sync_state)i), j->entered[i]);
	fprintf(out, "\n");
}

static const char *leap_text(uint8_t leap)
{
	switch ((enum leap)leap) {
	case LEAP_NONE:
		return "none announced";
	case LEAP_INSERT:
		return "a second will be inserted at the end of the day";
	case LEAP_DELETE:
		return "a second will be left out at the end of the day";
	case LEAP_UNKNOWN:
		return "unknown (3): not synchronised";
	}
	return "unknown";
}

static double status_milliseconds(int64_t ns)
{
	return (double)ns / 1e6;
}

static double growth_ppm(const struct clock_view *v)
{
	return (double)v->dispersion_rate / 4294967296.0 * 1e6;
}

static const char *followed_text(const struct reading *r)
{
	return r->references.reference[r->references.followed].source;
}

static void one_reference_print(FILE *out, const struct reading_reference *r, bool is_followed)
{
	char lasting[64];
	fprintf(out, LABEL "%s%s: ", "", is_followed ? "-> " : "   ", r->text);
	if (!r->has_answered) {
		fprintf(out, "it has never answered\n");
		return;
	}
	duration_write(lasting, sizeof(lasting), r->heard_ns / NANOS_PER_S);
	fprintf(out, "stratum %u, leap %u, root distance %.3f ms, %s ago", r->stratum, r->leap,
		status_milliseconds(r->distance_ns), lasting);
	if (r->fault != SYNC_REASON_NONE)
		fprintf(out, "; %s", sync_reason_text(r->fault));
	fprintf(out, "\n");
}

static void status_references_print(FILE *out, const struct reading_references *r)
{
	if (r->kernel != KERNEL_NOT_COMPARED)
		fprintf(out, LABEL "%s; it began to disagree %" PRIu64 " times\n", "kernel",
			kernel_word_text(r->kernel), r->kernel_disagreements);
	if (r->count < 2)
		return;
	fprintf(out,
		LABEL "%u of %u is followed, changed %" PRIu64 " times; what each said last:\n",
		"references", r->followed + 1, r->count, r->changes);
	for (unsigned i = 0; i < r->count; i++)
		one_reference_print(out, &r->reference[i], i == r->followed);
}

static void reference_print(FILE *out, const struct reading *r)
{
	const struct reading_clock *c = &r->clock;
	const struct clock_view *v = &c->view;
	char id[16];
	fprintf(out, LABEL "%s, identifier %s\n", "reference", followed_text(r),
		reading_reference_id(v->reference_id, id));
	fprintf(out, LABEL "%s\n", "leap", leap_text(c->leap));
	fprintf(out, LABEL "%u\n", "stratum", v->stratum);
	fprintf(out, LABEL "%.3f ms\n", "root delay", status_milliseconds(c->root_delay_ns));
	fprintf(out, LABEL "%.3f ms now, growing by %.0f ppm of age\n", "root dispersion",
		status_milliseconds(c->root_dispersion_ns), growth_ppm(v));
	fprintf(out, LABEL "%.3f ms (half the delay and the dispersion)\n", "root distance",
		status_milliseconds(c->root_distance_ns));
	if (c->is_good)
		fprintf(out, LABEL "last set %.0f s ago, %+.6f ms still to be corrected\n", "",
			(double)c->reference_age_ns / 1e9, (double)c->correction_ns / 1e6);
	status_references_print(out, &r->references);
}

static void clock_print(FILE *out, const struct reading *r)
{
	const struct reading_clock *c = &r->clock;
	if (!c->is_known) {
		fprintf(out, LABEL "%s, nothing known of it yet\n", "reference", followed_text(r));
		status_references_print(out, &r->references);
		return;
	}
	judge_print(out, r);
	reference_print(out, r);
	fprintf(out, LABEL "%.3f s old, %" PRIu64 " published, %" PRIu64 " clock steps, epoch %u\n",
		"snapshot", (double)c->age_ns / 1e9, r->publishes, r->steps, c->view.epoch);
	fprintf(out,
		LABEL "%s, %.6f MHz, fit residual %" PRIu64 " ns, begun again %" PRIu64
		      " times, bound to the system clock %" PRId64 " ns\n",
		"counter", counter_sentence(r->counter), (double)r->counter_hz / 1e6,
		r->fit_residual_ns, r->fit_restarts, c->error_bound_ns);
}

static void day_write(char *to, size_t size, int64_t unix_s)
{
	time_t seconds = (time_t)unix_s;
	struct tm t;
	if (gmtime_r(&seconds, &t) == NULL || strftime(to, size, "%Y-%m-%d", &t) == 0)
		snprintf(to, size, "an unknown day");
}

static void leap_file_print(FILE *out, const struct reading_leap *l)
{
	char day[64];
	day_write(day, sizeof(day), l->file_expires);
	if (l->file_state == LEAP_LIST_NONE)
		fprintf(out, LABEL "no list: %s cannot be used\n", "", l->file);
	else
		fprintf(out, LABEL "%s %s on %s\n", "", l->file,
			l->file_state == LEAP_LIST_EXPIRED ? "EXPIRED" : "expires", day);
}

static void smear_print(FILE *out, const struct reading_leap *l)
{
	if (l->smear == SMEAR_OFF)
		return;
	fprintf(out, LABEL "%s, ", "smeared time", smear_kind_word(l->smear));
	if (l->smear_refused)
		fprintf(out, "REFUSED until the noon after: its addresses answer leap 3\n");
	else if (l->smear_runs)
		fprintf(out, "under way: UTC %+.6f s\n", (double)l->smeared_ns / 1e9);
	else
		fprintf(out, "now the same as UTC\n");
}

static void leap_print(FILE *out, const struct reading_leap *l)
{
	char day[64];
	char witnesses[LEAP_WITNESS_TEXT];
	fprintf(out, LABEL, "leap seconds");
	if (l->tai_offset != 0)
		fprintf(out, "TAI - UTC is %d s; ", l->tai_offset);
	day_write(day, sizeof(day), l->midnight - 1);
	if (l->step == 0)
		fprintf(out, "none is armed");
	else
		fprintf(out, "one %s at the end of %s, by the word of: %s",
			l->step > 0 ? "inserted" : "left out", day,
			leap_witness_text(l->witnesses, witnesses));
	fprintf(out, " (armed %" PRIu64 " times, taken back %" PRIu64 ")\n", l->armed,
		l->cancelled);
	leap_file_print(out, l);
	smear_print(out, l);
}

static void status_workers_print(FILE *out, const struct reading *r)
{
	fprintf(out, LABEL "%u, idle policy %s\n", "workers", r->worker_count, r->idle);
	for (unsigned i = 0; i < r->worker_count; i++) {
		const struct reading_worker *w = &r->worker[i];
		fprintf(out, "  worker %-7u core %u, node %u, %u %s, ", i, w->core, w->node,
			w->queue_count, w->queue_count == 1 ? "queue" : "queues");
		if (w->has_heartbeat)
			fprintf(out, "heartbeat %.3f s ago\n", (double)w->heartbeat_ns / 1e9);
		else
			fprintf(out, "no heartbeat yet\n");
		if (w->traffic[TRAFFIC_LATE_POLLS] > 0)
			fprintf(out,
				LABEL "late polls %" PRIu64 ", longest gap %.3f ms, dropped for it "
				      "%" PRIu64 "\n",
				"", w->traffic[TRAFFIC_LATE_POLLS],
				status_milliseconds(w->poll_gap_ns), w->verdict[V_LATE_POLL]);
	}
}

static uint64_t stamps_refused(const struct reading_stamps *s)
{
	uint64_t sum = 0;
	for (unsigned f = STAMP_USED + 1; f < STAMP_COUNT; f++)
		sum += s->fate[f];
	return sum;
}

static void stamps_clock_print(FILE *out, const struct reading_stamps *s)
{
	fprintf(out, LABEL "its clock %.6f MHz", "", s->rate_hz / 1e6);
	if (s->has_ppm)
		fprintf(out, " (%+.3f ppm)", s->off_ppm);
	fprintf(out,
		", fit residual %.1f ns, bound %" PRId64 " ns, measured %.3f s ago, epoch %u\n",
		s->residual_ns, s->bound_ns, (double)s->age_ns / 1e9, s->epoch);
}

static void stamps_print(FILE *out, const struct reading_stamps *s)
{
	uint64_t refused = stamps_refused(s);
	if (s->reason == STAMP_REASON_GOOD)
		fprintf(out, LABEL "receive times by the port%s\n", "",
			s->fate[STAMP_USED] == 0 ? ", but it has stamped no packet yet" : "");
	else
		fprintf(out, LABEL "receive times by software: %s\n", "",
			stamp_reason_sentence(s->reason));
	if (s->is_measured)
		stamps_clock_print(out, s);
	if (s->fate[STAMP_USED] + refused == 0)
		return;
	fprintf(out, LABEL "stamps used %" PRIu64 ", refused %" PRIu64, "", s->fate[STAMP_USED],
		refused);
	for (unsigned f = STAMP_USED + 1; f < STAMP_COUNT; f++)
		if (s->fate[f] != 0)
			fprintf(out, ", %s %" PRIu64, stamp_text((enum stamp)f), s->fate[f]);
	fprintf(out, "\n");
}

static void port_events_print(FILE *out, const struct reading_port *p)
{
	uint64_t sum = p->link_changes;
	for (unsigned e = 0; e < PORT_EVENTS; e++)
		sum += p->event[e];
	if (p->state != PORT_SERVED)
		fprintf(out, LABEL "%s\n", "", port_state_sentence(p->state));
	if (sum == 0)
		return;
	fprintf(out, LABEL "link changes %" PRIu64, "", p->link_changes);
	for (unsigned e = 0; e < PORT_EVENTS; e++)
		if (p->event[e] > 0)
			fprintf(out, ", %s %" PRIu64, port_event_words((enum port_event)e),
				p->event[e]);
	fprintf(out, "\n");
}

static void port_print(FILE *out, const struct reading_port *p, unsigned i)
{
	fprintf(out, "  port %-9u %s, %02x:%02x:%02x:%02x:%02x:%02x\n", i, p->device, p->mac[0],
		p->mac[1], p->mac[2], p->mac[3], p->mac[4], p->mac[5]);
	fprintf(out, LABEL "link %s", "", p->link_up ? "up" : "DOWN");
	if (p->link_up && p->link_mbps > 0)
		fprintf(out, " at %u Mbit/s", p->link_mbps);
	fprintf(out, ", %u %s, node %u, checksums by %s\n", p->queue_count,
		p->queue_count == 1 ? "queue" : "queues", p->node,
		p->offload ? "the port" : "software");
	if (p->imissed + p->ierrors + p->rx_nombuf + p->oerrors > 0)
		fprintf(out,
			LABEL "missed %" PRIu64 ", receive errors %" PRIu64 ", no buffer %" PRIu64
			      ", send errors %" PRIu64 "\n",
			"", p->imissed, p->ierrors, p->rx_nombuf, p->oerrors);
	port_events_print(out, p);
	stamps_print(out, &p->stamps);
}

static void status_keys_print(FILE *out, const struct reading *r)
{
	uint64_t right = 0;
	uint64_t wrong = 0;
	if (r->key_count == 0)
		return;
	for (unsigned i = 0; i < r->key_count; i++) {
		right += r->key[i].right;
		wrong += r->key[i].wrong;
	}
	fprintf(out,
		LABEL "%u; requests authenticated %" PRIu64 ", with a wrong code %" PRIu64
		      ", with an unknown key %" PRIu64 "\n",
		"symmetric keys", r->key_count, right, wrong, r->total.verdict[V_NTP_MAC]);
}

void status_print(FILE *out, const struct reading *r)
{
	server_print(out, r);
	clock_print(out, r);
	if (r->clock.is_known)
		leap_print(out, &r->leap);
	status_workers_print(out, r);
	fprintf(out, LABEL "%u\n", "ports", r->port_count);
	for (unsigned i = 0; i < r->port_count; i++)
		port_print(out, &r->port[i], i);
	status_keys_print(out, r);
}

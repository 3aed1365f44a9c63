// SPDX-License-Identifier: BSD-3-Clause
#include "ctl/stats.h"

#include <inttypes.h>

#include "core/auth/keys.h"
#include "core/counters.h"
#include "core/verdict.h"
#include "ctl/rates.h"

// Where lists of names are broken.
#define LINE_WIDTH 80
#define RATE_TEXT  32

static void headline_print(FILE *out, const struct reading *r)
{
	fprintf(out, "ntpwired %s, pid %" PRId32 ": %s\n", r->version, r->pid,
		reading_state_sentence(r->state));
}

static void row_print(FILE *out, uint64_t n, const char *name, const char *sentence)
{
	fprintf(out, "%20" PRIu64 "  %-20s %s\n", n, name, sentence);
}

// Zeros last, and only by name: they say what there could be.
static void zeros_print(FILE *out, const struct reading_worker *w)
{
	int column = fprintf(out, "never seen:");
	for (unsigned v = 0; v < VERDICT_COUNT; v++) {
		if (w->verdict[v] != 0)
			continue;
		if (column > LINE_WIDTH)
			column = fprintf(out, "\n           ") - 1;
		column += fprintf(out, " %s", verdict_text((enum verdict)v));
	}
	fprintf(out, "\n");
}

static void counters_print(FILE *out, const struct reading_worker *w)
{
	for (unsigned t = 0; t < TRAFFIC_HEARTBEAT; t++)
		row_print(out, w->traffic[t], traffic_text((enum traffic)t),
			traffic_sentence((enum traffic)t));
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		if (w->verdict[v] != 0)
			row_print(out, w->verdict[v], verdict_text((enum verdict)v),
				verdict_sentence((enum verdict)v));
}

static void ports_print(FILE *out, const struct reading *r)
{
	for (unsigned i = 0; i < r->port_count; i++) {
		const struct reading_port *p = &r->port[i];
		fprintf(out, "\nport %u, %s\n", i, p->device);
		row_print(out, p->imissed, "imissed", "dropped by the port: no worker took them");
		row_print(out, p->ierrors, "ierrors", "received broken");
		row_print(out, p->rx_nombuf, "rx_nombuf", "dropped: no buffer was free");
		row_print(out, p->oerrors, "oerrors", "could not be sent");
		for (unsigned f = 0; f < STAMP_COUNT; f++)
			row_print(out, p->stamps.fate[f], stamp_text((enum stamp)f),
				stamp_sentence((enum stamp)f));
	}
}

static void stats_workers_print(FILE *out, const struct reading *r)
{
	fprintf(out, "\n%-8s %6s %20s %20s %20s %20s\n", "worker", "core", "received", "answered",
		"silent", "sent");
	for (unsigned i = 0; i < r->worker_count; i++) {
		const struct reading_worker *w = &r->worker[i];
		fprintf(out, "%-8u %6u %20" PRIu64 " %20" PRIu64 " %20" PRIu64 " %20" PRIu64 "\n",
			i, w->core, w->traffic[TRAFFIC_RX_PACKETS], rates_sum_answered(w),
			rates_sum_silent(w), w->traffic[TRAFFIC_TX_PACKETS]);
	}
}

static void stats_keys_print(FILE *out, const struct reading *r)
{
	if (r->key_count == 0)
		return;
	fprintf(out, "\n%-12s %-8s %20s %20s\n", "key", "type", "right", "wrong");
	for (unsigned i = 0; i < r->key_count; i++) {
		const struct reading_key *k = &r->key[i];
		fprintf(out, "%-12" PRIu32 " %-8s %20" PRIu64 " %20" PRIu64 "\n", k->id,
			key_type_text(k->type), k->right, k->wrong);
	}
}

void stats_print(FILE *out, const struct reading *r)
{
	headline_print(out, r);
	counters_print(out, &r->total);
	zeros_print(out, &r->total);
	stats_workers_print(out, r);
	ports_print(out, r);
	stats_keys_print(out, r);
}

// A rate as text; ret_text holds RATE_TEXT bytes and is returned.
static const char *rate_text(double a_second, char *ret_text)
{
	if (a_second < 0)
		snprintf(ret_text, RATE_TEXT, "-");
	else
		snprintf(ret_text, RATE_TEXT, "%.0f", a_second);
	return ret_text;
}

static void live_row_print(
	FILE *out, const char *name, double a_second, uint64_t total, const char *sentence)
{
	char rate[RATE_TEXT];
	fprintf(out, "%-20s %14s %20" PRIu64 "  %s\n", name, rate_text(a_second, rate), total,
		sentence);
}

static void live_rate_print(FILE *out, double a_second)
{
	char rate[RATE_TEXT];
	fprintf(out, " %14s", rate_text(a_second, rate));
}

static void live_workers_print(FILE *out, const struct reading *before, const struct reading *now)
{
	fprintf(out, "\n%-8s %6s %14s %14s %14s\n", "worker", "core", "received/s", "answered/s",
		"silent/s");
	for (unsigned i = 0; i < now->worker_count; i++) {
		const struct reading_worker *w = &now->worker[i];
		const struct reading_worker *was = &before->worker[i];
		fprintf(out, "%-8u %6u", i, w->core);
		live_rate_print(out, rates_of(before, now, was->traffic[TRAFFIC_RX_PACKETS],
					     w->traffic[TRAFFIC_RX_PACKETS]));
		live_rate_print(
			out, rates_of(before, now, rates_sum_answered(was), rates_sum_answered(w)));
		live_rate_print(
			out, rates_of(before, now, rates_sum_silent(was), rates_sum_silent(w)));
		fprintf(out, "\n");
	}
}

static void live_traffic_print(FILE *out, const struct reading *before, const struct reading *now)
{
	static const enum traffic shown[] = {TRAFFIC_RX_PACKETS, TRAFFIC_TX_PACKETS, TRAFFIC_BURSTS,
		TRAFFIC_POLLS, TRAFFIC_SLEEPS};
	for (unsigned i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		enum traffic t = shown[i];
		live_row_print(out, traffic_text(t),
			rates_of(before, now, before->total.traffic[t], now->total.traffic[t]),
			now->total.traffic[t], traffic_sentence(t));
	}
}

static void live_verdicts_print(FILE *out, const struct reading *before, const struct reading *now)
{
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		if (now->total.verdict[v] != 0)
			live_row_print(out, verdict_text((enum verdict)v),
				rates_of(before, now, before->total.verdict[v],
					now->total.verdict[v]),
				now->total.verdict[v], verdict_sentence((enum verdict)v));
}

void stats_print_live(FILE *out, const struct reading *before, const struct reading *now)
{
	const struct reading *since = rates_are_possible(before, now) ? before : now;
	headline_print(out, now);
	fprintf(out, "root distance %.3f ms, stratum %u, snapshot %.3f s old\n\n",
		(double)now->clock.root_distance_ns / 1e6, now->clock.view.stratum,
		(double)now->clock.age_ns / 1e9);
	fprintf(out, "%-20s %14s %20s\n", "", "a second", "since the start");
	live_traffic_print(out, since, now);
	live_verdicts_print(out, since, now);
	live_workers_print(out, since, now);
}

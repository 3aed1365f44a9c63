// SPDX-License-Identifier: BSD-3-Clause
#include "report/report.h"

#include <inttypes.h>
#include <unistd.h>

#include "judge/histogram.h"
#include "judge/offsets.h"
#include "judge/rx_stats.h"

#define NTP_UNITS 4294967296.0
// Of all sends, those that the port did not take whole: where they are this rare, it was this
// program that did not offer more.
#define REFUSED_SHARE 0.01
// A core that was this program's alone, but for interrupts.
#define CORE_OURS 0.98
// Frames skipped: below this the rate was kept.
#define SKIPPED_SHARE 0.01

static void times_make(const struct run *r, struct report *p)
{
	double stamp_ns = STAMPS_CYCLES * 1e9 / (double)r->counter_hz;
	histogram_sum_up(&r->check.latency, stamp_ns, &p->latency);
	histogram_sum_up(&r->check.residency, 1e9 / NTP_UNITS, &p->residency);
}

// At a given rate the generator failed if it skipped frames that the port would have taken; as fast
// as it goes, if the port took all that it was given.
static bool generator_is_limit(const struct run *r)
{
	bool port_took_all = (double)r->tx_refused < REFUSED_SHARE * (double)r->tx_calls;
	bool fell_short =
		r->want.rate == 0 || (double)r->pace.skipped > SKIPPED_SHARE * (double)r->sent;
	return fell_short && port_took_all;
}

const char *limit_name(enum limit l)
{
	static const char *const names[] = {
		[LIMIT_NONE] = "none", [LIMIT_SERVER] = "server", [LIMIT_GENERATOR] = "generator"};
	return names[l];
}

static enum limit report_limit_find(const struct run *r, const struct report *p)
{
	bool all_was_done = r->want.rate != 0 && p->lost == 0 &&
	                    (double)r->pace.skipped <= SKIPPED_SHARE * (double)r->sent;
	if (p->generator_is_limit)
		return LIMIT_GENERATOR;
	return all_was_done ? LIMIT_NONE : LIMIT_SERVER;
}

static double interleaved_percent(const struct rx_stats *t)
{
	return t->answered == 0 ? 0 : 100.0 * (double)t->interleaved / (double)t->answered;
}

void report_make(const struct run *r, struct report *ret_report)
{
	const struct rx_stats *t = &r->check.stats;
	struct report p = {.answered = t->answered, .invalid = rx_stats_invalid(t)};
	p.seconds = (double)(r->end - r->begin) / (double)r->counter_hz;
	p.requests = run_requests(r);
	p.junk = r->sent - p.requests;
	p.lost = p.requests > p.answered ? p.requests - p.answered : 0;
	if (p.seconds > 0) {
		p.core_share = r->cpu_seconds / p.seconds;
		p.offered_pps = (double)r->sent / p.seconds;
		p.answered_pps = (double)p.answered / p.seconds;
	}
	if (p.requests > 0)
		p.lost_percent = 100.0 * (double)p.lost / (double)p.requests;
	p.interleaved_percent = interleaved_percent(t);
	if (r->sent > 0)
		p.cycles = r->cpu_seconds * (double)r->counter_hz / (double)r->sent;
	if (r->sent + r->pace.skipped > 0)
		p.skipped_percent =
			100.0 * (double)r->pace.skipped / (double)(r->sent + r->pace.skipped);
	p.generator_is_limit = generator_is_limit(r);
	p.limit = report_limit_find(r, &p);
	times_make(r, &p);
	*ret_report = p;
}

bool report_is_good(const struct report *p)
{
	return p->answered > 0 && p->invalid == 0;
}

void report_progress(void *before, const struct run *r, uint64_t now)
{
	struct report_before *b = before;
	const struct rx_stats *t = &r->check.stats;
	if (b->counter == 0)
		b->counter = r->begin;
	double seconds = (double)(now - b->counter) / (double)r->counter_hz;
	double elapsed = (double)(now - r->begin) / (double)r->counter_hz;
	uint64_t open = run_requests(r) - t->answered;
	char mode[32] = "";
	char line[192];
	if (r->options->interleaved)
		snprintf(mode, sizeof(mode), "  interleaved %.1f%%", interleaved_percent(t));
	int length = snprintf(line, sizeof(line),
		"%5.0f s  sent %11.0f/s  answered %11.0f/s  without answer %" PRIu64
		"  invalid %" PRIu64 "%s  %.0f s left\n",
		elapsed, (double)(r->sent - b->sent) / seconds,
		(double)(t->answered - b->answered) / seconds, open, rx_stats_invalid(t), mode,
		r->want.seconds - elapsed);
	*b = (struct report_before){r->sent, t->answered, now};
	if (write(STDERR_FILENO, line, (size_t)length) < 0)
		return;
}

static void count_print(FILE *out, const char *name, uint64_t n, const char *sentence)
{
	fprintf(out, "%-16s %16" PRIu64 "  %s\n", name, n, sentence);
}

static void rates_print(FILE *out, const struct report *p)
{
	fprintf(out, "%-16s %16.0f  frames a second, over %.3f s\n", "offered", p->offered_pps,
		p->seconds);
	fprintf(out, "%-16s %16.0f  requests a second with a right reply\n", "answered",
		p->answered_pps);
	fprintf(out, "%-16s %15.4f%%  requests without a right reply\n", "lost", p->lost_percent);
	fprintf(out, "%-16s %16.1f  counter cycles of this core for every frame sent\n", "cycles",
		p->cycles);
}

static void limits_print(FILE *out, const struct run *r, const struct report *p)
{
	if (r->pace.skipped > 0)
		count_print(out, "skipped", r->pace.skipped, "frames could not be sent in time");
	if (p->core_share < CORE_OURS)
		fprintf(out, "%-16s %15.1f%%  of the core's time: something else ran there\n",
			"core share", 100 * p->core_share);
	if (p->generator_is_limit)
		fprintf(out, "This program was the limit, not the server: the port took all it was "
			     "given.\n");
}

static void report_summary_print(FILE *out, const char *name, const struct summary *s)
{
	fprintf(out, "%-16s %10.0f", name, s->mean_ns);
	for (unsigned i = 0; i < QUANTILES; i++)
		fprintf(out, " %10.0f", s->quantile_ns[i]);
	fprintf(out, "\n");
}

// Latency is of the way there and back and both programs; residency, of the server alone.
static void report_times_print(FILE *out, const struct run *r, const struct report *p)
{
	if (p->answered == 0)
		return;
	fprintf(out, "%-16s %10s", "ns", "mean");
	for (unsigned i = 0; i < QUANTILES; i++)
		fprintf(out, " %10s", quantile_names[i]);
	fprintf(out, "\n");
	report_summary_print(out, "latency", &p->latency);
	if (r->options->expect == EXPECT_NTP)
		report_summary_print(out, "residency", &p->residency);
}

static void deviation_print(FILE *out, const char *name, const struct deviation *d)
{
	fprintf(out, "%-16s %10.0f %10.0f %10.0f %10.0f\n", name, d->min_ns, d->mean_ns, d->max_ns,
		deviation_stddev_ns(d));
}

static void offsets_print(FILE *out, const struct offsets *o)
{
	if (!o->is_on)
		return;
	fprintf(out, "%-16s %10s %10s %10s %10s\n", "ns, same clock", "min", "mean", "max",
		"stddev");
	deviation_print(out, "T2 - sent", &o->t2_less_sent);
	deviation_print(out, "T3 - received", &o->t3_less_received);
	deviation_print(out, "offset", &o->offset);
	if (o->early_t2 + o->late_t3 > 0) {
		count_print(out, "early T2", o->early_t2, "received before they were sent");
		count_print(out, "late T3", o->late_t3, "sent after they were received");
	}
}

static void interleaved_print(FILE *out, const struct run *r, const struct report *p)
{
	count_print(out, "asking", r->asking, "requests in interleaved mode");
	count_print(out, "interleaved", r->check.stats.interleaved, "right replies in that mode");
	fprintf(out, "%-16s %15.4f%%  of right replies were in interleaved mode\n", "share",
		p->interleaved_percent);
}

void report_print(FILE *out, const struct run *r, const struct report *p)
{
	const struct rx_stats *t = &r->check.stats;
	rates_print(out, p);
	count_print(out, "requests", p->requests, "sent");
	if (r->options->profile.junk_percent > 0)
		count_print(out, "junk", p->junk, "sent, not to be answered");
	count_print(out, "answered", p->answered, "requests with a right reply");
	if (r->options->interleaved)
		interleaved_print(out, r, p);
	count_print(out, "lost", p->lost, "requests without a right reply");
	count_print(out, "duplicates", t->duplicates, "right replies beyond the first");
	count_print(out, "late", t->late, "right replies after the request was given up");
	count_print(out, "reordered", t->reordered, "right replies after one to a later request");
	count_print(out, "foreign", t->foreign, "frames that were no replies");
	count_print(out, "invalid", p->invalid, "wrong replies");
	for (unsigned f = 0; f < FAULT_COUNT; f++)
		if (t->fault[f] > 0)
			count_print(out, fault_name((enum fault)f), t->fault[f],
				fault_sentence((enum fault)f));
	report_times_print(out, r, p);
	offsets_print(out, &r->check.offsets);
	limits_print(out, r, p);
}

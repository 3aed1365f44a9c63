// SPDX-License-Identifier: BSD-3-Clause
#include "commands/commands.h"
#include "commands/trials.h"
#include "method/ramp.h"
#include "report/html.h"
#include "report/report_json.h"
#include "run/run.h"

#define STEPS_MAX 64
// Of a step that something else on this core spoiled.
#define REPEATS 5

struct climb_step {
	struct run_want want;
	struct report report;
	double invalid_percent;
	double basic_percent;
	double xleave_percent;
};

struct climb {
	enum ramp_end end;
	unsigned count;
	struct climb_step step[STEPS_MAX];
};

static void shares_fill(struct climb_step *step)
{
	const struct report *p = &step->report;
	if (p->requests == 0)
		return;
	double answered = 100.0 * (double)p->answered / (double)p->requests;
	step->xleave_percent = answered * p->interleaved_percent / 100;
	step->basic_percent = answered - step->xleave_percent;
	step->invalid_percent = 100.0 * (double)p->invalid / (double)p->requests;
}

static void ramp_run_heading_print(FILE *out)
{
	fprintf(out, "               |          of the requests          |     T3 - T2, ns\n"
		     "rate   clients |  lost %% invalid %%   basic %% xleave %% |      min     "
		     "mean      "
		     "max   stddev\n");
}

static void step_print(FILE *out, const struct climb_step *step)
{
	const struct summary *s = &step->report.residency;
	fprintf(out, "%-9llu %5u |%8.4f %9.4f %9.4f %8.4f |%9.0f%9.0f%9.0f%9.0f\n",
		(unsigned long long)step->want.rate, step->want.clients, step->report.lost_percent,
		step->invalid_percent, step->basic_percent, step->xleave_percent, s->min_ns,
		s->mean_ns, s->quantile_ns[QUANTILES - 1], s->stddev_ns);
	(void)fflush(out);
}

static const char *climb_measure(const struct session *s, struct run *r, void *found)
{
	struct climb *c = found;
	struct ramp ramp;
	// The table grows as it is measured.
	if (!s->options->json)
		ramp_run_heading_print(stdout);
	ramp_init(&ramp, s->options->rate, s->options->profile.clients);
	while (*s->stop == 0 && c->end == RAMP_GOES_ON && c->count < STEPS_MAX) {
		struct climb_step *step = &c->step[c->count++];
		step->want = (struct run_want){ramp.rate, s->options->seconds, ramp.clients};
		(void)trial_repeat(s, r, &step->want, REPEATS, &step->report);
		shares_fill(step);
		if (!s->options->json)
			step_print(stdout, step);
		const struct ramp_step result = {
			step->report.lost_percent, step->report.skipped_percent};
		c->end = ramp_climb(&ramp, &result);
	}
	return NULL;
}

static const char *end_sentence(const struct climb *c)
{
	switch (c->end) {
	case RAMP_GOES_ON:
		return "Ended before the top.";
	case RAMP_LOST:
		return "More than half was lost: that is the end of the server.";
	case RAMP_TOO_LATE:
		return c->step[c->count - 1].report.generator_is_limit ?
		               "The requests could not be sent in time: this program was the "
		               "limit, "
		               "not the server." :
		               "The requests could not be sent in time: the port did not take "
		               "them.";
	case RAMP_TOP:
		return "The highest rate that was wanted.";
	}
	return "";
}

// The table was printed as it grew.
static void end_print(FILE *out, const struct run *r, const void *found)
{
	(void)r;
	fprintf(out, "%s\n", end_sentence(found));
}

static void climb_print(FILE *out, const struct run *r, const void *found)
{
	const struct climb *c = found;
	ramp_run_heading_print(out);
	for (unsigned i = 0; i < c->count; i++)
		step_print(out, &c->step[i]);
	end_print(out, r, c);
}

static enum limit ramp_run_limit_find(const struct climb *c)
{
	if (c->end == RAMP_TOP || c->end == RAMP_GOES_ON || c->count == 0)
		return LIMIT_NONE;
	return c->step[c->count - 1].report.generator_is_limit ? LIMIT_GENERATOR : LIMIT_SERVER;
}

static struct json_object *step_make(const struct climb_step *step)
{
	struct json_object *o = json_object_new_object();
	const struct summary *s = &step->report.residency;
	json_add_count(o, "rate_pps", step->want.rate);
	json_add_count(o, "clients", step->want.clients);
	json_add_number(o, "answered_pps", step->report.answered_pps);
	json_add_number(o, "lost_percent", step->report.lost_percent);
	json_add_number(o, "invalid_percent", step->invalid_percent);
	json_add_number(o, "basic_percent", step->basic_percent);
	json_add_number(o, "xleave_percent", step->xleave_percent);
	json_add_number(o, "skipped_percent", step->report.skipped_percent);
	json_add_number(o, "min_ns", s->min_ns);
	json_add_number(o, "mean_ns", s->mean_ns);
	json_add_number(o, "max_ns", s->quantile_ns[QUANTILES - 1]);
	json_add_number(o, "stddev_ns", s->stddev_ns);
	json_add(o, "lat_ns", json_summary(&step->report.latency));
	return o;
}

static struct json_object *climb_make_json(const struct run *r, const void *found)
{
	const struct climb *c = found;
	struct json_object *o = json_begin(r, ramp_run_limit_find(c));
	struct json_object *list = json_object_new_array();
	for (unsigned i = 0; i < c->count; i++)
		(void)json_object_array_add(list, step_make(&c->step[i]));
	json_add_text(o, "end", end_sentence(c));
	json_add(o, "steps", list);
	return o;
}

static void plots_add(struct html *page, const struct climb *c)
{
	struct plot_row rows[STEPS_MAX] = {0};
	struct plot plot = {.name = "throughput",
		.title = "Throughput against offered load",
		.x_label = "load, a second",
		.y_label = "a second",
		.series = 1,
		.series_name = {"answered"},
		.rows = c->count,
		.row = rows};
	for (unsigned i = 0; i < c->count; i++) {
		rows[i].x = (double)c->step[i].want.rate;
		rows[i].y[0] = c->step[i].report.answered_pps;
	}
	html_plot(page, &plot);
	for (unsigned i = 0; i < c->count; i++)
		rows[i].y[0] = c->step[i].report.lost_percent;
	plot.name = "loss";
	plot.title = "Loss against offered load";
	plot.y_label = "percent";
	plot.series_name[0] = "lost";
	html_plot(page, &plot);
}

static void latency_add(struct html *page, const struct climb *c)
{
	struct plot_row rows[STEPS_MAX] = {0};
	struct plot plot = {.name = "latency",
		.title = "Latency against offered load",
		.x_label = "load, a second",
		.y_label = "ns",
		.is_log = true,
		.series = QUANTILES,
		.row = rows};
	for (unsigned q = 0; q < QUANTILES; q++)
		plot.series_name[q] = quantile_names[q];
	for (unsigned i = 0; i < c->count; i++) {
		const struct summary *s = &c->step[i].report.latency;
		if (s->quantile_ns[0] <= 0)
			continue;
		rows[plot.rows].x = (double)c->step[i].want.rate;
		for (unsigned q = 0; q < QUANTILES; q++)
			rows[plot.rows].y[q] = s->quantile_ns[q];
		plot.rows++;
	}
	html_plot(page, &plot);
}

static void climb_plot(struct html *p, const void *found)
{
	plots_add(p, found);
	latency_add(p, found);
}

// The end of the server is what a ramp is for; wrong replies are not.
static bool climb_is_good(const void *found)
{
	const struct climb *c = found;
	uint64_t answered = 0;
	uint64_t invalid = 0;
	for (unsigned i = 0; i < c->count; i++) {
		answered += c->step[i].report.answered;
		invalid += c->step[i].report.invalid;
	}
	return answered > 0 && invalid == 0;
}

int ramp_run(const struct session *s)
{
	static const struct measurement m = {.size = sizeof(struct climb),
		.measure = climb_measure,
		.print = end_print,
		.make_json = climb_make_json,
		.table = climb_print,
		.plot = climb_plot,
		.is_good = climb_is_good};
	return measurement_make(s, &m);
}

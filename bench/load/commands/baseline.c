// SPDX-License-Identifier: BSD-3-Clause
#include "commands/baseline.h"

#include <stdlib.h>

#include "report/report.h"
#include "run/link.h"
#include "run/run.h"

#define BASELINE_SECONDS 0.3
#define DRAIN_SECONDS    0.05

static double loop_measure(const struct session *s, const struct link *loop)
{
	struct options o = *s->options;
	struct report report;
	o.rate = 0;
	o.seconds = BASELINE_SECONDS;
	o.drain_seconds = DRAIN_SECONDS;
	o.expect = EXPECT_IO;
	// It comes back like everything else, and would be called an answer.
	o.profile.junk_percent = 0;
	o.interleaved = false;
	const struct session alone = {.options = &o, .link = loop, .stop = s->stop};
	struct run *r = run_create(&alone);
	if (r == NULL)
		return 0;
	run_execute(r, NULL, NULL, s->stop);
	report_make(r, &report);
	free(r);
	return report.answered_pps;
}

void baseline_measure(const struct session *s, struct baseline *ret_baseline)
{
	struct baseline c = {.reflector_pps = (double)s->options->reflector};
	struct link loop;
	if (link_open_loop(s->link, &loop) == 0) {
		c.generator_pps = loop_measure(s, &loop);
		link_close_loop(&loop);
	}
	*ret_baseline = c;
}

double baseline_ceiling(const struct baseline *c)
{
	if (c->reflector_pps == 0 || c->generator_pps == 0)
		return c->generator_pps + c->reflector_pps;
	return c->generator_pps < c->reflector_pps ? c->generator_pps : c->reflector_pps;
}

// SPDX-License-Identifier: BSD-3-Clause
// The folder that --report wants: index.html with the table and the pictures. No DPDK; main thread.
#pragma once

#include <stdio.h>

#include "judge/histogram.h"
#include "options/options.h"
#include "report/plot.h"

struct html {
	const char *dir;
	FILE *out; // NULL: no page is wanted, or it could not be begun; the functions do nothing
	           // then
	int error; // the first, as -errno
};

// Whether a page can be made there: the folder is made, and gnuplot looked for. -errno, and one
// sentence in message.
int html_check(const char *dir, char *message, size_t message_size);

// Begins DIR/index.html where the options want one.
void html_begin(struct html *p, const struct options *o);

// Where a table goes as it is printed for people, until html_table_end().
FILE *html_table_begin(struct html *p);
void html_table_end(struct html *p);

// Draws a plot into the page, if it has any rows.
void html_plot(struct html *p, const struct plot *plot);

// Draws percentiles, a line for each summary.
struct html_summary {
	const char *name;
	const struct summary *summary;
};
void html_plot_quantiles(struct html *p, const char *name, const char *title,
	const struct html_summary *list, unsigned count);

// Ends the page, and says on stderr where it is, or why there is none. 0 or -errno.
int html_end(struct html *p);

// SPDX-License-Identifier: BSD-3-Clause
#include "report/html.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<title>ntpwire-load</title>\n<style>\n"
	"body { font-family: sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }\n"
	"pre { background: #f4f4f4; padding: 1em; overflow-x: auto; }\n"
	"img { max-width: 100%; border: 1px solid #ddd; }\n"
	"</style>\n</head>\n<body>\n";

int html_check(const char *dir, char *message, size_t message_size)
{
	int error = mkdir(dir, 0755) < 0 && errno != EEXIST ? errno : 0;
	if (error != 0)
		snprintf(message, message_size,
			"--report %s: the folder cannot be made: %s; name another", dir,
			strerror(error));
	else if (!plot_is_possible()) {
		error = ENOENT;
		snprintf(message, message_size,
			"--report %s needs gnuplot: apt-get install gnuplot-nox, or leave --report "
			"away",
			dir);
	}
	return -error;
}

static void text_put(FILE *out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '<')
			fputs("&lt;", out);
		else if (*c == '&')
			fputs("&amp;", out);
		else
			(void)putc(*c, out);
	}
}

void html_begin(struct html *p, const struct options *o)
{
	char path[PATH_MAX];
	char date[64];
	time_t now = time(NULL);
	struct tm tm;
	*p = (struct html){.dir = o->report_dir};
	if (p->dir == NULL)
		return;
	snprintf(path, sizeof(path), "%s/index.html", p->dir);
	p->out = fopen(path, "w");
	if (p->out == NULL) {
		p->error = -errno;
		return;
	}
	(void)strftime(date, sizeof(date), "%F %T UTC", gmtime_r(&now, &tm));
	fputs(head, p->out);
	fprintf(p->out, "<h1>ntpwire-load %s</h1>\n<p>%s, ", load_commands[o->command].name, date);
	text_put(p->out, o->device);
	fprintf(p->out, "</p>\n");
}

FILE *html_table_begin(struct html *p)
{
	if (p->out != NULL)
		fprintf(p->out, "<pre>\n");
	return p->out;
}

void html_table_end(struct html *p)
{
	if (p->out != NULL)
		fprintf(p->out, "</pre>\n");
}

void html_plot(struct html *p, const struct plot *plot)
{
	if (p->out == NULL || plot->rows == 0)
		return;
	int r = plot_draw(plot, p->dir);
	if (r < 0) {
		p->error = p->error < 0 ? p->error : r;
		return;
	}
	fprintf(p->out, "<p><img src=\"%s.svg\" alt=\"%s\"></p>\n", plot->name, plot->title);
}

// One reply in so many is later than the percentile with this index.
static const double one_in[QUANTILES - 1] = {2, 10, 100, 1000, 10000};

void html_plot_quantiles(struct html *p, const char *name, const char *title,
	const struct html_summary *list, unsigned count)
{
	struct plot_row rows[QUANTILES - 1];
	struct plot plot = {.name = name,
		.title = title,
		.x_label = "one reply in so many is later",
		.y_label = "ns",
		.is_log = true,
		.rows = QUANTILES - 1,
		.row = rows};
	for (unsigned i = 0; i < count && plot.series < PLOT_SERIES_MAX; i++) {
		// Nothing was timed, or in less than a unit: that has no place on a logarithmic
		// axis.
		if (list[i].summary->quantile_ns[0] <= 0)
			continue;
		for (unsigned q = 0; q < QUANTILES - 1; q++) {
			rows[q].x = one_in[q];
			rows[q].y[plot.series] = list[i].summary->quantile_ns[q];
		}
		plot.series_name[plot.series++] = list[i].name;
	}
	if (plot.series > 0)
		html_plot(p, &plot);
}

int html_end(struct html *p)
{
	if (p->out != NULL) {
		fputs("</body>\n</html>\n", p->out);
		if (fclose(p->out) != 0 && p->error == 0)
			p->error = -errno;
	}
	if (p->error < 0)
		fprintf(stderr, "ntpwire-load: the report in %s is not whole: %s\n", p->dir,
			strerror(-p->error));
	else if (p->out != NULL)
		fprintf(stderr, "ntpwire-load: %s/index.html has the report\n", p->dir);
	p->out = NULL;
	return p->error;
}

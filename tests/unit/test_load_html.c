// SPDX-License-Identifier: BSD-3-Clause
#include "report/html.h"

#include "harness/table.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct plot_row rows[] = {{1000, {1, 2.5}}, {1500, {3, 4}}};
static const struct plot plot = {.name = "picture",
	.title = "A title",
	.x_label = "x",
	.y_label = "y",
	.series = 2,
	.series_name = {"one", "two"},
	.rows = 2,
	.row = rows};

static void script_read(const struct plot *p, char *ret_text, size_t size)
{
	FILE *f = tmpfile();
	assert_non_null(f);
	plot_write_script(f, p);
	rewind(f);
	size_t n = fread(ret_text, 1, size - 1, f);
	ret_text[n] = '\0';
	fclose(f);
}

static void a_script_has_data_and_every_series(void **state)
{
	char text[2048];
	(void)state;
	script_read(&plot, text, sizeof(text));
	assert_non_null(strstr(text, "set output 'picture.svg'\n"));
	assert_non_null(strstr(text, "\n1000 1 2.5\n1500 3 4\nEND\n"));
	assert_non_null(strstr(text, "using 1:2 with linespoints title 'one'"));
	assert_non_null(strstr(text, "using 1:3 with linespoints title 'two'"));
	assert_null(strstr(text, "logscale"));
	struct plot log = plot;
	log.is_log = true;
	script_read(&log, text, sizeof(text));
	assert_non_null(strstr(text, "set logscale xy\n"));
}

static void a_folder_that_cannot_be_is_named(void **state)
{
	char message[256];
	(void)state;
	assert_true(html_check("/proc/nowhere/page", message, sizeof(message)) < 0);
	assert_non_null(strstr(message, "--report /proc/nowhere/page"));
}

static void without_report_nothing_is_written(void **state)
{
	const struct options o = {.device = "net_null0"};
	struct html p;
	(void)state;
	html_begin(&p, &o);
	assert_null(html_table_begin(&p));
	html_plot(&p, &plot);
	html_table_end(&p);
	assert_int_equal(html_end(&p), 0);
}

// The page's words are the user's, too.
static void a_page_ends_and_has_its_table(void **state)
{
	char dir[] = "/tmp/ntpwire-page.XXXXXX";
	char path[64];
	char text[4096];
	struct html p;
	(void)state;
	assert_non_null(mkdtemp(dir));
	const struct options o = {.device = "net_<null>&0", .report_dir = dir};
	html_begin(&p, &o);
	fprintf(html_table_begin(&p), "rows of it\n");
	html_table_end(&p);
	assert_int_equal(html_end(&p), 0);
	snprintf(path, sizeof(path), "%s/index.html", dir);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	assert_non_null(strstr(text, "<h1>ntpwire-load rate</h1>"));
	assert_non_null(strstr(text, "net_&lt;null>&amp;0"));
	assert_non_null(strstr(text, "<pre>\nrows of it\n</pre>\n"));
	assert_string_equal(text + strlen(text) - strlen("</html>\n"), "</html>\n");
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, a_script_has_data_and_every_series);
	TABLE_ADD(&t, a_folder_that_cannot_be_is_named);
	TABLE_ADD(&t, without_report_nothing_is_written);
	TABLE_ADD(&t, a_page_ends_and_has_its_table);
	return table_run("html", &t);
}

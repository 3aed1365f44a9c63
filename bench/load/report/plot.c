// SPDX-License-Identifier: BSD-3-Clause
#include "report/plot.h"

#include <errno.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

// Runs gnuplot in a folder on a script that has been written. What it prints goes to stderr.
static int gnuplot_run(FILE *script, const char *dir)
{
	static char name[] = "gnuplot";
	static char from_input[] = "-";
	char *const words[] = {name, from_input, NULL};
	posix_spawn_file_actions_t actions;
	pid_t child;
	int status = 0;
	rewind(script);
	posix_spawn_file_actions_init(&actions);
	int error = posix_spawn_file_actions_adddup2(&actions, fileno(script), STDIN_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	if (error == 0)
		error = posix_spawn_file_actions_addchdir_np(&actions, dir);
	if (error == 0)
		error = posix_spawnp(&child, name, &actions, NULL, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error != 0)
		return -error;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

bool plot_is_possible(void)
{
	FILE *script = tmpfile();
	if (script == NULL)
		return false;
	fputs("set terminal svg\n", script);
	int result = gnuplot_run(script, "/");
	(void)fclose(script);
	return result == 0;
}

static void axes_write(FILE *out, const struct plot *p)
{
	fprintf(out, "set title '%s'\nset xlabel '%s'\nset ylabel '%s'\n", p->title, p->x_label,
		p->y_label);
	fprintf(out, "set grid\nset key below\nset format '%%.1s%%c'\n");
	if (p->is_log)
		fprintf(out, "set logscale xy\n");
	else
		fprintf(out, "set yrange [0:*]\n");
}

void plot_write_script(FILE *out, const struct plot *p)
{
	fprintf(out, "set terminal svg noenhanced size 800,480 dynamic background 'white'\n");
	fprintf(out, "set output '%s.svg'\n", p->name);
	axes_write(out, p);
	fprintf(out, "$data << END\n");
	for (unsigned i = 0; i < p->rows; i++) {
		fprintf(out, "%.9g", p->row[i].x);
		for (unsigned n = 0; n < p->series; n++)
			fprintf(out, " %.9g", p->row[i].y[n]);
		fprintf(out, "\n");
	}
	fprintf(out, "END\nplot");
	for (unsigned n = 0; n < p->series; n++)
		fprintf(out, "%s $data using 1:%u with linespoints title '%s'", n > 0 ? "," : "",
			n + 2, p->series_name[n]);
	fprintf(out, "\n");
}

int plot_draw(const struct plot *p, const char *dir)
{
	FILE *script = tmpfile();
	if (script == NULL)
		return -errno;
	plot_write_script(script, p);
	int result = ferror(script) ? -EIO : gnuplot_run(script, dir);
	(void)fclose(script);
	return result;
}

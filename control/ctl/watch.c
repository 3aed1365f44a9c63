// SPDX-License-Identifier: BSD-3-Clause
#include "ctl/watch.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "common/units.h"
#include "ctl/json.h"
#include "ctl/stats.h"
#include "ctl/status.h"
#include "status/reading.h"
#include "status/statseg.h"

// To the beginning of the line so many lines up, and away with what stands from there on.
#define REDRAW_FROM "\033[%uF\033[J"

// What goes on between two turns.
struct watch {
	const struct arguments *a;
	struct reading *before; // NULL at first
	bool is_terminal;
	unsigned drawn;  // lines of the block that stands on the terminal
	int64_t next_ns; // CLOCK_MONOTONIC of the next turn
};

static void no_server_print(const char *run_dir)
{
	fprintf(stderr,
		"ntpwirectl: no server in run_dir %s: start ntpwired, or name its run_dir with "
		"--run-dir\n",
		run_dir);
}

static enum exit_code open_failed(const char *run_dir, int error)
{
	struct diagnostic d;
	if (error == -ENOENT) {
		no_server_print(run_dir);
		return EXIT_NO_SERVER;
	}
	(void)statseg_complain(run_dir, error, &d);
	fprintf(stderr, "ntpwirectl: %s\n", d.sentence);
	return EXIT_MISTAKE;
}

static enum exit_code dead_print(const char *run_dir, const struct reading *r)
{
	fprintf(stderr,
		"ntpwirectl: the server of run_dir %s, pid %" PRId32 ", is gone: it was killed or "
		"crashed, and what stands here is what it left; start ntpwired again\n",
		run_dir, r->pid);
	return EXIT_NO_SERVER;
}

static int block_print(FILE *out, const struct watch *w, const struct reading *now)
{
	const struct arguments *a = w->a;
	bool is_status = a->command == COMMAND_STATUS;
	if (a->json && is_status)
		return json_print_status(out, now, a->watch);
	if (a->json)
		return json_print_stats(out, w->before, now, a->watch);
	if (is_status)
		status_print(out, now);
	else if (a->watch)
		stats_print_live(out, w->before, now);
	else
		stats_print(out, now);
	return 0;
}

// Writes the first `lines` lines of text, none wider than `columns`: each is cut by putting its end
// where the screen's edge is. Returns how many there were.
static unsigned screen_write(const char *text, unsigned lines, unsigned columns)
{
	unsigned written = 0;
	for (; written < lines && *text != '\0'; written++) {
		size_t length = strcspn(text, "\n");
		printf("%.*s\n", (int)(length < columns ? length : columns), text);
		text += length + (text[length] == '\n');
	}
	return written;
}

// Over the block before: what a person had on the screen above it stays there.
static void terminal_write(struct watch *w, const char *text)
{
	struct winsize size = {0};
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row < 2 || size.ws_col < 2)
		size = (struct winsize){.ws_row = 24, .ws_col = 80};
	if (w->drawn > 0)
		printf(REDRAW_FROM, w->drawn < size.ws_row ? w->drawn : size.ws_row - 1u);
	w->drawn = screen_write(text, size.ws_row - 1u, size.ws_col);
}

static enum exit_code reading_print(struct watch *w, const struct reading *now)
{
	char *text = NULL;
	size_t length;
	FILE *memory = open_memstream(&text, &length);
	int r = memory == NULL ? -ENOMEM : block_print(memory, w, now);
	if (memory != NULL && fclose(memory) != 0)
		r = -ENOMEM;
	if (r < 0)
		fprintf(stderr, "ntpwirectl: out of memory\n");
	else if (w->a->watch && w->is_terminal && !w->a->json)
		terminal_write(w, text);
	else
		printf("%s%s", text, w->a->watch && !w->a->json ? "\n" : "");
	free(text);
	// A terminal that is gone fails at the line's end already.
	if (r == 0 && (fflush(stdout) != 0 || ferror(stdout) != 0)) {
		fprintf(stderr, "ntpwirectl: cannot write: %s\n", strerror(errno));
		r = -EIO;
	}
	return r < 0 ? EXIT_MISTAKE : EXIT_OK;
}

// One look, one block.
static enum exit_code turn(struct watch *w)
{
	struct reading *now;
	int e = reading_take(w->a->run_dir, &now);
	if (e < 0)
		return open_failed(w->a->run_dir, e);
	enum exit_code code = reading_print(w, now);
	if (code == EXIT_OK && now->state == READING_DEAD)
		code = dead_print(w->a->run_dir, now);
	free(w->before);
	w->before = now;
	return code;
}

static int64_t watch_monotonic_ns(void)
{
	struct timespec t = {0};
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NANOS_PER_S + t.tv_nsec;
}

// Waits for the next turn. False when a signal ends the watch.
static bool pause_until_next(struct watch *w, const sigset_t *signals)
{
	int64_t interval = (int64_t)(w->a->interval_s * (double)NANOS_PER_S);
	int64_t now = watch_monotonic_ns();
	// A machine that slept does not make up for it.
	w->next_ns = w->next_ns + interval > now ? w->next_ns + interval : now;
	int64_t left = w->next_ns - now;
	struct timespec t = {.tv_sec = left / NANOS_PER_S, .tv_nsec = left % NANOS_PER_S};
	for (;;) {
		int got = sigtimedwait(signals, NULL, &t);
		if (got >= 0)
			return false;
		if (errno != EINTR)
			return true;
	}
}

static void signals_hold(sigset_t *ret_signals)
{
	sigemptyset(ret_signals);
	sigaddset(ret_signals, SIGINT);
	sigaddset(ret_signals, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, ret_signals, NULL);
}

enum exit_code watch_run(const struct arguments *a)
{
	struct watch w = {.a = a, .is_terminal = isatty(STDOUT_FILENO) == 1};
	sigset_t signals;
	if (a->watch)
		signals_hold(&signals);
	w.next_ns = watch_monotonic_ns();
	enum exit_code code = turn(&w);
	while (code == EXIT_OK && a->watch && pause_until_next(&w, &signals))
		code = turn(&w);
	free(w.before);
	return code;
}

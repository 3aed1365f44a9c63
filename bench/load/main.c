// SPDX-License-Identifier: BSD-3-Clause
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "commands/commands.h"
#include "options/batch.h"
#include "options/options_read.h"
#include "report/html.h"
#include "run/link.h"
#include "run/session.h"
#include "run/stopwatch.h"
#include "traffic/clients.h"

// How often the user said stop: once ends sending, twice ends waiting for replies.
static volatile int stop;

static void stop_ask(int signal_number)
{
	(void)signal_number;
	stop++;
}

static void main_signals_take(void)
{
	struct sigaction action = {.sa_handler = stop_ask};
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	// Drivers write to sockets of peers that may have gone.
	(void)signal(SIGPIPE, SIG_IGN);
}

// The other side may need a moment from link up to its first poll.
static void settle(double seconds)
{
	struct timespec t = {.tv_sec = (time_t)seconds};
	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	// A signal ends it early, and then the run.
	(void)nanosleep(&t, NULL);
}

static int command_run(const struct session *s)
{
	static int (*const runs[])(const struct session *s) = {
#define X(symbol, name) name##_run,
		LOAD_COMMANDS(X)
#undef X
	};
	if (!link_wait(s->link, s->options->wait_seconds, s->stop))
		return session_complain("the link did not come up: start the other side, or give "
					"it longer with --wait");
	settle(s->options->settle_seconds);
	return runs[s->options->command](s);
}

// One more run for each line of standard input. Returns the first failure's exit code.
static int batch_run(const struct session *s, int result)
{
	static struct batch batch;
	while (stop == 0 && fgets(batch.line, sizeof(batch.line), stdin) != NULL) {
		if (!batch_read(&batch, s->options))
			return EXIT_FAILURE;
		const struct session next = {&batch.options, s->link, s->stop, s->clients};
		int r = command_run(&next);
		result = result == EXIT_SUCCESS ? r : result;
		fflush(stdout);
	}
	return result;
}

int main(int argc, char **argv)
{
	struct options o;
	struct link l;
	char message[512];
	if (!options_read(argc, argv, &o))
		return EXIT_FAILURE;
	if (o.help || o.version) {
		for (unsigned i = 0; o.help && i < OPTIONS_HELP_PARTS; i++)
			fputs(options_help[i], stdout);
		if (o.version)
			puts("ntpwire-load " NTPWIRE_VERSION);
		return EXIT_SUCCESS;
	}
	if (o.report_dir != NULL && html_check(o.report_dir, message, sizeof(message)) < 0)
		return session_complain(message);
	main_signals_take();
	stopwatch_choose("ntpwire-load");
	if (link_open(&o, &l, message, sizeof(message)) < 0)
		return session_complain(message);
	struct clients clients = {0};
	const struct session session = {
		.options = &o, .link = &l, .stop = &stop, .clients = &clients};
	int result = command_run(&session);
	if (o.again) {
		fflush(stdout);
		result = batch_run(&session, result);
	}
	link_close(&l);
	clients_free(&clients);
	return result;
}

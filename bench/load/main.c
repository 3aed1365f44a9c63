// SPDX-License-Identifier: BSD-3-Clause
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "link.h"
#include "options.h"
#include "report.h"
#include "run.h"

// How often the user said stop: once ends sending, twice ends waiting for replies.
static volatile int stop;

static void stop_ask(int signal_number)
{
	(void)signal_number;
	stop++;
}

static void signals_take(void)
{
	struct sigaction action = {.sa_handler = stop_ask};
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	// Drivers write to sockets of peers that may have gone.
	(void)signal(SIGPIPE, SIG_IGN);
}

static int complain(const char *sentence)
{
	fprintf(stderr, "ntpwire-load: %s\n", sentence);
	return EXIT_FAILURE;
}

// The other side may need a moment from link up to its first poll.
static void settle(double seconds)
{
	struct timespec t = {.tv_sec = (time_t)seconds};
	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	// A signal ends it early, and then the run.
	(void)nanosleep(&t, NULL);
}

static int measure(const struct options *o, const struct link *l)
{
	struct report report;
	if (!link_wait(l, o->wait_seconds, &stop))
		return complain("the link did not come up: start the other side, or give it longer "
				"with --wait");
	settle(o->settle_seconds);
	struct run *r = run_create(o, l);
	if (r == NULL)
		return complain("no memory");
	run_execute(r, o->quiet ? NULL : report_progress, &stop);
	report_make(r, &report);
	if (o->json)
		(void)report_print_json(stdout, r, &report);
	else
		report_print(stdout, r, &report);
	free(r);
	return report_is_good(&report) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct options o;
	struct link l;
	char message[512];
	if (!options_read(argc, argv, &o))
		return EXIT_FAILURE;
	if (o.help || o.version) {
		fputs(o.help ? options_help : "ntpwire-load " NTPWIRE_VERSION "\n", stdout);
		return EXIT_SUCCESS;
	}
	signals_take();
	if (link_open(&o, &l, message, sizeof(message)) < 0)
		return complain(message);
	int result = measure(&o, &l);
	link_close(&l);
	return result;
}

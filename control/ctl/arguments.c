// SPDX-License-Identifier: BSD-3-Clause
#include "ctl/arguments.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTERVAL_MIN 0.1
#define INTERVAL_MAX 3600.0

const char arguments_help[] =
	"ntpwirectl asks a running ntpwired how it is, and checks its configuration.\n"
	"\n"
	"How is the server, and how good is its time?\n"
	"    ntpwirectl status\n"
	"What came in, what was answered, and why was the rest not?\n"
	"    ntpwirectl stats\n"
	"The same as it happens, every second, or every five; Ctrl-C ends it:\n"
	"    ntpwirectl stats --watch\n"
	"    ntpwirectl stats --watch 5\n"
	"For a program (with --watch: one object a line):\n"
	"    ntpwirectl stats --json | jq .total.answered\n"
	"May clients be sent here? One line, and the answer as the exit code, for a health check:\n"
	"    ntpwirectl health\n"
	"A server with a run_dir of its own:\n"
	"    ntpwirectl --run-dir /run/ntpwire-lab status\n"
	"Is this configuration right? Nothing is started:\n"
	"    ntpwirectl check /etc/ntpwire/ntpwire.yaml\n"
	"\n"
	"Options: --run-dir DIR (-d; default /run/ntpwire), --json (-j), --watch [SECONDS] (-w),\n"
	"--help (-h), --version (-V).\n"
	"Exit: 0 all right; 1 a mistake, in the configuration or in what was asked; 2 no server "
	"runs.\n"
	"Of health: 0 up; 1 degraded; 2 down, or a mistake in what was asked.\n"
	"More: man ntpwirectl\n";

static bool arguments_complain(const char *what, const char *value)
{
	fprintf(stderr, "ntpwirectl: %s: %s; see ntpwirectl --help\n", value, what);
	return false;
}

static bool interval_read(const char *text, double *ret_seconds)
{
	char *end;
	double seconds = strtod(text, &end);
	if (!isdigit((unsigned char)text[0]) || *end != '\0' || !(seconds >= INTERVAL_MIN) ||
		seconds > INTERVAL_MAX)
		return arguments_complain("--watch takes 0.1 to 3600 seconds", text);
	*ret_seconds = seconds;
	return true;
}

// --watch takes a number as its own word too, which getopt does not do for optional arguments.
static bool watch_read(int argc, char **argv, struct arguments *a)
{
	a->watch = true;
	if (optarg != NULL)
		return interval_read(optarg, &a->interval_s);
	if (optind < argc && isdigit((unsigned char)argv[optind][0]))
		return interval_read(argv[optind++], &a->interval_s);
	return true;
}

static bool option_read(int option, int argc, char **argv, struct arguments *a)
{
	switch (option) {
	case 'd':
		a->run_dir = optarg;
		return true;
	case 'j':
		a->json = true;
		return true;
	case 'w':
		return watch_read(argc, argv, a);
	case 'h':
		a->help = true;
		return true;
	case 'V':
		a->version = true;
		return true;
	default:
		return arguments_complain(
			"unknown option, or one without its value", argv[optind - 1]);
	}
}

static bool command_read(const char *word, enum command *ret_command)
{
	static const struct {
		const char *word;
		enum command command;
	} commands[] = {{"status", COMMAND_STATUS}, {"stats", COMMAND_STATS},
		{"health", COMMAND_HEALTH}, {"check", COMMAND_CHECK}};
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(word, commands[i].word) != 0)
			continue;
		*ret_command = commands[i].command;
		return true;
	}
	return arguments_complain(
		"no such command; there are status, stats, health and check", word);
}

static bool words_read(int argc, char **argv, struct arguments *a)
{
	if (a->help || a->version)
		return true;
	if (optind == argc)
		return arguments_complain(
			"say what to do: status, stats, health or check FILE", "no command");
	if (!command_read(argv[optind++], &a->command))
		return false;
	if (a->command == COMMAND_CHECK) {
		if (optind == argc)
			return arguments_complain("needs the configuration's file name", "check");
		a->file = argv[optind++];
		if (a->json || a->watch)
			return arguments_complain("goes without --json and --watch", "check");
	}
	if (a->command == COMMAND_HEALTH && a->watch)
		return arguments_complain("goes without --watch", "health");
	return optind == argc || arguments_complain("one word too many", argv[optind]);
}

bool arguments_read(int argc, char **argv, struct arguments *ret_arguments)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{"json", no_argument, NULL, 'j'},
		{"run-dir", required_argument, NULL, 'd'},
		{"version", no_argument, NULL, 'V'},
		{"watch", optional_argument, NULL, 'w'},
		{NULL, 0, NULL, 0},
	};
	struct arguments a = {.run_dir = "/run/ntpwire", .interval_s = 1};
	opterr = 0;
	for (int o; (o = getopt_long(argc, argv, "d:hjVw::", options, NULL)) != -1;)
		if (!option_read(o, argc, argv, &a))
			return false;
	if (!words_read(argc, argv, &a))
		return false;
	*ret_arguments = a;
	return true;
}

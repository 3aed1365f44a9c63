// SPDX-License-Identifier: BSD-3-Clause
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "calibrate/calibrate.h"
#include "config/config_load.h"
#include "common/log.h"
#include "server/server.h"

#define CONFIG_DEFAULT "/etc/ntpwire/ntpwire.yaml"

struct arguments {
	const char *config;
	bool check;
	bool calibrate;
};

static const char usage[] =
	"usage: ntpwired [--config FILE] [--check | --calibrate]\n"
	"Answers NTP from the wire, as FILE says (default " CONFIG_DEFAULT ").\n"
	"  -c, --config FILE  read the configuration from FILE\n"
	"      --check        only say whether the configuration is right\n"
	"      --calibrate    only measure tx_latency, between the first two ports, joined by a\n"
	"                     cable\n"
	"  -h, --help         this text\n"
	"  -V, --version      the version\n"
	"Signals: TERM and INT drain and stop, a second one stops at once.\n";

static void main_arguments_read(int argc, char **argv, struct arguments *ret_arguments)
{
	enum { OPTION_CHECK = 256, OPTION_CALIBRATE };
	static const struct option options[] = {
		{"calibrate", no_argument, NULL, OPTION_CALIBRATE},
		{"check", no_argument, NULL, OPTION_CHECK},
		{"config", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	struct arguments a = {.config = CONFIG_DEFAULT};
	for (int o; (o = getopt_long(argc, argv, "c:hV", options, NULL)) != -1;) {
		switch (o) {
		case 'c':
			a.config = optarg;
			break;
		case OPTION_CALIBRATE:
			a.calibrate = true;
			break;
		case OPTION_CHECK:
			a.check = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		case 'V':
			puts("ntpwired " NTPWIRE_VERSION);
			exit(EXIT_SUCCESS);
		default:
			fputs(usage, stderr);
			exit(EXIT_FAILURE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "ntpwired: unexpected argument '%s'\n%s", argv[optind], usage);
		exit(EXIT_FAILURE);
	}
	*ret_arguments = a;
}

int main(int argc, char **argv)
{
	struct arguments a;
	struct config *config;
	struct diagnostic d;
	main_arguments_read(argc, argv, &a);
	if (config_load(a.config, &config, &d) < 0) {
		log_error("%s", d.sentence);
		return EXIT_FAILURE;
	}
	if (!a.check)
		log_set_level(config->log_level);
	if (config->warning.sentence[0] != '\0')
		log_warning("%s", config->warning.sentence);
	if (a.check) {
		printf("%s: the configuration is right\n", a.config);
		config_free(config);
		return EXIT_SUCCESS;
	}
	int r = a.calibrate ? calibrate_run(config) : server_run(config);
	config_free(config);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

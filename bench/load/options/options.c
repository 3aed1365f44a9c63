// SPDX-License-Identifier: BSD-3-Clause
#include "options/options_read.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "method/ramp.h"
#include "method/soak.h"
#include "options/options_words.h"
#include "options/values.h"

const struct load_command_row load_commands[LOAD_COMMAND_COUNT] = {
#define X(symbol, name) {#name},
	LOAD_COMMANDS(X)
#undef X
};

static bool options_complain(const char *sentence)
{
	fprintf(stderr, "ntpwire-load: %s; see ntpwire-load --help\n", sentence);
	return false;
}

// What a command takes where the user says nothing.
struct usual {
	double seconds;
	double drain_seconds;
	uint32_t clients;
};

static const struct usual usuals[LOAD_COMMAND_COUNT] = {
	[LOAD_RATE] = {10, 1, 1000},
	[LOAD_LATENCY] = {5, 0.2, 1000},
	[LOAD_RAMP] = {2, 0.2, RAMP_CLIENTS_MAX},
	[LOAD_SEARCH] = {1, 0.2, 1000},
	[LOAD_SOAK] = {600, 1, 1000},
	[LOAD_VERIFY] = {10, 1, 1000},
};

static void usuals_fill(struct options *o)
{
	const struct usual *u = &usuals[o->command];
	if (o->seconds == 0)
		o->seconds = u->seconds;
	if (o->drain_seconds < 0)
		o->drain_seconds = u->drain_seconds;
	if (o->profile.clients == 0)
		o->profile.clients = u->clients;
}

static void defaults_fill(struct options *o)
{
	*o = (struct options){.huge_pages = true,
		.memory_mib = 128,
		.queues = 1,
		.drain_seconds = -1,
		.width = 0.01,
		.interval = 10,
		.wait_seconds = 10,
		.timeout_ms = 200};
	o->profile.weight[REQUEST_V4] = 1;
	for (size_t kind = 0; kind < junk_kind_count; kind++)
		o->profile.junk[kind] = true;
	(void)value_read_net("198.18.0.0/15", &o->profile);
	(void)value_read_net("2001:2::/48", &o->profile);
}

// Whether the clients of a family fit their net, and the server is not one of them.
static bool family_check(const struct profile_family *f, unsigned size, uint32_t clients)
{
	unsigned host_bits = 8 * size - f->net_bits;
	uint32_t net;
	uint32_t server;
	if (host_bits < 25 && clients > (1u << host_bits) - 2 + (host_bits == 0))
		return options_complain(
			"more --clients than --src-net has addresses: give a larger --src-net, as "
			"--src-net 11.0.0.0/8 or --src-net 2001:2::/48");
	memcpy(&net, f->net + size - 4, sizeof(net));
	memcpy(&server, f->server + size - 4, sizeof(server));
	if (memcmp(f->net, f->server, size - 4) == 0 && ntohl(server) - ntohl(net) <= clients)
		return options_complain(
			"the server of --dst is among the clients of --src-net: choose another "
			"--src-net");
	return true;
}

static bool junk_is_possible(const struct profile *t)
{
	for (size_t kind = 0; kind < junk_kind_count; kind++) {
		const struct junk_kind_row *row = &junk_kinds[kind];
		if (t->junk[kind] && ((t->ip4.is_used && !row->is_ip6_only) ||
					     (t->ip6.is_used && !row->is_ip4_only)))
			return true;
	}
	return false;
}

static bool options_check(const struct options *o)
{
	const struct profile *t = &o->profile;
	if (o->device == NULL)
		return options_complain("--device is missing: the port to send from");
	if (!t->ip4.is_used && !t->ip6.is_used)
		return options_complain("--dst is missing: the server's address");
	if (!o->has_destination)
		return options_complain(
			"--dst-mac is missing: the server's MAC address, as `ntpwirectl status "
			"--json` or `ip neigh` shows it");
	if (t->junk_percent > 0 && o->expect != EXPECT_NTP)
		return options_complain(
			"--junk goes with --expect ntp only: a reflector reflects it too");
	if (t->junk_percent > 0 && !junk_is_possible(t))
		return options_complain(
			"--junk-kinds names none that exists in the families of --dst");
	if (o->interleaved && (o->expect != EXPECT_NTP || t->weight[REQUEST_V4] == 0))
		return options_complain(
			"--interleaved is asked of a server, by v4 requests: it goes with "
			"--expect ntp and a --mix that has v4");
	if (o->interleaved && o->command == LOAD_VERIFY)
		return options_complain("--interleaved: verify asks with frames of its own");
	if (o->report_dir != NULL && o->command == LOAD_VERIFY)
		return options_complain(
			"--report: verify has nothing to plot; --json has all it found");
	if (o->seconds / o->interval > SOAK_INTERVALS_MAX)
		return options_complain(
			"--interval: --seconds are more than 100000 of it: make it longer");
	if (t->ip4.is_used && !family_check(&t->ip4, 4, t->clients))
		return false;
	return !t->ip6.is_used || family_check(&t->ip6, 16, t->clients);
}

// why: what is wrong with the word, or with there being none.
static bool command_complain(const char *why, const char *word)
{
	char sentence[256];
	int used = snprintf(sentence, sizeof(sentence), "%s%s: say one of", why, word);
	for (size_t i = 0; i < LOAD_COMMAND_COUNT && (size_t)used < sizeof(sentence); i++)
		used += snprintf(sentence + used, sizeof(sentence) - (size_t)used, "%s %s",
			i > 0 ? "," : "", load_commands[i].name);
	return options_complain(sentence);
}

static bool command_take(int count, char **words, struct options *o)
{
	if (count == 0)
		return command_complain("no command", "");
	if (count > 1)
		return command_complain(
			"there is room for one command of %s, '%s' is more", words[1]);
	for (unsigned i = 0; i < LOAD_COMMAND_COUNT; i++) {
		if (strcmp(words[0], load_commands[i].name) != 0)
			continue;
		o->command = (enum load_command)i;
		return true;
	}
	return command_complain("no such command: ", words[0]);
}

// index: row of the option; -1: there is no such option, or it lacks its value.
static bool option_take(int index, const char *word, struct options *o)
{
	char sentence[256];
	if (index < 0) {
		snprintf(sentence, sizeof(sentence), "%s: no such option, or it lacks its value",
			word);
		return options_complain(sentence);
	}
	const struct option_word *row = &option_words[index];
	if (row->take(optarg, o))
		return true;
	snprintf(sentence, sizeof(sentence), "--%s %s: takes %s", row->name, optarg, row->takes);
	return options_complain(sentence);
}

// getopt keeps to itself where it was in the arguments before; 0 makes it forget (getopt(3)).
bool options_read(int argc, char **argv, struct options *ret_options)
{
	struct option names[OPTION_WORDS_MAX + 1] = {0};
	struct options o;
	int index = -1;
	defaults_fill(&o);
	opterr = 0;
	optind = 0;
	for (size_t i = 0; i < option_word_count; i++)
		names[i] = (struct option){option_words[i].name,
			option_words[i].takes != NULL ? required_argument : no_argument, NULL, 0};
	while (getopt_long(argc, argv, "", names, &index) != -1) {
		if (!option_take(index, argv[optind - 1], &o))
			return false;
		index = -1;
	}
	if (!o.help && !o.version) {
		if (!command_take(argc - optind, argv + optind, &o))
			return false;
		usuals_fill(&o);
		if (!options_check(&o))
			return false;
	}
	*ret_options = o;
	return true;
}

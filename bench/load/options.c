// SPDX-License-Identifier: BSD-3-Clause
#include "options.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pace.h"
#include "values.h"

const char options_help[] =
	"ntpwire-load measures an NTP server: it sends requests on a schedule, whatever comes "
	"back,\n"
	"and verifies every reply.\n"
	"\n"
	"50,000 requests a second for 10 s, over shared memory, to a server that listens there:\n"
	"    ntpwire-load rate --device "
	"net_memif0,role=client,socket=/tmp/m.sock,socket-abstract=no \\\n"
	"        --dst 10.123.0.1 --dst-mac 02:00:00:00:00:01 --rate 50k --seconds 10\n"
	"As many as the link takes, from a network card:\n"
	"    ntpwire-load rate --device 0000:3b:00.0 --dst 192.0.2.10 --dst-mac 02:00:00:00:00:01\n"
	"A million clients of both families, a VLAN tag, old and new versions, a tenth of it "
	"junk:\n"
	"    ntpwire-load rate ... --dst 10.123.0.1 --dst fd00:123::1 --clients 1M \\\n"
	"        --src-net 11.0.0.0/8 --vlan 100 --mix v4=90,v3=9,v1=1 --junk 10\n"
	"For a program:\n"
	"    ntpwire-load rate ... --quiet --json | jq .answered_pps\n"
	"What the link and this program carry, against a reflector (testpmd "
	"--forward-mode=5tswap):\n"
	"    ntpwire-load rate ... --expect reflect\n"
	"\n"
	"What is sent:\n"
	"  --dst ADDRESS        the server; once for each family, half of the requests to each\n"
	"  --dst-mac MAC        its MAC address, or the next router's\n"
	"  --rate N|max         frames a second, as 50000, 50k or 1.5M (default: max)\n"
	"  --seconds S          for how long (default 10)\n"
	"  --clients N          source addresses, taken in turn (default 1000, at most 16777216)\n"
	"  --src-net NET        where they come from (default 198.18.0.0/15 and 2001:2::/48)\n"
	"  --vlan ID            with an 802.1Q tag\n"
	"  --mix KIND=SHARE,... kinds of request: v4 (default), v3, v2, v1, v1-mode0, symmetric\n"
	"  --junk PERCENT       share of frames that must not be answered (default 0)\n"
	"  --junk-kinds LIST    only these kinds of junk (default all; --junk-kinds help names "
	"them)\n"
	"  --expect WHAT        what comes back: ntp (default), or the same as it would from "
	"testpmd:\n"
	"                       reflect (5tswap), macswap, io\n"
	"  --allow-unsynchronised   replies with leap 3 or stratum 0 are right too\n"
	"  --drain S            late replies are waited for so long (default 1)\n"
	"The sending side:\n"
	"  --device DEVICE      PCI address, or a DPDK virtual device with its arguments\n"
	"  --core N             the core that sends and receives (default 0)\n"
	"  --queues N           queues of the port, used in turn (default 1); memif wants as many\n"
	"                       as its other side has\n"
	"  --wait S             the link may take so long to come up (default 10)\n"
	"  --settle S           wait so long before the first frame once it is up (default 0)\n"
	"  --huge-pages on|off  (default on)\n"
	"  --memory MIB         (default 128)\n"
	"  --file-prefix NAME   DPDK's name for this process (default ntpwire-load-PID)\n"
	"  --eal ARGUMENT       one more argument for DPDK; may be repeated\n"
	"What is printed:\n"
	"  --json               one JSON object instead of the table\n"
	"  --quiet              no progress lines\n"
	"  --help, --version\n"
	"\n"
	"Ctrl-C ends it with what was measured so far. Exit: 0 replies came and every one was "
	"right;\n"
	"1 otherwise.\n";

static bool junk_kinds_print(void)
{
	for (size_t kind = 0; kind < junk_kind_count; kind++)
		puts(junk_kinds[kind].name);
	exit(EXIT_SUCCESS);
}

static bool device_take(const char *text, struct options *o)
{
	o->device = text;
	return text[0] != '\0';
}

static bool prefix_take(const char *text, struct options *o)
{
	o->file_prefix = text;
	return text[0] != '\0' && strchr(text, '/') == NULL;
}

static bool eal_take(const char *text, struct options *o)
{
	if (o->eal_arg_count == OPTIONS_EAL_ARGS)
		return false;
	o->eal_arg[o->eal_arg_count++] = text;
	return true;
}

static bool core_take(const char *text, struct options *o)
{
	uint64_t n;
	bool fits = value_read_count(text, 0, 1023, &n);
	if (fits)
		o->core = (unsigned)n;
	return fits;
}

static bool queues_take(const char *text, struct options *o)
{
	uint64_t n;
	bool fits = value_read_count(text, 1, OPTIONS_QUEUES, &n);
	if (fits)
		o->queues = (unsigned)n;
	return fits;
}

static bool memory_take(const char *text, struct options *o)
{
	uint64_t n;
	bool fits = value_read_count(text, 32, 1 << 20, &n);
	if (fits)
		o->memory_mib = (unsigned)n;
	return fits;
}

static bool huge_take(const char *text, struct options *o)
{
	return value_read_switch(text, &o->huge_pages);
}

static bool rate_take(const char *text, struct options *o)
{
	if (strcmp(text, "max") != 0)
		return value_read_count(text, 1, PACE_RATE_MAX, &o->rate);
	o->rate = 0;
	return true;
}

static bool seconds_take(const char *text, struct options *o)
{
	return value_read_decimal(text, 0.01, 86400 * 366, &o->seconds);
}

static bool drain_take(const char *text, struct options *o)
{
	return value_read_decimal(text, 0, 3600, &o->drain_seconds);
}

static bool settle_take(const char *text, struct options *o)
{
	return value_read_decimal(text, 0, 3600, &o->settle_seconds);
}

static bool wait_take(const char *text, struct options *o)
{
	return value_read_decimal(text, 0, 3600, &o->wait_seconds);
}

static bool clients_take(const char *text, struct options *o)
{
	uint64_t n;
	bool fits = value_read_count(text, 1, DEMAND_CLIENTS_MAX, &n);
	if (fits)
		o->demand.clients = (uint32_t)n;
	return fits;
}

static bool server_take(const char *text, struct options *o)
{
	return value_read_server(text, &o->demand);
}

static bool mac_take(const char *text, struct options *o)
{
	o->has_destination = value_read_mac(text, &o->demand.destination);
	return o->has_destination;
}

static bool net_take(const char *text, struct options *o)
{
	return value_read_net(text, &o->demand);
}

static bool vlan_take(const char *text, struct options *o)
{
	uint64_t n;
	o->demand.has_vlan = value_read_count(text, 1, 4094, &n);
	if (o->demand.has_vlan)
		o->demand.vlan = (uint16_t)n;
	return o->demand.has_vlan;
}

static bool mix_take(const char *text, struct options *o)
{
	return value_read_mix(text, &o->demand);
}

static bool junk_take(const char *text, struct options *o)
{
	uint64_t n;
	bool fits = value_read_count(text, 0, 99, &n);
	if (fits)
		o->demand.junk_percent = (unsigned)n;
	return fits;
}

static bool junk_kinds_take(const char *text, struct options *o)
{
	if (strcmp(text, "help") == 0)
		return junk_kinds_print();
	return value_read_junk_kinds(text, &o->demand);
}

static bool expect_take(const char *text, struct options *o)
{
	static const char *const words[] = {[EXPECT_NTP] = "ntp",
		[EXPECT_REFLECT] = "reflect",
		[EXPECT_MACSWAP] = "macswap",
		[EXPECT_IO] = "io"};
	for (unsigned e = 0; e < sizeof(words) / sizeof(words[0]); e++) {
		if (strcmp(text, words[e]) != 0)
			continue;
		o->expect = (enum expect)e;
		return true;
	}
	return false;
}

static bool unsynchronised_take(const char *text, struct options *o)
{
	(void)text;
	o->allow_unsynchronised = true;
	return true;
}

static bool json_take(const char *text, struct options *o)
{
	(void)text;
	o->json = true;
	return true;
}

static bool quiet_take(const char *text, struct options *o)
{
	(void)text;
	o->quiet = true;
	return true;
}

static bool help_take(const char *text, struct options *o)
{
	(void)text;
	o->help = true;
	return true;
}

static bool version_take(const char *text, struct options *o)
{
	(void)text;
	o->version = true;
	return true;
}

// takes: what the value must be; NULL: there is none.
static const struct row {
	const char *name;
	bool (*take)(const char *text, struct options *o);
	const char *takes;
} rows[] = {
	{"allow-unsynchronised", unsynchronised_take, NULL},
	{"clients", clients_take, "1 to 16777216, as 1000, 64k or 1M"},
	{"core", core_take, "the number of a core"},
	{"device", device_take, "a PCI address or a DPDK virtual device"},
	{"drain", drain_take, "0 to 3600 seconds"},
	{"dst", server_take, "an IPv4 or IPv6 address"},
	{"dst-mac", mac_take, "a MAC address of one station, as 02:00:00:00:00:01"},
	{"eal", eal_take, "an argument for DPDK, at most 16 times"},
	{"expect", expect_take, "ntp, reflect, macswap or io"},
	{"file-prefix", prefix_take, "a name without slashes"},
	{"help", help_take, NULL},
	{"huge-pages", huge_take, "on or off"},
	{"json", json_take, NULL},
	{"junk", junk_take, "0 to 99 percent"},
	{"junk-kinds", junk_kinds_take, "kinds of junk with commas; --junk-kinds help names them"},
	{"memory", memory_take, "32 MiB or more, as a whole number"},
	{"mix", mix_take, "kinds of request with shares, as v4=90,v3=10"},
	{"queues", queues_take, "1 to 32"},
	{"quiet", quiet_take, NULL},
	{"rate", rate_take, "max, or 1 to 1G frames a second, as 50000, 50k or 1.5M"},
	{"seconds", seconds_take, "0.01 seconds to a year"},
	{"settle", settle_take, "0 to 3600 seconds"},
	{"src-net", net_take, "a network, as 198.18.0.0/15 or 2001:2::/48"},
	{"version", version_take, NULL},
	{"vlan", vlan_take, "1 to 4094"},
	{"wait", wait_take, "0 to 3600 seconds"},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static bool complain(const char *sentence)
{
	fprintf(stderr, "ntpwire-load: %s; see ntpwire-load --help\n", sentence);
	return false;
}

static void defaults_fill(struct options *o)
{
	*o = (struct options){.huge_pages = true,
		.memory_mib = 128,
		.queues = 1,
		.seconds = 10,
		.drain_seconds = 1,
		.wait_seconds = 10};
	o->demand.clients = 1000;
	o->demand.weight[REQUEST_V4] = 1;
	for (size_t kind = 0; kind < junk_kind_count; kind++)
		o->demand.junk[kind] = true;
	(void)value_read_net("198.18.0.0/15", &o->demand);
	(void)value_read_net("2001:2::/48", &o->demand);
}

// Whether the clients of a family fit their net, and the server is not one of them.
static bool family_check(const struct demand_family *f, unsigned size, uint32_t clients)
{
	unsigned host_bits = 8 * size - f->net_bits;
	uint32_t net;
	uint32_t server;
	if (host_bits < 25 && clients > (1u << host_bits) - 2 + (host_bits == 0))
		return complain(
			"more --clients than --src-net has addresses: give a larger --src-net, as "
			"--src-net 11.0.0.0/8 or --src-net 2001:2::/48");
	memcpy(&net, f->net + size - 4, sizeof(net));
	memcpy(&server, f->server + size - 4, sizeof(server));
	if (memcmp(f->net, f->server, size - 4) == 0 && ntohl(server) - ntohl(net) <= clients)
		return complain(
			"the server of --dst is among the clients of --src-net: choose another "
			"--src-net");
	return true;
}

static bool junk_is_possible(const struct demand *t)
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
	const struct demand *t = &o->demand;
	if (o->device == NULL)
		return complain("--device is missing: the port to send from");
	if (!t->ip4.is_used && !t->ip6.is_used)
		return complain("--dst is missing: the server's address");
	if (!o->has_destination)
		return complain(
			"--dst-mac is missing: the server's MAC address, as `ntpwirectl status "
			"--json` or `ip neigh` shows it");
	if (t->junk_percent > 0 && o->expect != EXPECT_NTP)
		return complain("--junk goes with --expect ntp only: a reflector reflects it too");
	if (t->junk_percent > 0 && !junk_is_possible(t))
		return complain("--junk-kinds names none that exists in the families of --dst");
	if (t->ip4.is_used && !family_check(&t->ip4, 4, t->clients))
		return false;
	return !t->ip6.is_used || family_check(&t->ip6, 16, t->clients);
}

static bool command_check(int argc, char **argv)
{
	char sentence[256];
	if (optind == argc)
		return complain("say what to do; there is: rate");
	const char *odd = strcmp(argv[optind], "rate") != 0 ? argv[optind] : argv[optind + 1];
	if (odd == NULL)
		return true;
	snprintf(sentence, sizeof(sentence), "'%s' is no command, and there is room for one: rate",
		odd);
	return complain(sentence);
}

// index: row of the option; -1: there is no such option, or it lacks its value.
static bool option_take(int index, const char *word, struct options *o)
{
	char sentence[256];
	if (index < 0) {
		snprintf(sentence, sizeof(sentence), "%s: no such option, or it lacks its value",
			word);
		return complain(sentence);
	}
	const struct row *row = &rows[index];
	if (row->take(optarg, o))
		return true;
	snprintf(sentence, sizeof(sentence), "--%s %s: takes %s", row->name, optarg, row->takes);
	return complain(sentence);
}

bool options_read(int argc, char **argv, struct options *ret_options)
{
	struct option names[ROWS + 1] = {0};
	struct options o;
	int index = -1;
	defaults_fill(&o);
	opterr = 0;
	for (size_t i = 0; i < ROWS; i++)
		names[i] = (struct option){rows[i].name,
			rows[i].takes != NULL ? required_argument : no_argument, NULL, 0};
	while (getopt_long(argc, argv, "", names, &index) != -1) {
		if (!option_take(index, argv[optind - 1], &o))
			return false;
		index = -1;
	}
	if (!o.help && !o.version && (!command_check(argc, argv) || !options_check(&o)))
		return false;
	*ret_options = o;
	return true;
}

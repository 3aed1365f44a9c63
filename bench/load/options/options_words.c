// SPDX-License-Identifier: BSD-3-Clause
#include "options/options_words.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options/values.h"
#include "traffic/key.h"
#include "traffic/pace.h"

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

static bool options_words_memory_take(const char *text, struct options *o)
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

static bool key_take(const char *text, struct options *o)
{
	o->has_key = key_read(text, &o->key);
	return o->has_key;
}

static bool timeout_take(const char *text, struct options *o)
{
	return value_read_decimal(text, 1, 60000, &o->timeout_ms);
}

static bool clients_take(const char *text, struct options *o)
{
	uint64_t n;
	bool fits = value_read_count(text, 1, PROFILE_CLIENTS_MAX, &n);
	if (fits)
		o->profile.clients = (uint32_t)n;
	return fits;
}

static bool server_take(const char *text, struct options *o)
{
	return value_read_server(text, &o->profile);
}

static bool mac_take(const char *text, struct options *o)
{
	o->has_destination = value_read_mac(text, &o->profile.destination);
	return o->has_destination;
}

static bool net_take(const char *text, struct options *o)
{
	return value_read_net(text, &o->profile);
}

static bool vlan_take(const char *text, struct options *o)
{
	uint64_t n;
	o->profile.has_vlan = value_read_count(text, 1, 4094, &n);
	if (o->profile.has_vlan)
		o->profile.vlan = (uint16_t)n;
	return o->profile.has_vlan;
}

static bool mix_take(const char *text, struct options *o)
{
	return value_read_mix(text, &o->profile);
}

static bool options_words_junk_take(const char *text, struct options *o)
{
	uint64_t n;
	bool fits = value_read_count(text, 0, 99, &n);
	if (fits)
		o->profile.junk_percent = (unsigned)n;
	return fits;
}

static bool junk_kinds_take(const char *text, struct options *o)
{
	if (strcmp(text, "help") == 0)
		return junk_kinds_print();
	return value_read_junk_kinds(text, &o->profile);
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

static bool interval_take(const char *text, struct options *o)
{
	return value_read_decimal(text, 1, 86400, &o->interval);
}

static bool width_take(const char *text, struct options *o)
{
	double percent;
	bool fits = value_read_decimal(text, 0.1, 50, &percent);
	if (fits)
		o->width = percent / 100;
	return fits;
}

static bool ndr_take(const char *text, struct options *o)
{
	return value_read_count(text, 10, PACE_RATE_MAX, &o->ndr);
}

static bool reflector_take(const char *text, struct options *o)
{
	return value_read_count(text, 1, PACE_RATE_MAX, &o->reflector);
}

static bool clock_take(const char *text, struct options *o)
{
	(void)text;
	o->same_clock = true;
	return true;
}

static bool interleaved_take(const char *text, struct options *o)
{
	(void)text;
	o->interleaved = true;
	return true;
}

static bool report_take(const char *text, struct options *o)
{
	o->report_dir = text;
	return text[0] != '\0';
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

static bool again_take(const char *text, struct options *o)
{
	(void)text;
	o->again = true;
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

const struct option_word option_words[] = {
	{"again", again_take, NULL},
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
	{"interleaved", interleaved_take, NULL},
	{"interval", interval_take, "1 to 86400 seconds"},
	{"json", json_take, NULL},
	{"junk", options_words_junk_take, "0 to 99 percent"},
	{"junk-kinds", junk_kinds_take, "kinds of junk with commas; --junk-kinds help names them"},
	{"key", key_take,
		"number:type:digits, as 7:SHA1:6f70656e; types are MD5, SHA1, SHA256, "
		"SHA384, SHA512, AES128 and AES256"},
	{"memory", options_words_memory_take, "32 MiB or more, as a whole number"},
	{"mix", mix_take, "kinds of request with shares, as v4=90,v3=10"},
	{"ndr", ndr_take, "10 to 1G requests a second"},
	{"queues", queues_take, "1 to 32"},
	{"quiet", quiet_take, NULL},
	{"rate", rate_take, "max, or 1 to 1G frames a second, as 50000, 50k or 1.5M"},
	{"reflector", reflector_take, "1 to 1G frames a second"},
	{"report", report_take, "a folder"},
	{"same-clock", clock_take, NULL},
	{"seconds", seconds_take, "0.01 seconds to a year"},
	{"settle", settle_take, "0 to 3600 seconds"},
	{"src-net", net_take, "a network, as 198.18.0.0/15 or 2001:2::/48"},
	{"timeout", timeout_take, "1 to 60000 milliseconds"},
	{"version", version_take, NULL},
	{"vlan", vlan_take, "1 to 4094"},
	{"wait", wait_take, "0 to 3600 seconds"},
	{"width", width_take, "0.1 to 50 percent"},
};

#define WORDS (sizeof(option_words) / sizeof(option_words[0]))

static_assert(WORDS <= OPTION_WORDS_MAX, "the reader has room for every option");

const size_t option_word_count = WORDS;

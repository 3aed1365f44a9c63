// SPDX-License-Identifier: BSD-3-Clause
#include "options/options_read.h"
#include "options/values.h"
#include "run/link_args.h"

#include "harness/table.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WORDS  32
#define SERVER " --device net_null0 --dst 10.123.0.1 --dst-mac 02:00:00:00:00:01"
#define GOOD   "rate" SERVER

static struct options options;

// Reads a command line given as one text. What is complained about goes to ret_words.
static bool line_read(const char *line, char *ret_words, size_t size)
{
	static char copy[512];
	char *argv[WORDS] = {(char[]){"ntpwire-load"}};
	char *rest;
	int argc = 1;
	FILE *words = tmpfile();
	int kept = dup(STDERR_FILENO);
	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok_r(copy, " ", &rest); w != NULL; w = strtok_r(NULL, " ", &rest))
		argv[argc++] = w;
	optind = 0;
	assert_non_null(words);
	assert_true(dup2(fileno(words), STDERR_FILENO) >= 0);
	bool is_right = options_read(argc, argv, &options);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	close(kept);
	rewind(words);
	size_t n = fread(ret_words, 1, size - 1, words);
	ret_words[n] = '\0';
	fclose(words);
	return is_right;
}

struct mistake {
	const char *line;
	const char *word; // that must stand in the sentence
};

static const struct mistake mistakes[] = {
	{"", "rate"},
	{"rate", "--device"},
	{"measure --device net_null0", "measure"},
	{GOOD " again", "again"},
	{"rate --device net_null0 --dst 10.123.0.1", "--dst-mac"},
	{"rate --device net_null0 --dst-mac 02:00:00:00:00:01", "--dst"},
	{GOOD " --nonsense", "--nonsense"},
	{GOOD " --rate", "--rate"},
	{GOOD " --rate 0", "--rate 0"},
	{GOOD " --rate fast", "--rate fast"},
	{GOOD " --rate 2G", "--rate 2G"},
	{GOOD " --rate 1.0000001k", "--rate"},
	{GOOD " --seconds -1", "--seconds"},
	{GOOD " --seconds nan", "--seconds"},
	{GOOD " --clients 0", "--clients"},
	{GOOD " --clients 17M", "--clients"},
	{GOOD " --clients 200k", "--src-net"},
	{GOOD " --src-net 10.0.0.0", "--src-net"},
	{GOOD " --src-net 10.0.0.0/33", "--src-net"},
	{GOOD " --src-net 10.0.0.0/0", "--src-net"},
	{GOOD " --src-net 10.123.0.0/16", "--dst is among"},
	{GOOD " --dst fd00:123::1 --src-net fd00:123::/64", "--dst is among"},
	{GOOD " --dst localhost", "--dst"},
	{GOOD " --dst-mac 01:00:5e:00:00:01", "--dst-mac"},
	{GOOD " --dst-mac 02:00:00:00:00:01:02", "--dst-mac"},
	{GOOD " --vlan 4095", "--vlan"},
	{GOOD " --mix v9=1", "--mix"},
	{GOOD " --mix v4=", "--mix"},
	{GOOD " --junk 100", "--junk"},
	{GOOD " --junk-kinds sense", "--junk-kinds"},
	{GOOD " --junk 5 --junk-kinds ip6-length", "--junk-kinds"},
	{GOOD " --junk 5 --expect reflect", "--expect"},
	{GOOD " --expect much", "--expect"},
	{GOOD " --huge-pages yes", "--huge-pages"},
	{GOOD " --file-prefix a/b", "--file-prefix"},
	{GOOD " --memory 1", "--memory"},
	{GOOD " --queues 33", "--queues"},
	{GOOD " --width 0", "--width"},
	{GOOD " --interleaved --expect reflect", "--interleaved"},
	{GOOD " --interleaved --mix v3=1", "--interleaved"},
	{"verify" SERVER " --interleaved", "--interleaved"},
	{"soak" SERVER " --interval 0", "--interval"},
	{"soak" SERVER " --seconds 1000000 --interval 1", "--interval"},
	{GOOD " --reflector none", "--reflector"},
};

static void every_mistake_has_one_sentence(void **state)
{
	const struct mistake *m = *state;
	char words[512];
	assert_false(line_read(m->line, words, sizeof(words)));
	assert_non_null(strstr(words, m->word));
	assert_ptr_equal(strchr(words, '\n'), words + strlen(words) - 1);
}

static void options_become_values(void **state)
{
	char words[512];
	static const uint8_t server[16] = {0xfd, 0, 0x01, 0x23, [15] = 1};
	static const uint8_t net[4] = {10, 64, 0, 0};
	(void)state;
	assert_true(line_read(GOOD " --rate 1.5M --seconds 0.5 --clients 1M --dst fd00:123::1 "
				   "--src-net 10.64.3.2/10 --vlan 100 --mix v4=9,v3 --junk 7 "
				   "--junk-kinds mode6,short --huge-pages off --json --queues 2 "
				   "--interleaved",
		words, sizeof(words)));
	const struct profile *t = &options.profile;
	assert_int_equal(options.rate, 1500000);
	assert_true(options.seconds == 0.5);
	assert_int_equal(t->clients, 1000000);
	assert_true(t->ip4.is_used && t->ip6.is_used && t->has_vlan);
	assert_memory_equal(t->ip6.server, server, sizeof(server));
	assert_memory_equal(t->ip4.net, net, sizeof(net));
	assert_int_equal(t->ip4.net_bits, 10);
	assert_int_equal(t->vlan, 100);
	assert_int_equal(t->weight[REQUEST_V4], 9);
	assert_int_equal(t->weight[REQUEST_V3], 1);
	assert_int_equal(t->weight[REQUEST_V1], 0);
	assert_int_equal(t->junk_percent, 7);
	unsigned kinds = 0;
	for (size_t kind = 0; kind < junk_kind_count; kind++)
		kinds += t->junk[kind];
	assert_int_equal(kinds, 2);
	assert_false(options.huge_pages);
	assert_true(options.json);
	assert_true(options.interleaved);
	assert_int_equal(options.queues, 2);
	assert_string_equal(words, "");
}

static void defaults_are_a_whole_run(void **state)
{
	char words[512];
	(void)state;
	assert_true(line_read(GOOD, words, sizeof(words)));
	assert_int_equal(options.rate, 0);
	assert_int_equal(options.profile.clients, 1000);
	assert_int_equal(options.command, LOAD_RATE);
	assert_true(options.seconds == 10 && options.drain_seconds == 1);
	assert_int_equal(options.profile.weight[REQUEST_V4], 1);
	assert_int_equal(options.expect, EXPECT_NTP);
	assert_true(options.huge_pages);
	assert_false(options.interleaved);
}

// A search's trials are shorter than a run.
static void a_command_has_its_own_defaults(void **state)
{
	char words[512];
	(void)state;
	assert_true(line_read("search" SERVER, words, sizeof(words)));
	assert_int_equal(options.command, LOAD_SEARCH);
	assert_true(options.seconds == 1 && options.drain_seconds == 0.2);
	assert_true(options.width == 0.01);
	assert_true(line_read(
		"search" SERVER " --seconds 3 --drain 0 --width 5", words, sizeof(words)));
	assert_true(options.seconds == 3 && options.drain_seconds == 0);
	assert_true(options.width == 0.05);
}

static bool has_word(const struct link_args *a, const char *word)
{
	for (int i = 0; i < a->count; i++)
		if (strcmp(a->word[i], word) == 0)
			return true;
	return false;
}

static void dpdk_gets_what_the_device_needs(void **state)
{
	struct link_args a;
	struct options o = {.device = "net_memif0,role=client", .memory_mib = 64, .core = 3};
	(void)state;
	assert_true(link_args_make(&o, "load", &a));
	assert_true(has_word(&a, "--no-huge") && has_word(&a, "-m64"));
	assert_true(has_word(&a, "--vdev=net_memif0,role=client") && has_word(&a, "--no-pci"));
	assert_true(has_word(&a, "--lcores=0@3") && has_word(&a, "--file-prefix=load"));
	o.huge_pages = true;
	assert_true(link_args_make(&o, "load", &a));
	assert_false(has_word(&a, "--no-huge") || has_word(&a, "--in-memory"));
	o.device = "0000:3b:00.0";
	o.eal_arg[0] = "--legacy-mem";
	o.eal_arg_count = 1;
	assert_true(link_args_make(&o, "load", &a));
	assert_true(has_word(&a, "--allow=0000:3b:00.0") && has_word(&a, "--in-memory"));
	assert_true(has_word(&a, "--legacy-mem"));
	assert_false(has_word(&a, "--no-pci"));
}

int main(void)
{
	static struct table t;
	for (size_t i = 0; i < TABLE_LENGTH(mistakes); i++)
		table_add(&t, mistakes[i].line, every_mistake_has_one_sentence, &mistakes[i]);
	TABLE_ADD(&t, options_become_values);
	TABLE_ADD(&t, defaults_are_a_whole_run);
	TABLE_ADD(&t, a_command_has_its_own_defaults);
	TABLE_ADD(&t, dpdk_gets_what_the_device_needs);
	return table_run("load options", &t);
}

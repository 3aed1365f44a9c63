// SPDX-License-Identifier: BSD-3-Clause
// Good configurations: every setting arrives, every default is what the manual says, and the
// documentation names them all.
#include "config/config_load.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_schema.h"
#include "harness/scratch.h"
#include "harness/table.h"

#define LEAST "ports:\n  - device: net_null0\n    addresses: [10.0.0.10/24]\n"

// Loads a text that must be good.
static struct config *load(const char *text)
{
	struct config *c = NULL;
	struct diagnostic diagnostic = {""};
	const char *path = scratch_write("good.yaml", text, strlen(text));
	if (config_load(path, &c, &diagnostic) != 0)
		print_error("%s\n", diagnostic.sentence);
	assert_non_null(c);
	assert_string_equal(c->path, path);
	return c;
}

static void the_least_has_all_defaults(void **state)
{
	(void)state;
	struct config *c = load(LEAST);
	assert_int_equal(c->port_count, 1);
	assert_string_equal(c->port[0].device, "net_null0");
	assert_int_equal(c->port[0].address_count, 1);
	assert_false(c->port[0].has_gateway_mac);
	assert_int_equal(c->port[0].rx_timestamps, RX_TIMESTAMPS_AUTO);
	assert_int_equal(c->port[0].tx_latency_ns, 0);
	assert_false(c->port[0].launch_time);
	assert_true(c->workers_auto);
	assert_int_equal(c->worker_count, 0);
	assert_int_equal(c->main_core, -1);
	assert_int_equal(c->idle, IDLE_PAUSE);
	assert_int_equal(c->max_poll_gap_us, 50);
	assert_int_equal(c->max_poll_gap_drop_us, 1000);
	assert_int_equal(c->reference[0].source, REFERENCE_KERNEL);
	assert_int_equal(c->reference[0].stratum, 2);
	assert_string_equal(c->reference[0].reference_id, "LOCL");
	assert_string_equal(c->leap.file, "");
	assert_true(c->leap.window);
	assert_false(c->leap.smears);
	assert_int_equal(c->smear, SMEAR_OFF); // T-15
	assert_int_equal(c->huge_pages, HUGE_PAGES_AUTO);
	assert_int_equal(c->interleaved_mib, 0);
	assert_int_equal(c->counter, COUNTER_AUTO);
	assert_false(c->trust_counter);
	assert_int_equal(c->memory_mib, 0);
	assert_int_equal(c->ttl, 64);
	assert_int_equal(c->dscp, 0);
	assert_string_equal(c->run_dir, "/run/ntpwire");
	assert_int_equal(c->log_level, LOG_LEVEL_INFO);
	assert_int_equal(c->eal_arg_count, 0);
	config_free(c);
}

static const char everything[] = "ports:\n"
				 "  - device: \"net_af_xdp0,iface=eth1\"\n"
				 "    addresses: [10.123.0.1/24, \"fd00:123::1/64\"]\n"
				 "    gateway_mac: \"02:00:00:aB:00:01\"\n"
				 "    xdp: shared\n"
				 "  - device: 0000:3b:00.0\n"
				 "    addresses: [10.0.0.1/31]\n"
				 "    smeared_addresses: [10.0.0.9/31, \"fd00:123::9/64\"]\n"
				 "    rx_timestamps: on\n"
				 "    tx_latency: 420\n"
				 "    launch_time: true\n"
				 "workers: [1, 3]\n"
				 "main_core: 0\n"
				 "idle: sleep\n"
				 "max_poll_gap: 20\n"
				 "max_poll_gap_drop: 300\n"
				 "reference: { source: fixed, stratum: 3, reference_id: XY }\n"
				 "leap: { file: /etc/leap.list, window: off }\n"
				 "smear: cosine\n"
				 "memory: { huge_pages: false, size: 256 }\n"
				 "counter: tsc\n"
				 "trust_counter: true\n"
				 "interleaved: 16\n"
				 "ttl: 255\n"
				 "dscp: 46\n"
				 "run_dir: /run/ntpwire-lab//\n"
				 "log: { level: debug }\n"
				 "eal: [\"--single-file-segments\", \"--socket-mem=64,64\"]\n";

static void every_port_arrives(void **state)
{
	(void)state;
	static const uint8_t ip4[4] = {10, 123, 0, 1};
	static const uint8_t ip6[16] = {0xfd, 0, 1, 0x23, [15] = 1};
	static const uint8_t mac[6] = {2, 0, 0, 0xab, 0, 1};
	struct config *c = load(everything);
	assert_int_equal(c->port_count, 2);
	assert_string_equal(c->port[0].device, "net_af_xdp0,iface=eth1");
	assert_int_equal(c->port[0].address_count, 2);
	assert_false(c->port[0].address[0].is_ip6);
	assert_int_equal(c->port[0].address[0].prefix_length, 24);
	assert_memory_equal(c->port[0].address[0].byte, ip4, sizeof(ip4));
	assert_true(c->port[0].address[1].is_ip6);
	assert_int_equal(c->port[0].address[1].prefix_length, 64);
	assert_memory_equal(c->port[0].address[1].byte, ip6, sizeof(ip6));
	assert_true(c->port[0].has_gateway_mac);
	assert_memory_equal(c->port[0].gateway_mac.byte, mac, sizeof(mac));
	assert_string_equal(c->port[1].device, "0000:3b:00.0");
	assert_int_equal(c->port[1].address[0].prefix_length, 31);
	assert_int_equal(c->port[1].address_count, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(c->port[1].address[i].is_smeared, i > 0);
	assert_int_equal(c->port[1].address[1].byte[3], 9);
	assert_true(c->port[1].address[2].is_ip6);
	assert_int_equal(c->port[0].rx_timestamps, RX_TIMESTAMPS_AUTO);
	assert_int_equal(c->port[1].rx_timestamps, RX_TIMESTAMPS_ON);
	assert_int_equal(c->port[1].tx_latency_ns, 420);
	assert_true(c->port[1].launch_time);
	assert_int_equal(c->port[0].xdp, XDP_SHARED);
	assert_int_equal(c->port[1].xdp, XDP_ALONE);
	config_free(c);
}

static void every_other_setting_arrives(void **state)
{
	(void)state;
	struct config *c = load(everything);
	assert_false(c->workers_auto);
	assert_int_equal(c->worker_count, 2);
	assert_int_equal(c->worker_core[0], 1);
	assert_int_equal(c->worker_core[1], 3);
	assert_int_equal(c->main_core, 0);
	assert_int_equal(c->idle, IDLE_SLEEP);
	assert_int_equal(c->max_poll_gap_us, 20);
	assert_int_equal(c->max_poll_gap_drop_us, 300);
	assert_int_equal(c->reference[0].source, REFERENCE_FIXED);
	assert_int_equal(c->reference[0].stratum, 3);
	assert_string_equal(c->reference[0].reference_id, "XY");
	assert_string_equal(c->leap.file, "/etc/leap.list");
	assert_false(c->leap.window);
	assert_true(c->leap.smears);
	assert_int_equal(c->smear, SMEAR_COSINE);
	assert_int_equal(c->huge_pages, HUGE_PAGES_NO);
	assert_int_equal(c->counter, COUNTER_TSC);
	assert_true(c->trust_counter);
	assert_int_equal(c->interleaved_mib, 16);
	assert_int_equal(c->memory_mib, 256);
	assert_int_equal(c->ttl, 255);
	assert_int_equal(c->dscp, 46);
	assert_string_equal(c->run_dir, "/run/ntpwire-lab");
	assert_int_equal(c->log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(c->eal_arg_count, 2);
	assert_string_equal(c->eal_arg[1], "--socket-mem=64,64");
	config_free(c);
}

static void chrony_is_asked_in_one_of_two_ways(void **state)
{
	(void)state;
	struct config *c = load(LEAST "reference: { source: chrony }\n");
	assert_int_equal(c->reference[0].source, REFERENCE_CHRONY);
	assert_string_equal(c->reference[0].address, "127.0.0.1");
	assert_int_equal(c->reference[0].port, 323);
	assert_string_equal(c->reference[0].socket, "");
	assert_false(c->reference[0].allow_local);
	config_free(c);
	c = load(LEAST "reference: { source: chrony, address: \"::1\", port: 1323, "
		       "allow_local: true }\n");
	assert_string_equal(c->reference[0].address, "::1");
	assert_int_equal(c->reference[0].port, 1323);
	assert_true(c->reference[0].allow_local);
	config_free(c);
	c = load(LEAST "reference: { source: chrony, socket: /run/chrony/chronyd.sock }\n");
	assert_string_equal(c->reference[0].socket, "/run/chrony/chronyd.sock");
	config_free(c);
	c = load(LEAST "reference: { source: chrony }\nfallback_references: [ { source: chrony, "
		       "port: 1323 }, { source: ntpd }, { source: kernel, stratum: 5 } ]\n");
	assert_int_equal(c->reference_count, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(c->reference[i].place, i);
	assert_int_equal(c->reference[1].port, 1323);
	assert_int_equal(c->reference[2].source, REFERENCE_NTPD);
	assert_int_equal(c->reference[3].stratum, 5);
	config_free(c);
	c = load(LEAST
		"reference: { source: phc, device: /dev/ptp0 }\nfallback_references: [ { "
		"source: phc, device: /dev/ptp1, scale: utc, accuracy: 50, steered_by: card, root_delay: 3, "
		"stratum: 4, reference_id: GPS } ]\n");
	assert_string_equal(c->reference[0].device, "/dev/ptp0");
	assert_int_equal(c->reference[0].scale, PHC_SCALE_TAI);
	assert_int_equal(c->reference[0].accuracy_ns, 1000);
	assert_int_equal(c->reference[0].steered_by, PHC_STEERED_BY_PROGRAM);
	assert_int_equal(c->reference[0].root_delay_us, 0);
	assert_int_equal(c->reference[0].stratum, 1);
	assert_string_equal(c->reference[0].reference_id, "PTP");
	assert_int_equal(c->reference[1].scale, PHC_SCALE_UTC);
	assert_int_equal(c->reference[1].accuracy_ns, 50);
	assert_int_equal(c->reference[1].steered_by, PHC_STEERED_BY_CARD);
	assert_int_equal(c->reference[1].root_delay_us, 3);
	assert_int_equal(c->reference[1].stratum, 4);
	assert_string_equal(c->reference[1].reference_id, "GPS");
	config_free(c);
	c = load(LEAST "reference: { source: ntpd-rs }\n");
	assert_int_equal(c->reference_count, 1);
	assert_string_equal(c->reference[0].socket, "/var/run/ntpd-rs/observe");
	config_free(c);
}

static void fixed_has_a_stratum_of_its_own(void **state)
{
	(void)state;
	struct config *c = load(LEAST "reference: { source: fixed }\n");
	assert_int_equal(c->reference[0].stratum, 10);
	config_free(c);
}

static void a_late_poll_need_not_be_dropped(void **state)
{
	(void)state;
	struct config *c = load(LEAST "max_poll_gap: 2000\nmax_poll_gap_drop: 0\n");
	assert_int_equal(c->max_poll_gap_us, 2000);
	assert_int_equal(c->max_poll_gap_drop_us, 0);
	config_free(c);
}

static void workers_may_be_auto(void **state)
{
	(void)state;
	struct config *c = load(LEAST "workers: auto\n");
	assert_true(c->workers_auto);
	config_free(c);
}

// A machine with one core for everything.
static void main_core_may_be_a_workers_core(void **state)
{
	(void)state;
	struct config *c = load(LEAST "workers: [0]\nmain_core: 0\n");
	assert_int_equal(c->main_core, 0);
	assert_int_equal(c->worker_core[0], 0);
	config_free(c);
}

struct doubtful {
	const char *addresses;
	const char *warning; // behind the file's name; "": none
};

#define SILENCE                                                                                    \
	" is of a network for documentation, and requests from such networks are never answered: " \
	"clients in it will get silence; write the address that your network has, e.g. "

static const struct doubtful doubtful[] = {
	{"addresses: [10.0.0.10/24, 192.0.3.1/24, 198.51.101.1/24, 203.0.112.1/24]", ""},
	{"addresses: [\"2001:db9::1/64\", \"3ffe::1/64\", \"3fff:1000::1/64\"]", ""},
	{"addresses: [192.0.2.10/24]",
		":3: ports[0].addresses[0]: \"192.0.2.10/24\"" SILENCE "10.0.0.10/24"},
	{"addresses: [10.0.0.1/24, 198.51.100.1/31]",
		":3: ports[0].addresses[1]: \"198.51.100.1/31\"" SILENCE "10.0.0.10/24"},
	{"smeared_addresses: [203.0.113.9/24]\n    addresses: [10.0.0.1/24]",
		":3: ports[0].smeared_addresses[0]: \"203.0.113.9/24\"" SILENCE "10.0.0.10/24"},
	{"addresses: [\"2001:DB8:0::10/64\"]",
		":3: ports[0].addresses[0]: \"2001:db8::10/64\"" SILENCE "fd00::10/64"},
	{"addresses: [\"3fff:fff::1/48\", 192.0.2.1/24, 10.0.0.1/8, 192.0.2.2/24]",
		":3: ports[0].addresses[0]: \"3fff:fff::1/48\"" SILENCE
		"fd00::10/64 (and so for 2 more)"},
};

static void addresses_for_documentation_are_warned_of(void **state)
{
	char text[512];
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(doubtful); i++) {
		snprintf(text, sizeof(text),
			"ports:\n  - device: net_null0\n    %s\nsmear: linear\n",
			doubtful[i].addresses);
		struct config *c = load(text);
		const char *warning = c->warning.sentence;
		if (doubtful[i].warning[0] != '\0') {
			assert_int_equal(strncmp(warning, c->path, strlen(c->path)), 0);
			warning += strlen(c->path);
		}
		assert_string_equal(warning, doubtful[i].warning);
		config_free(c);
	}
}

// One address on two ports is how a server has two ways to its network.
static void ports_may_share_an_address(void **state)
{
	(void)state;
	struct config *c = load(LEAST "  - device: net_null1\n    addresses: [10.0.0.10/24]\n");
	assert_int_equal(c->port_count, 2);
	config_free(c);
}

static void an_empty_list_of_eal_arguments_is_none(void **state)
{
	(void)state;
	struct config *c = load(LEAST "eal: []\n");
	assert_int_equal(c->eal_arg_count, 0);
	config_free(c);
}

// A document mark, comments, windows line ends and a byte order mark change nothing.
static void the_ways_of_editors_are_no_mistakes(void **state)
{
	(void)state;
	config_free(load("---\n" LEAST "...\n"));
	config_free(load("\xef\xbb\xbf" LEAST));
	config_free(load("# begin\nports: # of the lab\r\n  - device: net_null0\r\n"
			 "    addresses: [10.0.0.10/24]\r\n"));
	config_free(load("{ports: [{device: net_null0, addresses: [10.0.0.10/24]}]}"));
}

static void host_prefixes_have_no_network_address(void **state)
{
	(void)state;
	struct config *c = load("ports:\n  - device: net_null0\n    addresses: [10.0.0.0/32, "
				"10.0.0.1/31, \"fd00::/128\", \"fd00:1::/127\", "
				"192.0.3.7/0, fe80::1/64]\n");
	assert_int_equal(c->port[0].address_count, 6);
	config_free(c);
}

// The same limits that the sentences name.
static void limits_themselves_are_allowed(void **state)
{
	(void)state;
	config_free(load(LEAST "ttl: 1\ndscp: 63\nmain_core: 1023\nworkers: [1023, 0]\n"
			       "memory: { size: 1048576 }\nreference: { stratum: 15 }\n"));
	config_free(load(LEAST "memory: { size: 64 }\nreference: { stratum: 1 }\n"));
}

// Dots are only a way up where they are a whole part of the path.
static void short_and_dotted_run_dirs_are_fine(void **state)
{
	(void)state;
	static const char *const good[] = {"/r", "/..r", "/r..", "/.r/...", "/a/b..c"};
	for (unsigned i = 0; i < TABLE_LENGTH(good); i++) {
		char text[256];
		snprintf(text, sizeof(text), LEAST "run_dir: %s\n", good[i]);
		struct config *c = load(text);
		assert_string_equal(c->run_dir, good[i]);
		config_free(c);
	}
}

static void names_are_those_of_the_file(void **state)
{
	(void)state;
	assert_string_equal(idle_policy_text(IDLE_SPIN), "spin");
	assert_string_equal(idle_policy_text(IDLE_SLEEP), "sleep");
	assert_string_equal(reference_source_text(REFERENCE_KERNEL), "kernel");
	assert_string_equal(reference_source_text(REFERENCE_FIXED), "fixed");
	assert_string_equal(reference_source_text(REFERENCE_CHRONY), "chrony");
}

static void freeing_nothing_is_fine(void **state)
{
	(void)state;
	config_free(NULL);
}

// A file of the source tree, whole. Static storage.
static const char *source_read(const char *name)
{
	static char text[1u << 18];
	char path[512];
	const char *root = getenv("SOURCE_ROOT");
	assert_non_null(root);
	snprintf(path, sizeof(path), "%s/%s", root, name);
	FILE *file = fopen(path, "r");
	if (file == NULL)
		fail_msg("%s is missing", path);
	size_t length = fread(text, 1, sizeof(text) - 1, file);
	assert_int_equal(fclose(file), 0);
	text[length] = '\0';
	return text;
}

static void words_are_documented(const char *text, const cyaml_schema_field_t *f)
{
	for (unsigned i = 0; i < f->value.enumeration.count; i++)
		if (strstr(text, f->value.enumeration.strings[i].str) == NULL)
			fail_msg("%s: no word of %s", f->key, f->value.enumeration.strings[i].str);
}

// A heading, and the limits and words that sentences name.
static void key_is_documented(const char *text, const char *before, const cyaml_schema_field_t *f)
{
	char wanted[64];
	const struct setting_rule *rule = schema_rule(f->key);
	snprintf(wanted, sizeof(wanted), "%s%s\n", before, f->key);
	if (strstr(text, wanted) == NULL)
		fail_msg("%s is not documented: no line \"%s\"", f->key, wanted);
	assert_non_null(rule);
	snprintf(wanted, sizeof(wanted), "%u to %u", rule->min, rule->max);
	if (rule->max > 0 && strstr(text, wanted) == NULL)
		fail_msg("%s: its limits are not documented: %s", f->key, wanted);
	if (f->value.type == CYAML_ENUM)
		words_are_documented(text, f);
}

static unsigned mapping_is_documented(
	const char *text, const char *before, const cyaml_schema_value_t *mapping)
{
	unsigned count = 0;
	for (const cyaml_schema_field_t *f = mapping->mapping.fields; f->key != NULL; f++) {
		key_is_documented(text, before, f);
		count++;
	}
	return count;
}

// Every key of the schema, and of the groups in it.
static void keys_are_documented(const char *file, const char *before)
{
	const char *text = source_read(file);
	const cyaml_schema_value_t *whole = schema_file(false);
	unsigned count = mapping_is_documented(text, before, whole);
	for (const cyaml_schema_field_t *f = whole->mapping.fields; f->key != NULL; f++) {
		const cyaml_schema_value_t *v = &f->value;
		if (v->type == CYAML_SEQUENCE)
			v = v->sequence.entry;
		if (v->type == CYAML_MAPPING)
			count += mapping_is_documented(text, before, v);
	}
	assert_true(count >= 20);
}

static void the_manual_has_every_key(void **state)
{
	(void)state;
	keys_are_documented("docs/man/ntpwire.yaml.5", ".It Ic ");
}

static void the_configuration_guide_has_every_key(void **state)
{
	(void)state;
	keys_are_documented("docs/configuration.md", "### ");
}

static void the_examples_are_good(void **state)
{
	(void)state;
	char path[512];
	struct diagnostic diagnostic;
	unsigned count = 0;
	const char *root = getenv("SOURCE_ROOT");
	assert_non_null(root);
	snprintf(path, sizeof(path), "%s/docs/examples", root);
	DIR *folder = opendir(path);
	assert_non_null(folder);
	for (struct dirent *e; (e = readdir(folder)) != NULL;) {
		struct config *c = NULL;
		if (strstr(e->d_name, ".yaml") == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/docs/examples/%s", root, e->d_name);
		if (config_load(path, &c, &diagnostic) != 0)
			fail_msg("%s", diagnostic.sentence);
		assert_string_equal(c->warning.sentence, "");
		config_free(c);
		count++;
	}
	assert_int_equal(closedir(folder), 0);
	assert_true(count >= 4);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, chrony_is_asked_in_one_of_two_ways);
	TABLE_ADD(&t, the_least_has_all_defaults);
	TABLE_ADD(&t, every_port_arrives);
	TABLE_ADD(&t, every_other_setting_arrives);
	TABLE_ADD(&t, fixed_has_a_stratum_of_its_own);
	TABLE_ADD(&t, a_late_poll_need_not_be_dropped);
	TABLE_ADD(&t, workers_may_be_auto);
	TABLE_ADD(&t, main_core_may_be_a_workers_core);
	TABLE_ADD(&t, addresses_for_documentation_are_warned_of);
	TABLE_ADD(&t, ports_may_share_an_address);
	TABLE_ADD(&t, an_empty_list_of_eal_arguments_is_none);
	TABLE_ADD(&t, the_ways_of_editors_are_no_mistakes);
	TABLE_ADD(&t, host_prefixes_have_no_network_address);
	TABLE_ADD(&t, limits_themselves_are_allowed);
	TABLE_ADD(&t, short_and_dotted_run_dirs_are_fine);
	TABLE_ADD(&t, names_are_those_of_the_file);
	TABLE_ADD(&t, freeing_nothing_is_fine);
	TABLE_ADD(&t, the_manual_has_every_key);
	TABLE_ADD(&t, the_configuration_guide_has_every_key);
	TABLE_ADD(&t, the_examples_are_good);
	return table_run_between("config", &t, scratch_begin, scratch_end);
}

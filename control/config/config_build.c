// SPDX-License-Identifier: BSD-3-Clause
#include "config/config_build.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/diagnostic.h"
#include "config/config_value.h"
#include "common/devargs.h"

#define STRATUM_KERNEL 2
// Where Debian's ntpd-rs listens.
#define NTPD_RS_SOCKET "/var/run/ntpd-rs/observe"
#define STRATUM_FIXED  10
#define STRATUM_PHC    1
#define ACCURACY_NS    1000
// chronyd's command port.
#define CHRONY_PORT 323

// An address with its prefix length, and its end.
#define ADDRESS_TEXT (INET6_ADDRSTRLEN + 4)

#define MAX_POLL_GAP_US      50
#define MAX_POLL_GAP_DROP_US 1000

// What a sentence about a loaded value needs.
struct fill {
	const struct config_tree *o;
	const struct config_report *r;
	bool is_smeared; // the addresses are those of smeared time
};

static void copy_text(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text);
}

// The sentence about the setting of this path.
__attribute__((format(printf, 3, 4))) static int setting_refuse(
	const struct fill *f, const char *path, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	int error = config_report_at_list(f->r, config_tree_line(f->o, path), path, format, list);
	va_end(list);
	return error;
}

static int twice(const struct fill *f, const char *path, const char *value, const char *other)
{
	char quoted[DIAGNOSTIC_QUOTE];
	return setting_refuse(f, path, "%s is already %s on line %u; remove one",
		diagnostic_quote(value, quoted), other, config_tree_line(f->o, other));
}

// Index of the same address among the first count; -1: none.
static int address_find(
	const struct config_address *list, unsigned count, const struct config_address *a)
{
	for (unsigned i = 0; i < count; i++)
		if (list[i].is_ip6 == a->is_ip6 &&
			memcmp(list[i].byte, a->byte, sizeof(a->byte)) == 0)
			return (int)i;
	return -1;
}

static unsigned family_count(const struct config_port *p, bool is_ip6)
{
	unsigned count = 0;
	for (unsigned i = 0; i < p->address_count; i++)
		count += p->address[i].is_ip6 == is_ip6;
	return count;
}

// Where the file has address i of a port, which is smeared or not.
static void address_path(const struct config_port *p, unsigned port, unsigned i, bool is_smeared,
	char ret_path[REPORT_SETTING])
{
	unsigned plain = 0;
	while (plain < i && !p->address[plain].is_smeared)
		plain++;
	snprintf(ret_path, REPORT_SETTING, "ports[%u].%saddresses[%u]", port,
		is_smeared ? "smeared_" : "", is_smeared ? i - plain : i);
}

static int address_fill(
	const struct fill *f, struct config_port *p, const char *text, unsigned port)
{
	char path[REPORT_SETTING];
	char other[REPORT_SETTING];
	struct config_address a = {0};
	address_path(p, port, p->address_count, f->is_smeared, path);
	const char *why = value_read_address(text, &a);
	if (why != NULL)
		return setting_refuse(f, path, "%s", why);
	int same = address_find(p->address, p->address_count, &a);
	if (same >= 0) {
		address_path(p, port, (unsigned)same, p->address[same].is_smeared, other);
		return twice(f, path, text, other);
	}
	if (family_count(p, a.is_ip6) == CONFIG_ADDRESSES)
		return setting_refuse(f, path,
			"is one more IPv%c address than the %u that a port can have; remove it",
			a.is_ip6 ? '6' : '4', CONFIG_ADDRESSES);
	a.is_smeared = f->is_smeared;
	p->address[p->address_count++] = a;
	return 0;
}

// What DPDK knows a device by: its name before the arguments, without the PCI domain 0.
static size_t dpdk_name(const char *device, const char **ret_name)
{
	static const char domain[] = "0000:";
	size_t skip = strncmp(device, domain, strlen(domain)) == 0 ? strlen(domain) : 0;
	*ret_name = device + skip;
	return strcspn(device + skip, ",");
}

static bool device_is_same(const char *a, const char *b)
{
	const char *name_a;
	const char *name_b;
	size_t length = dpdk_name(a, &name_a);
	return length == dpdk_name(b, &name_b) && strncasecmp(name_a, name_b, length) == 0;
}

static int device_fill(const struct fill *f, struct config *c, unsigned port, const char *text)
{
	char path[REPORT_SETTING];
	char other[REPORT_SETTING];
	for (unsigned i = 0; i < port; i++) {
		if (!device_is_same(c->port[i].device, text))
			continue;
		snprintf(path, sizeof(path), "ports[%u].device", port);
		snprintf(other, sizeof(other), "ports[%u].device", i);
		return twice(f, path, text, other);
	}
	copy_text(c->port[port].device, sizeof(c->port[port].device), text);
	return 0;
}

static int smeared_fill(const struct fill *f, struct config *c, const char *text)
{
	char path[REPORT_SETTING];
	struct fill smeared = *f;
	smeared.is_smeared = true;
	snprintf(path, sizeof(path), "ports[%u].smeared_addresses", c->port_count);
	if (c->smear == SMEAR_OFF)
		return setting_refuse(f, path,
			"is there, but nothing says how to smear: add smear: linear, or cosine");
	return address_fill(&smeared, &c->port[c->port_count], text, c->port_count);
}

static int xdp_fill(const struct fill *f, struct config *c, const enum xdp_sharing *raw)
{
	char path[REPORT_SETTING];
	struct config_port *p = &c->port[c->port_count];
	p->xdp = raw == NULL ? XDP_ALONE : *raw;
	if (raw == NULL || devargs_is_driver(p->device, "net_af_xdp"))
		return 0;
	snprintf(path, sizeof(path), "ports[%u].xdp", c->port_count);
	return setting_refuse(f, path,
		"is for net_af_xdp alone, and this port's device is another; remove it, or write "
		"e.g. device: \"net_af_xdp0,iface=eth1\"");
}

static int port_fill(const struct fill *f, struct config *c, const struct raw_port *raw)
{
	unsigned port = c->port_count;
	struct config_port *p = &c->port[port];
	int r = device_fill(f, c, port, raw->device);
	for (unsigned i = 0; i < raw->addresses_count && r == 0; i++)
		r = address_fill(f, p, raw->addresses[i], port);
	for (unsigned i = 0; i < raw->smeared_addresses_count && r == 0; i++)
		r = smeared_fill(f, c, raw->smeared_addresses[i]);
	p->has_gateway_mac = raw->gateway_mac != NULL &&
	                     value_read_mac(raw->gateway_mac, &p->gateway_mac) == NULL;
	p->rx_timestamps = raw->rx_timestamps == NULL ? RX_TIMESTAMPS_AUTO : *raw->rx_timestamps;
	p->tx_latency_ns = raw->tx_latency == NULL ? 0 : *raw->tx_latency;
	p->launch_time = raw->launch_time != NULL && *raw->launch_time;
	if (r == 0)
		r = xdp_fill(f, c, raw->xdp);
	c->port_count++;
	return r;
}

// The address as the file has it, or means it.
static const char *address_text(const struct config_address *a, char ret_text[static ADDRESS_TEXT])
{
	char host[INET6_ADDRSTRLEN];
	(void)inet_ntop(a->is_ip6 ? AF_INET6 : AF_INET, a->byte, host, sizeof(host));
	snprintf(ret_text, ADDRESS_TEXT, "%s/%u", host, a->prefix_length);
	return ret_text;
}

static void address_warn(const struct fill *f, struct config *c, unsigned port, unsigned i)
{
	const struct config_port *p = &c->port[port];
	const struct config_address *a = &p->address[i];
	const struct config_report r = {f->r->path, &c->warning};
	char path[REPORT_SETTING];
	char text[ADDRESS_TEXT];
	address_path(p, port, i, a->is_smeared, path);
	(void)config_report_at(&r, config_tree_line(f->o, path), path,
		"\"%s\" is of a network for documentation, and requests from such networks are "
		"never answered: clients in it will get silence; write the address that your "
		"network has, e.g. %s",
		address_text(a, text), a->is_ip6 ? "fd00::10/64" : "10.0.0.10/24");
}

// Of the first such address, with the number of the others.
static void addresses_warn(const struct fill *f, struct config *c)
{
	unsigned found = 0;
	for (unsigned port = 0; port < c->port_count; port++) {
		const struct config_port *p = &c->port[port];
		for (unsigned i = 0; i < p->address_count; i++)
			if (value_is_documentation(&p->address[i]) && found++ == 0)
				address_warn(f, c, port, i);
	}
	if (found > 1)
		diagnostic_note(
			&c->warning, "%s (and so for %u more)", c->warning.sentence, found - 1);
}

static int worker_fill(const struct fill *f, struct config *c, unsigned core)
{
	char path[REPORT_SETTING];
	char other[REPORT_SETTING];
	char value[16];
	for (unsigned i = 0; i < c->worker_count; i++) {
		if (c->worker_core[i] != core)
			continue;
		snprintf(path, sizeof(path), "workers[%u]", c->worker_count);
		snprintf(other, sizeof(other), "workers[%u]", i);
		snprintf(value, sizeof(value), "%u", core);
		return twice(f, path, value, other);
	}
	c->worker_core[c->worker_count++] = core;
	return 0;
}

static int gaps_fill(const struct fill *f, struct config *c, const struct raw_config *raw)
{
	unsigned late = raw->max_poll_gap == NULL ? MAX_POLL_GAP_US : *raw->max_poll_gap;
	unsigned drop =
		raw->max_poll_gap_drop == NULL ? MAX_POLL_GAP_DROP_US : *raw->max_poll_gap_drop;
	c->max_poll_gap_us = late;
	c->max_poll_gap_drop_us = drop;
	if (drop == 0 || drop >= late)
		return 0;
	return setting_refuse(f, raw->max_poll_gap == NULL ? "max_poll_gap_drop" : "max_poll_gap",
		"max_poll_gap of %u us is longer than max_poll_gap_drop of %u us; write it "
		"shorter, or max_poll_gap_drop: 0 to drop nothing",
		late, drop);
}

// The first setting that this source does not have; NULL: none.
static const char *reference_stranger(const struct raw_reference *raw)
{
	bool is_chrony = raw->source == REFERENCE_CHRONY;
	bool is_phc = raw->source == REFERENCE_PHC;
	bool is_told =
		is_chrony || raw->source == REFERENCE_NTPD_RS || raw->source == REFERENCE_NTPD;
	bool has_socket = is_chrony || raw->source == REFERENCE_NTPD_RS;
	const struct {
		const char *word;
		bool is_stranger;
	} words[] = {
		{"stratum", is_told && raw->stratum != NULL},
		{"reference_id", is_told && raw->reference_id != NULL},
		{"socket", !has_socket && raw->socket != NULL},
		{"address", !is_chrony && raw->address != NULL},
		{"port", !is_chrony && raw->port != NULL},
		{"allow_local", !is_told && raw->allow_local != NULL},
		{"device", !is_phc && raw->device != NULL},
		{"scale", !is_phc && raw->scale != NULL},
		{"accuracy", !is_phc && raw->accuracy != NULL},
		{"steered_by", !is_phc && raw->steered_by != NULL},
		{"root_delay", is_told && raw->root_delay != NULL},
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].is_stranger)
			return words[i].word;
	return NULL;
}

// Where the file has reference i of the order, or a setting of it.
static const char *reference_path(unsigned i, const char *word, char ret_path[REPORT_SETTING])
{
	const char *dot = word[0] == '\0' ? "" : ".";
	if (i == 0)
		snprintf(ret_path, REPORT_SETTING, "reference%s%s", dot, word);
	else
		snprintf(ret_path, REPORT_SETTING, "fallback_references[%u]%s%s", i - 1, dot, word);
	return ret_path;
}

static int reference_settings_check(
	const struct fill *f, const struct raw_reference *raw, unsigned i)
{
	char path[REPORT_SETTING];
	const char *word = reference_stranger(raw);
	if (word != NULL)
		return setting_refuse(f, reference_path(i, word, path),
			"has no meaning with source: %s; remove it",
			reference_source_text(raw->source));
	if (raw->source == REFERENCE_PHC && raw->device == NULL)
		return setting_refuse(f, reference_path(i, "", path),
			"has no device, which source: phc needs; add e.g. device: /dev/ptp0");
	if (raw->socket == NULL || (raw->address == NULL && raw->port == NULL))
		return 0;
	return setting_refuse(f, reference_path(i, "socket", path),
		"stands beside an address or a port; chronyd is asked in one way, remove the "
		"other");
}

// Whether both are the same clock, asked in the same way.
static bool reference_is_same(const struct config_reference *a, const struct config_reference *b)
{
	return a->source == b->source && strcmp(a->socket, b->socket) == 0 &&
	       strcmp(a->address, b->address) == 0 && strcmp(a->device, b->device) == 0 &&
	       a->port == b->port;
}

// What is wrong with the place of reference i.
static int order_check(const struct fill *f, const struct config *c, unsigned i)
{
	char path[REPORT_SETTING];
	char other[REPORT_SETTING];
	reference_path(i, "", path);
	for (unsigned j = 0; j < i; j++) {
		reference_path(j, "", other);
		if (reference_is_same(&c->reference[i], &c->reference[j]))
			return setting_refuse(f, path,
				"is the same reference as %s%s; remove one, or choose another",
				other, j == 0 ? "" : " before it");
		if (c->reference[j].source == REFERENCE_FIXED)
			return setting_refuse(f, path,
				"is never followed, because %s is fixed, which is always good; "
				"remove it, or put fixed last",
				other);
	}
	return 0;
}

static uint8_t stratum_default(enum reference_source source)
{
	if (source == REFERENCE_PHC)
		return STRATUM_PHC;
	return source == REFERENCE_FIXED ? STRATUM_FIXED : STRATUM_KERNEL;
}

static void clock_fill(struct config_reference *ref, const struct raw_reference *raw)
{
	copy_text(ref->device, sizeof(ref->device), raw->device == NULL ? "" : raw->device);
	ref->scale = raw->scale == NULL ? PHC_SCALE_TAI : *raw->scale;
	ref->accuracy_ns = raw->accuracy == NULL ? ACCURACY_NS : *raw->accuracy;
	ref->steered_by = raw->steered_by == NULL ? PHC_STEERED_BY_PROGRAM : *raw->steered_by;
	ref->root_delay_us = raw->root_delay == NULL ? 0 : *raw->root_delay;
}

static void config_build_reference_fill(
	struct config_reference *ref, const struct raw_reference *raw)
{
	const char *id = raw->source == REFERENCE_PHC ? "PTP" : "LOCL";
	ref->source = raw->source;
	if (raw->socket != NULL)
		copy_text(ref->socket, sizeof(ref->socket), raw->socket);
	else if (raw->source == REFERENCE_NTPD_RS)
		copy_text(ref->socket, sizeof(ref->socket), NTPD_RS_SOCKET);
	copy_text(ref->address, sizeof(ref->address),
		raw->address == NULL ? "127.0.0.1" : raw->address);
	ref->port = raw->port == NULL ? CHRONY_PORT : (uint16_t)*raw->port;
	ref->allow_local = raw->allow_local != NULL && *raw->allow_local;
	ref->stratum = stratum_default(raw->source);
	if (raw->stratum != NULL)
		ref->stratum = (uint8_t)*raw->stratum;
	copy_text(ref->reference_id, sizeof(ref->reference_id),
		raw->reference_id == NULL ? id : raw->reference_id);
	clock_fill(ref, raw);
}

static int references_fill(const struct fill *f, struct config *c, const struct raw_config *raw)
{
	c->reference_count = raw->fallback_references_count + 1;
	for (unsigned i = 0; i < c->reference_count; i++) {
		const struct raw_reference *from =
			i == 0 ? &raw->reference : &raw->fallback_references[i - 1];
		int result = reference_settings_check(f, from, i);
		if (result < 0)
			return result;
		config_build_reference_fill(&c->reference[i], from);
		c->reference[i].place = i;
		result = order_check(f, c, i);
		if (result < 0)
			return result;
	}
	return 0;
}

static int counter_check(const struct fill *f, const struct config *c)
{
	if (c->counter != COUNTER_KERNEL || !c->trust_counter)
		return 0;
	return setting_refuse(f, "trust_counter",
		"is true beside counter: kernel, which asks nothing of the processor's counter; "
		"remove one of the two");
}

// Without slashes at the end, so that every path below it is made in one way.
static void run_dir_fill(struct config *c, const char *text)
{
	copy_text(c->run_dir, sizeof(c->run_dir), text);
	for (size_t end = strlen(c->run_dir); end > 1 && c->run_dir[end - 1] == '/'; end--)
		c->run_dir[end - 1] = '\0';
}

static void rest_fill(struct config *c, const struct raw_config *raw)
{
	c->workers_auto = raw->workers == NULL;
	c->main_core = raw->main_core == NULL ? -1 : (int)*raw->main_core;
	c->idle = raw->idle == NULL ? IDLE_PAUSE : *raw->idle;
	c->huge_pages = raw->memory.huge_pages == NULL ? HUGE_PAGES_AUTO : *raw->memory.huge_pages;
	c->interleaved_mib = raw->interleaved == NULL ? 0 : *raw->interleaved;
	c->counter = raw->counter == NULL ? COUNTER_AUTO : *raw->counter;
	c->trust_counter = raw->trust_counter != NULL && *raw->trust_counter;
	c->memory_mib = raw->memory.size == NULL ? 0 : *raw->memory.size;
	c->ttl = raw->ttl == NULL ? 64 : (uint8_t)*raw->ttl;
	c->dscp = raw->dscp == NULL ? 0 : (uint8_t)*raw->dscp;
	c->log_level = raw->log.level == NULL ? LOG_LEVEL_INFO : *raw->log.level;
	c->smear = raw->smear == NULL ? SMEAR_OFF : *raw->smear;
	c->leap.smears = c->smear != SMEAR_OFF;
	c->leap.window = raw->leap.window == NULL || *raw->leap.window == RAW_ON;
	copy_text(c->leap.file, sizeof(c->leap.file), raw->leap.file == NULL ? "" : raw->leap.file);
	copy_text(c->keys, sizeof(c->keys), raw->keys == NULL ? "" : raw->keys);
	run_dir_fill(c, raw->run_dir == NULL ? "/run/ntpwire" : raw->run_dir);
	for (unsigned i = 0; i < raw->eal_count; i++)
		copy_text(c->eal_arg[i], sizeof(c->eal_arg[i]), raw->eal[i]);
	c->eal_arg_count = raw->eal_count;
}

int config_build(struct config *c, const struct raw_config *raw, const struct config_tree *o,
	const struct config_report *r)
{
	struct fill f = {.o = o, .r = r};
	int result = 0;
	copy_text(c->path, sizeof(c->path), r->path);
	rest_fill(c, raw);
	result = counter_check(&f, c);
	if (result == 0)
		result = references_fill(&f, c, raw);
	if (result == 0)
		result = gaps_fill(&f, c, raw);
	for (unsigned i = 0; i < raw->ports_count && result == 0; i++)
		result = port_fill(&f, c, &raw->ports[i]);
	for (unsigned i = 0; i < raw->workers_count && result == 0; i++)
		result = worker_fill(&f, c, raw->workers[i]);
	if (result == 0)
		addresses_warn(&f, c);
	return result;
}

// SPDX-License-Identifier: BSD-3-Clause
// The settings there are: libcyaml's schema, the limits it cannot express, and the shape it loads
// into. Main thread only.
#pragma once

#include <cyaml/cyaml.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

// The highest core number that may be named.
#define SCHEMA_CORE_MAX 1023

struct raw_port {
	char *device;
	char **addresses;
	unsigned addresses_count;
	char **smeared_addresses;
	unsigned smeared_addresses_count;
	char *gateway_mac; // NULL: not given, as with all pointers here
	enum rx_timestamps *rx_timestamps;
	unsigned *tx_latency;
	bool *launch_time;
	enum xdp_sharing *xdp;
};

struct raw_reference {
	enum reference_source source;
	unsigned *stratum;
	char *reference_id;
	char *socket;
	char *address;
	unsigned *port;
	bool *allow_local;
	char *device;
	enum phc_scale *scale;
	unsigned *accuracy;
	enum phc_steering *steered_by;
	unsigned *root_delay;
};

enum raw_switch { RAW_OFF, RAW_ON };

struct raw_leap {
	char *file;
	enum raw_switch *window;
};

struct raw_memory {
	enum huge_pages *huge_pages;
	unsigned *size;
};

struct raw_log {
	enum log_level *level;
};

// The file as libcyaml loads it.
struct raw_config {
	struct raw_port *ports;
	unsigned ports_count;
	char *workers_word; // `auto`, or NULL: a list
	unsigned *workers;
	unsigned workers_count;
	unsigned *main_core;
	enum idle_policy *idle;
	unsigned *max_poll_gap;
	unsigned *max_poll_gap_drop;
	struct raw_reference reference;
	struct raw_reference *fallback_references;
	unsigned fallback_references_count;
	struct raw_leap leap;
	enum smear_kind *smear;
	struct raw_memory memory;
	unsigned *interleaved;
	enum counter *counter;
	bool *trust_counter;
	unsigned *ttl;
	unsigned *dscp;
	char *keys;
	char *run_dir;
	struct raw_log log;
	char **eal;
	unsigned eal_count;
};

// What libcyaml's schema cannot say about the setting of this key.
struct setting_rule {
	const char *key;
	unsigned min; // of a number
	unsigned max;
	const char *example;
	const char *(*check)(const char *text); // of a text; see config_value.h
};

// The schema of the whole file, with `workers` as a word or as a list: libcyaml has no "either".
const cyaml_schema_value_t *schema_file(bool workers_is_word);

// The rule of a setting; every key of the schema has one. NULL for no such key.
const struct setting_rule *schema_rule(const char *key);

// The same of a key in this group: a reference has another `device` than a port.
const struct setting_rule *schema_rule_in(const cyaml_schema_value_t *group, const char *key);

// Whether a later version will have this key, or this value of `key`.
bool schema_is_later_key(const char *key);
bool schema_is_later_value(const char *key, const char *value);

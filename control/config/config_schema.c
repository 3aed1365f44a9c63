// SPDX-License-Identifier: BSD-3-Clause
#include "config/config_schema.h"

#include <stdio.h>
#include <string.h>

#include "config/config_value.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT_MAX     (CONFIG_TEXT - 1)

static const cyaml_strval_t idle_words[] = {
	{"spin", IDLE_SPIN}, {"pause", IDLE_PAUSE}, {"sleep", IDLE_SLEEP}};
#define X(symbol, word, text) {#word, COUNTER_##symbol},
static const cyaml_strval_t counter_words[] = {COUNTER_LIST(X)};
#undef X
static const cyaml_strval_t stamps_words[] = {
	{"auto", RX_TIMESTAMPS_AUTO}, {"off", RX_TIMESTAMPS_OFF}, {"on", RX_TIMESTAMPS_ON}};
static const cyaml_strval_t sharing_words[] = {{"alone", XDP_ALONE}, {"shared", XDP_SHARED}};
static const cyaml_strval_t source_words[] = {{"kernel", REFERENCE_KERNEL},
	{"fixed", REFERENCE_FIXED}, {"chrony", REFERENCE_CHRONY}, {"ntpd-rs", REFERENCE_NTPD_RS},
	{"ntpd", REFERENCE_NTPD}, {"phc", REFERENCE_PHC}};
static const cyaml_strval_t scale_words[] = {{"tai", PHC_SCALE_TAI}, {"utc", PHC_SCALE_UTC}};
static const cyaml_strval_t steering_words[] = {
	{"program", PHC_STEERED_BY_PROGRAM}, {"card", PHC_STEERED_BY_CARD}};
static const cyaml_strval_t level_words[] = {{"error", LOG_LEVEL_ERROR},
	{"warning", LOG_LEVEL_WARNING}, {"info", LOG_LEVEL_INFO}, {"debug", LOG_LEVEL_DEBUG}};

static const cyaml_strval_t huge_words[] = {
	{"auto", HUGE_PAGES_AUTO}, {"true", HUGE_PAGES_YES}, {"false", HUGE_PAGES_NO}};
static const cyaml_strval_t switch_words[] = {{"off", RAW_OFF}, {"on", RAW_ON}};
static const cyaml_strval_t smear_words[] = {{"linear", SMEAR_LINEAR}, {"cosine", SMEAR_COSINE}};

static const cyaml_schema_value_t text_entry = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, TEXT_MAX)};
static const cyaml_schema_value_t core_entry = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, unsigned)};

static const cyaml_schema_field_t port_fields[] = {
	CYAML_FIELD_STRING_PTR("device", CYAML_FLAG_POINTER, struct raw_port, device, 1, TEXT_MAX),
	CYAML_FIELD_SEQUENCE("addresses", CYAML_FLAG_POINTER, struct raw_port, addresses,
		&text_entry, 1, CONFIG_ADDRESSES * 2),
	CYAML_FIELD_SEQUENCE("smeared_addresses", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		struct raw_port, smeared_addresses, &text_entry, 1, CONFIG_ADDRESSES * 2),
	CYAML_FIELD_STRING_PTR("gateway_mac", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		struct raw_port, gateway_mac, 1, TEXT_MAX),
	CYAML_FIELD_ENUM_PTR("rx_timestamps",
		CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct raw_port,
		rx_timestamps, stamps_words, COUNT(stamps_words)),
	CYAML_FIELD_UINT_PTR("tx_latency", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		struct raw_port, tx_latency),
	CYAML_FIELD_BOOL_PTR("launch_time", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		struct raw_port, launch_time),
	CYAML_FIELD_ENUM_PTR("xdp", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT,
		struct raw_port, xdp, sharing_words, COUNT(sharing_words)),
	CYAML_FIELD_END};

static const cyaml_schema_value_t port_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_port, port_fields)};

static const cyaml_schema_field_t reference_fields[] = {
	CYAML_FIELD_ENUM("source", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct raw_reference,
		source, source_words, COUNT(source_words)),
	CYAML_FIELD_UINT_PTR(
		"stratum", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_reference, stratum),
	CYAML_FIELD_STRING_PTR("reference_id", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		struct raw_reference, reference_id, 1, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("socket", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		struct raw_reference, socket, 1, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("address", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		struct raw_reference, address, 1, TEXT_MAX),
	CYAML_FIELD_UINT_PTR(
		"port", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_reference, port),
	CYAML_FIELD_BOOL_PTR("allow_local", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		struct raw_reference, allow_local),
	CYAML_FIELD_STRING_PTR("device", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		struct raw_reference, device, 1, TEXT_MAX),
	CYAML_FIELD_ENUM_PTR("scale", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT,
		struct raw_reference, scale, scale_words, COUNT(scale_words)),
	CYAML_FIELD_UINT_PTR("accuracy", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		struct raw_reference, accuracy),
	CYAML_FIELD_ENUM_PTR("steered_by",
		CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct raw_reference,
		steered_by, steering_words, COUNT(steering_words)),
	CYAML_FIELD_UINT_PTR("root_delay", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		struct raw_reference, root_delay),
	CYAML_FIELD_END};

static const cyaml_schema_value_t reference_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_reference, reference_fields)};

static const cyaml_schema_field_t leap_fields[] = {
	CYAML_FIELD_STRING_PTR("file", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_leap,
		file, 1, TEXT_MAX),
	CYAML_FIELD_ENUM_PTR("window", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT,
		struct raw_leap, window, switch_words, COUNT(switch_words)),
	CYAML_FIELD_END};

static const cyaml_schema_field_t memory_fields[] = {
	CYAML_FIELD_ENUM_PTR("huge_pages",
		CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct raw_memory,
		huge_pages, huge_words, COUNT(huge_words)),
	CYAML_FIELD_UINT_PTR(
		"size", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_memory, size),
	CYAML_FIELD_END};

static const cyaml_schema_field_t log_fields[] = {
	CYAML_FIELD_ENUM_PTR("level", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT,
		struct raw_log, level, level_words, COUNT(level_words)),
	CYAML_FIELD_END};

#define WORKERS_WORD                                                                               \
	CYAML_FIELD_STRING_PTR("workers", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,                \
		struct raw_config, workers_word, 1, TEXT_MAX)
#define WORKERS_LIST                                                                               \
	CYAML_FIELD_SEQUENCE("workers", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,                  \
		struct raw_config, workers, &core_entry, 1, CONFIG_WORKERS)

// clang-format off
#define FILE_FIELDS(workers_field)                                                                 \
	{                                                                                          \
		CYAML_FIELD_SEQUENCE("ports", CYAML_FLAG_POINTER, struct raw_config, ports,        \
			&port_entry, 1, CONFIG_PORTS),                                             \
		workers_field,                                                                     \
		CYAML_FIELD_UINT_PTR("main_core", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,        \
			struct raw_config, main_core),                                             \
		CYAML_FIELD_ENUM_PTR("idle",                                                       \
			CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT,              \
			struct raw_config, idle, idle_words, COUNT(idle_words)),                   \
		CYAML_FIELD_UINT_PTR("max_poll_gap", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,     \
			struct raw_config, max_poll_gap),                                          \
		CYAML_FIELD_UINT_PTR("max_poll_gap_drop",                                          \
			CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_config,               \
			max_poll_gap_drop),                                                        \
		CYAML_FIELD_MAPPING("reference", CYAML_FLAG_OPTIONAL, struct raw_config,           \
			reference, reference_fields),                                              \
		CYAML_FIELD_SEQUENCE("fallback_references",                                        \
			CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_config,               \
			fallback_references, &reference_entry, 1, CONFIG_REFERENCES - 1),          \
		CYAML_FIELD_MAPPING("leap", CYAML_FLAG_OPTIONAL, struct raw_config, leap,          \
			leap_fields),                                                              \
		CYAML_FIELD_ENUM_PTR("smear",                                                      \
			CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT,              \
			struct raw_config, smear, smear_words, COUNT(smear_words)),                \
		CYAML_FIELD_MAPPING("memory", CYAML_FLAG_OPTIONAL, struct raw_config, memory,      \
			memory_fields),                                                            \
		CYAML_FIELD_UINT_PTR("interleaved", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,      \
			struct raw_config, interleaved),                                           \
		CYAML_FIELD_ENUM_PTR("counter",                                                    \
			CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT,              \
			struct raw_config, counter, counter_words, COUNT(counter_words)),          \
		CYAML_FIELD_BOOL_PTR("trust_counter", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,    \
			struct raw_config, trust_counter),                                         \
		CYAML_FIELD_UINT_PTR("ttl", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,              \
			struct raw_config, ttl),                                                   \
		CYAML_FIELD_UINT_PTR("dscp", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,             \
			struct raw_config, dscp),                                                  \
		CYAML_FIELD_STRING_PTR("keys", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,           \
			struct raw_config, keys, 1, TEXT_MAX),                                     \
		CYAML_FIELD_STRING_PTR("run_dir", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,        \
			struct raw_config, run_dir, 1, TEXT_MAX),                                  \
		CYAML_FIELD_MAPPING("log", CYAML_FLAG_OPTIONAL, struct raw_config, log,            \
			log_fields),                                                               \
		CYAML_FIELD_SEQUENCE("eal", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,              \
			struct raw_config, eal, &text_entry, 0, CONFIG_EAL_ARGS),                  \
		CYAML_FIELD_END                                                                    \
	}
// clang-format on

static const cyaml_schema_field_t fields_word[] = FILE_FIELDS(WORKERS_WORD);
static const cyaml_schema_field_t fields_list[] = FILE_FIELDS(WORKERS_LIST);

static const cyaml_schema_value_t file_word = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw_config, fields_word)};
static const cyaml_schema_value_t file_list = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw_config, fields_list)};

const cyaml_schema_value_t *schema_file(bool workers_is_word)
{
	return workers_is_word ? &file_word : &file_list;
}

static const char *check_address(const char *text)
{
	struct config_address a;
	return value_read_address(text, &a);
}

static const char *check_mac(const char *text)
{
	struct mac m;
	return value_read_mac(text, &m);
}

static const char *check_workers(const char *text)
{
	if (strcmp(text, "auto") == 0)
		return NULL;
	return "is neither a list of cores nor auto; write e.g. [1, 2]";
}

// Sorted by key.
static const struct setting_rule rules[] = {
	{"accuracy", 1, 100000000, "accuracy: 1000", NULL},
	{"address", 0, 0, "address: 127.0.0.1", value_check_loopback},
	{"addresses", 0, 0, "addresses: [10.0.0.10/24]", check_address},
	{"allow_local", 0, 0, "allow_local: false", NULL},
	{"counter", 0, 0, "counter: auto", NULL},
	{"device", 0, 0, "device: \"net_af_xdp0,iface=eth1\"", value_check_device},
	{"dscp", 0, 63, "dscp: 0", NULL},
	{"eal", 0, 0, "eal: [\"--single-file-segments\"]", value_check_eal},
	{"fallback_references", 0, 0, "fallback_references: [ { source: kernel } ]", NULL},
	{"file", 0, 0, "file: /usr/share/zoneinfo/leap-seconds.list", value_check_path},
	{"gateway_mac", 0, 0, "gateway_mac: \"02:00:00:00:00:01\"", check_mac},
	{"huge_pages", 0, 0, "huge_pages: auto", NULL},
	{"idle", 0, 0, "idle: pause", NULL},
	{"keys", 0, 0, "keys: /etc/ntpwire.keys", value_check_path},
	{"launch_time", 0, 0, "launch_time: false", NULL},
	{"leap", 0, 0, "leap: { window: on }", NULL},
	{"level", 0, 0, "level: info", NULL},
	{"log", 0, 0, "log: { level: info }", NULL},
	{"main_core", 0, SCHEMA_CORE_MAX, "main_core: 0", NULL},
	{"max_poll_gap", 1, 1000000, "max_poll_gap: 50", NULL},
	{"max_poll_gap_drop", 0, 1000000, "max_poll_gap_drop: 1000", NULL},
	{"memory", 0, 0, "memory: { huge_pages: auto, size: 256 }", NULL},
	{"port", 1, 65535, "port: 323", NULL},
	{"ports", 0, 0,
		"ports: [ { device: \"net_af_xdp0,iface=eth1\", addresses: [10.0.0.10/24] } ]",
		NULL},
	{"reference", 0, 0, "reference: { source: kernel }", NULL},
	{"reference_id", 0, 0, "reference_id: LOCL", value_check_reference_id},
	{"root_delay", 0, 1000000, "root_delay: 500", NULL},
	{"run_dir", 0, 0, "run_dir: /run/ntpwire", value_check_run_dir},
	{"rx_timestamps", 0, 0, "rx_timestamps: auto", NULL},
	{"scale", 0, 0, "scale: tai", NULL},
	{"size", 64, 1048576, "size: 256", NULL},
	{"smear", 0, 0, "smear: linear", NULL},
	{"smeared_addresses", 0, 0, "smeared_addresses: [10.0.0.11/24]", check_address},
	{"socket", 0, 0, "socket: /var/run/ntpd-rs/observe", value_check_socket},
	{"source", 0, 0, "source: kernel", NULL},
	{"steered_by", 0, 0, "steered_by: program", NULL},
	{"stratum", 1, 15, "stratum: 2", NULL},
	{"interleaved", 0, 1024, "interleaved: 16", NULL},
	{"trust_counter", 0, 0, "trust_counter: false", NULL},
	{"ttl", 1, 255, "ttl: 64", NULL},
	{"tx_latency", 0, 100000, "tx_latency: 300", NULL},
	{"window", 0, 0, "window: on", NULL},
	{"workers", 0, SCHEMA_CORE_MAX, "workers: [1, 2]", check_workers},
	{"xdp", 0, 0, "xdp: shared", NULL},
};

// Keys, and words of a key's value, that a later version will know.
static const struct {
	const char *key;
	const char *word; // NULL: the key itself
} laters[] = {
	{"access", NULL},
	{"rate_limit", NULL},
};

const struct setting_rule *schema_rule(const char *key)
{
	for (size_t i = 0; i < COUNT(rules); i++)
		if (strcmp(rules[i].key, key) == 0)
			return &rules[i];
	return NULL;
}

const struct setting_rule *schema_rule_in(const cyaml_schema_value_t *group, const char *key)
{
	static const struct setting_rule device = {
		"device", 0, 0, "device: /dev/ptp0", value_check_path};
	if (group->mapping.fields == reference_fields && strcmp(key, device.key) == 0)
		return &device;
	return schema_rule(key);
}

bool schema_is_later_key(const char *key)
{
	for (size_t i = 0; i < COUNT(laters); i++)
		if (laters[i].word == NULL && strcmp(laters[i].key, key) == 0)
			return true;
	return false;
}

bool schema_is_later_value(const char *key, const char *value)
{
	for (size_t i = 0; i < COUNT(laters); i++)
		if (laters[i].word != NULL && strcmp(laters[i].key, key) == 0 &&
			strcmp(laters[i].word, value) == 0)
			return true;
	return false;
}

static const char *config_schema_word_text(const cyaml_strval_t *words, size_t count, int64_t value)
{
	for (size_t i = 0; i < count; i++)
		if (words[i].val == value)
			return words[i].str;
	return "unknown";
}

const char *idle_policy_text(enum idle_policy p)
{
	return config_schema_word_text(idle_words, COUNT(idle_words), p);
}

const char *reference_source_text(enum reference_source s)
{
	return config_schema_word_text(source_words, COUNT(source_words), s);
}

const char *reference_text(const struct config_reference *c, char *ret_text)
{
	const char *name = reference_source_text(c->source);
	if (c->source == REFERENCE_CHRONY && c->socket[0] == '\0')
		snprintf(ret_text, REFERENCE_TEXT, "%s by %s port %u", name, c->address, c->port);
	else if (c->source == REFERENCE_NTPD_RS || c->source == REFERENCE_CHRONY)
		snprintf(ret_text, REFERENCE_TEXT, "%s by %.107s", name, c->socket);
	else if (c->source == REFERENCE_NTPD)
		snprintf(ret_text, REFERENCE_TEXT, "%s by 127.0.0.1 port 123", name);
	else if (c->source == REFERENCE_PHC)
		snprintf(ret_text, REFERENCE_TEXT, "%s by %.107s at stratum %u", name, c->device,
			c->stratum);
	else
		snprintf(ret_text, REFERENCE_TEXT, "%s at stratum %u", name, c->stratum);
	return ret_text;
}

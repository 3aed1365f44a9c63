// SPDX-License-Identifier: BSD-3-Clause
// The configuration in force: one YAML file, checked whole, before anything starts.
//
// Parsed with libcyaml against a schema; unknown keys, bad values and values out of range are
// errors in one sentence with file, line, setting, value, limit and remedy. What config_load
// returned never changes afterwards. Main thread only; no DPDK.
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/service.h"
#include "core/smear.h"
#include "common/diagnostic.h"
#include "common/log.h"

#define CONFIG_PORTS      16
#define CONFIG_WORKERS    127 // DPDK's 128 lcores, as Debian builds it, but the main one
#define CONFIG_NODES      16  // NUMA nodes
#define CONFIG_ADDRESSES  SERVICE_ADDRESSES
#define CONFIG_EAL_ARGS   32
#define CONFIG_REFERENCES 4
#define CONFIG_TEXT       256 // longest string, with its end
#define REFERENCE_TEXT    160 // longest sentence about one, with its end
#define CONFIG_SOCKET     108 // longest path of a socket, with its end

struct config_address {
	bool is_ip6;
	uint8_t prefix_length;
	uint8_t byte[16]; // network order; IPv4 in the first four
	bool is_smeared;  // serves smeared time
};

enum rx_timestamps {
	RX_TIMESTAMPS_AUTO, // where the driver is known to stamp every packet
	RX_TIMESTAMPS_OFF,
	RX_TIMESTAMPS_ON, // whatever is known of the driver
};

// Of an AF_XDP port's interface with other XDP programs, those that libxdp's dispatcher runs.
enum xdp_sharing { XDP_ALONE, XDP_SHARED };

struct config_port {
	char device[CONFIG_TEXT]; // PCI address, or a DPDK virtual device with its arguments
	struct config_address address[CONFIG_ADDRESSES * 2];
	unsigned address_count; // at least 1; those of smeared time last
	bool has_gateway_mac;
	struct mac gateway_mac;
	enum rx_timestamps rx_timestamps;
	uint32_t tx_latency_ns; // from the worker's hand to the wire
	bool launch_time;       // the port sends at the moment it is told
	enum xdp_sharing xdp;
};

enum idle_policy {
	IDLE_SPIN,  // poll without a break: lowest latency
	IDLE_PAUSE, // a pause instruction after an empty poll
	IDLE_SLEEP, // sleep when nothing comes, and tell its length in root dispersion
};

// What time is counted by. X(symbol, word in the file and for programs, words for people)
#define COUNTER_LIST(X)                                                                            \
	X(AUTO, auto, "the processor's where it is fit to be a clock, else the kernel's")          \
	X(TSC, tsc, "tsc")                                                                         \
	X(KERNEL, kernel, "kernel (CLOCK_MONOTONIC_RAW)")

enum counter {
#define X(symbol, word, text) COUNTER_##symbol,
	COUNTER_LIST(X)
#undef X
		COUNTER_KINDS
};

enum reference_source {
	REFERENCE_KERNEL,  // adjtimex: another program keeps CLOCK_REALTIME true
	REFERENCE_FIXED,   // laboratories: CLOCK_REALTIME is called true whatever the kernel says
	REFERENCE_NTPD_RS, // ntpd-rs tells, on its observation socket
	REFERENCE_NTPD,    // ntpd of ntpsec or ntp.org tells, in control messages on loopback
	REFERENCE_CHRONY,  // chronyd tells, in its tracking report
	REFERENCE_PHC,     // a PTP hardware clock
};

// What a PTP hardware clock counts.
enum phc_scale { PHC_SCALE_TAI, PHC_SCALE_UTC };
// Who keeps it true: a program, whose hand shows in its frequency, or its card, by itself and
// unseen.
enum phc_steering { PHC_STEERED_BY_PROGRAM, PHC_STEERED_BY_CARD };

struct config_reference {
	enum reference_source source;
	unsigned place;       // in the order of preference
	uint8_t stratum;      // served; kernel: default 2, fixed: 10, phc: 1
	char reference_id[5]; // four ASCII characters; default "LOCL", phc: "PTP"
	// ntpd-rs: the path of its observation socket; chrony: of its command socket, "": by UDP
	char socket[CONFIG_TEXT];
	char address[INET6_ADDRSTRLEN]; // chrony by UDP: loopback
	uint16_t port;
	char device[CONFIG_TEXT]; // phc: /dev/ptpN
	enum phc_scale scale;
	uint32_t accuracy_ns; // phc: how far it may be off
	enum phc_steering steered_by;
	uint32_t root_delay_us; // kernel, fixed, phc: served
	bool allow_local;       // chrony and ntpd: it may follow nothing but its own clock
};

struct config_leap {
	char file[CONFIG_TEXT]; // leap-seconds.list; "": the system's
	bool window;            // leap 3 in the seconds around a leap
	bool smears;            // some addresses serve smeared time
};

// Whether packets lie in huge pages.
enum huge_pages {
	HUGE_PAGES_AUTO, // where enough of them are free
	HUGE_PAGES_NO,
	HUGE_PAGES_YES,
};

struct config {
	char path[CONFIG_TEXT];    // the file it came from
	struct diagnostic warning; // a sentence about what is surely not meant; "": none
	struct config_port port[CONFIG_PORTS];
	unsigned port_count; // at least 1
	bool workers_auto;   // else worker_core holds the list
	unsigned worker_core[CONFIG_WORKERS];
	unsigned worker_count; // 0 when workers_auto
	int main_core;         // -1: the first allowed core
	enum idle_policy idle;
	uint32_t max_poll_gap_us;      // longer between two polls is late
	uint32_t max_poll_gap_drop_us; // longer: what waited is dropped; 0: never
	struct config_reference reference[CONFIG_REFERENCES]; // by preference
	unsigned reference_count;                             // at least 1
	struct config_leap leap;
	enum smear_kind smear;    // of the addresses of smeared time; SMEAR_OFF: there are none
	unsigned interleaved_mib; // of memory a worker for interleaved mode; 0: basic mode only
	enum counter counter;
	bool trust_counter; // take the processor's though it seems unfit for a clock
	enum huge_pages huge_pages;
	unsigned memory_mib;    // 0: what hugepages.h reckons
	uint8_t ttl;            // 1..255
	uint8_t dscp;           // 0..63
	char keys[CONFIG_TEXT]; // the file with symmetric keys; "": none
	char run_dir[CONFIG_TEXT];
	enum log_level log_level;
	char eal_arg[CONFIG_EAL_ARGS][CONFIG_TEXT];
	unsigned eal_arg_count;
};

// Names as they stand in the file. Static storage.
const char *idle_policy_text(enum idle_policy p);
const char *reference_source_text(enum reference_source s);

// A reference and how it is asked: "chrony by 127.0.0.1 port 323". ret_text holds REFERENCE_TEXT
// bytes and is returned.
const char *reference_text(const struct config_reference *c, char *ret_text);

// SPDX-License-Identifier: BSD-3-Clause
// One look at the status segment: everything in it at one moment, by value, with what follows from
// it now. No DPDK, and no counter of the machine's own is read: ages come from CLOCK_MONOTONIC.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "status/words.h"
#include "status/statseg.h"
#include "status/reading_reference.h"

#define READING_NAME 64

// Every state a server can be in, seen from outside.
enum reading_state {
	READING_DEAD,     // the status segment is left from a server that did not end by itself
	READING_STOPPING, // it drains
	READING_STARTING, // it knows no time yet
	READING_HUNG,     // its control thread has not published for a while
	READING_SYNC,
	READING_HOLDOVER,
	READING_STEP,
	READING_UNSYNC,
};

struct reading_worker {
	uint32_t core;
	uint32_t node;
	uint32_t queue_count;
	bool has_heartbeat;
	int64_t heartbeat_ns; // age
	int64_t poll_gap_ns;  // longest time between two polls of a queue, of late ones; 0: none
	uint64_t verdict[VERDICT_COUNT];
	uint64_t traffic[TRAFFIC_COUNT];
};

// A port's receive stamps, and its clock.
struct reading_stamps {
	enum stamp_reason reason; // GOOD: used
	bool is_measured;         // else what follows is zero, but for fates
	double rate_hz;
	double off_ppm; // from what it should be, where that is known
	bool has_ppm;
	double residual_ns;
	int64_t bound_ns;
	int64_t age_ns; // of the measurement
	uint32_t epoch;
	uint64_t fate[STAMP_COUNT];
};

struct reading_port {
	char device[CONFIG_TEXT];
	uint8_t mac[6];
	bool link_up;
	bool offload;
	uint32_t link_mbps; // 0: unknown
	uint32_t queue_count;
	uint32_t node;
	uint64_t imissed;
	uint64_t ierrors;
	uint64_t rx_nombuf;
	uint64_t oerrors;
	enum port_state state;
	uint64_t link_changes;
	uint64_t event[PORT_EVENTS]; // times
	struct reading_stamps stamps;
};

// A symmetric key in force.
struct reading_key {
	uint32_t id;
	enum key_type type;
	uint64_t right; // requests with its code
	uint64_t wrong; // requests with its number and a wrong code
};

// What the server's judge of its time has said.
struct reading_judge {
	enum sync_state state;
	enum sync_reason reason;    // of the last transition
	enum sync_reason complaint; // what keeps it from synchronising; NONE: nothing
	enum announce announce;
	int64_t lasting_ns; // since the last transition
	uint64_t entered[SYNC_STATES];
};

// What is known of leap seconds.
struct reading_leap {
	int tai_offset;   // TAI - UTC now; 0: unknown
	int step;         // of the armed one; 0: none
	int64_t midnight; // of it, s since 1970
	unsigned witnesses;
	uint64_t armed; // times
	uint64_t cancelled;
	char file[CONFIG_TEXT];
	enum leap_list_state file_state;
	int64_t file_expires; // s since 1970; 0: there is no list
	enum smear_kind smear;
	bool smear_refused; // addresses of smeared time answer leap 3 until the noon after
	bool smear_runs;    // smeared time differs from UTC by design
	int64_t smeared_ns; // smeared time - UTC while it does
};

// Times as they are served now on addresses that are not smeared.
struct reading_clock {
	bool is_known;          // else all below is zero
	struct clock_view view; // stratum and identifier 0 where they are not served
	int64_t age_ns;         // of the snapshot
	int64_t root_delay_ns;
	int64_t root_dispersion_ns; // now
	int64_t root_distance_ns;   // dispersion and half the delay
	int64_t error_bound_ns;
	int64_t reference_age_ns; // since the clock was last set right; 0 when not served
	int64_t correction_ns;    // that the system clock still needs
	uint8_t leap;             // enum leap, as it is served
	bool is_good;             // workers answer as synchronised
};

struct reading {
	enum reading_state state;
	int64_t monotonic_ns; // of the look
	int64_t unix_ns;
	int32_t pid;
	int64_t started_unix_ns;
	char version[32];
	char config_path[CONFIG_TEXT];
	struct reading_references references;
	char idle[16];
	uint64_t publishes;
	uint64_t steps;
	uint64_t fit_residual_ns;
	uint64_t fit_restarts;
	enum counter counter; // TSC or KERNEL
	uint64_t counter_hz;
	struct reading_judge judge;
	struct reading_clock clock;
	struct reading_leap leap;
	unsigned worker_count;
	unsigned port_count;
	struct reading_worker total; // sums; core, node and heartbeat mean nothing
	struct reading_worker worker[CONFIG_WORKERS];
	struct reading_port port[CONFIG_PORTS];
	unsigned key_count;
	struct reading_key key[KEYS_MAX]; // by id
};

// Looks at the server of run_dir. On success *ret_reading is a new reading, freed with free().
// -errno, as of statseg_open.
int reading_take(const char *run_dir, struct reading **ret_reading);

// The state as one word, for JSON, and as people read it. Static storage.
const char *reading_state_word(enum reading_state s);
const char *reading_state_sentence(enum reading_state s);

// A reference identifier as four characters where it is text, else as a dotted quad. ret_text holds
// 16 bytes and is returned.
const char *reading_reference_id(uint32_t id, char *ret_text);

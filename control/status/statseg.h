// SPDX-License-Identifier: BSD-3-Clause
// Status segment: the shared-memory file that exports the server's state and carries the time
// snapshot to workers.
//
// <run_dir>/statseg holds a head, one snapshot per NUMA node and one counter block per worker, each
// on memory pages of its own so that it can lie on its node. ntpwired maps it writable; ntpwirectl
// and monitoring map it read-only, without DPDK. The layout is versioned: a reader that does not
// know the version says so and stops.
//
// A server holds a write lock on <run_dir>/lock and on its status segment for as long as it lives,
// so a status segment without one is a dead server's, whatever pid it names, and a run_dir never
// has two servers.
#pragma once

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/diagnostic.h"
#include "config/config.h"
#include "core/counters.h"
#include "core/snapshot.h"
#include "status/statseg_layout.h"
#include "status/words.h"

#define STATSEG_MAGIC   0x6e74707769726531u // "ntpwire1"
#define STATSEG_VERSION 1u

// Who a worker is. Written before the status segment becomes visible, constant afterwards.
struct statseg_worker {
	uint32_t core;
	uint32_t node;
	uint32_t queue_count;
	uint32_t reserved;
};

struct statseg_head {
	_Atomic uint64_t magic; // written last
	uint32_t version;
	uint32_t size;       // of the whole file
	uint64_t layout;     // statseg_layout() of who made it
	int32_t pid;         // of the server
	uint32_t node_count; // snapshots
	uint32_t worker_count;
	uint32_t port_count;
	uint32_t snapshot_offset; // of snapshot 0; the next one is snapshot_stride further
	uint32_t snapshot_stride;
	uint32_t counters_offset; // of worker 0's block
	uint32_t counters_stride;
	uint64_t started_unix_ns;
	char server_version[32];
	char config_path[CONFIG_TEXT];
	struct statseg_references references;
	char leap_file[CONFIG_TEXT];
	char idle[16];
	uint32_t smear;   // enum smear_kind of the configuration
	uint32_t counter; // COUNTER_TSC or COUNTER_KERNEL: what cycles are of
	struct statseg_worker worker[CONFIG_WORKERS];
	struct statseg_port port[CONFIG_PORTS];
	_Atomic uint64_t publishes;       // writer: control; snapshots published
	_Atomic uint64_t control_beat_ns; // writer: control; CLOCK_MONOTONIC at the last turn
	_Atomic uint64_t steps;           // writer: control; clock steps seen
	_Atomic uint64_t fit_residual_ns; // writer: control; of the counter's line
	_Atomic uint64_t fit_restarts;    // writer: control; lines that had to be begun again
	_Atomic uint64_t counter_hz;      // writer: control; the counter's rate as measured
	_Atomic uint64_t sync_state;      // writer: control; enum sync_state
	_Atomic uint64_t sync_reason; // writer: control; enum sync_reason of the last transition
	_Atomic uint64_t
		sync_complaint; // writer: control; enum sync_reason against SYNC_STATE_SYNC now
	_Atomic uint64_t sync_since_ns; // writer: control; CLOCK_MONOTONIC of the last transition
	_Atomic uint64_t announce;      // writer: control; enum announce
	_Atomic uint64_t correction_ns; // writer: control; int64_t; true = CLOCK_REALTIME + this
	_Atomic uint64_t leap_step; // writer: control; int64_t: 1, -1 left out; 0: none is armed
	_Atomic uint64_t leap_midnight; // writer: control; of the armed leap, s since 1970
	_Atomic uint64_t
		leap_witnesses;      // writer: control; set of enum leap_witness of the armed leap
	_Atomic uint64_t leap_armed; // writer: control; times
	_Atomic uint64_t leap_cancelled;       // writer: control; times
	_Atomic uint64_t leap_file_state;      // writer: control; enum leap_list_state
	_Atomic uint64_t leap_file_expired;    // writer: control; 1: it says nothing of what comes
	_Atomic uint64_t leap_file_expires;    // writer: control; s since 1970; 0: there is no list
	_Atomic uint64_t entered[SYNC_STATES]; // writer: control; transitions into each state
	_Atomic uint32_t stopping;             // writer: control; 1 while it drains
};

// The geometry of a status segment as it was checked: a hostile file may change under its reader.
struct statseg_shape {
	uint32_t node_count;
	uint32_t worker_count;
	uint32_t port_count; // reader: as announced; server: not used
	uint32_t snapshot_offset;
	uint32_t snapshot_stride;
	uint32_t counters_offset;
	uint32_t counters_stride;
};

struct statseg {
	struct statseg_head *head;
	size_t size;
	struct statseg_shape shape;
	int fd;
	int lock;      // server: the lock file; reader: -1
	bool made_dir; // server: run_dir was not there before
	bool writable;
};

// Makes the status segment (0644, the directory 0755 when its last part is missing; never through a
// symbolic link) for so many NUMA nodes and workers and maps it, with all its memory there, so that
// a full disk shows here. worker_node[i]: the node of worker i's counters (libnuma). -EBUSY: its
// server still runs; one left by a dead server is replaced. -EUCLEAN: others may write to the
// directory. The caller fills the rest of the head, then calls statseg_announce. -errno.
int statseg_create(const char *run_dir, unsigned node_count, const unsigned *worker_node,
	unsigned worker_count, struct statseg *ret_page);

// Makes it anew, empty, for workers that are known better now. Before statseg_announce. -errno, and
// statseg_close is all that is left.
int statseg_settle(
	struct statseg *p, unsigned node_count, const unsigned *worker_node, unsigned worker_count);

// Makes it visible to readers: writes the magic last and renames the file into place.
int statseg_announce(struct statseg *p, const char *run_dir);

// Maps an announced status segment read-only after checking magic, version, layout, sizes and
// offsets. -ENOENT: no server here; -EPROTO: a status segment of another version or a damaged one.
int statseg_open(const char *run_dir, struct statseg *ret_page);

// This counter's rate in Hz, as a server measured it that was killed; 0: there is none, or it
// counted by another. Before statseg_create, which replaces what that server left.
uint64_t statseg_last_rate(const char *run_dir, enum counter counter);

// Whether the server of an opened status segment lives.
bool statseg_is_served(const struct statseg *p);

// Unmaps and unlocks. With remove (the server, at its end), takes away what statseg_create made.
void statseg_close(struct statseg *p, const char *run_dir, bool remove);

// Node n's snapshot, its copy of what port i's stamps mean (i below CONFIG_PORTS), and worker w's
// counters inside the mapping; n and w below the shape's counts.
struct snapshot *statseg_snapshot(const struct statseg *p, unsigned n);
struct port_snap *statseg_port_snap(const struct statseg *p, unsigned n, unsigned i);
struct counters *statseg_counters(const struct statseg *p, unsigned w);

// Worker w's counters of each key, and whose they are.
struct key_counters *statseg_key_counters(const struct statseg *p, unsigned w);
struct statseg_keys *statseg_keys(const struct statseg *p);

// Whether `size` bytes at `at` (aligned to 128) are a segment that this version can read. Pure.
bool statseg_check(const void *at, size_t size, struct statseg_shape *ret_shape);

// A number that differs between versions whose segments differ: in a size, or in the words of one
// of `count` tables or their order. Pure. statseg_layout() is that of this version: of
// statseg_words.
uint64_t statseg_layout_of(const struct word_table *const *tables, unsigned count);
uint64_t statseg_layout(void);

// The sentence for a failure of statseg_create, statseg_announce or statseg_open, with a remedy.
// Returns error.
int statseg_complain(const char *run_dir, int error, struct diagnostic *d);

// SPDX-License-Identifier: BSD-3-Clause
// When the next leap second is, by the word of at least two: the list, the reference, the kernel.
//
// Armed at most a day ahead and only for the end of a month; taken back when fewer than two say so.
// What is armed goes into the snapshot, and workers do the rest; it stays there until the noon
// after the leap, for those who smear. An expired list says nothing. Times are CLOCK_REALTIME's,
// since 1970. Main thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "config/config.h"
#include "core/ntp_time.h"
#include "core/snapshot.h"
#include "time/leap_list.h"
#include "status/words.h"
#include "reference/kernel_clock.h"
#include "reference/reference.h"

struct leap_watch {
	const struct config_leap *config;

	bool has_list;
	struct leap_list list;
	struct stat file;          // as it was read last; 0: never
	enum leap_list_state told; // what the log was told of the list
	bool has_told;

	enum leap by_reference; // its last word, and when that was
	struct nanos by_reference_at;
	enum leap by_kernel;

	struct nanos first; // the last tick before any time was served
	int8_t step;        // armed: 1, -1; 0: none
	int64_t midnight;   // of the leap; the kernel counts it at the end of that day
	uint8_t witnesses;  // enum leap_witness: who says so
	bool is_crossed;    // the system clock has taken it
	int64_t no_smear_until;
	uint64_t armed; // times
	uint64_t cancelled;
};

// A leap that knows nothing. config must live on.
void leap_init(struct leap_watch *l, const struct config_leap *config);

// Reads the list if its file is another than last time. Says in the log, once, what is wrong with
// it; a former list stays in force then. Waits for the disk: not on every tick.
void leap_look(struct leap_watch *l, struct nanos now);

// What the reference said of the end of this day. Its silence changes nothing for a day, nor does
// one that knows nothing of leaps: the kernel, which has a voice of its own, a PTP clock, a fixed
// one.
void leap_hear(struct leap_watch *l, const struct reference *r);

// The same of the kernel. Where its state is not known its last word stays.
void leap_hear_kernel(struct leap_watch *l, struct kernel_clock kernel);

// Arms, cancels and retires. has_served: the server has told the time before, so a smear that was
// not begun in time cannot begin any more.
void leap_tick(struct leap_watch *l, struct nanos now, bool has_served);

// The clock took the armed leap, or was set: what was told of it is now past, or not.
void leap_cross(struct leap_watch *l);
void leap_reset(struct leap_watch *l, struct nanos now);

// Where the clock is to jump, and by how much; 0: nowhere.
struct nanos leap_jump(const struct leap_watch *l, struct nanos *ret_at);

// Writes the schedule into a view.
void leap_fill(const struct leap_watch *l, struct nanos now, struct clock_view *v);

// The state of the list now.
enum leap_list_state leap_list_state(const struct leap_watch *l, struct nanos now);

// The file that the list is read from.
const char *leap_path(const struct config_leap *c);

// SPDX-License-Identifier: BSD-3-Clause
// What CLOCK_REALTIME is worth: synchronisation, leap, stratum and error, from the kernel's clock
// state or from the configuration. Never sets a clock. One thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "core/ntp_time.h"
#include "core/snapshot.h"
#include "reference/kernel_clock.h"
#include "status/words.h"

// When a reference is believed, and when no longer. Lengths of time and errors are in ns.
#define REFERENCE_GOOD_POLLS    3             // in a row, before the reference is believed
#define REFERENCE_SILENT_NS     5000000000LL  // without an answer, before it is lost
#define REFERENCE_OLD_NS        64000000000LL // without an update at the least, before it is lost
#define REFERENCE_OLD_INTERVALS 8             // and in update intervals
#define REFERENCE_FAR_NS        50000000LL    // of root distance: not to be announced

// The clock's error that `fixed` claims, which nobody measures.
#define REFERENCE_FIXED_ERROR_NS 1000000

struct reference {
	bool answered;   // this poll worked; else all else says nothing
	enum leap leap;  // LEAP_UNKNOWN: not synchronised
	uint8_t stratum; // 0 when not synchronised
	uint32_t reference_id;
	uint32_t root_delay;          // short format
	uint64_t root_dispersion;     // NTP units, at as_of
	uint64_t dispersion_rate;     // NTP units per 2^32 of age; 0: unknown
	struct nanos as_of;           // since 1970: the moment of which it speaks
	struct nanos reference_time;  // since 1970, at most as_of
	struct nanos correction;      // true time = CLOCK_REALTIME + correction
	struct nanos update_interval; // between updates of the clock; 0: unknown
	bool is_local;                // follows nothing but its own clock (chrony's `local`)
	enum reference_source source;
};

// What a poll of a reference came to, judged once for all who go by it.
struct reference_word {
	struct reference reference;
	enum sync_reason fault; // unfit to be served: SILENT, LEAP, STRATUM, LOCAL; NONE: fit
};

// The kernel's clock state as it is to be served at `now` (since 1970).
struct reference reference_from_kernel(
	const struct config_reference *c, struct kernel_clock kernel, struct nanos now);

// What the configuration claims.
struct reference reference_from_config(const struct config_reference *c, struct nanos now);

// The configured reference identifier, as a number.
uint32_t reference_id_number(const struct config_reference *c);

// The configured root delay, in short format, rounded up.
uint32_t reference_root_delay(const struct config_reference *c);

// Whether a daemon tells what it knows: of leap seconds, and not of what others do to the clock.
// The other sources measure or read anew each time, and know no leap seconds of their own.
bool reference_is_daemon(enum reference_source s);

// Judges what a poll came to. allow_local: the reference may follow nothing but its own clock.
struct reference_word reference_word_make(const struct reference *r, bool allow_local);

// Whether the clock was not set for too long, `age` after r was heard. Never where nobody knows how
// often it should be: its error alone tells then.
bool reference_is_old(const struct reference *r, struct nanos age);

// Its root distance, with what is still to be corrected.
struct nanos reference_distance(const struct reference *r);

// SPDX-License-Identifier: BSD-3-Clause
// Every enumeration whose numbers cross the status segment, with its words.
//
// A reader of another revision must not take a number for another word: statseg_layout() hashes
// every table that statseg_words lists. An enumeration that comes to the status segment is added
// here and there. Pure, any thread.
#pragma once

#include "config/config.h"
#include "core/smear.h"
#include "core/words.h"

// The server's state; see sync_state.h. X(symbol, stable text, sentence), as in all lists here.
#define SYNC_STATE_LIST(X)                                                                         \
	X(START, start, "the server started: leap 3, stratum 0")                                   \
	X(SYNC, sync, "the reference's time is served")                                            \
	X(HOLDOVER, holdover, "the reference is lost; its last time is served, the error growing") \
	X(STEP, step, "the clock jumped: leap 3 until it is known again")                          \
	X(UNSYNC, unsync, "the time is not known well enough to be served: leap 3, stratum 0")

enum sync_state {
#define X(symbol, text, sentence) SYNC_STATE_##symbol,
	SYNC_STATE_LIST(X)
#undef X
		SYNC_STATES
};

// Whether others may send clients here: what a route announcement follows.
#define ANNOUNCE_LIST(X)                                                                           \
	X(DOWN, down, "send no clients")                                                           \
	X(DEGRADED, degraded, "send clients if there is no better server")                         \
	X(UP, up, "send clients")

enum announce {
#define X(symbol, text, sentence) ANNOUNCE_##symbol,
	ANNOUNCE_LIST(X)
#undef X
		ANNOUNCE_KINDS
};

// Why the server is in its state, or does not come to a better one.
#define SYNC_REASONS(X)                                                                            \
	X(NONE, none, "the server started")                                                        \
	X(GOOD, good, "the reference and the clock are good")                                      \
	X(SILENT, silent, "the reference does not answer")                                         \
	X(LEAP, leap, "the reference says that it is not synchronised")                            \
	X(STRATUM, stratum, "the reference's stratum is not 1 to 15")                              \
	X(LOCAL, local, "the reference follows nothing but its own clock")                         \
	X(OLD, old, "the reference was not updated for too long")                                  \
	X(UNCONFIRMED, unconfirmed, "the reference was not updated since the clock jumped")        \
	X(FAR, far, "the root distance is over 50 ms")                                             \
	X(CORRECTION, correction, "the system clock is still being corrected by over 1 ms")        \
	X(RESIDUAL, residual, "the counter and the system clock do not fit a line within 1 us")    \
	X(FITTING, fitting, "the counter is not measured yet")                                     \
	X(RATE, rate, "the system clock runs at a rate that cannot be right")                      \
	X(DATE, date, "the system clock is before the day this server was built")                  \
	X(DEMOTED, demoted, "the kernel gave the counter up as a clock")                           \
	X(DISTANCE, distance, "the root distance is over 1 s")                                     \
	X(AGE, age, "nothing was measured or confirmed for over 300 s")                            \
	X(SET, set, "someone set the system clock")                                                \
	X(MISS, miss, "the system clock jumped off its line")                                      \
	X(SUSPEND, suspend, "the machine slept")                                                   \
	X(COUNTER, counter, "the counter went back")                                               \
	X(NO_LEAP, no_leap, "the system clock did not take a leap second")                         \
	X(COARSE, coarse, "the counter advances by over 10 us at a time")

enum sync_reason {
#define X(symbol, text, sentence) SYNC_REASON_##symbol,
	SYNC_REASONS(X)
#undef X
		SYNC_REASON_COUNT
};

// What the kernel's clock state says beside the reference's word. See reference_check.h.
#define KERNEL_WORDS(X)                                                                            \
	X(NOT_COMPARED, not_compared, "there is nothing to compare it with")                       \
	X(AGREES, agrees, "it agrees")                                                             \
	X(UNSYNC, unsync, "it says that its clock is not synchronised (STA_UNSYNC)")               \
	X(MAXERROR, maxerror, "it says that its clock may be off by over 16 s (maxerror)")         \
	X(LEAP, leap, "it says otherwise of a leap second (STA_INS, STA_DEL)")

enum kernel_word {
#define X(symbol, text, sentence) KERNEL_##symbol,
	KERNEL_WORDS(X)
#undef X
		KERNEL_WORD_COUNT
};

// Who says that there will be a leap second. The status segment has a set of them: bit n for row n.
#define LEAP_WITNESS_LIST(X)                                                                       \
	X(LIST, list, "the list")                                                                  \
	X(REFERENCE, reference, "the reference")                                                   \
	X(KERNEL, kernel, "the kernel")

enum leap_witness_row {
#define X(symbol, text, sentence) LEAP_ROW_##symbol,
	LEAP_WITNESS_LIST(X)
#undef X
		LEAP_WITNESSES
};

enum leap_witness {
#define X(symbol, text, sentence) LEAP_BY_##symbol = 1 << LEAP_ROW_##symbol,
	LEAP_WITNESS_LIST(X)
#undef X
};

// The state of the list of leap seconds.
#define LEAP_LIST_STATES(X)                                                                        \
	X(NONE, none, "there is none")                                                             \
	X(GOOD, good, "it is in force")                                                            \
	X(EXPIRED, expired, "it has expired")

enum leap_list_state {
#define X(symbol, text, sentence) LEAP_LIST_##symbol,
	LEAP_LIST_STATES(X)
#undef X
		LEAP_LIST_STATE_COUNT
};

// Every table whose numbers cross the status segment, those of core and configuration too.
#define STATSEG_WORDS 15
extern const struct word_table *const statseg_words[STATSEG_WORDS];

// Stable texts, for JSON and metrics; "unknown" for a number that is none. Static storage.
const char *sync_state_text(enum sync_state s);
const char *announce_text(enum announce a);
const char *sync_reason_word(enum sync_reason r);
const char *kernel_word_word(enum kernel_word w);
const char *leap_list_state_word(enum leap_list_state s);
const char *smear_kind_word(enum smear_kind k);
const char *counter_text(enum counter c);

// And for people.
const char *sync_reason_text(enum sync_reason r);
const char *kernel_word_text(enum kernel_word w);
const char *counter_sentence(enum counter c);

// Who says that there will be a leap second, for people: "the list, the kernel". ret_text holds
// LEAP_WITNESS_TEXT bytes.
#define LEAP_WITNESS_TEXT 48
const char *leap_witness_text(unsigned witnesses, char ret_text[LEAP_WITNESS_TEXT]);

// The reason that explains the state now: what keeps a server from being announced, if anything was
// noticed since it came into the state.
enum sync_reason sync_reason_shown(
	enum sync_state s, enum announce a, enum sync_reason reason, enum sync_reason complaint);

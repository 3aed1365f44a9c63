// SPDX-License-Identifier: BSD-3-Clause
// What becomes of a port and of its receive stamps, by name. See words.h; the tables are there.
#pragma once

#include "core/words.h"

// Why a port's receive stamps are used, or not.
#define STAMP_REASONS(X)                                                                           \
	X(GOOD, good, "the port stamps packets")                                                   \
	X(OFF, off, "rx_timestamps: off")                                                          \
	X(DRIVER, driver, "its driver is not known to stamp every packet")                         \
	X(OFFLOAD, offload, "it does not offer to stamp packets")                                  \
	X(FITTING, fitting, "its clock is being calibrated")                                       \
	X(UNREADABLE, unreadable, "its clock cannot be read")                                      \
	X(JUMPED, jumped, "its clock jumped")                                                      \
	X(STOPPED, stopped, "its clock stands still")                                              \
	X(ROUGH, rough, "its clock does not run evenly")                                           \
	X(SLOPE, slope, "its clock changed its rate by over 1000 ppm")                             \
	X(REFUSED, refused, "over 1 % of its stamps could not be believed")

enum stamp_reason {
#define X(symbol, text, sentence) STAMP_REASON_##symbol,
	STAMP_REASONS(X)
#undef X
		STAMP_REASON_COUNT
};

// What happens to a port while it runs.
#define PORT_EVENT_LIST(X)                                                                         \
	X(LINK, link, "link interrupts")                                                           \
	X(RESET, reset, "resets asked for")                                                        \
	X(RECOVERING, recovering, "recoveries begun")                                              \
	X(RECOVERED, recovered, "recovered")                                                       \
	X(FAILED, failed, "not recovered")                                                         \
	X(REMOVED, removed, "removed")

enum port_event {
#define X(symbol, text, sentence) PORT_EVENT_##symbol,
	PORT_EVENT_LIST(X)
#undef X
		PORT_EVENTS
};

// How a port stands with its workers.
#define PORT_STATE_LIST(X)                                                                         \
	X(SERVED, served, "polled by its workers")                                                 \
	X(LEAVING, leaving, "polling is being paused")                                             \
	X(AWAY, away, "polling paused: in reset, in recovery, or of another speed")                \
	X(LOST, lost, "lost: the server ends")

enum port_state {
#define X(symbol, text, sentence) PORT_##symbol,
	PORT_STATE_LIST(X)
#undef X
		PORT_STATES
};

// Stable texts, for JSON and metrics, and sentences for people; "unknown" for a number that is
// none. Static storage.
const char *stamp_reason_text(enum stamp_reason r);
const char *port_event_text(enum port_event e);
const char *port_state_text(enum port_state s);
const char *stamp_reason_sentence(enum stamp_reason r);
const char *port_event_words(enum port_event e);
const char *port_state_sentence(enum port_state s);

// SPDX-License-Identifier: BSD-3-Clause
// What happens to a port while it runs, and how it stands with its workers, by name: what the server
// says and ntpwirectl shows.
#pragma once

// X(symbol, stable text, words for people)
#define PORT_EVENT_LIST(X)                                                                         \
	X(LINK, link, "link interrupts")                                                           \
	X(RESET, reset, "resets asked for")                                                        \
	X(RECOVERING, recovering, "recoveries begun")                                              \
	X(RECOVERED, recovered, "recovered")                                                       \
	X(FAILED, failed, "not recovered")                                                         \
	X(REMOVED, removed, "removed")

enum port_event {
#define X(symbol, text, words) PORT_EVENT_##symbol,
	PORT_EVENT_LIST(X)
#undef X
		PORT_EVENTS
};

// X(symbol, stable text, sentence)
#define PORT_STATE_LIST(X)                                                                         \
	X(SERVED, served, "workers poll it")                                                       \
	X(LEAVING, leaving, "workers are leaving it")                                              \
	X(AWAY, away, "no worker polls it: in reset, in recovery, or of another speed")            \
	X(LOST, lost, "it is lost: the server ends")

enum port_state {
#define X(symbol, text, sentence) PORT_##symbol,
	PORT_STATE_LIST(X)
#undef X
		PORT_STATES
};

// The stable text of either; "unknown" for a number that is none. Static storage.
const char *port_event_text(enum port_event e);
const char *port_state_text(enum port_state s);

// The same for people.
const char *port_event_words(enum port_event e);
const char *port_state_sentence(enum port_state s);

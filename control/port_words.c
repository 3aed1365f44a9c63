// SPDX-License-Identifier: BSD-3-Clause
#include "port_words.h"

struct words {
	const char *text;
	const char *sentence;
};

#define X(symbol, text, sentence) {#text, sentence},
static const struct words events[] = {PORT_EVENT_LIST(X)};
static const struct words states[] = {PORT_STATE_LIST(X)};
#undef X

const char *port_event_text(enum port_event e)
{
	return e < PORT_EVENTS ? events[e].text : "unknown";
}

const char *port_state_text(enum port_state s)
{
	return s < PORT_STATES ? states[s].text : "unknown";
}

const char *port_event_words(enum port_event e)
{
	return e < PORT_EVENTS ? events[e].sentence : "unknown";
}

const char *port_state_sentence(enum port_state s)
{
	return s < PORT_STATES ? states[s].sentence : "unknown";
}

// SPDX-License-Identifier: BSD-3-Clause
// One server asked about every rule. Who carries the frames is a function given to it: a DPDK port,
// or a responder in the same process. Silence counts only between two plain requests that were
// answered, so a dead server is not taken for a correct one. No DPDK; one thread.
#pragma once

#include "verify/verify_finding.h"
#include "verify/verify_pairs.h"
#include "verify/verify_rule.h"

// Sends those of the volley's requests that have no reply yet, and gives what is received to
// verify_deliver for as long as replies are waited for; unless `whole`, only until every request is
// answered. False if the user wants to stop.
typedef bool verify_ask(void *with, struct verify_volley *v, bool whole);

struct verify_session {
	struct verify_ends ends;
	verify_ask *ask;
	void *with;
	unsigned number;     // requests made so far
	unsigned rules;      // asked about so far
	unsigned broadcasts; // seen so far
	bool is_alive;       // the last plain request was answered
	bool is_stopped;
	struct verify_volley plain; // plain requests and their replies
	struct verify_volley volley;
	struct verify_volley control;
	struct verify_stamps stamps; // of replies to requests that name an earlier one
	struct verify_finding finding[VERIFY_RULES_MAX]; // by index of the rule
};

// A session with the server between these ends; with is handed to ask. NULL without memory; freed
// with free().
struct verify_session *verify_session_create(
	const struct verify_ends *ends, verify_ask *ask, void *with);

// Asks about every rule; the findings are in the session then. False, with nothing found, if plain
// requests are not answered in one of the families, which ret_is_ip6 names.
bool verify_session_run(struct verify_session *s, bool *ret_is_ip6);

// Gives a received frame to the volley.
void verify_deliver(struct verify_volley *v, const uint8_t *frame, size_t length);

// How many rules have this verdict; of VERIFY_MUST rules only, if must_only.
unsigned verify_session_count(
	const struct verify_session *s, enum verify_verdict v, bool must_only);

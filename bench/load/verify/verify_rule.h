// SPDX-License-Identifier: BSD-3-Clause
// The rules that can be seen from outside, and how each is found out. Table only.
#pragma once

#include <stddef.h>

#include "verify/verify_check.h"

enum verify_level {
	VERIFY_MUST,   // a server that breaks it is wrong
	VERIFY_SHOULD, // good servers keep it
	VERIFY_MAY,    // worth knowing
};

enum verify_kind {
	VERIFY_ANSWERED,      // its cases get a reply, which the check accepts
	VERIFY_OPTIONAL,      // the same, but silence is a server's choice
	VERIFY_SILENT,        // its cases get none, or one that the check accepts
	VERIFY_FIELD,         // the check, on replies to plain requests
	VERIFY_EVERY,         // the check, on every reply to anything
	VERIFY_NOISE,         // the bits below the precision, over replies to plain requests
	VERIFY_GROWTH,        // root dispersion, from the first reply to the last
	VERIFY_PAIR,          // the check, on replies to requests that name an earlier one
	VERIFY_PAIR_ANSWERED, // the same, and there must be replies
	VERIFY_PAIR_UNIQUE,   // the timestamps of all of those
	VERIFY_BROADCAST,     // broadcasts seen all the while
};

struct verify_rule {
	const char *id;
	const char *title;
	enum verify_level level;
	enum verify_kind kind;
	verify_check *check; // NULL: whatever the reply holds
};

extern const struct verify_rule verify_rules[];
extern const size_t verify_rule_count;

// Room for a table with an entry for every rule.
#define VERIFY_RULES_MAX 96

// "must", "should", "may". Static storage.
const char *verify_level_name(enum verify_level l);

// "pass", "fail", "skip". Static storage.
const char *verify_verdict_name(enum verify_verdict v);

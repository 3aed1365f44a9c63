// SPDX-License-Identifier: BSD-3-Clause
// What was asked together and what came of it, and what that says about a rule. Plain data.
#pragma once

#include "verify/verify_check.h"

// Requests that are on their way together.
#define VERIFY_VOLLEY 128

struct verify_volley {
	unsigned count;
	unsigned answered;   // exchanges with a reply
	unsigned broadcasts; // NTP messages in mode 5 that came meanwhile
	struct verify_exchange exchange[VERIFY_VOLLEY];
};

// What was found out about one rule.
struct verify_finding {
	enum verify_verdict verdict;
	unsigned passes; // replies or silences that were right
	unsigned fails;
	unsigned silences; // of the passes: frames without reply
	char why[VERIFY_WHY];
};

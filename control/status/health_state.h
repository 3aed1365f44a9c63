// SPDX-License-Identifier: BSD-3-Clause
// Whether clients may be sent to this server: its own word, unless who gave it, or who serves by
// it, has fallen silent since. Pure, any thread.
#pragma once

#include <assert.h>

#include "status/reading.h"

// A server whose control thread publishes nothing for so long, or one of whose workers gives no
// heartbeat for so long, is down; so is one that has no port left to its workers.
#define HEALTH_CONTROL_NS 3000000000LL
#define HEALTH_WORKER_NS  1000000000LL

#define HEALTH_WHY 640

// Exit codes too: enum announce from its other end.
enum health_code { HEALTH_UP, HEALTH_DEGRADED, HEALTH_DOWN };
static_assert(HEALTH_UP == 0 && HEALTH_DOWN == ANNOUNCE_UP - ANNOUNCE_DOWN, "the other end");

struct health {
	enum health_code code;
	char why[HEALTH_WHY]; // in words
};

// Sets what is to be said: a code, and the reason in words.
__attribute__((format(printf, 3, 4))) void health_say(
	struct health *h, enum health_code code, const char *format, ...);

// Judges what was read.
void health_judge(const struct reading *r, struct health *ret_health);

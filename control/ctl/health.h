// SPDX-License-Identifier: BSD-3-Clause
// `ntpwirectl health`: whether clients may be sent to this server, for what announces its routes.
// The server's own word, unless who gave it, or who serves by it, has fallen silent since.
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>

#include "arguments.h"
#include "reading.h"

// A server whose control thread publishes nothing for so long, or one of whose workers gives no
// heartbeat for so long, is down; so is one that has no port left to its workers.
#define HEALTH_CONTROL_NS 3000000000LL
#define HEALTH_WORKER_NS  1000000000LL

#define HEALTH_WHY 640

// The exit codes: enum node_announce from its other end.
enum health_code { HEALTH_UP, HEALTH_DEGRADED, HEALTH_DOWN };
static_assert(
	HEALTH_UP == NODE_UP - NODE_UP && HEALTH_DOWN == NODE_UP - NODE_DOWN, "the other end");

struct health {
	enum health_code code;
	char why[HEALTH_WHY]; // in words
};

// Judges what was read. Pure.
void health_judge(const struct reading *r, struct health *ret_health);

// One line; r: what was judged, NULL where there was no server to read.
void health_print(FILE *out, const struct health *h, const struct reading *r, bool is_json);

// Reads, judges and prints. The exit code.
int health_run(const struct arguments *a);

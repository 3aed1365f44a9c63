// SPDX-License-Identifier: BSD-3-Clause
// The server's time side: clock and reference become the snapshot that workers serve.
//
// A hundred times a second the control thread measures, judges and publishes. What it published is
// void five minutes after it stops doing so. One thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "config.h"
#include "core/snapshot.h"
#include "page.h"
#include "reference.h"

enum node_state {
	NODE_START,  // the line is not known yet: served as not synchronised
	NODE_SYNC,   // the reference's word is served
	NODE_STEP,   // the clock jumped; not synchronised until the line is known again
	NODE_UNSYNC, // the reference says not synchronised
};

struct node {
	const struct config_reference *reference;
	struct clock clock;
	enum node_state state;
	int8_t precision;
};

// A node in NODE_START.
void node_init(struct node *n, const struct config_reference *reference,
	const struct clock_source *source);

// Measures and goes over to the state that follows. Logs changes of state, once each. False while
// there is nothing to publish; else *ret_view is the new view. A clock step shows in the same view:
// leap unknown and a new epoch.
bool node_tick(struct node *n, struct clock_view *ret_view);

// Publishes view to every node's snapshot in the page, and the clock's figures to its head.
void node_publish(const struct node *n, const struct clock_view *view, const struct page *p);

// The state as ntpwirectl prints it. Static storage.
const char *node_state_text(enum node_state state);

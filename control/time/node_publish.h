// SPDX-License-Identifier: BSD-3-Clause
// The node as its page shows it. One thread; no DPDK.
#pragma once

#include "time/node.h"
#include "status/page.h"

// Publishes view to every node's snapshot in the page, and the clock's figures to its head.
void node_publish(const struct node *n, const struct clock_view *view, const struct page *p);

// SPDX-License-Identifier: BSD-3-Clause
// What the commands' pages have in common that comes out of runs. Main thread.
#pragma once

#include "page.h"
#include "report.h"
#include "trials.h"

// The table and the percentiles of one run.
void page_add_run(struct page *p, const struct run *r, const struct report *report);

// Throughput and loss against the load that was tried.
void page_add_trials(struct page *p, const struct trials *t);

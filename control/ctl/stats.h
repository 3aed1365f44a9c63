// SPDX-License-Identifier: BSD-3-Clause
// What `ntpwirectl stats` says to people: counters that are not zero first, with what they mean.
#pragma once

#include <stdio.h>

#include "status/reading.h"

// Totals since the server started, and each worker's.
void stats_print(FILE *out, const struct reading *r);

// The same as rates between two readings of the same server; before may be NULL, or of another
// server, and there are only totals then.
void stats_print_live(FILE *out, const struct reading *before, const struct reading *now);

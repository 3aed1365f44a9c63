// SPDX-License-Identifier: BSD-3-Clause
// The one desk of a test executable, and what its cases say over and over.
#pragma once

#include "harness/desk.h"
#include "harness/table.h"

extern struct desk desk;

// Group fixtures for table_run_between: open and close it.
int desk_set_up(void **state);
int desk_tear_down(void **state);

// Makes it as it was at the beginning, after a case that changed it.
void desk_reset(void);

// A good request: over IPv6 if n is odd, else over IPv4.
struct frame_spec desk_good(uint64_t n);

// Fails the running test, naming `what` and n, unless this frame gets this verdict and, where that
// is an answer, exactly the reply that is owed.
void desk_expect(const struct frame_spec *s, enum verdict want, const char *what, unsigned n);

// The same under the name of the calling test.
#define EXPECT(s, want, n) desk_expect(s, want, __func__, (unsigned)(n))

// SPDX-License-Identifier: BSD-3-Clause
// Cases of interleaved mode: what a million clients in it cost, beside what the same replies cost
// in basic mode with and without a table of pairs. One thread.
#pragma once

#include "bench.h"
#include "core/snapshot.h"

// Before any case: the time that is served from then on. The view stays the caller's.
void interleaved_begin(const struct clock_view *view);

// No table; a table, and clients that do not ask; a table, and clients that all ask for when the
// reply before left, each once in a while of a million replies and in another order every time.
void interleaved_restore_off(void);
void interleaved_restore_basic(void);
void interleaved_restore_asked(void);
void run_interleaved(void);
bool interleaved_check_basic(void);
bool interleaved_check_asked(void);

// SPDX-License-Identifier: BSD-3-Clause
// What the program can do: rate_run() and so on, a file each. Main thread.
#pragma once

#include "run/session.h"

// One command each: measures, prints, and returns the program's exit code.
#define X(symbol, name) int name##_run(const struct session *s);
LOAD_COMMANDS(X)
#undef X

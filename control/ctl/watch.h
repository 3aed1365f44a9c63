// SPDX-License-Identifier: BSD-3-Clause
// Asking the server once, or again and again until Ctrl-C.
#pragma once

#include "ctl/arguments.h"

// ntpwirectl's exit codes.
enum exit_code { EXIT_OK = 0, EXIT_MISTAKE = 1, EXIT_NO_SERVER = 2 };

// Prints what a->command asks for, once, or at every interval: on a terminal one screen, elsewhere
// one block after the other.
enum exit_code watch_run(const struct arguments *a);

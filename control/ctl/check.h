// SPDX-License-Identifier: BSD-3-Clause
// `ntpwirectl check FILE`: says that a configuration is right, or what is wrong with it.
#pragma once

#include <stdbool.h>
#include <stdio.h>

// Whether it is right; one line on out or err.
bool check_file(const char *file, FILE *out, FILE *err);

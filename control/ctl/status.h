// SPDX-License-Identifier: BSD-3-Clause
// What `ntpwirectl status` says to people.
#pragma once

#include <stdio.h>

#include "status/reading.h"

// Prints the reading's state, reference, clock, workers and ports in words.
void status_print(FILE *out, const struct reading *r);

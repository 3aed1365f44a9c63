// SPDX-License-Identifier: BSD-3-Clause
// `ntpwirectl health`: whether clients may be sent to this server, for what announces its routes.
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "ctl/arguments.h"
#include "status/health_state.h"

// One line; r: what was judged, NULL where there was no server to read.
void health_print(FILE *out, const struct health *h, const struct reading *r, bool is_json);

// Reads, judges and prints. The exit code.
int health_run(const struct arguments *a);

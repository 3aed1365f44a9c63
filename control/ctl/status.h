// SPDX-License-Identifier: BSD-3-Clause
// What `ntpwirectl status` says to people.
#pragma once

#include <stdio.h>

#include "reading.h"

void status_print(FILE *out, const struct reading *r);

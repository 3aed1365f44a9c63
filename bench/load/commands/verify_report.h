// SPDX-License-Identifier: BSD-3-Clause
// The findings of a session for people and for programs.
#pragma once

#include <stdio.h>

#include "options/options.h"
#include "verify/verify_session.h"

// A line for each rule and one with the sums.
void verify_report_print(FILE *out, const struct verify_session *s);

// The same as one JSON object and a newline. -ENOMEM, or -EIO.
int verify_report_print_json(FILE *out, const struct verify_session *s, const struct options *o);

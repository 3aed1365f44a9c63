// SPDX-License-Identifier: BSD-3-Clause
// What this program can do at all, before it says something about a server. Main thread.
#pragma once

#include "run/session.h"

struct baseline {
	double generator_pps; // frames made, sent to itself, received and judged; 0: not measured
	double reflector_pps; // what came back from a reflector on this link; 0: not known
};

// Measures for a part of a second. What could not be measured is 0.
void baseline_measure(const struct session *s, struct baseline *ret_baseline);

// The lower of the two that are known; 0: none is.
double baseline_ceiling(const struct baseline *c);

// SPDX-License-Identifier: BSD-3-Clause
// The clock a core runs at, which is not the rate of the machine's counter. Any thread.
#pragma once

#include <stdint.h>

// Cycles a second of the core this thread runs on, from the time that a chain of additions takes,
// each of which waits for the one before and lasts a cycle. An estimate: what else runs on the core
// makes it look slower, so the best of several tries counts. Takes some 20 ms.
uint64_t core_clock_estimate_hz(void);

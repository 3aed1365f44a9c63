// SPDX-License-Identifier: BSD-3-Clause
// A benchmark case in C, for the one C++ file that runs it under Google Benchmark.
//
// A run works on `packets` packets; what it destroys (requests become replies in place), restore
// brings back outside the measured time. After measuring, check says whether the work was right:
// a fast wrong answer is an error, not a figure. One thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bench_case {
	const char *name;
	unsigned packets;      // in one run
	void (*restore)(void); // before each run, not measured; NULL: nothing to bring back
	void (*run)(void);
	bool (*check)(void); // after a run
};

// All cases; *ret_count tells how many. Static storage.
const struct bench_case *bench_cases(size_t *ret_count);

// The machine's counter.
uint64_t bench_counter(void);

#ifdef __cplusplus
}
#endif

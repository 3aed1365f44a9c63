// SPDX-License-Identifier: BSD-3-Clause
// What a fuzz target is: one function that takes any bytes. libFuzzer calls it in a build with
// -Dfuzzing=true, replay.c with the files of the corpus in every other.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

// Returns 0. Aborts if a promise is broken; sanitizers watch the rest.
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

// A promise that must hold for every input.
#define promise(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

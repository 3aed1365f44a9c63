// SPDX-License-Identifier: BSD-3-Clause
// The reference's word held against the kernel's clock state, which whoever keeps the clock should
// have told the same.
//
// Only warns: chronyd without rtcsync leaves STA_UNSYNC set for ever. One thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "status/words.h"
#include "reference/reference.h"

// Looks in a row before a disagreement is one: flags come and go with some delay.
#define REFERENCE_CHECK_LOOKS 3
// Where the kernel itself gives its clock up.
#define REFERENCE_CHECK_ERROR_US 16000000

struct reference_check {
	enum kernel_word word;       // in force
	enum kernel_word looks_word; // of the last looks, so many in a row
	unsigned looks;
	uint64_t disagreements; // begun
};

// What the kernel's state says beside word, the last one of the reference
// that is followed. The kernel itself and `fixed` are not compared, nor what says that it is not
// synchronised.
enum kernel_word reference_check_compare(
	const struct reference_word *word, struct kernel_clock kernel);

// Takes a look, once a second. Logs where a disagreement begins and where it ends.
void reference_check_look(
	struct reference_check *c, const struct reference_word *word, struct kernel_clock kernel);

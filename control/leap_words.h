// SPDX-License-Identifier: BSD-3-Clause
// What is told of leap seconds on the page, and in what words. Pure, any thread.
#pragma once

#include "core/smear.h"

enum leap_witness {
	LEAP_BY_LIST = 1,
	LEAP_BY_REFERENCE = 2,
	LEAP_BY_KERNEL = 4,
};

enum leap_list_state { LEAP_LIST_NONE, LEAP_LIST_GOOD, LEAP_LIST_EXPIRED };

// Who says, for people: "the list, the kernel". ret_text holds LEAP_WITNESS_TEXT bytes.
#define LEAP_WITNESS_TEXT 48
const char *leap_witness_text(unsigned witnesses, char ret_text[LEAP_WITNESS_TEXT]);

// The state of the list, and how time is smeared, as one word. Static storage.
const char *smear_kind_word(enum smear_kind k);
const char *leap_list_state_word(enum leap_list_state s);

// SPDX-License-Identifier: BSD-3-Clause
// What the page says of symmetric keys: whose the counters' slots are. Never a key. See page.h.
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "core/counters.h"
#include "core/keys.h"

// A slot's key. Its counts are the sums over workers without what was there before it.
struct page_key {
	_Atomic uint64_t id;   // writer: control; 0: none has this slot
	_Atomic uint64_t type; // writer: control; enum key_type
	_Atomic uint64_t right_before;
	_Atomic uint64_t wrong_before;
};

struct page_keys {
	_Atomic uint64_t count; // writer: control; keys in force
	struct page_key slot[KEY_SLOTS];
};

// What one worker counts.
struct page_block {
	struct counters counters;
	struct key_counters keys;
};

// SPDX-License-Identifier: BSD-3-Clause
// Memory that tells on whoever touches a byte beside a frame: inaccessible pages right behind it or
// right before it, and poison on the open side.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct guard {
	uint8_t *begin; // first accessible byte; the page before it is inaccessible
	size_t size;    // accessible bytes; the page behind them is inaccessible
	uint8_t *frame; // the bytes placed last
	size_t length;
};

// Room for frames of up to `size` bytes. Aborts the test when there is no memory.
void guard_make(struct guard *g, size_t size);

// Gives the memory back.
void guard_free(struct guard *g);

// Copies n bytes so that the last one abuts the inaccessible page; poisons the rest.
uint8_t *guard_place_end(struct guard *g, const uint8_t *bytes, size_t n);

// Copies n bytes so that the first one abuts the inaccessible page; poisons the rest.
uint8_t *guard_place_begin(struct guard *g, const uint8_t *bytes, size_t n);

// Fails the running test if a byte outside the placed frame has changed.
void guard_check(const struct guard *g);

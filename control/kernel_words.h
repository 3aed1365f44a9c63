// SPDX-License-Identifier: BSD-3-Clause
// What the kernel's clock state says beside the reference's word. See reference_check.h.
#pragma once

// X(symbol, word for programs, words for people)
#define KERNEL_WORDS(X)                                                                            \
	X(NOT_COMPARED, not_compared, "there is nothing to compare it with")                       \
	X(AGREES, agrees, "it agrees")                                                             \
	X(UNSYNC, unsync, "it says that its clock is not synchronised (STA_UNSYNC)")               \
	X(MAXERROR, maxerror, "it says that its clock may be off by over 16 s (maxerror)")         \
	X(LEAP, leap, "it says otherwise of a leap second (STA_INS, STA_DEL)")

enum kernel_word {
#define X(symbol, word, text) KERNEL_##symbol,
	KERNEL_WORDS(X)
#undef X
		KERNEL_WORD_COUNT
};

// Static storage.
const char *kernel_word_word(enum kernel_word w);
const char *kernel_word_text(enum kernel_word w);

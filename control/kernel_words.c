// SPDX-License-Identifier: BSD-3-Clause
#include "kernel_words.h"

static const struct {
	const char *word;
	const char *text;
} words[] = {
#define X(symbol, word, text) {#word, text},
	KERNEL_WORDS(X)
#undef X
};

const char *kernel_word_word(enum kernel_word w)
{
	return w < KERNEL_WORD_COUNT ? words[w].word : "unknown";
}

const char *kernel_word_text(enum kernel_word w)
{
	return w < KERNEL_WORD_COUNT ? words[w].text : "unknown";
}

// SPDX-License-Identifier: BSD-3-Clause
#include "core/verdict.h"

static const struct word verdicts[VERDICT_COUNT] = {VERDICT_LIST(WORD_ROW)};
const struct word_table verdict_words = WORD_TABLE("verdict", verdicts);

const char *verdict_text(enum verdict v)
{
	return word_text(&verdict_words, v);
}

const char *verdict_sentence(enum verdict v)
{
	return word_sentence(&verdict_words, v);
}

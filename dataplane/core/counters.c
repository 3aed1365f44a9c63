// SPDX-License-Identifier: BSD-3-Clause
#include "core/counters.h"

#include "core/words.h"

static const struct word traffics[TRAFFIC_COUNT] = {TRAFFIC_LIST(WORD_ROW)};
static const struct word stamps[STAMP_COUNT] = {STAMP_LIST(WORD_ROW)};
const struct word_table traffic_words = WORD_TABLE("traffic", traffics);
const struct word_table stamp_words = WORD_TABLE("stamp", stamps);

const char *traffic_text(enum traffic t)
{
	return word_text(&traffic_words, t);
}

const char *traffic_sentence(enum traffic t)
{
	return word_sentence(&traffic_words, t);
}

const char *stamp_text(enum stamp s)
{
	return word_text(&stamp_words, s);
}

const char *stamp_sentence(enum stamp s)
{
	return word_sentence(&stamp_words, s);
}

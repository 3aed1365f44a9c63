// SPDX-License-Identifier: BSD-3-Clause
#include "core/verdict.h"

static const struct {
	const char *text;
	const char *sentence;
} verdicts[VERDICT_COUNT] = {
#define X(symbol, name, words) [V_##symbol] = {#name, words},
	VERDICT_LIST(X)
#undef X
};

const char *verdict_text(enum verdict v)
{
	return (unsigned)v < VERDICT_COUNT ? verdicts[v].text : "unknown";
}

const char *verdict_sentence(enum verdict v)
{
	return (unsigned)v < VERDICT_COUNT ? verdicts[v].sentence : "unknown";
}

// SPDX-License-Identifier: BSD-3-Clause
#include "stamp_reason.h"

static const struct {
	const char *text;
	const char *sentence;
} reasons[STAMP_REASON_COUNT] = {
#define X(symbol, name, words) [STAMP_REASON_##symbol] = {#name, words},
	STAMP_REASONS(X)
#undef X
};

const char *stamp_reason_text(enum stamp_reason r)
{
	return (unsigned)r < STAMP_REASON_COUNT ? reasons[r].text : "unknown";
}

const char *stamp_reason_sentence(enum stamp_reason r)
{
	return (unsigned)r < STAMP_REASON_COUNT ? reasons[r].sentence : "unknown";
}

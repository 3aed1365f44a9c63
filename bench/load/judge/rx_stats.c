// SPDX-License-Identifier: BSD-3-Clause
#include "judge/rx_stats.h"

static const char *const names[FAULT_COUNT] = {
#define X(symbol, name, sentence) #name,
	FAULT_LIST(X)
#undef X
};

static const char *const sentences[FAULT_COUNT] = {
#define X(symbol, name, sentence) sentence,
	FAULT_LIST(X)
#undef X
};

void rx_stats_init(struct rx_stats *t)
{
	*t = (struct rx_stats){0};
}

uint64_t rx_stats_invalid(const struct rx_stats *t)
{
	uint64_t sum = 0;
	for (unsigned f = 0; f < FAULT_COUNT; f++)
		sum += t->fault[f];
	return sum;
}

const char *fault_name(enum fault f)
{
	return names[f];
}

const char *fault_sentence(enum fault f)
{
	return sentences[f];
}

// SPDX-License-Identifier: BSD-3-Clause
#include "core/counters.h"

static const struct {
	const char *text;
	const char *sentence;
} traffics[TRAFFIC_COUNT] = {
#define X(symbol, name, words) [TRAFFIC_##symbol] = {#name, words},
	TRAFFIC_LIST(X)
#undef X
};

const char *traffic_text(enum traffic t)
{
	return (unsigned)t < TRAFFIC_COUNT ? traffics[t].text : "unknown";
}

const char *traffic_sentence(enum traffic t)
{
	return (unsigned)t < TRAFFIC_COUNT ? traffics[t].sentence : "unknown";
}

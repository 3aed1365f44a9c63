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

static const struct {
	const char *text;
	const char *sentence;
} stamps[STAMP_COUNT] = {
#define X(symbol, name, words) [STAMP_##symbol] = {#name, words},
	STAMP_LIST(X)
#undef X
};

const char *stamp_text(enum stamp s)
{
	return (unsigned)s < STAMP_COUNT ? stamps[s].text : "unknown";
}

const char *stamp_sentence(enum stamp s)
{
	return (unsigned)s < STAMP_COUNT ? stamps[s].sentence : "unknown";
}

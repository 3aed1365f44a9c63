// SPDX-License-Identifier: BSD-3-Clause
// Answers a case's packets a given number of times and nothing else, for callgrind to count:
// the difference of two counts is the instructions of that many more runs (scripts/bench).
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static const struct bench_case *find_case(const char *name)
{
	size_t count;
	const struct bench_case *cases = bench_cases(&count);
	for (size_t i = 0; i < count; i++)
		if (strcmp(cases[i].name, name) == 0)
			return &cases[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct bench_case *c = argc == 3 ? find_case(argv[1]) : NULL;
	long runs = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	if (c == NULL || runs < 1) {
		fprintf(stderr, "usage: %s CASE RUNS\n", argv[0]);
		return 2;
	}
	for (long i = 0; i < runs; i++) {
		if (c->restore != NULL)
			c->restore();
		c->run();
	}
	printf("%u packets a run\n", c->packets);
	return c->check() ? 0 : 1;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "options/batch.h"

#include <stdio.h>
#include <string.h>

#include "options/options_read.h"

static bool batch_complain(const char *sentence)
{
	fprintf(stderr, "ntpwire-load: --again: %s\n", sentence);
	return false;
}

// The words of b->line, after the program's name. 0: there are too many.
static int words_part(struct batch *b)
{
	static char program[] = "ntpwire-load";
	int count = 0;
	char *rest = NULL;
	b->word[count++] = program;
	for (char *w = strtok_r(b->line, " \t\n", &rest); w != NULL;
		w = strtok_r(NULL, " \t\n", &rest)) {
		if (count == BATCH_WORDS)
			return 0;
		b->word[count++] = w;
	}
	b->word[count] = NULL;
	return count;
}

bool batch_read(struct batch *b, const struct options *before)
{
	int count = words_part(b);
	if (count == 0)
		return batch_complain("a line on standard input has more than 127 words");
	if (!options_read(count, b->word, &b->options))
		return false;
	if (b->options.device == NULL || strcmp(b->options.device, before->device) != 0 ||
		b->options.queues != before->queues)
		return batch_complain("a line on standard input names another --device or other "
				      "--queues: start another ntpwire-load for those");
	return true;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "options/again.h"

#include <stdio.h>
#include <string.h>

#include "options/options_read.h"

static bool complain(const char *sentence)
{
	fprintf(stderr, "ntpwire-load: --again: %s\n", sentence);
	return false;
}

// The words of a->line, after the program's name. 0: there are too many.
static int words_part(struct again *a)
{
	static char program[] = "ntpwire-load";
	int count = 0;
	char *rest = NULL;
	a->word[count++] = program;
	for (char *w = strtok_r(a->line, " \t\n", &rest); w != NULL;
		w = strtok_r(NULL, " \t\n", &rest)) {
		if (count == AGAIN_WORDS)
			return 0;
		a->word[count++] = w;
	}
	a->word[count] = NULL;
	return count;
}

bool again_read(struct again *a, const struct options *before)
{
	int count = words_part(a);
	if (count == 0)
		return complain("a line on standard input has more than 127 words");
	if (!options_read(count, a->word, &a->options))
		return false;
	if (a->options.device == NULL || strcmp(a->options.device, before->device) != 0 ||
		a->options.queues != before->queues)
		return complain("a line on standard input names another --device or other "
				"--queues: start another ntpwire-load for those");
	return true;
}

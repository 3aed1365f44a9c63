// SPDX-License-Identifier: BSD-3-Clause
// Reaches: leap_list_parse
// A leap-seconds.list: refused with a reason, or every leap in it is one that can be.
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "time/leap_list.h"

static void list_judge(const struct leap_list *l)
{
	int64_t at = 0;
	int step = 0;
	promise(l->count >= 2 && l->count <= LEAP_LIST_ENTRIES);
	promise(leap_list_tai_offset(l, INT64_MIN) == 0);
	promise(leap_list_tai_offset(l, 1500000000) == 37);
	for (int64_t now = 100000000; leap_list_next(l, now, &at, &step); now = at)
		promise(at > now && at % 86400 == 0 && (step == 1 || step == -1));
	promise(leap_list_last(l, INT64_MAX, &at, &step));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct leap_list l = {.count = 77};
	struct diagnostic diagnostic = {""};
	// A copy, so that a byte read behind its end is seen.
	char *text = malloc(length + (length == 0));
	promise(text != NULL);
	memcpy(text, bytes, length);
	if (leap_list_parse(text, length, &l, &diagnostic) == 0)
		list_judge(&l);
	else
		promise(l.count == 77 && diagnostic.sentence[0] != '\0' &&
			strchr(diagnostic.sentence, '\n') == NULL);
	free(text);
	return 0;
}

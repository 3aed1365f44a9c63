// SPDX-License-Identifier: BSD-3-Clause
#include "leap_words.h"

#include <stddef.h>
#include <stdio.h>

const char *leap_witness_text(unsigned witnesses, char ret_text[LEAP_WITNESS_TEXT])
{
	static const char *const names[] = {"the list", "the reference", "the kernel"};
	size_t used = 0;
	ret_text[0] = '\0';
	for (unsigned i = 0; i < 3; i++)
		if (witnesses & 1u << i)
			used += (size_t)snprintf(ret_text + used, LEAP_WITNESS_TEXT - used, "%s%s",
				used == 0 ? "" : ", ", names[i]);
	return used == 0 ? "nobody" : ret_text;
}

const char *smear_kind_word(enum smear_kind k)
{
	static const char *const words[] = {"off", "linear", "cosine"};
	return k <= SMEAR_COSINE ? words[k] : "unknown";
}

const char *leap_list_state_word(enum leap_list_state s)
{
	static const char *const words[] = {"none", "good", "expired"};
	return s <= LEAP_LIST_EXPIRED ? words[s] : "unknown";
}

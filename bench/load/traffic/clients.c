// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/clients.h"

#include <stdlib.h>
#include <string.h>

bool clients_make_room(struct clients *c, uint32_t count)
{
	if (count <= c->count)
		return true;
	struct client *each = realloc(c->each, count * sizeof(*each));
	if (each == NULL)
		return false;
	memset(&each[c->count], 0, (count - c->count) * sizeof(*each));
	*c = (struct clients){each, count};
	return true;
}

void clients_begin(struct clients *c)
{
	for (uint32_t i = 0; i < c->count; i++)
		if (c->each[i].asker != 0)
			c->each[i] = (struct client){0};
}

void clients_free(struct clients *c)
{
	free(c->each);
	*c = (struct clients){0};
}

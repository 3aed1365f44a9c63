// SPDX-License-Identifier: BSD-3-Clause
#include "core/port_snap.h"

#include <string.h>

#include "core/seqcount.h"
#include "core/snapshot.h"

void port_snap_publish(struct port_snap *s, const struct port_view *view)
{
	uint64_t word[PORT_SNAP_WORDS];
	memcpy(word, view, sizeof(word));
	seqcount_publish(&s->sequence, s->word, word, PORT_SNAP_WORDS);
}

bool port_snap_read(const struct port_snap *s, struct port_snap_cache *cache)
{
	uint64_t word[PORT_SNAP_WORDS];
	uint64_t seen;
	if (atomic_load_explicit(&s->sequence, memory_order_relaxed) == cache->sequence)
		return true;
	for (unsigned i = 0; i < SNAPSHOT_TRIES; i++) {
		uint64_t got = seqcount_copy(&s->sequence, s->word, word, PORT_SNAP_WORDS, &seen);
		if (got == 0)
			continue;
		memcpy(&cache->view, word, sizeof(word));
		cache->sequence = got;
		return true;
	}
	return false;
}

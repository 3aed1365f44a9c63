// SPDX-License-Identifier: BSD-3-Clause
// What clients in interleaved mode remember (RFC 9769 section 2): the T2 of the server's last
// reply, by which the next request asks when that reply really left. What was asked for with it is
// told once, so a client whose last reply is not there yet, or lost, is in basic mode. The memory
// outlives a run, as the server's does. Clients are asked in their order, and answered nearly in
// it: the processor fetches ahead without being told. One thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// One client.
struct client {
	uint64_t receive; // T2 of its last reply; 0: it had none
	uint64_t asker;   // sequence number, plus 1, of the request that has asked with it; 0: none
	                  // yet
};

struct clients {
	struct client *each;
	uint32_t count;
};

// Room for so many clients; those that were there keep what they know. False without memory.
bool clients_make_room(struct clients *c, uint32_t count);

// A run begins, with sequence numbers from 0 on: who still waits for a reply to the run before is
// back in basic mode.
void clients_begin(struct clients *c);

// Nobody is left, and nothing is known.
void clients_free(struct clients *c);

// The T2 that the request with this sequence number asks with; 0: it is in basic mode.
static inline uint64_t client_ask(struct client *c, uint64_t sequence)
{
	if (c->receive == 0 || c->asker != 0)
		return 0;
	c->asker = sequence + 1;
	return c->receive;
}

// The T2 that the request has asked with; 0: that is not known any more.
static inline uint64_t client_asked(const struct client *c, uint64_t sequence)
{
	return c->asker == sequence + 1 ? c->receive : 0;
}

// Takes the T2 of the first right reply to the request with this sequence number. A reply that is
// older than the one asked for is not waited for.
static inline void client_take(struct client *c, uint64_t sequence, uint64_t receive)
{
	if (sequence + 1 < c->asker)
		return;
	c->receive = receive;
	c->asker = 0;
}

// SPDX-License-Identifier: BSD-3-Clause
// The frames that are sent, in which order, and how one is made.
//
// Every frame has a sequence number. The schedule gives its template; address, port, transmit
// timestamp and checksums are put in as it is sent, so a run never sends two equal requests and
// sixteen million clients need no memory. The transmit timestamp names sequence number and client,
// hidden under the run's key: a server copies it, bit for bit, and nobody else knows it. A request
// in interleaved mode has the same but for one bit as its receive timestamp. Filled before the run,
// constant in it. Pure, any thread.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/checksum.h"
#include "core/ntp.h"
#include "core/wire.h"
#include "traffic/profile.h"

#define PLAN_SLOTS      4096 // a power of two
#define PLAN_TEMPLATES  (2 * (REQUEST_COUNT + JUNK_MAX))
#define PLAN_FRAME_ROOM 160
// Where fields go that a kind of frame does not have.
#define PLAN_NOWHERE (PLAN_FRAME_ROOM - 8)

#define PLAN_SEQUENCE_BITS 40
#define PLAN_SEQUENCE_MASK ((1ull << PLAN_SEQUENCE_BITS) - 1)
// Set where the receive timestamp names the request. Sequence numbers of interleaved runs are below
// it, for 15 hours at 10 million a second.
#define PLAN_RECEIVE    (1ull << (PLAN_SEQUENCE_BITS - 1))
#define PLAN_PORT_FIRST 32768u
#define PLAN_PORT_MASK  0x3fffu

// Where the headers of a frame begin.
struct plan_layout {
	uint16_t type; // the EtherType behind all tags
	uint16_t ip;
	uint16_t udp;
	uint16_t ntp;
	bool is_ip6;
};

struct plan_template {
	uint8_t frame[PLAN_FRAME_ROOM];
	uint64_t ip_sum;  // of everything that the header checksum covers but the client's address
	uint64_t udp_sum; // the same for UDP, less port and timestamp
	uint32_t net;     // last four bytes of the client with number 0, host order
	uint16_t length;
	uint16_t source_at; // last four bytes of the source address
	uint16_t port_at;
	uint16_t ip_sum_at; // IPv6: where UDP's sum, written next, takes its place
	uint16_t udp_sum_at;
	uint16_t id_at;
	bool is_ip6;
	bool is_junk;
	uint8_t kind; // enum request_kind, or the row in junk_kinds
};

struct plan {
	uint64_t key;
	uint32_t clients;
	unsigned template_count;
	struct plan_layout layout[2]; // IPv4, IPv6
	uint8_t schedule[PLAN_SLOTS]; // index of the template
	struct plan_template template[PLAN_TEMPLATES];
};

// Makes templates and schedule of what t wants; key hides the timestamps. t holds at least one
// family and one kind with a weight.
void plan_make(const struct profile *t, uint64_t key, struct plan *ret_plan);

// The template of the frame with this sequence number.
static inline const struct plan_template *plan_template_of(const struct plan *p, uint64_t sequence)
{
	return &p->template[p->schedule[sequence % PLAN_SLOTS]];
}

// How many of the first n frames are of the template with this index.
uint64_t plan_count(const struct plan *p, unsigned index, uint64_t n);

// How many of the first n frames are junk.
uint64_t plan_count_junk(const struct plan *p, uint64_t n);

// The transmit timestamp of a request, in memory order.
static inline uint64_t plan_id(const struct plan *p, uint64_t sequence, uint32_t client)
{
	return p->key ^ ((uint64_t)client << PLAN_SEQUENCE_BITS | sequence);
}

// Whether the frame with this sequence number can be a request in interleaved mode: that is of
// NTPv4 clients (RFC 9769 section 2).
static inline bool plan_may_ask(const struct plan *p, uint64_t sequence)
{
	const struct plan_template *t = plan_template_of(p, sequence);
	return !t->is_junk && t->kind == REQUEST_V4;
}

// The last four bytes of a client's address as they stand on the wire.
static inline uint32_t plan_source(uint32_t net, uint32_t client)
{
	struct be32 wire = be32_put(net + client);
	uint32_t memory;
	memcpy(&memory, wire.byte, sizeof(memory));
	return memory;
}

// The source port of a request as it stands on the wire. It changes with every request, so that a
// reply with another request's timestamp is seen even where all requests come from one client.
static inline uint16_t plan_port(uint64_t sequence)
{
	struct be16 wire = be16_put((uint16_t)(PLAN_PORT_FIRST + (sequence & PLAN_PORT_MASK)));
	uint16_t memory;
	memcpy(&memory, wire.byte, sizeof(memory));
	return memory;
}

// The frame with this sequence number, with a checksum over `more` beside what is written here.
static inline uint16_t plan_write_summed(
	const struct plan *p, uint64_t sequence, uint32_t client, uint64_t more, uint8_t *frame)
{
	const struct plan_template *t = plan_template_of(p, sequence);
	uint64_t id = plan_id(p, sequence, client);
	uint32_t source = plan_source(t->net, client);
	uint16_t port = plan_port(sequence);
	uint64_t udp_sum = checksum_join(checksum_join(t->udp_sum, id), (uint64_t)source + port);
	struct be16 udp_field = checksum_field_udp(checksum_join(udp_sum, more));
	struct be16 ip_field = checksum_field(checksum_join(t->ip_sum, source));
	// No line of the cache more than the frame has: each is fetched for it and then the other
	// side's to fetch.
	memcpy(frame, t->frame, 96);
	if (t->length > 96)
		memcpy(frame + 96, t->frame + 96, 32);
	if (t->length > 128)
		memcpy(frame + 128, t->frame + 128, PLAN_FRAME_ROOM - 128);
	memcpy(frame + t->source_at, &source, sizeof(source));
	memcpy(frame + t->port_at, &port, sizeof(port));
	memcpy(frame + t->id_at, &id, sizeof(id));
	memcpy(frame + t->ip_sum_at, ip_field.byte, sizeof(ip_field));
	memcpy(frame + t->udp_sum_at, udp_field.byte, sizeof(udp_field));
	return t->length;
}

// Writes the frame with this sequence number to `frame`, which has room for PLAN_FRAME_ROOM bytes.
// Returns its length.
static inline uint16_t plan_write(
	const struct plan *p, uint64_t sequence, uint32_t client, uint8_t *frame)
{
	return plan_write_summed(p, sequence, client, 0, frame);
}

// The same for a request that may ask, in interleaved mode: with T2 of an earlier reply as its
// origin.
uint16_t plan_write_asking(
	const struct plan *p, uint64_t sequence, uint32_t client, uint64_t t2, uint8_t *frame);

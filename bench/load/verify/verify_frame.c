// SPDX-License-Identifier: BSD-3-Clause
#include "verify/verify_frame.h"

#include <assert.h>
#include <string.h>

#include "core/checksum.h"
#include "core/wire.h"
#include "core/wire_int.h"
#include "traffic/key.h"

#define TTL          64
#define POLL         6
#define FIRST_V4     0x23
#define TAG_FIRST    100
#define TAGS_MOST    4
#define EXTRA        8 // bytes of an IPv6 extension header
#define OPTIONS      4 // bytes of IPv4 options
#define IP4_MORE     0x2000
#define TUNE_AT      8 // two bytes of root dispersion that make a sum come out as wanted
#define MESSAGE_ROOM 1460

static_assert(MESSAGE_ROOM + 14 + 4 * TAGS_MOST + 40 + EXTRA + 8 <= VERIFY_FRAME, "a frame fits");

static void put16(uint8_t *at, uint16_t n)
{
	struct be16 wire = be16_put(n);
	memcpy(at, wire.byte, sizeof(wire));
}

static uint16_t verify_frame_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint16_t tail_bytes(const struct verify_tail *t)
{
	return t->bytes != 0 ? t->bytes : t->length;
}

static uint16_t message_length(const struct verify_exchange *x)
{
	const struct verify_case *c = x->what;
	if (c->message_last != 0)
		return (uint16_t)(c->message + x->index);
	uint16_t length = c->message != 0 ? c->message : NTP_LENGTH;
	if (x->key != NULL)
		length = (uint16_t)(length + key_code_length(x->key));
	for (unsigned i = 0; i < VERIFY_TAILS; i++)
		length = (uint16_t)(length + tail_bytes(&c->tail[i]));
	return length;
}

static uint8_t *tail_write(uint8_t *at, const struct verify_tail *t)
{
	uint16_t bytes = tail_bytes(t);
	for (unsigned i = 4; i < bytes; i++)
		at[i] = t->is_zero ? 0 : (uint8_t)(0x81 + 3 * i);
	put16(at, t->type);
	put16(at + 2, t->length);
	return at + bytes;
}

static void code_write(const struct verify_exchange *x, const uint8_t *message, uint8_t *at)
{
	unsigned length = key_code_length(x->key);
	key_code_write(x->key, message, (size_t)(at - message), at);
	switch (x->what->code) {
	case VERIFY_CODE_NONE:
	case VERIFY_CODE_RIGHT:
		return;
	case VERIFY_CODE_WRONG_FIRST:
		at[KEY_ID_LENGTH] ^= 0x80;
		return;
	case VERIFY_CODE_WRONG_LAST:
		at[length - 1] ^= 0x01;
		return;
	case VERIFY_CODE_ZERO:
		memset(at + KEY_ID_LENGTH, 0, length - KEY_ID_LENGTH);
		return;
	}
}

// The earlier reply's receive timestamp stands where a client in basic mode has its transmit
// timestamp.
static void name_write(const struct verify_exchange *x, uint8_t *message)
{
	struct be64 named = be64_put(x->named);
	if (x->what->pair == VERIFY_PAIR_NONE)
		return;
	memcpy(message + offsetof(struct ntp_wire, origin_time), named.byte, sizeof(named));
	if (x->what->pair == VERIFY_PAIR_EQUAL)
		memcpy(message + offsetof(struct ntp_wire, receive_time), &x->id, sizeof(x->id));
}

// Every byte differs from its neighbours, so that one copied from the wrong place is seen.
static void verify_frame_message_write(struct verify_exchange *x, uint8_t *at)
{
	const struct verify_case *c = x->what;
	uint8_t whole[MESSAGE_ROOM] = {0};
	for (unsigned i = 1; i < NTP_LENGTH; i++)
		whole[i] = (uint8_t)(0x17 + 5 * i + x->port);
	whole[0] = c->first != 0 ? c->first : FIRST_V4;
	whole[1] = 0;
	whole[2] = (uint8_t)(POLL + x->port % 5);
	memcpy(whole + offsetof(struct ntp_wire, transmit_time), &x->id, sizeof(x->id));
	name_write(x, whole);
	uint8_t *end = whole + NTP_LENGTH;
	for (unsigned i = 0; i < VERIFY_TAILS && tail_bytes(&c->tail[i]) != 0; i++)
		end = tail_write(end, &c->tail[i]);
	if (x->key != NULL)
		code_write(x, whole, end);
	memcpy(at, whole, x->message);
}

static uint8_t *verify_frame_ether_write(const struct verify_ends *e, struct verify_exchange *x)
{
	static const struct mac broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	static const struct mac multicast[2] = {
		{{0x01, 0x00, 0x5e, 0x00, 0x01, 0x01}}, {{0x33, 0x33, 0x00, 0x00, 0x01, 0x01}}};
	const struct verify_case *c = x->what;
	struct mac destination = e->profile.destination;
	uint8_t *at = x->request;
	switch (c->mac) {
	case VERIFY_MAC_SERVER:
		break;
	case VERIFY_MAC_OTHER:
		destination.byte[4] ^= 0x55;
		break;
	case VERIFY_MAC_BROADCAST:
		destination = broadcast;
		break;
	case VERIFY_MAC_MULTICAST:
		destination = multicast[x->is_ip6];
		break;
	}
	memcpy(at, destination.byte, sizeof(destination));
	memcpy(at + 6, e->profile.source.byte, sizeof(e->profile.source));
	at += 12;
	for (unsigned i = c->tags; i > 0; i--, at += 4) {
		put16(at, i > 1 ? ETHER_TYPE_QINQ : ETHER_TYPE_VLAN);
		put16(at + 2, (uint16_t)(TAG_FIRST + i));
	}
	if (e->profile.has_vlan) {
		put16(at, ETHER_TYPE_VLAN);
		put16(at + 2, e->profile.vlan);
		at += 4;
	}
	put16(at, x->is_ip6 ? ETHER_TYPE_IP6 : ETHER_TYPE_IP4);
	return at + 2;
}

static void client_write(const struct profile_family *f, uint32_t client, size_t size, uint8_t *at)
{
	struct be32 last;
	memcpy(at, f->net, size);
	memcpy(last.byte, at + size - sizeof(last), sizeof(last));
	last = be32_put(be32_get(last) + 1 + client);
	memcpy(at + size - sizeof(last), last.byte, sizeof(last));
}

static void source_write(const struct verify_ends *e, const struct verify_exchange *x, uint8_t *at)
{
	static const uint8_t special[2][VERIFY_FROM_NOWHERE + 1][16] = {
		{
			[VERIFY_FROM_LOOPBACK] = {127, 0, 0, 1},
			[VERIFY_FROM_MULTICAST] = {224, 0, 1, 1},
			[VERIFY_FROM_BROADCAST] = {255, 255, 255, 255},
		},
		{
			[VERIFY_FROM_LOOPBACK] = {[15] = 1},
			[VERIFY_FROM_MULTICAST] = {0xff, 0x02, [15] = 1},
			[VERIFY_FROM_BROADCAST] = {[10] = 0xff, 0xff, 198, 18, 0, 1},
		}};
	const struct profile_family *f = x->is_ip6 ? &e->profile.ip6 : &e->profile.ip4;
	enum verify_source source = x->what->source;
	size_t size = x->is_ip6 ? 16 : 4;
	if (source == VERIFY_FROM_SERVER) {
		memcpy(at, f->server, size);
	} else if (source != VERIFY_FROM_US) {
		memcpy(at, special[x->is_ip6][source], size);
	} else {
		client_write(f, x->client, size, at);
	}
}

static void destination_write(
	const struct verify_ends *e, const struct verify_exchange *x, uint8_t *at)
{
	static const uint8_t multicast[2][16] = {
		{224, 0, 1, 1}, {0xff, 0x02, [14] = 0x01, [15] = 0x01}};
	const struct profile_family *f = x->is_ip6 ? &e->profile.ip6 : &e->profile.ip4;
	size_t size = x->is_ip6 ? 16 : 4;
	if (x->what->destination == VERIFY_TO_MULTICAST) {
		memcpy(at, multicast[x->is_ip6], size);
		return;
	}
	memcpy(at, f->server, size);
	if (x->what->destination == VERIFY_TO_NEIGHBOUR)
		at[size - 1] ^= 0x40;
}

static uint8_t *verify_frame_ip4_write(
	const struct verify_ends *e, const struct verify_exchange *x, uint8_t *at)
{
	static const uint8_t options[OPTIONS] = {1, 1, 1, 0}; // none, none, none, end
	const struct verify_case *c = x->what;
	size_t extra = c->has_options ? sizeof(options) : 0;
	size_t header = sizeof(struct ip4_wire) + extra;
	struct ip4_wire ip = {.traffic_class = c->traffic_class, .protocol = PROTOCOL_UDP};
	ip.version_ihl = (uint8_t)(0x40 | header / 4);
	ip.total_length = be16_put((uint16_t)(header + sizeof(struct udp_wire) + x->message));
	ip.id = be16_put(x->port);
	ip.fragment = be16_put(IP4_DF);
	ip.ttl = c->ttl != 0 ? c->ttl : TTL;
	source_write(e, x, ip.source.byte);
	destination_write(e, x, ip.destination.byte);
	memcpy(at, &ip, sizeof(ip));
	memcpy(at + sizeof(ip), options, extra);
	return at + header;
}

static uint8_t *verify_frame_ip6_write(
	const struct verify_ends *e, const struct verify_exchange *x, uint8_t *at)
{
	const struct verify_case *c = x->what;
	// A fragment with more to come; destination options that hold padding only.
	const uint8_t fragment[EXTRA] = {
		PROTOCOL_UDP, 0, 0, 1, 0, 0, (uint8_t)(x->port >> 8), (uint8_t)x->port};
	static const uint8_t padding[EXTRA] = {PROTOCOL_UDP, 0, 1, 4};
	size_t extra = c->extension != 0 ? EXTRA : 0;
	struct ip6_wire ip = {.next_header = extra != 0 ? c->extension : PROTOCOL_UDP};
	ip.version_class_flow = be32_put(6u << 28 | (uint32_t)c->traffic_class << 20);
	ip.payload_length = be16_put((uint16_t)(extra + sizeof(struct udp_wire) + x->message));
	ip.hop_limit = c->ttl != 0 ? c->ttl : TTL;
	source_write(e, x, ip.source.byte);
	destination_write(e, x, ip.destination.byte);
	memcpy(at, &ip, sizeof(ip));
	memcpy(at + sizeof(ip), c->extension == VERIFY_FRAGMENT ? fragment : padding, extra);
	return at + sizeof(ip) + extra;
}

static void edits_apply(struct verify_exchange *x)
{
	const uint16_t base[] = {[EDIT_ETHER] = x->in.type,
		[EDIT_IP] = x->in.ip,
		[EDIT_UDP] = x->in.udp,
		[EDIT_NTP] = x->in.ntp};
	for (unsigned i = 0; i < VERIFY_EDITS; i++) {
		const struct edit *e = &x->what->edit[i];
		if (e->base == EDIT_NONE)
			continue;
		uint8_t *byte = &x->request[base[e->base] + e->offset];
		*byte = (uint8_t)((*byte & e->mask) ^ e->value);
	}
}

// The sum over pseudo-header and datagram, as far as there are bytes.
static uint64_t udp_sum(const uint8_t *frame, const struct verify_layout *l, uint16_t message)
{
	size_t address = l->is_ip6 ? sizeof(struct ip6) : sizeof(struct be32);
	const uint8_t *source = frame + l->ip + (l->is_ip6 ? 8 : 12);
	const uint8_t *udp = frame + l->udp;
	uint64_t sum = checksum_bytes(source, 2 * address);
	sum = checksum_join(sum, checksum_term16(PROTOCOL_UDP));
	sum = checksum_join(sum, checksum_load16(udp + 4));
	return checksum_join(sum, checksum_bytes(udp, sizeof(struct udp_wire) + message));
}

static void sums_write(struct verify_exchange *x)
{
	const struct verify_case *c = x->what;
	struct be16 field;
	uint8_t *ip = x->request + x->in.ip;
	if (!x->is_ip6) {
		field = checksum_field(checksum_bytes(ip, (size_t)(x->in.udp - x->in.ip)));
		memcpy(ip + 10, field.byte, sizeof(field));
		ip[10] ^= c->ip_sum == VERIFY_SUM_WRONG;
	}
	if (c->udp_sum == VERIFY_SUM_NONE)
		return;
	uint8_t *tune = x->request + x->in.ntp + TUNE_AT;
	if (c->udp_sum == VERIFY_SUM_TUNED) {
		put16(tune, 0);
		field = checksum_field(udp_sum(x->request, &x->in, x->message));
		memcpy(tune, field.byte, sizeof(field));
	}
	field = checksum_field_udp(udp_sum(x->request, &x->in, x->message));
	field.byte[0] ^= c->udp_sum == VERIFY_SUM_WRONG;
	memcpy(x->request + x->in.udp + 6, field.byte, sizeof(field));
}

// Port and timestamp, by which a reply is known.
static void marks_choose(const struct verify_ends *e, struct verify_exchange *x, unsigned number)
{
	const struct verify_case *c = x->what;
	x->has_own_port = c->port == VERIFY_PORT_OWN;
	x->port = x->has_own_port ? (uint16_t)(VERIFY_PORT_FIRST + number % VERIFY_PORTS) :
	                            (uint16_t)(c->port == VERIFY_PORT_ZERO ? 0 : c->port);
	if (c->pair == VERIFY_PAIR_NONE)
		x->client = e->profile.clients > 0 ? number % e->profile.clients : 0;
	x->id = (e->key ^ number) * 0x9e3779b97f4a7c15u;
	if (c->transmit != VERIFY_TRANSMIT_RANDOM)
		x->id = c->transmit == VERIFY_TRANSMIT_ZERO ? 0 : UINT64_MAX;
}

static void udp_write(const struct verify_exchange *x, uint8_t *at)
{
	struct udp_wire udp = {be16_put(x->port), be16_put(NTP_PORT),
		be16_put((uint16_t)(sizeof(udp) + x->message)), {{0, 0}}};
	memcpy(at, &udp, sizeof(udp));
}

void verify_request_make(const struct verify_ends *e, struct verify_exchange *x, unsigned number)
{
	const struct verify_case *c = x->what;
	marks_choose(e, x, number);
	x->key = c->code != VERIFY_CODE_NONE ? e->secret : NULL;
	x->message = message_length(x);
	assert(x->message <= MESSAGE_ROOM);
	uint8_t *ip = verify_frame_ether_write(e, x);
	uint8_t *udp =
		x->is_ip6 ? verify_frame_ip6_write(e, x, ip) : verify_frame_ip4_write(e, x, ip);
	x->in.ip = (uint16_t)(ip - x->request);
	x->in.type = (uint16_t)(x->in.ip - 2);
	x->in.udp = (uint16_t)(udp - x->request);
	x->in.ntp = (uint16_t)(x->in.udp + sizeof(struct udp_wire));
	x->in.ntp_length = x->message;
	x->in.is_ip6 = x->is_ip6;
	udp_write(x, udp);
	verify_frame_message_write(x, x->request + x->in.ntp);
	edits_apply(x);
	sums_write(x);
	x->request_length = (uint16_t)(x->in.ntp + x->message + c->padding);
	memset(x->request + x->in.ntp + x->message, 0, c->padding);
	if (c->cut != 0)
		x->request_length = (uint16_t)(x->in.ip + c->cut);
	x->replies = 0;
}

static bool ip_find(const uint8_t *frame, size_t length, struct verify_layout *l)
{
	size_t header = sizeof(struct ip6_wire);
	if (l->ip + header > length && l->is_ip6)
		return false;
	if (!l->is_ip6) {
		if (l->ip + sizeof(struct ip4_wire) > length)
			return false;
		header = 4u * (frame[l->ip] & 15);
	}
	l->udp = (uint16_t)(l->ip + header);
	l->ntp = (uint16_t)(l->udp + sizeof(struct udp_wire));
	return frame[l->ip + (l->is_ip6 ? 6 : 9)] == PROTOCOL_UDP && l->ntp <= length;
}

bool verify_layout_find(const uint8_t *frame, size_t length, struct verify_layout *ret_layout)
{
	struct verify_layout l = {.type = 12};
	uint16_t type = 0;
	for (unsigned tags = 0; tags <= TAGS_MOST && l.type + 2u <= length; tags++) {
		type = verify_frame_get16(frame + l.type);
		if (type != ETHER_TYPE_VLAN && type != ETHER_TYPE_QINQ)
			break;
		l.type = (uint16_t)(l.type + 4);
	}
	if (type != ETHER_TYPE_IP4 && type != ETHER_TYPE_IP6)
		return false;
	l.ip = (uint16_t)(l.type + 2);
	l.is_ip6 = type == ETHER_TYPE_IP6;
	if (!ip_find(frame, length, &l))
		return false;
	uint16_t declared = verify_frame_get16(frame + l.udp + 4);
	size_t there = length - l.ntp;
	l.ntp_length = (uint16_t)there;
	if (declared >= sizeof(struct udp_wire) && declared - sizeof(struct udp_wire) < there)
		l.ntp_length = (uint16_t)(declared - sizeof(struct udp_wire));
	*ret_layout = l;
	return true;
}

// Not of timestamps that others may have too.
static bool id_is_in(const struct verify_exchange *x, const uint8_t *message, size_t length)
{
	return x->what->transmit == VERIFY_TRANSMIT_RANDOM && x->message >= NTP_LENGTH &&
	       memmem(message, length, &x->id, sizeof(x->id)) != NULL;
}

bool verify_reply_take(struct verify_exchange *x, const uint8_t *frame, size_t length)
{
	struct verify_layout l;
	size_t kept = length < VERIFY_FRAME ? length : VERIFY_FRAME;
	if (!verify_layout_find(frame, kept, &l))
		return false;
	bool is_to_port = x->has_own_port && verify_frame_get16(frame + l.udp + 2) == x->port;
	if (!is_to_port && !id_is_in(x, frame + l.ntp, l.ntp_length))
		return false;
	if (x->replies++ > 0)
		return true;
	x->out = l;
	x->reply_length = (uint16_t)(length < UINT16_MAX ? length : UINT16_MAX);
	memcpy(x->reply, frame, kept);
	return true;
}

const struct ntp_wire *verify_request(const struct verify_exchange *x)
{
	return (const struct ntp_wire *)(x->request + x->in.ntp);
}

const struct ntp_wire *verify_reply(const struct verify_exchange *x)
{
	return (const struct ntp_wire *)(x->reply + x->out.ntp);
}

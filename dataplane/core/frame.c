// SPDX-License-Identifier: BSD-3-Clause
#include "core/frame.h"

#include <stddef.h>
#include <stddef.h>
#include <string.h>

#include "core/checksum.h"
#include "core/ntp.h"
#include "core/span.h"
#include "core/wire.h"
#include "core/wire_int.h"

#define VLAN_TAGS 2

// The verdict of a frame nothing was found wrong with so far.
#define V_OPEN V_ANSWER_V4

// Where things are in a frame, before anybody judged what they say.
struct layout {
	const struct ether_wire *ether;
	const uint8_t *ip;
	const struct udp_wire *udp;
	uint16_t udp_length;
	bool is_ip6;
};

static uint64_t mac_number(const struct mac *m)
{
	return checksum_load32(m->byte) | checksum_load16(m->byte + 4) << 32;
}

// Takes the Ethernet header and up to two VLAN tags; what follows them is *ret_type.
static enum verdict frame_ether_take(
	const struct service *s, struct span *in, struct layout *at, uint16_t *ret_type)
{
	at->ether = (const struct ether_wire *)span_take(in, sizeof(*at->ether));
	if (at->ether == NULL)
		return V_ETHER_SHORT;
	if (mac_number(&at->ether->destination) != mac_number(&s->mac))
		return V_ETHER_DESTINATION;
	uint16_t type = be16_get(at->ether->type);
	for (unsigned tags = 0; type == ETHER_TYPE_VLAN || type == ETHER_TYPE_QINQ; tags++) {
		if (tags == VLAN_TAGS)
			return V_ETHER_VLAN;
		const struct vlan_wire *vlan =
			(const struct vlan_wire *)span_take(in, sizeof(*vlan));
		if (vlan == NULL)
			return V_ETHER_SHORT;
		type = be16_get(vlan->type);
	}
	*ret_type = type;
	return V_OPEN;
}

// Takes the IPv4 header and cuts `in` to the length it declares.
static enum verdict ip4_take(const struct service *s, struct span *in, struct layout *at)
{
	size_t received = in->len;
	const struct ip4_wire *ip = (const struct ip4_wire *)span_take(in, sizeof(*ip));
	if (ip == NULL)
		return V_IP4_SHORT;
	if (ip->version_ihl >> 4 != 4 || (ip->version_ihl & 15) < 5)
		return V_IP4_VERSION;
	if ((ip->version_ihl & 15) > 5)
		return V_IP4_OPTIONS;
	size_t total = be16_get(ip->total_length);
	if (total < sizeof(*ip) || total > received)
		return V_IP4_LENGTH;
	if (be16_get(ip->fragment) & IP4_FRAGMENT)
		return V_IP4_FRAGMENT;
	if (ip->protocol != PROTOCOL_UDP)
		return V_IP_PROTOCOL;
	if (!service_has_ip4(s, ip->destination.byte))
		return V_IP_DESTINATION;
	in->len = total - sizeof(*ip);
	at->ip = (const uint8_t *)ip;
	at->is_ip6 = false;
	return V_OPEN;
}

// The next headers that announce an extension: walking the chain is work an attacker chooses.
static bool ip6_is_extension(uint8_t next_header)
{
	switch (next_header) {
	case 0:   // hop-by-hop options
	case 43:  // routing
	case 44:  // fragment
	case 50:  // ESP
	case 51:  // AH
	case 60:  // destination options
	case 135: // mobility
	case 139: // HIP
	case 140: // shim6
		return true;
	}
	return false;
}

// Takes the IPv6 header and cuts `in` to the length it declares. A payload length of 0, legal for
// jumbograms only, leaves no room for UDP and fails there.
static enum verdict ip6_take(const struct service *s, struct span *in, struct layout *at)
{
	const struct ip6_wire *ip = (const struct ip6_wire *)span_take(in, sizeof(*ip));
	if (ip == NULL)
		return V_IP6_SHORT;
	if (ip->version_class_flow.byte[0] >> 4 != 6)
		return V_IP6_VERSION;
	size_t payload = be16_get(ip->payload_length);
	if (payload > in->len)
		return V_IP6_LENGTH;
	if (ip->next_header != PROTOCOL_UDP)
		return ip6_is_extension(ip->next_header) ? V_IP6_EXTENSION : V_IP_PROTOCOL;
	if (!service_has_ip6(s, ip->destination.byte))
		return V_IP_DESTINATION;
	in->len = payload;
	at->ip = (const uint8_t *)ip;
	at->is_ip6 = true;
	return V_OPEN;
}

static enum verdict udp_take(struct span *in, struct layout *at)
{
	size_t available = in->len;
	at->udp = (const struct udp_wire *)span_take(in, sizeof(*at->udp));
	if (at->udp == NULL)
		return V_UDP_LENGTH;
	at->udp_length = be16_get(at->udp->length);
	if (at->udp_length < sizeof(*at->udp) || at->udp_length > available)
		return V_UDP_LENGTH;
	return be16_get(at->udp->destination) == NTP_PORT ? V_OPEN : V_UDP_DESTINATION;
}

// Header by header.
static enum verdict layout_walk(
	const struct service *s, const uint8_t *data, size_t length, struct layout *at)
{
	struct span in = {data, length};
	uint16_t type;
	enum verdict v = frame_ether_take(s, &in, at, &type);
	if (v != V_OPEN)
		return v;
	if (type == ETHER_TYPE_IP4)
		v = ip4_take(s, &in, at);
	else if (type == ETHER_TYPE_IP6)
		v = ip6_take(s, &in, at);
	else
		return V_ETHER_TYPE;
	return v == V_OPEN ? udp_take(&in, at) : v;
}

#define UDP_REPLY_LENGTH (sizeof(struct udp_wire) + NTP_LENGTH)

// A source that could never receive: zero, a group address, or ourselves.
static bool mac_is_answerable(const struct service *s, const struct mac *source)
{
	uint64_t number = mac_number(source);
	return number != 0 && (source->byte[0] & 1) == 0 && number != mac_number(&s->mac);
}

static bool ip4_checksum_is_good(const uint8_t *ip, uint8_t port_says)
{
	if (port_says != CHECKSUM_UNKNOWN)
		return port_says != CHECKSUM_BAD;
	uint64_t sum = checksum_join(checksum_load64(ip), checksum_load64(ip + 8));
	return checksum_fold(checksum_join(sum, checksum_load32(ip + 16))) == UINT16_MAX;
}

static enum verdict ip4_judge(
	const struct service *s, const uint8_t *at, uint8_t port_says, uint64_t *ret_address_sum)
{
	const struct ip4_wire *ip = (const struct ip4_wire *)at;
	if (!ip4_checksum_is_good(at, port_says))
		return V_IP4_CHECKSUM;
	if (!service_answers_ip4(s, ip->source.byte))
		return V_IP_SOURCE;
	*ret_address_sum = checksum_load64(ip->source.byte);
	return V_OPEN;
}

static uint64_t sum_of_32_bytes(const uint8_t *p)
{
	uint64_t a = checksum_join(checksum_load64(p), checksum_load64(p + 8));
	return checksum_join(a, checksum_join(checksum_load64(p + 16), checksum_load64(p + 24)));
}

static enum verdict ip6_judge(const struct service *s, const uint8_t *at, uint64_t *ret_address_sum)
{
	const struct ip6_wire *ip = (const struct ip6_wire *)at;
	if (!service_answers_ip6(s, ip->source.byte))
		return V_IP_SOURCE;
	*ret_address_sum = sum_of_32_bytes(ip->source.byte);
	return V_OPEN;
}

// The pseudo-header's protocol and length (RFC 768, RFC 8200 8.1): the same sum in both families.
static uint64_t pseudo_sum(uint64_t address_sum, uint16_t udp_length)
{
	uint64_t sum = checksum_term16(PROTOCOL_UDP) + checksum_term16(udp_length);
	return checksum_join(address_sum, sum);
}

static uint64_t datagram_sum(const uint8_t *udp, uint16_t length)
{
	return length == UDP_REPLY_LENGTH ? checksum_56_bytes(udp) : checksum_bytes(udp, length);
}

static enum verdict udp_judge(const struct layout *at, uint8_t port_says, uint64_t address_sum)
{
	if (checksum_load16(at->udp->source.byte) == 0)
		return V_UDP_SOURCE;
	bool is_none = checksum_load16(at->udp->checksum.byte) == 0;
	// RFC 8200 8.1: IPv6 receivers must discard UDP packets containing a zero checksum.
	if (is_none && port_says != CHECKSUM_ABSENT)
		return at->is_ip6 ? V_UDP_NO_CHECKSUM : V_OPEN;
	if (port_says == CHECKSUM_BAD)
		return V_UDP_CHECKSUM;
	if (port_says != CHECKSUM_UNKNOWN)
		return V_OPEN;
	uint64_t sum = datagram_sum((const uint8_t *)at->udp, at->udp_length);
	sum = checksum_join(sum, pseudo_sum(address_sum, at->udp_length));
	return checksum_fold(sum) == UINT16_MAX ? V_OPEN : V_UDP_CHECKSUM;
}

// Who sends, and whether the bytes arrived as they were sent.
static enum verdict layout_judge(const struct service *s, const struct layout *at,
	struct checksum_report port_says, uint64_t *ret_address_sum)
{
	if (!mac_is_answerable(s, &at->ether->source))
		return V_ETHER_SOURCE;
	uint64_t address_sum;
	enum verdict v = at->is_ip6 ? ip6_judge(s, at->ip, &address_sum) :
	                              ip4_judge(s, at->ip, port_says.ip, &address_sum);
	if (v != V_OPEN)
		return v;
	*ret_address_sum = address_sum;
	return udp_judge(at, port_says.udp, address_sum);
}

enum verdict frame_open(const struct service *s, uint8_t *data, size_t length,
	struct checksum_report port_says, struct frame *ret_frame)
{
	struct layout at;
	enum verdict v = layout_walk(s, data, length, &at);
	if (v != V_OPEN)
		return v;
	uint64_t address_sum;
	v = layout_judge(s, &at, port_says, &address_sum);
	if (v != V_OPEN)
		return v;
	// Field by field: a copied structure is loaded in pieces wider than its stores, and waits.
	ret_frame->ip = data + (at.ip - data);
	ret_frame->ntp = data + ((const uint8_t *)(at.udp + 1) - data);
	ret_frame->address_sum = address_sum;
	ret_frame->ntp_length = (uint16_t)(at.udp_length - sizeof(*at.udp));
	ret_frame->source_port = be16_get(at.udp->source);
	ret_frame->is_ip6 = at.is_ip6;
	return V_OPEN;
}

// Version and header length, traffic class and total length 0, id 0, DF: eight bytes as a number.
#define IP4_REPLY_HEAD (0x45ull << 56 | IP4_DF)
// Version 6, traffic class, flow label and payload length 0, UDP, hop limit 0.
#define IP6_REPLY_HEAD (6ull << 60 | PROTOCOL_UDP << 8)

static void ether_turn(const struct service *s, struct ether_wire *ether)
{
	ether->destination = s->has_gateway ? s->gateway : ether->source;
	ether->source = s->mac;
}

// Every field but the addresses is written anew, so nothing of the request's header survives. A
// datagram that may not be fragmented needs no identification (RFC 6864 4.1). The header is made in
// registers, each word stored once: summing what was just stored in smaller pieces stalls.
static void ip4_turn(
	const struct service *s, struct ip4_wire *ip, const struct frame *f, unsigned udp_length)
{
	uint8_t *at = (uint8_t *)ip;
	uint64_t total = sizeof(*ip) + udp_length;
	uint64_t head =
		checksum_term64(IP4_REPLY_HEAD | (uint64_t)s->traffic_class << 48 | total << 32);
	uint64_t lifetime = checksum_term16((uint16_t)(s->ttl << 8 | PROTOCOL_UDP));
	uint64_t addresses = checksum_load64(ip->source.byte);
	uint64_t swapped = addresses << 32 | addresses >> 32;
	uint64_t sum = checksum_join(checksum_join(head, lifetime), f->address_sum);
	uint16_t half = (uint16_t)lifetime;
	struct be16 none = {{0, 0}};
	memcpy(at, &head, sizeof(head));
	memcpy(&ip->ttl, &half, sizeof(half));
	ip->checksum = s->offload ? none : checksum_field(sum);
	// Both addresses, by the header: the source alone is four bytes.
	memcpy(at + offsetof(struct ip4_wire, source), &swapped, sizeof(swapped));
}

static void ip6_turn(const struct service *s, struct ip6_wire *ip, unsigned udp_length)
{
	struct ip6 client = ip->source;
	uint64_t head = checksum_term64(IP6_REPLY_HEAD | (uint64_t)s->traffic_class << 52 |
					(uint64_t)udp_length << 16 | s->ttl);
	memcpy(ip, &head, sizeof(head));
	ip->source = ip->destination;
	ip->destination = client;
}

// With offload the field takes the pseudo-header's sum, not complemented: the port adds the rest.
static struct be16 udp_checksum(const struct service *s, uint64_t pseudo, uint64_t rest)
{
	if (!s->offload)
		return checksum_field_udp(checksum_join(pseudo, rest));
	uint16_t partial = checksum_fold(pseudo);
	struct be16 field;
	memcpy(field.byte, &partial, sizeof(partial));
	return field;
}

// The request came to our port, so swapping the ports is turning one word round.
static void udp_turn(const struct service *s, struct udp_wire *udp, const struct frame *f,
	unsigned udp_length, uint64_t message_sum)
{
	uint32_t ports = (uint32_t)checksum_load32(udp->source.byte);
	uint32_t swapped = ports << 16 | ports >> 16;
	uint64_t header = ports + checksum_term16((uint16_t)udp_length);
	uint64_t pseudo = pseudo_sum(f->address_sum, (uint16_t)udp_length);
	// Both ports, which the header begins with.
	memcpy(udp, &swapped, sizeof(swapped));
	udp->length = be16_put((uint16_t)udp_length);
	udp->checksum = udp_checksum(s, pseudo, checksum_join(message_sum, header));
}

size_t frame_reply_length(const struct service *s, uint8_t *data, const struct frame *f,
	unsigned length, uint64_t message_sum)
{
	unsigned udp_length = (unsigned)sizeof(struct udp_wire) + length;
	ether_turn(s, (struct ether_wire *)data);
	if (f->is_ip6)
		ip6_turn(s, (struct ip6_wire *)f->ip, udp_length);
	else
		ip4_turn(s, (struct ip4_wire *)f->ip, f, udp_length);
	udp_turn(s, (struct udp_wire *)(f->ntp - sizeof(struct udp_wire)), f, udp_length,
		message_sum);
	return (size_t)(f->ntp - data) + length;
}

size_t frame_reply(
	const struct service *s, uint8_t *data, const struct frame *f, uint64_t message_sum)
{
	return frame_reply_length(s, data, f, NTP_LENGTH, message_sum);
}

bool frame_is_smeared(const struct service *s, const struct frame *f)
{
	if (f->is_ip6)
		return service_smears_ip6(s, ((const struct ip6_wire *)f->ip)->destination.byte);
	return service_smears_ip4(s, ((const struct ip4_wire *)f->ip)->destination.byte);
}

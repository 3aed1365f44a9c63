// SPDX-License-Identifier: BSD-3-Clause
#include "core/frame.h"

#include <string.h>

#include "core/checksum.h"
#include "core/ntp.h"
#include "core/span.h"

#define ETHER_TYPE_IP4  0x0800
#define ETHER_TYPE_IP6  0x86dd
#define ETHER_TYPE_VLAN 0x8100
#define ETHER_TYPE_QINQ 0x88a8
#define VLAN_TAGS       2
#define PROTOCOL_UDP    17
#define IP4_DF          0x4000

// The verdict of a frame nothing was found wrong with so far.
#define V_OPEN V_ANSWER_V4

struct ether_wire {
	struct mac destination;
	struct mac source;
	struct be16 type;
};

struct vlan_wire {
	struct be16 tag;
	struct be16 type;
};

struct ip4_wire {
	uint8_t version_ihl;
	uint8_t traffic_class;
	struct be16 total_length;
	struct be16 id;
	struct be16 fragment;
	uint8_t ttl;
	uint8_t protocol;
	struct be16 checksum;
	struct be32 source;
	struct be32 destination;
};

struct ip6_wire {
	struct be32 version_class_flow;
	struct be16 payload_length;
	uint8_t next_header;
	uint8_t hop_limit;
	struct ip6 source;
	struct ip6 destination;
};

struct udp_wire {
	struct be16 source;
	struct be16 destination;
	struct be16 length;
	struct be16 checksum;
};

static_assert(sizeof(struct ether_wire) == 14, "IEEE 802.3");
static_assert(sizeof(struct vlan_wire) == 4, "IEEE 802.1Q");
static_assert(sizeof(struct ip4_wire) == 20, "RFC 791");
static_assert(sizeof(struct ip6_wire) == 40, "RFC 8200");
static_assert(sizeof(struct udp_wire) == 8, "RFC 768");

static uint64_t mac_number(const struct mac *m)
{
	return checksum_load32(m->byte) | checksum_load16(m->byte + 4) << 32;
}

// A source that could never receive: zero, a group address, or ourselves.
static bool mac_is_answerable(const struct service *s, const struct mac *source)
{
	uint64_t number = mac_number(source);
	return number != 0 && (source->byte[0] & 1) == 0 && number != mac_number(&s->mac);
}

// Takes the Ethernet header and up to two VLAN tags; what follows them is *ret_type.
static enum verdict ether_take(const struct service *s, struct span *in, uint16_t *ret_type)
{
	const struct ether_wire *ether = (const struct ether_wire *)span_take(in, sizeof(*ether));
	if (ether == NULL)
		return V_ETHER_SHORT;
	if (mac_number(&ether->destination) != mac_number(&s->mac))
		return V_ETHER_DESTINATION;
	if (!mac_is_answerable(s, &ether->source))
		return V_ETHER_SOURCE;
	uint16_t type = be16_get(ether->type);
	for (unsigned tags = 0; type == ETHER_TYPE_VLAN || type == ETHER_TYPE_QINQ; tags++) {
		if (tags == VLAN_TAGS)
			return V_ETHER_VLAN;
		const struct vlan_wire *vlan = (const struct vlan_wire *)span_take(in, sizeof(*vlan));
		if (vlan == NULL)
			return V_ETHER_SHORT;
		type = be16_get(vlan->type);
	}
	*ret_type = type;
	return V_OPEN;
}

static uint64_t ip4_header_sum(const struct ip4_wire *ip)
{
	const uint8_t *at = (const uint8_t *)ip;
	uint64_t sum = checksum_join(checksum_load64(at), checksum_load64(at + 8));
	return checksum_join(sum, checksum_load32(at + 16));
}

static bool ip4_checksum_is_good(const struct ip4_wire *ip, uint8_t port_says)
{
	if (port_says == CHECKSUM_UNKNOWN)
		return checksum_fold(ip4_header_sum(ip)) == UINT16_MAX;
	return port_says != CHECKSUM_BAD;
}

// Takes the IPv4 header and cuts `in` to the length it declares.
static enum verdict ip4_take(struct span *in, uint8_t port_says, const struct ip4_wire **ret_ip)
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
	if (!ip4_checksum_is_good(ip, port_says))
		return V_IP4_CHECKSUM;
	// Anything but DF and the reserved bit: more fragments, or an offset.
	if (be16_get(ip->fragment) & 0x3fff)
		return V_IP4_FRAGMENT;
	in->len = total - sizeof(*ip);
	*ret_ip = ip;
	return V_OPEN;
}

static enum verdict ip4_open(
	const struct service *s, struct span *in, uint8_t port_says, struct frame *f)
{
	const struct ip4_wire *ip;
	enum verdict v = ip4_take(in, port_says, &ip);
	if (v != V_OPEN)
		return v;
	if (ip->protocol != PROTOCOL_UDP)
		return V_IP_PROTOCOL;
	if (!service_has_ip4(s, ip->destination.byte))
		return V_IP_DESTINATION;
	if (!service_answers_ip4(s, ip->source.byte))
		return V_IP_SOURCE;
	f->is_ip6 = false;
	f->address_sum = checksum_join(0, checksum_load64(ip->source.byte));
	return V_OPEN;
}

// Takes the IPv6 header and cuts `in` to the length it declares. A payload length of 0, legal for
// jumbograms only, leaves no room for UDP and fails there.
static enum verdict ip6_take(struct span *in, const struct ip6_wire **ret_ip)
{
	const struct ip6_wire *ip = (const struct ip6_wire *)span_take(in, sizeof(*ip));
	if (ip == NULL)
		return V_IP6_SHORT;
	if (ip->version_class_flow.byte[0] >> 4 != 6)
		return V_IP6_VERSION;
	size_t payload = be16_get(ip->payload_length);
	if (payload > in->len)
		return V_IP6_LENGTH;
	in->len = payload;
	*ret_ip = ip;
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

static uint64_t ip6_address_sum(const struct ip6_wire *ip)
{
	uint64_t source = checksum_join(
		checksum_load64(ip->source.byte), checksum_load64(ip->source.byte + 8));
	uint64_t destination = checksum_join(
		checksum_load64(ip->destination.byte), checksum_load64(ip->destination.byte + 8));
	return checksum_join(source, destination);
}

static enum verdict ip6_open(const struct service *s, struct span *in, struct frame *f)
{
	const struct ip6_wire *ip;
	enum verdict v = ip6_take(in, &ip);
	if (v != V_OPEN)
		return v;
	if (ip->next_header != PROTOCOL_UDP)
		return ip6_is_extension(ip->next_header) ? V_IP6_EXTENSION : V_IP_PROTOCOL;
	if (!service_has_ip6(s, ip->destination.byte))
		return V_IP_DESTINATION;
	if (!service_answers_ip6(s, ip->source.byte))
		return V_IP_SOURCE;
	f->is_ip6 = true;
	f->address_sum = ip6_address_sum(ip);
	return V_OPEN;
}

// The pseudo-header's protocol and length (RFC 768, RFC 8200 8.1): the same sum in both families.
static uint64_t pseudo_sum(const struct frame *f, uint16_t udp_length)
{
	uint64_t sum = checksum_term16(PROTOCOL_UDP) + checksum_term16(udp_length);
	return checksum_join(f->address_sum, sum);
}

static enum verdict udp_checksum_check(
	const struct frame *f, const struct udp_wire *udp, uint16_t length, uint8_t port_says)
{
	bool is_none = checksum_load16(udp->checksum.byte) == 0;
	// RFC 8200 8.1: IPv6 receivers must discard UDP packets containing a zero checksum.
	if (is_none && port_says != CHECKSUM_ABSENT)
		return f->is_ip6 ? V_UDP_NO_CHECKSUM : V_OPEN;
	if (port_says == CHECKSUM_BAD)
		return V_UDP_CHECKSUM;
	if (port_says != CHECKSUM_UNKNOWN)
		return V_OPEN;
	uint64_t sum = checksum_bytes((const uint8_t *)udp, length);
	sum = checksum_join(sum, pseudo_sum(f, length));
	return checksum_fold(sum) == UINT16_MAX ? V_OPEN : V_UDP_CHECKSUM;
}

static enum verdict udp_open(struct span *in, uint8_t port_says, struct frame *f)
{
	size_t available = in->len;
	const struct udp_wire *udp = (const struct udp_wire *)span_take(in, sizeof(*udp));
	if (udp == NULL)
		return V_UDP_LENGTH;
	uint16_t length = be16_get(udp->length);
	if (length < sizeof(*udp) || length > available)
		return V_UDP_LENGTH;
	if (be16_get(udp->destination) != NTP_PORT)
		return V_UDP_DESTINATION;
	f->source_port = be16_get(udp->source);
	if (f->source_port == 0)
		return V_UDP_SOURCE;
	f->ntp_length = (uint16_t)(length - sizeof(*udp));
	return udp_checksum_check(f, udp, length, port_says);
}

enum verdict frame_open(const struct service *s, uint8_t *data, size_t length,
	struct checksum_report port_says, struct frame *ret_frame)
{
	struct span in = {data, length};
	struct frame f;
	uint16_t type;
	enum verdict v = ether_take(s, &in, &type);
	if (v != V_OPEN)
		return v;
	f.ip = data + (in.at - data);
	if (type == ETHER_TYPE_IP4)
		v = ip4_open(s, &in, port_says.ip, &f);
	else if (type == ETHER_TYPE_IP6)
		v = ip6_open(s, &in, &f);
	else
		return V_ETHER_TYPE;
	if (v != V_OPEN)
		return v;
	v = udp_open(&in, port_says.udp, &f);
	if (v != V_OPEN)
		return v;
	f.ntp = data + (in.at - data);
	*ret_frame = f;
	return V_OPEN;
}

#define UDP_REPLY_LENGTH (sizeof(struct udp_wire) + NTP_LENGTH)
#define IP4_REPLY_LENGTH (sizeof(struct ip4_wire) + UDP_REPLY_LENGTH)
// Version and header length, traffic class 0, total length, id 0, DF: eight bytes as a number.
#define IP4_REPLY_HEAD   (0x45ull << 56 | (uint64_t)IP4_REPLY_LENGTH << 32 | IP4_DF)

static void ether_turn(const struct service *s, struct ether_wire *ether)
{
	ether->destination = s->has_gateway ? s->gateway : ether->source;
	ether->source = s->mac;
}

// Every field but the addresses is written anew, so nothing of the request's header survives. A
// datagram that may not be fragmented needs no identification (RFC 6864 4.1). The header is made in
// registers, each word stored once: summing what was just stored in smaller pieces stalls.
static void ip4_turn(const struct service *s, struct ip4_wire *ip, const struct frame *f)
{
	uint8_t *at = (uint8_t *)ip;
	uint64_t head = checksum_term64(IP4_REPLY_HEAD | (uint64_t)s->traffic_class << 48);
	uint64_t lifetime = checksum_term16((uint16_t)(s->ttl << 8 | PROTOCOL_UDP));
	uint64_t addresses = checksum_load64(ip->source.byte);
	uint64_t swapped = addresses << 32 | addresses >> 32;
	uint64_t sum = checksum_join(checksum_join(head, lifetime), f->address_sum);
	uint16_t half = (uint16_t)lifetime;
	struct be16 none = {{0, 0}};
	memcpy(at, &head, sizeof(head));
	memcpy(&ip->ttl, &half, sizeof(half));
	ip->checksum = s->offload ? none : checksum_field(sum);
	memcpy(ip->source.byte, &swapped, sizeof(swapped));
}

static void ip6_turn(const struct service *s, struct ip6_wire *ip)
{
	struct ip6 client = ip->source;
	ip->version_class_flow = be32_put(6u << 28 | (uint32_t)s->traffic_class << 20);
	ip->payload_length = be16_put(UDP_REPLY_LENGTH);
	ip->next_header = PROTOCOL_UDP;
	ip->hop_limit = s->ttl;
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

static void udp_turn(
	const struct service *s, struct udp_wire *udp, const struct frame *f, uint64_t message_sum)
{
	uint64_t header = (uint64_t)NTP_PORT << 48 | (uint64_t)f->source_port << 32 |
		UDP_REPLY_LENGTH << 16;
	uint64_t rest = checksum_join(checksum_term64(header), message_sum);
	struct be16 field = udp_checksum(s, pseudo_sum(f, UDP_REPLY_LENGTH), rest);
	struct be64 wire = be64_put(header | be16_get(field));
	memcpy(udp, wire.byte, sizeof(wire));
}

size_t frame_turn(
	const struct service *s, uint8_t *data, const struct frame *f, uint64_t message_sum)
{
	ether_turn(s, (struct ether_wire *)data);
	if (f->is_ip6)
		ip6_turn(s, (struct ip6_wire *)f->ip);
	else
		ip4_turn(s, (struct ip4_wire *)f->ip, f);
	udp_turn(s, (struct udp_wire *)(f->ntp - sizeof(struct udp_wire)), f, message_sum);
	return (size_t)(f->ntp - data) + NTP_LENGTH;
}

// SPDX-License-Identifier: BSD-3-Clause
#include "core/fastpath/fastpath_plan.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "core/checksum.h"
#include "core/fastpath/fast_reject.h"
#include "core/verdict.h"
#include "core/wire.h"
#include "core/wire_int.h"

struct plain_ip4 {
	struct ether_wire ether;
	struct ip4_wire ip;
	struct udp_wire udp;
	uint8_t ntp[NTP_LENGTH];
};

struct plain_ip6 {
	struct ether_wire ether;
	struct ip6_wire ip;
	struct udp_wire udp;
	uint8_t ntp[NTP_LENGTH];
};

static_assert(sizeof(struct plain_ip4) == 90, "fastpath_ip4.c counts on it");
static_assert(sizeof(struct plain_ip6) == 110, "fastpath_ip6.c counts on it");
static_assert(offsetof(struct plain_ip4, ntp) == FAST_IP4_MESSAGE, "as told");
static_assert(offsetof(struct plain_ip6, ntp) == FAST_IP6_MESSAGE, "as told");

static uint64_t facts_of(uint64_t length)
{
	return length | FACTS_WHOLE;
}

static const struct mac every_mac = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

static uint64_t mac_bits(const struct mac *m)
{
	return checksum_load32(m->byte) | checksum_load16(m->byte + 4) << 32;
}

static struct udp_wire udp_want(void)
{
	return (struct udp_wire){
		.destination = be16_put(NTP_PORT), .length = be16_put(FAST_UDP_LENGTH)};
}

static struct plain_ip4 ip4_want(const struct service *s)
{
	struct plain_ip4 p = {.udp = udp_want()};
	p.ether = (struct ether_wire){.destination = s->mac, .type = be16_put(ETHER_TYPE_IP4)};
	p.ip.version_ihl = 0x45;
	p.ip.total_length = be16_put(sizeof(p.ip) + FAST_UDP_LENGTH);
	p.ip.protocol = PROTOCOL_UDP;
	p.ip.destination = s->ip4[0];
	return p;
}

static const struct plain_ip4 ip4_mask = {
	.ether.type = {{0xff, 0xff}},
	.ether.destination = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
	.ip.version_ihl = 0xff,
	.ip.total_length = {{0xff, 0xff}},
	.ip.fragment = {{IP4_FRAGMENT >> 8, IP4_FRAGMENT & 0xff}},
	.ip.protocol = 0xff,
	.ip.destination = {{0xff, 0xff, 0xff, 0xff}},
	.udp.destination = {{0xff, 0xff}},
	.udp.length = {{0xff, 0xff}},
};

static struct plain_ip4 ip4_reply(const struct service *s)
{
	struct plain_ip4 p = {
		.udp.source = be16_put(NTP_PORT), .udp.length = be16_put(FAST_UDP_LENGTH)};
	p.ether = (struct ether_wire){.source = s->mac, .type = be16_put(ETHER_TYPE_IP4)};
	p.ip.version_ihl = 0x45;
	p.ip.traffic_class = s->traffic_class;
	p.ip.total_length = be16_put(sizeof(p.ip) + FAST_UDP_LENGTH);
	p.ip.fragment = be16_put(IP4_DF);
	p.ip.ttl = s->ttl;
	p.ip.protocol = PROTOCOL_UDP;
	p.ip.source = s->ip4[0];
	return p;
}

static struct plain_ip6 ip6_want(const struct service *s)
{
	struct plain_ip6 p = {.udp = udp_want()};
	p.ether = (struct ether_wire){.destination = s->mac, .type = be16_put(ETHER_TYPE_IP6)};
	p.ip.version_class_flow.byte[0] = 0x60;
	p.ip.payload_length = be16_put(FAST_UDP_LENGTH);
	p.ip.next_header = PROTOCOL_UDP;
	p.ip.destination = s->ip6[0];
	return p;
}

static struct plain_ip6 ip6_mask(void)
{
	struct plain_ip6 p = {.ether.destination = every_mac, .ether.type = {{0xff, 0xff}}};
	p.ip.version_class_flow.byte[0] = 0xf0;
	p.ip.payload_length = be16_put(UINT16_MAX);
	p.ip.next_header = 0xff;
	memset(p.ip.destination.byte, 0xff, sizeof(p.ip.destination));
	p.udp.destination = be16_put(UINT16_MAX);
	p.udp.length = be16_put(UINT16_MAX);
	return p;
}

static struct plain_ip6 ip6_reply(const struct service *s)
{
	struct plain_ip6 p = {
		.udp.source = be16_put(NTP_PORT), .udp.length = be16_put(FAST_UDP_LENGTH)};
	p.ether = (struct ether_wire){.source = s->mac, .type = be16_put(ETHER_TYPE_IP6)};
	p.ip.version_class_flow = be32_put(0x60000000u | (uint32_t)s->traffic_class << 20);
	p.ip.payload_length = be16_put(FAST_UDP_LENGTH);
	p.ip.next_header = PROTOCOL_UDP;
	p.ip.hop_limit = s->ttl;
	p.ip.source = s->ip6[0];
	return p;
}

// clang-format 14 and 19 differ about such macros.
// clang-format off
#define REASONS(of_version, of_options, of_length, of_fragment, of_destination, of_no_udp_sum)     \
	{                                                                                          \
		[MISMATCH_DESTINATION_MAC] = V_ETHER_DESTINATION, [MISMATCH_OTHER_TYPE] = LEFT,              \
		[MISMATCH_TYPE] = V_ETHER_TYPE, [MISMATCH_VERSION] = of_version, [MISMATCH_OPTIONS] = of_options, \
		[MISMATCH_LENGTH] = of_length, [MISMATCH_SHORTER] = LEFT, [MISMATCH_FRAGMENT] = of_fragment,      \
		[MISMATCH_EXTENSION] = V_IP6_EXTENSION, [MISMATCH_PROTOCOL] = V_IP_PROTOCOL,                 \
		[MISMATCH_DESTINATION] = of_destination, [MISMATCH_UDP_LENGTH] = V_UDP_LENGTH,               \
		[MISMATCH_UDP_SHORTER] = LEFT, [MISMATCH_PORT] = V_UDP_DESTINATION,                          \
		[MISMATCH_SOURCE_MAC] = V_ETHER_SOURCE, [MISMATCH_HEADER_SUM] = V_IP4_CHECKSUM,              \
		[MISMATCH_SOURCE] = V_IP_SOURCE, [MISMATCH_SOURCE_LOOK] = LEFT,                              \
		[MISMATCH_SOURCE_PORT] = V_UDP_SOURCE, [MISMATCH_NO_UDP_SUM] = of_no_udp_sum,                \
		[MISMATCH_UDP_SUM] = V_UDP_CHECKSUM                                                     \
	}
// clang-format on
#define REASONS_IP4(of_destination)                                                                \
	REASONS(V_IP4_VERSION, V_IP4_OPTIONS, V_IP4_LENGTH, V_IP4_FRAGMENT, of_destination, LEFT)
#define REASONS_IP6(of_destination)                                                                \
	REASONS(V_IP6_VERSION, LEFT, V_IP6_LENGTH, LEFT, of_destination, V_UDP_NO_CHECKSUM)

// By whether there are addresses beside the first.
static const uint8_t reasons_ip4[2][MISMATCH_COUNT] = {
	REASONS_IP4(V_IP_DESTINATION), REASONS_IP4(LEFT)};
static const uint8_t reasons_ip6[2][MISMATCH_COUNT] = {
	REASONS_IP6(V_IP_DESTINATION), REASONS_IP6(LEFT)};

static void word_spread(uint64_t word, uint64_t ret_word[LANES])
{
	lanes_store(ret_word, lanes_all(word));
}

static void words_spread(const void *frame, uint64_t ret_words[FAST_WORDS][LANES])
{
	const uint8_t *at = frame;
	for (unsigned i = 0; i < FAST_WORDS; i++)
		word_spread(checksum_load64(at + sizeof(uint64_t) * i), ret_words[i]);
}

static void plan_fill_common(struct fast_plan *p, const struct service *s)
{
	word_spread(mac_bits(&s->mac), p->own_mac);
	word_spread(s->has_gateway ? mac_bits(&s->gateway) : 0, p->gateway);
}

void fast_plan_fill_ip4(struct fast_plan *p, const struct service *s)
{
	struct plain_ip4 want = ip4_want(s);
	struct plain_ip4 reply = ip4_reply(s);
	p->facts = facts_of(sizeof(want));
	words_spread(&want, p->want);
	words_spread(&ip4_mask, p->mask);
	words_spread(&reply, p->reply);
	word_spread(checksum_fold(checksum_bytes((const uint8_t *)&reply.ip, 10)), p->reply_sum);
	word_spread(checksum_load32(s->ip4[0].byte), p->own[0]);
	word_spread(checksum_load32(s->ip4_broadcast[0].byte), p->own[1]);
	p->has_more = s->ip4_count > 1;
	p->reason = reasons_ip4[p->has_more];
	word_spread(s->ip4_last, p->own_last);
	word_spread(s->ip4_third, p->own_other);
	plan_fill_common(p, s);
}

void fast_plan_fill_ip6(struct fast_plan *p, const struct service *s)
{
	struct plain_ip6 want = ip6_want(s);
	struct plain_ip6 mask = ip6_mask();
	struct plain_ip6 reply = ip6_reply(s);
	p->facts = facts_of(sizeof(want));
	words_spread(&want, p->want);
	words_spread(&mask, p->mask);
	words_spread(&reply, p->reply);
	word_spread(checksum_load64(s->ip6[0].byte + 8), p->own[0]);
	word_spread(checksum_load64(s->ip6[0].byte + 8), p->own[1]);
	p->has_more = s->ip6_count > 1;
	p->reason = reasons_ip6[p->has_more];
	word_spread(s->ip6_last, p->own_last);
	word_spread(s->ip6_net, p->own_other);
	plan_fill_common(p, s);
}

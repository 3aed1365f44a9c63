// SPDX-License-Identifier: BSD-3-Clause
#include "core/columns.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "core/checksum.h"
#include "core/wire.h"

#define UDP_LENGTH (sizeof(struct udp_wire) + NTP_LENGTH)

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

static_assert(sizeof(struct plain_ip4) == 90, "columns_ip4.c counts on it");
static_assert(sizeof(struct plain_ip6) == 110, "columns_ip6.c counts on it");
static_assert(offsetof(struct plain_ip4, ntp) == COLUMN_IP4_MESSAGE, "as told");
static_assert(offsetof(struct plain_ip6, ntp) == COLUMN_IP6_MESSAGE, "as told");

// What the caller says of a packet, read as one word: the length, and what must be so in a plain one.
#define FACTS_AT      offsetof(struct packet, length)
#define FACTS_BIT(f)  (8 * (offsetof(struct packet, f) - FACTS_AT))
#define FACTS_WHOLE   (1ull << FACTS_BIT(is_whole))
#define FACTS_RX_TIME (1ull << FACTS_BIT(has_rx_time))
// Checksums that are unknown or good: neither has a bit above the lowest.
#define FACTS_CHECKSUM (0xfeull << FACTS_BIT(checksums.ip) | 0xfeull << FACTS_BIT(checksums.udp))
#define FACTS_MASK     (UINT16_MAX | FACTS_CHECKSUM | FACTS_WHOLE)
#define FACTS_NONE     UINT64_MAX // no packet is so

static_assert(FACTS_BIT(is_whole) < 64 && FACTS_BIT(has_rx_time) < 64, "one word");
static_assert(CHECKSUM_UNKNOWN == 0 && CHECKSUM_GOOD == 1, "no bit above the lowest");

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
	return (struct udp_wire){.destination = be16_put(NTP_PORT), .length = be16_put(UDP_LENGTH)};
}

static struct plain_ip4 ip4_want(const struct service *s)
{
	struct plain_ip4 p = {.udp = udp_want()};
	p.ether = (struct ether_wire){.destination = s->mac, .type = be16_put(ETHER_TYPE_IP4)};
	p.ip.version_ihl = 0x45;
	p.ip.total_length = be16_put(sizeof(p.ip) + UDP_LENGTH);
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
	struct plain_ip4 p = {.udp.source = be16_put(NTP_PORT), .udp.length = be16_put(UDP_LENGTH)};
	p.ether = (struct ether_wire){.source = s->mac, .type = be16_put(ETHER_TYPE_IP4)};
	p.ip.version_ihl = 0x45;
	p.ip.traffic_class = s->traffic_class;
	p.ip.total_length = be16_put(sizeof(p.ip) + UDP_LENGTH);
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
	p.ip.payload_length = be16_put(UDP_LENGTH);
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
	struct plain_ip6 p = {.udp.source = be16_put(NTP_PORT), .udp.length = be16_put(UDP_LENGTH)};
	p.ether = (struct ether_wire){.source = s->mac, .type = be16_put(ETHER_TYPE_IP6)};
	p.ip.version_class_flow = be32_put(0x60000000u | (uint32_t)s->traffic_class << 20);
	p.ip.payload_length = be16_put(UDP_LENGTH);
	p.ip.next_header = PROTOCOL_UDP;
	p.ip.hop_limit = s->ttl;
	p.ip.source = s->ip6[0];
	return p;
}

static void word_spread(uint64_t word, uint64_t ret_word[LANES])
{
	lanes_store(ret_word, lanes_all(word));
}

static void words_spread(const void *frame, uint64_t ret_words[COLUMN_WORDS][LANES])
{
	const uint8_t *at = frame;
	for (unsigned i = 0; i < COLUMN_WORDS; i++)
		word_spread(checksum_load64(at + sizeof(uint64_t) * i), ret_words[i]);
}

static void plan_fill_common(struct column_plan *p, const struct service *s)
{
	word_spread(mac_bits(&s->mac), p->own_mac);
	word_spread(s->has_gateway ? mac_bits(&s->gateway) : 0, p->gateway);
}

static void plan_fill_ip4(struct column_plan *p, const struct service *s)
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
	word_spread(s->ip4_last, p->own_last);
	word_spread(s->ip4_third, p->own_other);
	plan_fill_common(p, s);
}

static void plan_fill_ip6(struct column_plan *p, const struct service *s)
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
	word_spread(s->ip6_last, p->own_last);
	word_spread(s->ip6_net, p->own_other);
	plan_fill_common(p, s);
}

void columns_init(struct columns *c, const struct service *s)
{
	memset(c, 0, sizeof(*c));
	c->ip4.plan.facts = FACTS_NONE;
	c->ip6.plan.facts = FACTS_NONE;
	// Smeared time goes the long way; so does all of a family whose first address serves it.
	if (s->ip4_count > 0 && (s->ip4_smeared & 1) == 0)
		plan_fill_ip4(&c->ip4.plan, s);
	if (s->ip6_count > 0 && (s->ip6_smeared & 1) == 0)
		plan_fill_ip6(&c->ip6.plan, s);
}

// Takes p, packet i of the burst, as frame n of the set. What its message's first byte says is its
// verdict and holds if all else is plain. NTPv1 without a mode depends on the port: the long way
// knows.
static inline enum verdict set_take(
	struct column_set *set, unsigned n, struct packet *p, unsigned i, size_t message)
{
	enum verdict v = ntp_verdict_first(p->data[message]);
	set->data[n] = p->data;
	set->at[n] = (uint8_t)i;
	p->verdict = v;
	p->way = v != V_ANSWER_V1_MODE0 ? WAY_COLUMNS : WAY_LONG;
	return v;
}

static inline enum verdict ip4_take(
	struct column_set *set, unsigned n, struct packet *p, unsigned i)
{
	p->is_ip6 = false;
	return set_take(set, n, p, i, COLUMN_IP4_MESSAGE);
}

static inline enum verdict ip6_take(
	struct column_set *set, unsigned n, struct packet *p, unsigned i)
{
	p->is_ip6 = true;
	return set_take(set, n, p, i, COLUMN_IP6_MESSAGE);
}

static inline enum verdict verdict_higher(enum verdict a, enum verdict b)
{
	return a > b ? a : b;
}

static void burst_take(struct columns *c, struct packet *packets, unsigned n)
{
	uint64_t all = 0;
	unsigned ip4 = 0;
	unsigned ip6 = 0;
	enum verdict highest = V_ANSWER_V4;
	for (unsigned i = 0; i < n; i++) {
		struct packet *p = &packets[i];
		uint64_t facts = checksum_load64((const uint8_t *)p + FACTS_AT) & FACTS_MASK;
		all |= checksum_load64((const uint8_t *)p + FACTS_AT);
		p->way = WAY_LONG;
		if (facts == c->ip4.plan.facts) {
			enum verdict v = ip4_take(&c->ip4, ip4, p, i);
			ip4 += v != V_ANSWER_V1_MODE0;
			highest = verdict_higher(highest, v);
		} else if (facts == c->ip6.plan.facts) {
			enum verdict v = ip6_take(&c->ip6, ip6, p, i);
			ip6 += v != V_ANSWER_V1_MODE0;
			highest = verdict_higher(highest, v);
		}
	}
	c->has_drops = !verdict_is_answer(highest);
	c->ip4.n = ip4;
	c->ip6.n = ip6;
	c->has_rx_times = (all & FACTS_RX_TIME) != 0;
}

// Fills the last group up with its first frame, so that there is something to read.
static void set_fill_up(struct column_set *set)
{
	for (unsigned i = set->n; i % LANES != 0; i++)
		set->data[i] = set->data[i & ~(LANES - 1u)];
}

// What becomes of frame i, which is not answered here: a port that called the UDP sum good has the
// last word on it.
static void packet_part(const struct column_set *set, unsigned i, bool is_good, struct packet *p)
{
	bool is_sum = set->sum_odd[i / LANES] >> i % LANES & 1;
	p->way = WAY_LONG;
	if (is_good) {
		p->way = WAY_DROPPED;
	} else if (is_sum && p->checksums.udp == CHECKSUM_UNKNOWN) {
		p->way = WAY_DROPPED;
		p->verdict = V_UDP_CHECKSUM;
	}
}

// Takes out of a group what is not answered here. Returns how many.
static unsigned group_part(struct column_set *set, unsigned first, struct packet *packets)
{
	unsigned out = 0;
	uint8_t *good = &set->good[first / LANES];
	for (unsigned i = first; i < set->n && i < first + LANES; i++) {
		struct packet *p = &packets[set->at[i]];
		bool is_good = *good >> (i - first) & 1;
		if (is_good && verdict_is_answer(p->verdict))
			continue;
		*good &= (uint8_t) ~(1u << (i - first));
		packet_part(set, i, is_good, p);
		out++;
	}
	return out;
}

// Returns how many frames stay. What the last group was filled up with does not.
static unsigned set_part(struct column_set *set, struct packet *packets, bool has_drops)
{
	unsigned stay = set->n;
	if (set->n % LANES != 0)
		set->good[set->n / LANES] &= (uint8_t)((1u << set->n % LANES) - 1);
	for (unsigned i = 0; i < set->n; i += LANES)
		if (set->good[i / LANES] != EVERY_LANE || has_drops)
			stay -= group_part(set, i, packets);
	return stay;
}

unsigned columns_judge(struct columns *c, struct packet *packets, unsigned n)
{
	burst_take(c, packets, n);
	c->stay = 0;
	if (c->ip4.n > 0) {
		set_fill_up(&c->ip4);
		columns_ip4_judge(&c->ip4);
		c->stay += set_part(&c->ip4, packets, c->has_drops);
	}
	if (c->ip6.n > 0) {
		set_fill_up(&c->ip6);
		columns_ip6_judge(&c->ip6);
		c->stay += set_part(&c->ip6, packets, c->has_drops);
	}
	return c->stay;
}

bool columns_are_all(const struct columns *c, unsigned n)
{
	return c->stay == n && !c->has_rx_times && (c->ip4.n == n || c->ip6.n == n);
}

static void set_time(struct column_set *set, const struct burst_times *t)
{
	for (unsigned i = 0; i < set->n; i++) {
		set->receive[i] = t[set->at[i]].receive.raw;
		set->transmit[i] = t[set->at[i]].transmit.raw;
	}
}

void columns_time(struct columns *c, const struct burst_times *t)
{
	set_time(&c->ip4, t);
	set_time(&c->ip6, t);
}

// The reply's origin is the request's receive time then.
static void set_pair(struct column_set *set, uint64_t paired,
	const uint64_t transmit[RESPONDER_BURST], size_t message)
{
	const size_t receive = message + offsetof(struct ntp_wire, receive_time);
	set->paired = 0;
	for (unsigned i = 0; i < set->n; i++) {
		if (!(paired >> set->at[i] & 1))
			continue;
		set->paired |= (uint64_t)1 << i;
		set->transmit[i] = transmit[set->at[i]];
		set->kept[i / LANES][COLUMN_KEPT_ORIGIN][i % LANES] =
			checksum_load64(set->data[i] + receive);
	}
}

void columns_pair(struct columns *c, uint64_t paired, const uint64_t transmit[RESPONDER_BURST])
{
	set_pair(&c->ip4, paired, transmit, COLUMN_IP4_MESSAGE);
	set_pair(&c->ip6, paired, transmit, COLUMN_IP6_MESSAGE);
}

void columns_answer(const struct columns *c, const struct column_answer *a)
{
	if (c->ip4.n > 0)
		columns_ip4_answer(&c->ip4, a);
	if (c->ip6.n > 0)
		columns_ip6_answer(&c->ip6, a);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "core/columns.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "core/checksum.h"
#include "core/columns_odd.h"
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

// No verdict: the long way knows.
#define LEFT VERDICT_COUNT

// clang-format 14 and 19 differ about such macros.
// clang-format off
#define REASONS(of_version, of_options, of_length, of_fragment, of_destination, of_no_udp_sum)     \
	{                                                                                          \
		[ODD_DESTINATION_MAC] = V_ETHER_DESTINATION, [ODD_OTHER_TYPE] = LEFT,              \
		[ODD_TYPE] = V_ETHER_TYPE, [ODD_VERSION] = of_version, [ODD_OPTIONS] = of_options, \
		[ODD_LENGTH] = of_length, [ODD_SHORTER] = LEFT, [ODD_FRAGMENT] = of_fragment,      \
		[ODD_EXTENSION] = V_IP6_EXTENSION, [ODD_PROTOCOL] = V_IP_PROTOCOL,                 \
		[ODD_DESTINATION] = of_destination, [ODD_UDP_LENGTH] = V_UDP_LENGTH,               \
		[ODD_UDP_SHORTER] = LEFT, [ODD_PORT] = V_UDP_DESTINATION,                          \
		[ODD_SOURCE_MAC] = V_ETHER_SOURCE, [ODD_HEADER_SUM] = V_IP4_CHECKSUM,              \
		[ODD_SOURCE] = V_IP_SOURCE, [ODD_SOURCE_LOOK] = LEFT,                              \
		[ODD_SOURCE_PORT] = V_UDP_SOURCE, [ODD_NO_UDP_SUM] = of_no_udp_sum,                \
		[ODD_UDP_SUM] = V_UDP_CHECKSUM                                                     \
	}
// clang-format on
#define REASONS_IP4(of_destination)                                                                \
	REASONS(V_IP4_VERSION, V_IP4_OPTIONS, V_IP4_LENGTH, V_IP4_FRAGMENT, of_destination, LEFT)
#define REASONS_IP6(of_destination)                                                                \
	REASONS(V_IP6_VERSION, LEFT, V_IP6_LENGTH, LEFT, of_destination, V_UDP_NO_CHECKSUM)

// By whether there are addresses beside the first.
static const uint8_t reasons_ip4[2][ODD_COUNT] = {REASONS_IP4(V_IP_DESTINATION), REASONS_IP4(LEFT)};
static const uint8_t reasons_ip6[2][ODD_COUNT] = {REASONS_IP6(V_IP_DESTINATION), REASONS_IP6(LEFT)};

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
	p->reason = reasons_ip4[p->has_more];
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
	p->reason = reasons_ip6[p->has_more];
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

static inline uint64_t packet_facts(const struct packet *p)
{
	return checksum_load64((const uint8_t *)p + FACTS_AT);
}

// Of the verdicts of a burst, a bit for each.
#define SEEN(v)    (1ull << (v))
#define SEEN_DROPS (UINT64_MAX << VERDICT_FIRST_DROP)
static_assert(VERDICT_COUNT <= 64, "a bit for each");

static void seen_keep(struct columns *c, uint64_t seen)
{
	c->has_drops = (seen & SEEN_DROPS) != 0;
	c->has_others = (seen & ~SEEN(V_ANSWER_V4)) != 0;
}

static bool burst_is_of(const struct column_set *set, const struct packet *packets, unsigned n)
{
	uint64_t odd = 0;
	for (unsigned i = 0; i < n; i++)
		odd |= packet_facts(&packets[i]) ^ set->plan.facts;
	return (odd & (FACTS_MASK | FACTS_RX_TIME)) == 0;
}

// Takes a whole burst into the set, as most are of one family. What its message's first byte says is each
// packet's verdict and holds if all else is plain. False if the long way must look: NTPv1 without a mode
// depends on the port.
static bool burst_take(
	struct columns *c, struct column_set *set, struct packet *packets, unsigned n)
{
	const bool is_ip6 = set == &c->ip6;
	const size_t message = is_ip6 ? COLUMN_IP6_MESSAGE : COLUMN_IP4_MESSAGE;
	uint64_t seen = 0;
	for (unsigned i = 0; i < n; i++) {
		struct packet *p = &packets[i];
		enum verdict v = ntp_verdict_first(p->data[message]);
		set->data[i] = p->data;
		set->at[i] = (uint8_t)i;
		p->verdict = v;
		p->way = WAY_COLUMNS;
		p->is_ip6 = is_ip6;
		seen |= SEEN(v);
	}
	seen_keep(c, seen);
	c->has_rx_times = false;
	set->n = n;
	return (seen & SEEN(V_ANSWER_V1_MODE0)) == 0;
}

// The same for a burst of all kinds, in any order: without a branch.
static void burst_sort(struct columns *c, struct packet *packets, unsigned n)
{
	static const uint8_t none[COLUMN_IP6_MESSAGE + 1];
	uint64_t all = 0;
	uint64_t seen = 0;
	unsigned ip4 = 0;
	unsigned ip6 = 0;
	for (unsigned i = 0; i < n; i++) {
		struct packet *p = &packets[i];
		uint64_t facts = packet_facts(p);
		bool is_ip4 = (facts & FACTS_MASK) == c->ip4.plan.facts;
		bool is_ip6 = (facts & FACTS_MASK) == c->ip6.plan.facts;
		const uint8_t *frame = (is_ip4 | is_ip6) ? p->data : none;
		is_ip6 &= checksum_load16(frame + offsetof(struct ether_wire, type)) ==
		          COLUMN_TYPE_IP6;
		enum verdict v =
			ntp_verdict_first(frame[is_ip6 ? COLUMN_IP6_MESSAGE : COLUMN_IP4_MESSAGE]);
		bool is_taken = (is_ip4 | is_ip6) & (v != V_ANSWER_V1_MODE0);
		c->ip4.data[ip4] = p->data;
		c->ip4.at[ip4] = (uint8_t)i;
		c->ip6.data[ip6] = p->data;
		c->ip6.at[ip6] = (uint8_t)i;
		c->left_at[c->left] = (uint8_t)i;
		ip4 += is_ip4 & is_taken;
		ip6 += is_ip6 & is_taken;
		c->left += !is_taken;
		p->verdict = is_taken ? v : p->verdict;
		p->way = is_taken ? WAY_COLUMNS : WAY_LONG;
		p->is_ip6 = is_ip6;
		all |= facts;
		seen |= (uint64_t)is_taken << v;
	}
	seen_keep(c, seen);
	c->has_rx_times = (all & FACTS_RX_TIME) != 0;
	c->ip4.n = ip4;
	c->ip6.n = ip6;
}

// Fills the last group up with its first frame, so that there is something to read.
static void set_fill_up(struct column_set *set)
{
	for (unsigned i = set->n; i % LANES != 0; i++)
		set->data[i] = set->data[i & ~(LANES - 1u)];
}

void columns_take(struct columns *c, struct packet *packets, unsigned n)
{
	bool is_ip6 = n > 0 && (packet_facts(&packets[0]) & FACTS_MASK) == c->ip6.plan.facts;
	struct column_set *set = is_ip6 ? &c->ip6 : &c->ip4;
	c->left = 0;
	c->ip4.n = 0;
	c->ip6.n = 0;
	if (!burst_is_of(set, packets, n) || !burst_take(c, set, packets, n))
		burst_sort(c, packets, n);
	set_fill_up(&c->ip4);
	set_fill_up(&c->ip6);
}

// The verdict of p, in which this is odd. A port that called a sum good has the last word on it.
static inline uint8_t reason_of(
	const struct column_plan *plan, uint64_t odd, const struct packet *p)
{
	uint8_t v = plan->reason[__builtin_ctzll(odd | 1ull << ODD_UDP_SUM)];
	bool is_said = ((v == V_IP4_CHECKSUM) & (p->checksums.ip != CHECKSUM_UNKNOWN)) |
	               ((v == V_UDP_CHECKSUM) & (p->checksums.udp != CHECKSUM_UNKNOWN));
	return is_said ? LEFT : v;
}

// Takes out of the group from `first` on what is not answered here, whose odd points are these. Without a
// branch.
static void group_part(struct columns *c, struct column_set *set, unsigned first,
	const uint64_t odd[LANES], struct packet *packets)
{
	unsigned good = set->good[first / LANES];
	unsigned end = set->n - first < LANES ? set->n - first : LANES;
	unsigned stay = 0;
	for (unsigned i = 0; i < end; i++) {
		unsigned at = set->at[first + i];
		struct packet *p = &packets[at];
		bool is_good = good >> i & 1;
		uint8_t v = reason_of(&set->plan, odd[i], p);
		v = is_good ? (uint8_t)p->verdict : v;
		bool is_left = v == LEFT;
		bool is_answer = verdict_is_answer((enum verdict)v);
		p->verdict = (enum verdict)v;
		p->way = is_left ? WAY_LONG : is_answer ? WAY_COLUMNS : WAY_DROPPED;
		stay |= (unsigned)is_answer << i;
		c->stay += is_answer;
		c->left_at[c->left] = (uint8_t)at;
		c->left += is_left;
	}
	set->good[first / LANES] = (uint8_t)stay;
}

typedef void columns_odd(const struct column_set *set, unsigned first, uint64_t ret_odd[LANES]);

// What the last group was filled up with does not stay.
static void set_part(
	struct columns *c, struct column_set *set, columns_odd *odd_of, struct packet *packets)
{
	if (set->n % LANES != 0)
		set->good[set->n / LANES] &= (uint8_t)((1u << set->n % LANES) - 1);
	for (unsigned i = 0; i < set->n; i += LANES) {
		uint64_t odd[LANES] = {0};
		unsigned good = set->good[i / LANES];
		if (good == EVERY_LANE && !c->has_drops) {
			c->stay += LANES;
			continue;
		}
		if (good != EVERY_LANE)
			odd_of(set, i, odd);
		group_part(c, set, i, odd, packets);
	}
}

unsigned columns_judge(struct columns *c, struct packet *packets)
{
	c->stay = 0;
	if (c->ip4.n > 0) {
		columns_ip4_judge(&c->ip4);
		set_part(c, &c->ip4, columns_ip4_odd, packets);
	}
	if (c->ip6.n > 0) {
		columns_ip6_judge(&c->ip6);
		set_part(c, &c->ip6, columns_ip6_odd, packets);
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

void columns_seek(struct columns *c, const struct interleave *t)
{
	columns_ip4_seek(&c->ip4, t);
	columns_ip6_seek(&c->ip6, t);
}

static void set_seek_end(
	const struct columns *c, struct column_set *set, const struct packet *packets)
{
	uint64_t stay = 0;
	for (unsigned i = 0; i < set->n; i += LANES)
		stay |= (uint64_t)set->good[i / LANES] << i;
	set->asked.asking &= stay;
	if (!c->has_others)
		return;
	for (unsigned i = 0; i < set->n; i++)
		if (packets[set->at[i]].verdict != V_ANSWER_V4)
			set->asked.asking &= ~((uint64_t)1 << i);
}

void columns_seek_end(struct columns *c, const struct packet *packets)
{
	set_seek_end(c, &c->ip4, packets);
	set_seek_end(c, &c->ip6, packets);
}

void columns_answer(const struct columns *c, const struct column_answer *a)
{
	if (c->ip4.n > 0)
		columns_ip4_answer(&c->ip4, a);
	if (c->ip6.n > 0)
		columns_ip6_answer(&c->ip6, a);
}

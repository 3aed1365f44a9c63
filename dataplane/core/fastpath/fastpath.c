// SPDX-License-Identifier: BSD-3-Clause
#include "core/fastpath/fastpath.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "core/checksum.h"
#include "core/fastpath/fast_reject.h"
#include "core/fastpath/fastpath_plan.h"
#include "core/ntp.h"
#include "core/verdict.h"
#include "core/wire.h"

void fastpath_init(struct fastpath *c, const struct service *s)
{
	memset(c, 0, sizeof(*c));
	c->ip4.plan.facts = FACTS_NONE;
	c->ip6.plan.facts = FACTS_NONE;
	// Smeared time takes the slow path; so does all of a family whose first address serves it.
	if (s->ip4_count > 0 && (s->ip4_smeared & 1) == 0)
		fast_plan_fill_ip4(&c->ip4.plan, s);
	if (s->ip6_count > 0 && (s->ip6_smeared & 1) == 0)
		fast_plan_fill_ip6(&c->ip6.plan, s);
}

static inline uint64_t packet_facts(const struct packet *p)
{
	return checksum_load64((const uint8_t *)p + FACTS_AT);
}

// Of the verdicts of a burst, a bit for each.
#define SEEN(v)    (1ull << (v))
#define SEEN_DROPS (UINT64_MAX << VERDICT_FIRST_DROP)
static_assert(VERDICT_COUNT <= 64, "a bit for each");

static void seen_keep(struct fastpath *c, uint64_t seen)
{
	c->has_drops = (seen & SEEN_DROPS) != 0;
	c->has_others = (seen & ~SEEN(V_ANSWER_V4)) != 0;
}

static bool burst_is_of(const struct fast_set *set, const struct packet *packets, unsigned n)
{
	uint64_t mismatch = 0;
	for (unsigned i = 0; i < n; i++)
		mismatch |= packet_facts(&packets[i]) ^ set->plan.facts;
	return (mismatch & (FACTS_MASK | FACTS_RX_TIME)) == 0;
}

// Takes a whole burst into the set, as most are of one family. What its message's first byte says
// is each packet's verdict and holds if all else is plain. False if the slow path must look: NTPv1
// without a mode depends on the port.
static bool fastpath_burst_take(
	struct fastpath *c, struct fast_set *set, struct packet *packets, unsigned n)
{
	const bool is_ip6 = set == &c->ip6;
	const size_t message = is_ip6 ? FAST_IP6_MESSAGE : FAST_IP4_MESSAGE;
	uint64_t seen = 0;
	for (unsigned i = 0; i < n; i++) {
		struct packet *p = &packets[i];
		enum verdict v = ntp_verdict_first(p->data[message]);
		set->data[i] = p->data;
		set->at[i] = (uint8_t)i;
		p->verdict = v;
		p->way = PATH_FAST;
		p->is_ip6 = is_ip6;
		seen |= SEEN(v);
	}
	seen_keep(c, seen);
	c->has_rx_times = false;
	set->n = n;
	return (seen & SEEN(V_ANSWER_V1_MODE0)) == 0;
}

// The same for a burst of all kinds, in any order: without a branch.
static void burst_sort(struct fastpath *c, struct packet *packets, unsigned n)
{
	static const uint8_t none[FAST_IP6_MESSAGE + 1];
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
		is_ip6 &=
			checksum_load16(frame + offsetof(struct ether_wire, type)) == FAST_TYPE_IP6;
		enum verdict v =
			ntp_verdict_first(frame[is_ip6 ? FAST_IP6_MESSAGE : FAST_IP4_MESSAGE]);
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
		p->way = is_taken ? PATH_FAST : PATH_SLOW;
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
static void set_fill_up(struct fast_set *set)
{
	for (unsigned i = set->n; i % LANES != 0; i++)
		set->data[i] = set->data[i & ~(LANES - 1u)];
}

void fastpath_take(struct fastpath *c, struct packet *packets, unsigned n)
{
	bool is_ip6 = n > 0 && (packet_facts(&packets[0]) & FACTS_MASK) == c->ip6.plan.facts;
	struct fast_set *set = is_ip6 ? &c->ip6 : &c->ip4;
	c->left = 0;
	c->ip4.n = 0;
	c->ip6.n = 0;
	if (!burst_is_of(set, packets, n) || !fastpath_burst_take(c, set, packets, n))
		burst_sort(c, packets, n);
	set_fill_up(&c->ip4);
	set_fill_up(&c->ip6);
}

// The verdict of p, that mismatches so. A port that called a sum good has the last word on it.
static inline uint8_t fastpath_reason_of(
	const struct fast_plan *plan, uint64_t mismatch, const struct packet *p)
{
	uint8_t v = plan->reason[__builtin_ctzll(mismatch | 1ull << MISMATCH_UDP_SUM)];
	bool is_said = ((v == V_IP4_CHECKSUM) & (p->checksums.ip != CHECKSUM_UNKNOWN)) |
	               ((v == V_UDP_CHECKSUM) & (p->checksums.udp != CHECKSUM_UNKNOWN));
	return is_said ? LEFT : v;
}

// Takes out of the group from `first` on what is not answered here, whose mismatching points are
// these. Without a branch.
static void group_part(struct fastpath *c, struct fast_set *set, unsigned first,
	const uint64_t mismatch[LANES], struct packet *packets)
{
	unsigned good = set->good[first / LANES];
	unsigned end = set->n - first < LANES ? set->n - first : LANES;
	unsigned stay = 0;
	for (unsigned i = 0; i < end; i++) {
		unsigned at = set->at[first + i];
		struct packet *p = &packets[at];
		bool is_good = good >> i & 1;
		uint8_t v = fastpath_reason_of(&set->plan, mismatch[i], p);
		v = is_good ? (uint8_t)p->verdict : v;
		bool is_left = v == LEFT;
		bool is_answer = verdict_is_answer((enum verdict)v);
		p->verdict = (enum verdict)v;
		p->way = is_left ? PATH_SLOW : is_answer ? PATH_FAST : PATH_DROPPED;
		stay |= (unsigned)is_answer << i;
		c->stay += is_answer;
		c->left_at[c->left] = (uint8_t)at;
		c->left += is_left;
	}
	set->good[first / LANES] = (uint8_t)stay;
}

typedef void fast_reject(const struct fast_set *set, unsigned first, uint64_t ret_mismatch[LANES]);

// What the last group was filled up with does not stay.
static void set_part(
	struct fastpath *c, struct fast_set *set, fast_reject *odd_of, struct packet *packets)
{
	if (set->n % LANES != 0)
		set->good[set->n / LANES] &= (uint8_t)((1u << set->n % LANES) - 1);
	for (unsigned i = 0; i < set->n; i += LANES) {
		uint64_t mismatch[LANES] = {0};
		unsigned good = set->good[i / LANES];
		if (good == EVERY_LANE && !c->has_drops) {
			c->stay += LANES;
			continue;
		}
		if (good != EVERY_LANE)
			odd_of(set, i, mismatch);
		group_part(c, set, i, mismatch, packets);
	}
}

unsigned fastpath_judge(struct fastpath *c, struct packet *packets)
{
	c->stay = 0;
	if (c->ip4.n > 0) {
		fastpath_ip4_judge(&c->ip4);
		set_part(c, &c->ip4, fastpath_ip4_mismatch, packets);
	}
	if (c->ip6.n > 0) {
		fastpath_ip6_judge(&c->ip6);
		set_part(c, &c->ip6, fastpath_ip6_mismatch, packets);
	}
	return c->stay;
}

bool fastpath_are_all(const struct fastpath *c, unsigned n)
{
	return c->stay == n && !c->has_rx_times && (c->ip4.n == n || c->ip6.n == n);
}

static void set_time(struct fast_set *set, const struct burst_times *t)
{
	for (unsigned i = 0; i < set->n; i++) {
		set->receive[i] = t[set->at[i]].receive.raw;
		set->transmit[i] = t[set->at[i]].transmit.raw;
	}
}

void fastpath_time(struct fastpath *c, const struct burst_times *t)
{
	set_time(&c->ip4, t);
	set_time(&c->ip6, t);
}

void fastpath_seek(struct fastpath *c, const struct interleave *t)
{
	fastpath_ip4_seek(&c->ip4, t);
	fastpath_ip6_seek(&c->ip6, t);
}

static void set_seek_end(
	const struct fastpath *c, struct fast_set *set, const struct packet *packets)
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

void fastpath_seek_end(struct fastpath *c, const struct packet *packets)
{
	set_seek_end(c, &c->ip4, packets);
	set_seek_end(c, &c->ip6, packets);
}

void fastpath_answer(const struct fastpath *c, const struct fast_answer *a)
{
	if (c->ip4.n > 0)
		fastpath_ip4_answer(&c->ip4, a);
	if (c->ip6.n > 0)
		fastpath_ip6_answer(&c->ip6, a);
}

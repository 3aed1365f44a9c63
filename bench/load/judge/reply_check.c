// SPDX-License-Identifier: BSD-3-Clause
#include "judge/reply_check.h"

#include <assert.h>

#include "core/checksum.h"
#include "core/ntp.h"
#include "core/wire_int.h"

#define STRATUM_MAX 15

static_assert(REPLY_TEMPLATE_WORDS * 8 <= REPLY_CHECK_FRAME, "a whole template can be read");

void reply_check_init(struct reply_check *c, const struct plan *p, enum expect expect)
{
	size_t id = expect == EXPECT_NTP ? offsetof(struct ntp_wire, origin_time) :
	                                   offsetof(struct ntp_wire, transmit_time);
	c->plan = p;
	c->expect = expect;
	c->allow_unsynchronised = false;
	c->clients = NULL;
	c->next = 0;
	c->before = (struct reply_check_before){0};
	c->last = 0;
	c->now = 0;
	rx_stats_init(&c->stats);
	histogram_clear(&c->latency);
	histogram_clear(&c->residency);
	offsets_init(&c->offsets, false);
	for (unsigned family = 0; family < 2; family++)
		c->id_at[family] = (uint16_t)(p->layout[family].ntp + id);
	for (unsigned i = 0; i < p->template_count; i++) {
		const struct plan_template *t = &p->template[i];
		struct reply_template *to = &c->template[i];
		reply_template_make(to, &p->layout[t->is_ip6], t, expect);
	}
}

// What is known of a frame that may be a reply.
struct reply {
	const uint8_t *frame;
	const struct plan_layout *layout;
	const struct reply_template *template;
	uint64_t sequence;
	uint64_t told; // in interleaved mode, where T3 is of the reply before: PLAN_RECEIVE; else 0
	uint32_t client;
	struct client *asker; // what the client remembers; NULL: nobody of ours, or in basic mode
};

// T2 and T3 in a message.
struct reply_times {
	uint64_t receive;
	uint64_t transmit;
	uint64_t before; // T2 of the reply that T3 is of; 0: it is not known any more
};

static inline uint64_t times_read(const uint8_t *message, size_t at)
{
	struct be64 wire;
	memcpy(wire.byte, message + at, sizeof(wire));
	return be64_get(wire);
}

static inline struct reply_times reply_read(const struct reply *r)
{
	const uint8_t *message = r->frame + r->layout->ntp;
	struct reply_times t;
	t.receive = times_read(message, offsetof(struct ntp_wire, receive_time));
	t.transmit = times_read(message, offsetof(struct ntp_wire, transmit_time));
	t.before = t.receive;
	if (r->told != 0)
		t.before = r->asker != NULL ? client_asked(r->asker, r->sequence) : 0;
	return t;
}

// Whether T3 is of a time when its reply can have left.
static inline bool times_are_right(const struct reply *r, const struct reply_times *t)
{
	if (r->told == 0)
		return (int64_t)(t->transmit - t->receive) >= 0;
	return (int64_t)(t->receive - t->transmit) >= 0 &&
	       (t->before == 0 || (int64_t)(t->transmit - t->before) >= 0);
}

static inline __attribute__((always_inline)) bool ip_sum_is_right(
	const struct plan_layout *l, const uint8_t *frame)
{
	const uint8_t *ip = frame + l->ip;
	if (l->is_ip6)
		return true;
	uint64_t sum = checksum_join(checksum_load64(ip), checksum_load64(ip + 8));
	return checksum_fold(checksum_join(sum, checksum_load32(ip + 16))) == UINT16_MAX;
}

// Over a UDP datagram with 48 bytes of message. None at all is legal over IPv4 (RFC 768).
static inline __attribute__((always_inline)) bool udp_sum_is_right(
	const struct plan_layout *l, const uint8_t *frame)
{
	const uint8_t *udp = frame + l->udp;
	uint64_t sum = checksum_join(checksum_56_bytes(udp), checksum_load64(udp - 8));
	if (l->is_ip6) {
		sum = checksum_join(sum, checksum_load64(udp - 16));
		uint64_t first =
			checksum_join(checksum_load64(udp - 24), checksum_load64(udp - 32));
		sum = checksum_join(sum, first);
	}
	uint16_t fixed = PROTOCOL_UDP + sizeof(struct udp_wire) + NTP_LENGTH;
	if (checksum_fold(checksum_join(sum, checksum_term16(fixed))) == UINT16_MAX)
		return true;
	return !l->is_ip6 && checksum_load16(udp + offsetof(struct udp_wire, checksum)) == 0;
}

static bool bytes_differ(const struct reply *r, size_t from, size_t to)
{
	const uint8_t *value = (const uint8_t *)r->template->value;
	const uint8_t *mask = (const uint8_t *)r->template->mask;
	for (size_t i = from; i < to; i++)
		if (((r->frame[i] ^ value[i]) & mask[i]) != 0)
			return true;
	return false;
}

// The first thing wrong with the headers; FAULT_COUNT: nothing.
static enum fault headers_find_fault(const struct reply *r)
{
	const struct plan_layout *l = r->layout;
	const struct reply_template *t = r->template;
	if (t->is_junk)
		return FAULT_JUNK_ANSWERED;
	if (bytes_differ(r, 0, l->ip))
		return FAULT_ETHERNET;
	if (bytes_differ(r, l->ip, l->udp))
		return FAULT_IP_HEADER;
	if (checksum_load32(r->frame + t->client_at) != plan_source(t->net, r->client))
		return FAULT_CLIENT;
	if (bytes_differ(r, l->udp, l->ntp) ||
		checksum_load16(r->frame + t->port_at) != plan_port(r->sequence))
		return FAULT_PORTS;
	if (!ip_sum_is_right(l, r->frame))
		return FAULT_IP_CHECKSUM;
	return udp_sum_is_right(l, r->frame) ? FAULT_COUNT : FAULT_UDP_CHECKSUM;
}

// The same for what a server wrote.
static enum fault message_find_fault(const struct reply_check *c, const struct reply *r)
{
	const uint8_t *message = r->frame + r->layout->ntp;
	uint8_t want = ((const uint8_t *)r->template->value)[r->layout->ntp];
	struct reply_times t = reply_read(r);
	if (((message[0] ^ want) & 0xff & ~(REPLY_TEMPLATE_LEAP_MASK | REPLY_TEMPLATE_MODE_MASK)) !=
		0)
		return FAULT_VERSION;
	if (((message[0] ^ want) & REPLY_TEMPLATE_MODE_MASK) != 0)
		return FAULT_MODE;
	if (message[1] > STRATUM_MAX)
		return FAULT_STRATUM;
	bool has_time = message[1] != 0 &&
	                (message[0] & REPLY_TEMPLATE_LEAP_MASK) != REPLY_TEMPLATE_LEAP_MASK;
	if (!has_time && !c->allow_unsynchronised)
		return FAULT_UNSYNCHRONISED;
	if (t.receive == 0 || t.transmit == 0)
		return FAULT_NO_TIME;
	if (times_are_right(r, &t))
		return FAULT_COUNT;
	return r->told != 0 ? FAULT_TOLD : FAULT_TIMES;
}

static enum fault reply_find_fault(const struct reply_check *c, const struct reply *r)
{
	enum fault f = headers_find_fault(r);
	if (f != FAULT_COUNT)
		return f;
	if (c->expect == EXPECT_NTP)
		return message_find_fault(c, r);
	return bytes_differ(r, r->layout->ntp, r->template->length) ? FAULT_PAYLOAD : FAULT_COUNT;
}

// Whether a frame that no request explains is at least NTP; the network has other traffic too.
static bool frame_is_ntp(const struct plan_layout *l, const uint8_t *frame, uint16_t length)
{
	uint64_t port = checksum_term16(NTP_PORT);
	uint64_t type = checksum_term16(l->is_ip6 ? ETHER_TYPE_IP6 : ETHER_TYPE_IP4);
	size_t protocol = l->is_ip6 ? offsetof(struct ip6_wire, next_header) :
	                              offsetof(struct ip4_wire, protocol);
	if (length < l->ntp || checksum_load16(frame + l->type) != type ||
		frame[l->ip + protocol] != PROTOCOL_UDP)
		return false;
	return checksum_load16(frame + l->udp) == port ||
	       checksum_load16(frame + l->udp + 2) == port;
}

// Whether a number that the window does not hold can be of a request of this run at all.
static bool number_is_ours(const struct reply_check *c, const struct reply *r)
{
	return r->sequence < c->next && r->client < c->plan->clients;
}

static bool number_is_of_before(const struct reply_check *c, const struct reply *r)
{
	const struct reply_check_before *b = &c->before;
	uint64_t id = plan_id(c->plan, r->sequence | r->told, r->client) ^ b->key;
	uint64_t mask = c->clients != NULL ? PLAN_RECEIVE - 1 : PLAN_SEQUENCE_MASK;
	return (id & mask) < b->next && id >> PLAN_SEQUENCE_BITS < c->plan->clients;
}

// What a frame differs in from the right reply, of all that is fixed: nothing is 0.
static inline uint64_t template_difference(
	const struct reply_template *t, const uint8_t *frame, uint64_t sequence, uint32_t client)
{
	uint64_t difference = t->is_junk;
	for (unsigned i = 0; i < REPLY_TEMPLATE_WORDS_LEAST; i++)
		difference |= (checksum_load64(frame + 8 * i) & t->mask[i]) ^ t->value[i];
	for (unsigned i = REPLY_TEMPLATE_WORDS_LEAST; i < t->words; i++)
		difference |= (checksum_load64(frame + 8 * i) & t->mask[i]) ^ t->value[i];
	difference |= checksum_load32(frame + t->client_at) ^ plan_source(t->net, client);
	return difference | (checksum_load16(frame + t->port_at) ^ plan_port(sequence));
}

// Stratum, leap and times of nearly every reply; the others get a second look.
static inline bool message_is_plain(const struct reply *r, struct reply_times *ret_times)
{
	const uint8_t *message = r->frame + r->layout->ntp;
	struct reply_times t = reply_read(r);
	*ret_times = t;
	return (uint8_t)(message[1] - 1) < STRATUM_MAX && message[0] < REPLY_TEMPLATE_LEAP_MASK &&
	       times_are_right(r, &t) && t.receive != 0 && t.transmit != 0;
}

// Whether it is the request's first.
static inline bool reply_count(
	struct reply_check *c, const struct reply *r, const struct reply_times *t)
{
	struct rx_stats *stats = &c->stats;
	if (window_mark(&c->window, r->sequence)) {
		stats->duplicates++;
		return false;
	}
	stats->answered++;
	stats->reordered += r->sequence < c->last;
	c->last = r->sequence > c->last ? r->sequence : c->last;
	if (stamps_hold(r->sequence, c->next))
		histogram_add(&c->latency, c->now - c->stamps.sent[r->sequence % STAMPS_SIZE]);
	if (c->expect == EXPECT_NTP && (r->told == 0 || t->before != 0))
		histogram_add(&c->residency, t->transmit - t->before);
	stats->interleaved += r->told != 0;
	if (r->asker != NULL)
		client_take(r->asker, r->sequence, t->receive);
	return true;
}

// When the reply before was received is not kept.
static void clocks_compare(
	struct reply_check *c, const struct reply *r, const struct reply_times *t)
{
	if (stamps_hold(r->sequence, c->next) && r->told == 0)
		offsets_take(&c->offsets, r->sequence, t->receive, t->transmit);
}

// The slow look at a frame that is not plainly right: whose it is, and what is wrong with it.
__attribute__((cold, noinline)) static void frame_explain(
	struct reply_check *c, const struct reply *r, uint16_t length)
{
	struct rx_stats *t = &c->stats;
	bool is_whole = length == r->layout->ntp + NTP_LENGTH;
	bool is_known = is_whole && window_holds(r->sequence, c->next);
	if (!is_known && !frame_is_ntp(r->layout, r->frame, length)) {
		t->foreign++;
		return;
	}
	if (!is_whole) {
		t->fault[FAULT_LENGTH]++;
		return;
	}
	if (!is_known && number_is_of_before(c, r)) {
		t->late++;
		return;
	}
	enum fault f = is_known || number_is_ours(c, r) ? reply_find_fault(c, r) : FAULT_ORIGIN;
	struct reply_times times = reply_read(r);
	if (f != FAULT_COUNT)
		t->fault[f]++;
	else if (is_known)
		(void)reply_count(c, r, &times);
	else
		t->late++;
}

static inline struct reply reply_of(
	const struct reply_check *c, const uint8_t *frame, bool is_interleaved)
{
	const struct plan *p = c->plan;
	// Both families' type stands at the same place.
	bool is_ip6 = checksum_load16(frame + p->layout[0].type) == checksum_term16(ETHER_TYPE_IP6);
	uint64_t id = checksum_load64(frame + c->id_at[is_ip6]) ^ p->key;
	struct reply r = {.frame = frame, .layout = &p->layout[is_ip6]};
	r.told = is_interleaved ? id & PLAN_RECEIVE : 0;
	r.sequence = id & PLAN_SEQUENCE_MASK & ~r.told;
	r.client = (uint32_t)(id >> PLAN_SEQUENCE_BITS);
	if (is_interleaved && r.client < p->clients)
		r.asker = &c->clients[r.client];
	r.template = &c->template[p->schedule[r.sequence % PLAN_SLOTS]];
	return r;
}

// One look for each mode, so that basic mode has nothing of the other's work.
static inline __attribute__((always_inline)) void frame_check(
	struct reply_check *c, const uint8_t *frame, uint16_t length, bool is_interleaved)
{
	struct reply r = reply_of(c, frame, is_interleaved);
	struct reply_times t = {0};
	c->stats.received++;
	if (length == r.template->length && window_holds(r.sequence, c->next) &&
		template_difference(r.template, frame, r.sequence, r.client) == 0 &&
		ip_sum_is_right(r.layout, frame) && udp_sum_is_right(r.layout, frame) &&
		(c->expect != EXPECT_NTP || message_is_plain(&r, &t))) {
		if (reply_count(c, &r, &t) && c->offsets.is_on)
			clocks_compare(c, &r, &t);
	} else {
		struct reply again = reply_of(c, frame, is_interleaved);
		frame_explain(c, &again, length);
	}
}

__attribute__((flatten)) void reply_check_frame(
	struct reply_check *c, const uint8_t *frame, uint16_t length)
{
	if (c->clients == NULL)
		frame_check(c, frame, length, false);
	else
		frame_check(c, frame, length, true);
}

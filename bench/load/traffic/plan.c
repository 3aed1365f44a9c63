// SPDX-License-Identifier: BSD-3-Clause
#include "traffic/plan.h"

#include "core/ntp.h"
#include "core/wire_int.h"

#define PLAN_TTL     64
#define PLAN_MESSAGE 48
#define UDP_HEADER   8

// One template with its share of the schedule.
struct share {
	int64_t weight;
	int64_t credit;
};

static struct plan_layout plan_layout_make(bool has_vlan, bool is_ip6)
{
	struct plan_layout l = {.is_ip6 = is_ip6};
	size_t tag = has_vlan ? sizeof(struct vlan_wire) : 0;
	l.type = (uint16_t)(offsetof(struct ether_wire, type) + tag);
	l.ip = (uint16_t)(sizeof(struct ether_wire) + tag);
	l.udp = (uint16_t)(l.ip + (is_ip6 ? sizeof(struct ip6_wire) : sizeof(struct ip4_wire)));
	l.ntp = (uint16_t)(l.udp + sizeof(struct udp_wire));
	return l;
}

static void plan_ether_write(const struct profile *t, const struct plan_layout *l, uint8_t *frame)
{
	struct be16 type = be16_put(l->is_ip6 ? ETHER_TYPE_IP6 : ETHER_TYPE_IP4);
	struct ether_wire ether = {.destination = t->destination, .source = t->source};
	ether.type = be16_put(ETHER_TYPE_VLAN);
	memcpy(frame, &ether, sizeof(ether));
	if (t->has_vlan) {
		struct be16 tag = be16_put(t->vlan);
		memcpy(frame + sizeof(ether), tag.byte, sizeof(tag));
	}
	memcpy(frame + l->type, type.byte, sizeof(type));
}

static void plan_ip4_write(const struct profile *t, uint16_t message, uint8_t *at)
{
	struct ip4_wire ip = {.version_ihl = 0x45, .ttl = PLAN_TTL, .protocol = PROTOCOL_UDP};
	ip.total_length = be16_put((uint16_t)(sizeof(ip) + UDP_HEADER + message));
	ip.fragment = be16_put(IP4_DF);
	memcpy(ip.source.byte, t->ip4.net, sizeof(ip.source));
	memcpy(ip.destination.byte, t->ip4.server, sizeof(ip.destination));
	memcpy(at, &ip, sizeof(ip));
}

static void plan_ip6_write(const struct profile *t, uint16_t message, uint8_t *at)
{
	struct ip6_wire ip = {.next_header = PROTOCOL_UDP, .hop_limit = PLAN_TTL};
	ip.version_class_flow = be32_put(6u << 28);
	ip.payload_length = be16_put((uint16_t)(UDP_HEADER + message));
	memcpy(ip.source.byte, t->ip6.net, sizeof(ip.source));
	memcpy(ip.destination.byte, t->ip6.server, sizeof(ip.destination));
	memcpy(at, &ip, sizeof(ip));
}

static void plan_message_write(
	const struct plan_layout *l, uint8_t first, uint16_t message, uint8_t *frame)
{
	struct udp_wire udp = {.destination = be16_put(NTP_PORT)};
	udp.length = be16_put((uint16_t)(UDP_HEADER + message));
	memcpy(frame + l->udp, &udp, sizeof(udp));
	frame[l->ntp] = first;
}

static void edit_apply(const struct edit *e, const struct plan_layout *l, uint8_t *frame)
{
	const uint16_t base[] = {[EDIT_ETHER] = l->type,
		[EDIT_IP] = l->ip,
		[EDIT_UDP] = l->udp,
		[EDIT_NTP] = l->ntp};
	if (e->base == EDIT_NONE)
		return;
	uint8_t *byte = &frame[base[e->base] + e->offset];
	*byte = (uint8_t)((*byte & e->mask) ^ e->value);
}

// Sums over the finished frame, the fields that change with every frame still zero.
static void plan_sums_make(struct plan_template *t, const struct plan_layout *l, uint16_t message)
{
	uint16_t udp_length = (uint16_t)(UDP_HEADER + message);
	size_t addresses = l->is_ip6 ? 2 * sizeof(struct ip6) : 2 * sizeof(struct be32);
	uint64_t pseudo = checksum_bytes(t->frame + l->udp - addresses, addresses);
	pseudo = checksum_join(pseudo, checksum_term16(PROTOCOL_UDP));
	pseudo = checksum_join(pseudo, checksum_term16(udp_length));
	t->udp_sum = checksum_join(pseudo, checksum_bytes(t->frame + l->udp, udp_length));
	t->ip_sum = checksum_bytes(t->frame + l->ip, sizeof(struct ip4_wire));
}

// Takes the address's last four bytes out of the frame: they come with each client.
static void source_take(struct plan_template *t)
{
	struct be32 net;
	memcpy(net.byte, t->frame + t->source_at, sizeof(net));
	memset(t->frame + t->source_at, 0, sizeof(net));
	t->net = be32_get(net) + 1;
}

static void places_fill(struct plan_template *t, const struct plan_layout *l)
{
	t->is_ip6 = l->is_ip6;
	t->source_at = (uint16_t)(l->ip + (l->is_ip6 ? offsetof(struct ip6_wire, source) + 12 :
						       offsetof(struct ip4_wire, source)));
	t->port_at = (uint16_t)(l->udp + offsetof(struct udp_wire, source));
	t->udp_sum_at = (uint16_t)(l->udp + offsetof(struct udp_wire, checksum));
	t->ip_sum_at =
		l->is_ip6 ? t->udp_sum_at : (uint16_t)(l->ip + offsetof(struct ip4_wire, checksum));
	// Inside of even the shortest message, so that its checksum is right.
	size_t end = t->length < l->ntp + sizeof(struct ntp_wire) ?
	                     t->length :
	                     l->ntp + sizeof(struct ntp_wire);
	t->id_at = (uint16_t)(end - sizeof(struct be64));
}

// A good frame with an NTP message of `message` bytes that begins with `first`.
static void template_make(struct plan_template *t, const struct profile *profile,
	const struct plan_layout *l, uint8_t first, uint16_t message)
{
	*t = (struct plan_template){.length = (uint16_t)(l->ntp + message)};
	places_fill(t, l);
	plan_ether_write(profile, l, t->frame);
	if (l->is_ip6)
		plan_ip6_write(profile, message, t->frame + l->ip);
	else
		plan_ip4_write(profile, message, t->frame + l->ip);
	plan_message_write(l, first, message, t->frame);
	source_take(t);
}

static void junk_make(struct plan_template *t, const struct profile *profile,
	const struct plan_layout *l, size_t kind)
{
	const struct junk_kind_row *row = &junk_kinds[kind];
	uint16_t message = row->message > 0 ? row->message : PLAN_MESSAGE;
	template_make(t, profile, l, request_kinds[REQUEST_V4].first, message);
	for (unsigned i = 0; i < JUNK_EDITS; i++)
		edit_apply(&row->edit[i], l, t->frame);
	plan_sums_make(t, l, message);
	t->udp_sum = checksum_join(t->udp_sum, row->bad_udp_sum);
	t->ip_sum = checksum_join(t->ip_sum, row->bad_ip_sum);
	if (row->no_udp_sum) {
		t->udp_sum_at = PLAN_NOWHERE;
		if (l->is_ip6)
			t->ip_sum_at = PLAN_NOWHERE;
	}
	if (row->cut > 0)
		t->length = (uint16_t)(l->ip + row->cut);
	t->is_junk = true;
	t->kind = (uint8_t)kind;
}

static void request_make(struct plan_template *t, const struct profile *profile,
	const struct plan_layout *l, enum request_kind kind)
{
	template_make(t, profile, l, request_kinds[kind].first, PLAN_MESSAGE);
	plan_sums_make(t, l, PLAN_MESSAGE);
	t->kind = (uint8_t)kind;
}

static bool junk_fits(const struct profile *t, size_t kind, bool is_ip6)
{
	const struct junk_kind_row *row = &junk_kinds[kind];
	return t->junk[kind] && !(is_ip6 ? row->is_ip4_only : row->is_ip6_only);
}

// Adds the templates of one family; each request template begins with its kind's weight, each junk
// template with 1.
static void family_add(struct plan *p, const struct profile *t, bool is_ip6, struct share *share)
{
	const struct plan_layout *l = &p->layout[is_ip6];
	for (unsigned kind = 0; kind < REQUEST_COUNT; kind++) {
		if (t->weight[kind] == 0)
			continue;
		share[p->template_count].weight = t->weight[kind];
		request_make(&p->template[p->template_count++], t, l, (enum request_kind)kind);
	}
	for (size_t kind = 0; t->junk_percent > 0 && kind < junk_kind_count; kind++) {
		if (!junk_fits(t, kind, is_ip6))
			continue;
		share[p->template_count].weight = 1;
		junk_make(&p->template[p->template_count++], t, l, kind);
	}
}

// Brings the shares of requests and of junk into the proportion that is wanted.
static void shares_weigh(const struct plan *p, unsigned junk_percent, struct share *share)
{
	int64_t sum[2] = {0, 0};
	for (unsigned i = 0; i < p->template_count; i++)
		sum[p->template[i].is_junk] += share[i].weight;
	if (sum[1] == 0)
		return;
	for (unsigned i = 0; i < p->template_count; i++)
		share[i].weight *= p->template[i].is_junk ? sum[0] * junk_percent :
		                                            sum[1] * (100 - junk_percent);
}

// Weighted round robin: every template as evenly spread as its share allows.
static void plan_schedule_make(struct plan *p, struct share *share)
{
	int64_t sum = 0;
	for (unsigned i = 0; i < p->template_count; i++)
		sum += share[i].weight;
	for (unsigned slot = 0; slot < PLAN_SLOTS; slot++) {
		unsigned best = 0;
		for (unsigned i = 0; i < p->template_count; i++) {
			share[i].credit += share[i].weight;
			if (share[i].credit > share[best].credit)
				best = i;
		}
		share[best].credit -= sum;
		p->schedule[slot] = (uint8_t)best;
	}
}

void plan_make(const struct profile *t, uint64_t key, struct plan *ret_plan)
{
	struct share share[PLAN_TEMPLATES] = {0};
	struct plan *p = ret_plan;
	p->key = key;
	p->clients = t->clients;
	p->template_count = 0;
	p->layout[0] = plan_layout_make(t->has_vlan, false);
	p->layout[1] = plan_layout_make(t->has_vlan, true);
	if (t->ip4.is_used)
		family_add(p, t, false, share);
	if (t->ip6.is_used)
		family_add(p, t, true, share);
	shares_weigh(p, t->junk_percent, share);
	plan_schedule_make(p, share);
}

uint64_t plan_count(const struct plan *p, unsigned index, uint64_t n)
{
	uint64_t whole = 0;
	uint64_t part = 0;
	for (unsigned slot = 0; slot < PLAN_SLOTS; slot++) {
		if (p->schedule[slot] != index)
			continue;
		whole++;
		part += slot < n % PLAN_SLOTS;
	}
	return n / PLAN_SLOTS * whole + part;
}

uint64_t plan_count_junk(const struct plan *p, uint64_t n)
{
	uint64_t junk = 0;
	for (unsigned i = 0; i < p->template_count; i++)
		if (p->template[i].is_junk)
			junk += plan_count(p, i, n);
	return junk;
}

uint16_t plan_write_asking(
	const struct plan *p, uint64_t sequence, uint32_t client, uint64_t t2, uint8_t *frame)
{
	uint8_t *message = frame + p->layout[plan_template_of(p, sequence)->is_ip6].ntp;
	uint64_t id = plan_id(p, sequence, client) ^ PLAN_RECEIVE;
	struct be64 origin = be64_put(t2);
	uint64_t sum = checksum_join(checksum_load64(origin.byte), id);
	uint16_t length = plan_write_summed(p, sequence, client, sum, frame);
	memcpy(message + offsetof(struct ntp_wire, origin_time), origin.byte, sizeof(origin));
	memcpy(message + offsetof(struct ntp_wire, receive_time), &id, sizeof(id));
	return length;
}

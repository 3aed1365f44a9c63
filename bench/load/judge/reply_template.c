// SPDX-License-Identifier: BSD-3-Clause
#include "judge/reply_template.h"

#include "core/ntp.h"

// The template as bytes while it is being made.
struct draft {
	uint8_t value[REPLY_TEMPLATE_WORDS * 8];
	uint8_t mask[REPLY_TEMPLATE_WORDS * 8];
};

static bool is_turned(enum expect e)
{
	return e == EXPECT_NTP || e == EXPECT_REFLECT;
}

static void bytes_exchange(uint8_t *a, uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t held = a[i];
		a[i] = b[i];
		b[i] = held;
	}
}

static void mask_clear(struct draft *d, size_t at, size_t n)
{
	memset(d->mask + at, 0, n);
}

// What the sender of a reply may choose in the IP header: class, identification, DF, TTL; and the
// checksum, which is summed instead.
static void ip_loosen(struct draft *d, const struct plan_layout *l)
{
	if (l->is_ip6) {
		d->mask[l->ip] = 0xf0;
		mask_clear(d, l->ip + 1u, 3);
		mask_clear(d, l->ip + offsetof(struct ip6_wire, hop_limit), 1);
		return;
	}
	mask_clear(d, l->ip + offsetof(struct ip4_wire, traffic_class), 1);
	mask_clear(d, l->ip + offsetof(struct ip4_wire, id), 2);
	d->mask[l->ip + offsetof(struct ip4_wire, fragment)] = IP4_FRAGMENT >> 8;
	mask_clear(d, l->ip + offsetof(struct ip4_wire, ttl), 1);
	mask_clear(d, l->ip + offsetof(struct ip4_wire, checksum), 2);
}

static void addresses_turn(struct draft *d, const struct plan_layout *l)
{
	size_t size = l->is_ip6 ? sizeof(struct ip6) : sizeof(struct be32);
	uint8_t *source = d->value + l->udp - 2 * size;
	uint8_t *ports = d->value + l->udp;
	bytes_exchange(source, source + size, size);
	bytes_exchange(ports, ports + sizeof(struct be16), sizeof(struct be16));
}

// The message: of an answer the version and mode are fixed, of a reflection all but the timestamp
// by which it is known.
static void message_expect(
	struct draft *d, const struct plan_layout *l, const struct plan_template *t, enum expect e)
{
	if (e != EXPECT_NTP) {
		mask_clear(d, t->id_at, sizeof(struct be64));
		return;
	}
	uint8_t mode = t->is_junk ? 0 : request_kinds[t->kind].reply_mode;
	d->value[l->ntp] = (uint8_t)((d->value[l->ntp] & ~REPLY_TEMPLATE_MODE_MASK) | mode);
	d->mask[l->ntp] = (uint8_t)~REPLY_TEMPLATE_LEAP_MASK;
	mask_clear(d, l->ntp + 1u, sizeof(d->mask) - l->ntp - 1u);
}

static void draft_make(struct draft *d, const struct plan_layout *l, const struct plan_template *t,
	const struct reply_template *r, enum expect e)
{
	size_t length = t->is_junk ? (size_t)(l->ntp + NTP_LENGTH) : t->length;
	memset(d, 0, sizeof(*d));
	memcpy(d->value, t->frame, length);
	memset(d->mask, 0xff, length);
	if (e != EXPECT_IO)
		bytes_exchange(d->value, d->value + sizeof(struct mac), sizeof(struct mac));
	if (is_turned(e))
		addresses_turn(d, l);
	ip_loosen(d, l);
	mask_clear(d, t->udp_sum_at == PLAN_NOWHERE ? l->udp + 6u : t->udp_sum_at, 2);
	mask_clear(d, r->client_at, sizeof(struct be32));
	mask_clear(d, r->port_at, sizeof(struct be16));
	message_expect(d, l, t, e);
}

void reply_template_make(struct reply_template *r, const struct plan_layout *l,
	const struct plan_template *t, enum expect e)
{
	struct draft d;
	bool turned = is_turned(e);
	*r = (struct reply_template){.net = t->net, .is_junk = t->is_junk};
	r->length = (uint16_t)(l->ntp + NTP_LENGTH);
	r->client_at = (uint16_t)(turned ? l->udp - sizeof(struct be32) : t->source_at);
	r->port_at = (uint16_t)(turned ? t->port_at + sizeof(struct be16) : t->port_at);
	draft_make(&d, l, t, r, e);
	memcpy(r->mask, d.mask, sizeof(r->mask));
	memcpy(r->value, d.value, sizeof(r->value));
	for (unsigned i = 0; i < REPLY_TEMPLATE_WORDS; i++) {
		r->value[i] &= r->mask[i];
		if (r->mask[i] != 0)
			r->words = (uint8_t)(i + 1);
	}
}

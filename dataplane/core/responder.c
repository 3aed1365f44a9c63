// SPDX-License-Identifier: BSD-3-Clause
#include "core/responder.h"

#include "core/checksum.h"

// Golden ratio and a large odd number: successive states differ in many bits after one multiply.
#define RANDOM_STEP 0x9e3779b97f4a7c15u
#define RANDOM_MIX  0xd6e8feb86659fd93u

void responder_init(struct responder *r, const struct service *s, uint64_t seed)
{
	*r = (struct responder){.service = *s, .random = seed};
	frame_prepare(&r->service);
}

static enum verdict packet_open(const struct responder *r, struct packet *p)
{
	enum verdict v = frame_open(&r->service, p->data, p->length, p->checksums, &p->frame);
	if (!verdict_is_answer(v))
		return v;
	return ntp_request_read(p->frame.ntp, p->frame.ntp_length, p->frame.source_port);
}

unsigned responder_open(const struct responder *r, struct packet *packets, unsigned n)
{
	unsigned answers = 0;
	for (unsigned i = 0; i < n; i++) {
		struct packet *p = &packets[i];
		if (!p->is_whole)
			continue;
		p->verdict = packet_open(r, p);
		answers += verdict_is_answer(p->verdict);
	}
	return answers;
}

static uint64_t random_next(uint64_t *state)
{
	*state += RANDOM_STEP;
	return (*state ^ *state >> 32) * RANDOM_MIX;
}

// T3 lies after T2 and is not what the client sent, whatever clocks and noise did (rule H7).
static struct ntp_time transmit_after(
	struct ntp_time transmit, struct ntp_time receive, struct ntp_time origin)
{
	if (!ntp_time_before(receive, transmit))
		transmit = ntp_time_add(receive, 1);
	transmit.raw += transmit.raw == origin.raw;
	return transmit;
}

static void packet_answer(struct responder *r, struct packet *p, const struct ntp_answer *a,
	const struct burst_times *t, uint64_t mask)
{
	uint64_t noise = random_next(&r->random);
	const struct ntp_wire *request = (const struct ntp_wire *)p->frame.ntp;
	struct ntp_time origin = {be64_get(request->transmit_time)};
	struct ntp_time receive = p->has_rx_time ? p->rx_time : t->receive;
	receive.raw ^= noise & mask;
	struct ntp_time transmit = {t->transmit.raw ^ (noise >> 32 & mask)};
	transmit = transmit_after(transmit, receive, origin);
	uint64_t sum = ntp_reply_write(p->frame.ntp, p->verdict, a, receive, transmit);
	p->length = (uint16_t)frame_turn(&r->service, p->data, &p->frame, sum);
}

void responder_answer(struct responder *r, struct packet *packets, unsigned n,
	const struct ntp_answer *a, const struct burst_times *t)
{
	struct burst_times next = *t;
	// RFC 5905 section 6 wants the bits below the precision random.
	uint64_t mask = ntp_time_noise_mask(a->precision);
	for (unsigned i = 0; i < n; i++) {
		if (!verdict_is_answer(packets[i].verdict))
			continue;
		packet_answer(r, &packets[i], a, &next, mask);
		next.transmit = ntp_time_add(next.transmit, (int64_t)r->tx_step);
	}
}

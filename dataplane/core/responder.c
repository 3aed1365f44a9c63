// SPDX-License-Identifier: BSD-3-Clause
#include "core/responder.h"

#include "core/checksum.h"
#include "core/frame.h"
#include "core/wire_int.h"

// Golden ratio and a large odd number: successive states differ in many bits after one multiply.
#define RANDOM_STEP 0x9e3779b97f4a7c15u
#define RANDOM_MIX  0xd6e8feb86659fd93u

void responder_init(struct responder *r, const struct service *s, uint64_t seed)
{
	*r = (struct responder){.service = *s, .random = seed};
	fastpath_init(&r->fastpath, &r->service);
}

void responder_give_keys(struct responder *r, const struct keys *keys)
{
	r->auth.keys = keys;
}

void responder_give_key_counters(struct responder *r, struct key_counters *counters)
{
	r->auth.counters = counters;
}

void responder_interleave(struct responder *r, struct interleave *table, unsigned queue)
{
	r->interleave.table = table;
	r->interleave.queue = queue;
}

static enum verdict packet_open(const struct responder *r, struct packet *p)
{
	enum verdict v = frame_open(&r->service, p->data, p->length, p->checksums, &p->frame);
	if (!verdict_is_answer(v))
		return v;
	p->is_ip6 = p->frame.is_ip6;
	p->is_smeared = service_smears(&r->service) && frame_is_smeared(&r->service, &p->frame);
	return ntp_request_read(p->frame.ntp, p->frame.ntp_length, p->frame.source_port);
}

// Judges what the fast path left to the slow path. Returns how many of it are answered.
static unsigned packets_open(struct responder *r, struct packet *packets)
{
	unsigned answers = 0;
	for (unsigned k = 0; k < r->fastpath.left; k++) {
		unsigned i = r->fastpath.left_at[k];
		struct packet *p = &packets[i];
		if (!p->is_whole)
			continue;
		p->verdict = packet_open(r, p);
		if (p->verdict == V_NTP_MAC)
			auth_add(&r->auth, i, p);
		answers += verdict_is_answer(p->verdict);
	}
	if (r->auth.count > 0)
		answers += auth_check(&r->auth, packets);
	return answers;
}

unsigned responder_open(struct responder *r, struct packet *packets, unsigned n)
{
	fastpath_take(&r->fastpath, packets, n);
	if (r->interleave.table != NULL)
		interleave_burst_seek(&r->interleave, &r->fastpath);
	unsigned answers = fastpath_judge(&r->fastpath, packets);
	auth_begin(&r->auth);
	if (r->fastpath.left > 0)
		answers += packets_open(r, packets);
	if (r->interleave.table != NULL)
		interleave_burst_seek_end(&r->interleave, &r->fastpath, packets);
	r->answers = answers;
	return answers;
}

void responder_smear(struct responder *r, const struct clock_view *v, struct cycles now,
	uint64_t extra_dispersion)
{
	smear_prepare((enum smear_kind)r->service.smear, v, &r->smear);
	ntp_answer_smear(v, now, extra_dispersion, &r->smear, &r->smeared);
}

static uint64_t random_next(uint64_t *state)
{
	*state += RANDOM_STEP;
	return (*state ^ *state >> 32) * RANDOM_MIX;
}

// T3 lies after T2 and is not what the client sent, whatever clocks and noise did (rule H7).
static struct ntp_time transmit_after(
	struct ntp_time transmit, struct ntp_time receive, struct ntp_time origin, uint64_t even)
{
	if (!ntp_time_before(receive, transmit))
		transmit.raw = (receive.raw + 1 + even) & ~even;
	if (transmit.raw == origin.raw)
		transmit.raw += 1 + even;
	return transmit;
}

// What fast_noise does for four.
static uint64_t packet_noise(uint64_t x)
{
	x ^= x >> 31;
	x ^= x << 21;
	return x ^ x >> 11;
}

// Writes the 48 bytes. Returns their sum.
static uint64_t packet_write(const struct packet *p, const struct ntp_answer *a,
	const struct fast_answer *c, const struct burst_times *t)
{
	const struct ntp_wire *request = (const struct ntp_wire *)p->frame.ntp;
	uint64_t noise = packet_noise(checksum_load64(request->transmit_time.byte) ^ c->random);
	struct ntp_time origin = {be64_get(request->transmit_time)};
	struct ntp_time receive = {t->receive.raw ^ (noise & c->receive_mask)};
	struct ntp_time transmit = {t->transmit.raw ^ (noise >> 32 & c->transmit_mask)};
	transmit = transmit_after(transmit, receive, origin, c->even);
	return ntp_reply_write(p->frame.ntp, p->verdict, a, receive, transmit);
}

// The reply of interleaved mode: origin is the request's receive time, T3 the earlier reply's (RFC
// 9769 section 2).
static uint64_t packet_write_paired(
	const struct packet *p, const struct ntp_answer *a, const struct burst_times *t)
{
	struct ntp_wire *request = (struct ntp_wire *)p->frame.ntp;
	request->transmit_time = request->receive_time;
	return ntp_reply_write(p->frame.ntp, p->verdict, a, t->receive, t->transmit);
}

static uint64_t packet_write_smeared(const struct responder *r, const struct packet *p,
	const struct fast_answer *c, const struct burst_times *utc)
{
	const struct burst_times t = {
		.receive = {smear_time(&r->smear, utc->receive).raw & ~c->even},
		.transmit = {smear_time(&r->smear, utc->transmit).raw & ~c->even},
	};
	return packet_write(p, &r->smeared, c, &t);
}

// RFC 5905 section 6 wants the bits below the precision random.
static struct fast_answer answer_common(
	struct responder *r, const struct ntp_answer *a, const struct burst_times *t)
{
	uint64_t mask = ntp_time_noise_mask(a->precision);
	return (struct fast_answer){
		.receive = t->receive,
		.transmit = t->transmit,
		.step = r->tx_step,
		.receive_mask = mask,
		.transmit_mask = mask,
		.random = random_next(&r->random),
		.head = checksum_term64(a->head),
		.middle = a->middle,
		.reference = checksum_load64(a->reference_time.byte),
	};
}

// With interleaved mode, marks take the place of T2's noise, and T3's last bit is 0. A burst whose
// time is not known is in basic mode.
static void answer_mark(struct responder *r, const struct ntp_answer *a, struct fast_answer *c)
{
	c->even = 1;
	c->transmit.raw &= ~c->even;
	c->step &= ~c->even;
	c->receive_mask = 0;
	c->transmit_mask &= ~c->even;
	c->receive = interleave_burst_begin(
		&r->interleave, &r->fastpath, c->step, c->receive, a->leap != LEAP_UNKNOWN);
	c->place = r->interleave.is_marking ? 2 : 0;
	c->has_pairs = (r->fastpath.ip4.asked.found | r->fastpath.ip6.asked.found |
			       r->interleave.asked.found) != 0;
}

// Makes the codes, and turns the frames that carry them.
static __attribute__((noinline)) void packets_sign(struct responder *r, struct packet *packets)
{
	auth_sign(&r->auth);
	for (unsigned i = 0; i < r->auth.count; i++) {
		const struct auth_job *j = &r->auth.job[i];
		struct packet *p = &packets[j->packet];
		uint64_t sum = checksum_join(r->auth.sum[j->packet],
			checksum_bytes(p->frame.ntp + NTP_LENGTH, j->code_length));
		p->length = (uint16_t)frame_reply_length(
			&r->service, p->data, &p->frame, NTP_LENGTH + j->code_length, sum);
	}
}

// Writes packet i's reply, and sends it on its way unless it must be signed first.
static void packet_answer(struct responder *r, struct packet *p, unsigned i,
	const struct ntp_answer *a, const struct fast_answer *common)
{
	uint64_t sum;
	if (p->is_smeared)
		sum = packet_write_smeared(r, p, common, &r->times[i]);
	else if (common->has_pairs && interleave_burst_has(&r->interleave, i))
		sum = packet_write_paired(p, a, &r->times[i]);
	else
		sum = packet_write(p, a, common, &r->times[i]);
	if (auth_is_member(&r->auth, i))
		r->auth.sum[i] = sum;
	else
		p->length = (uint16_t)frame_reply(&r->service, p->data, &p->frame, sum);
}

// T2 and T3 of packet i, the burst's k-th answer, whose T3 would be `transmit`.
static struct burst_times packet_times(struct responder *r, const struct packet *p, unsigned i,
	unsigned k, const struct fast_answer *common)
{
	struct burst_times t = {
		.receive = p->has_rx_time ? p->rx_time : common->receive,
		.transmit = {common->transmit.raw + k * common->step},
	};
	if (r->interleave.table == NULL)
		return t;
	t.receive = interleave_burst_receive(&r->interleave, p, k, common->receive);
	if (p->way == PATH_SLOW && interleave_burst_has(&r->interleave, i))
		t.transmit.raw = r->interleave.asked.transmit[i];
	return t;
}

// Gives each answer its times, in the order of the burst, and writes those that take the slow path.
static void packets_answer(struct responder *r, struct packet *packets, unsigned n,
	const struct ntp_answer *a, const struct fast_answer *common)
{
	unsigned k = 0;
	for (unsigned i = 0; i < n; i++) {
		struct packet *p = &packets[i];
		if (!verdict_is_answer(p->verdict))
			continue;
		r->times[i] = packet_times(r, p, i, k++, common);
		if (p->way == PATH_SLOW)
			packet_answer(r, p, i, a, common);
	}
	fastpath_time(&r->fastpath, r->times);
}

void responder_answer(struct responder *r, struct packet *packets, unsigned n,
	const struct ntp_answer *a, const struct burst_times *t)
{
	struct fast_answer common = answer_common(r, a, t);
	common.has_times = !fastpath_are_all(&r->fastpath, n);
	if (r->interleave.table != NULL) {
		answer_mark(r, a, &common);
		common.has_times =
			common.has_times || !interleave_burst_take_all(&r->interleave, n);
	}
	if (common.has_times)
		packets_answer(r, packets, n, a, &common);
	fastpath_answer(&r->fastpath, &common);
	if (r->auth.count > 0)
		packets_sign(r, packets);
}

// Takes the last answers of a burst back.
static void answers_refuse(struct packet *packets, unsigned n, unsigned refused)
{
	for (unsigned i = n; refused > 0; i--) {
		struct packet *p = &packets[i - 1];
		if (!verdict_is_answer(p->verdict))
			continue;
		p->verdict = V_TX_FULL;
		refused--;
	}
}

// Of the replies that were sent. A burst that took the fast path as a whole need not be looked at.
static unsigned ip6_count(
	const struct responder *r, const struct packet *packets, unsigned n, unsigned sent)
{
	unsigned count = 0;
	if (sent == n && r->fastpath.stay == n)
		return r->fastpath.ip6.n;
	for (unsigned i = 0; i < n; i++)
		count += packets[i].is_ip6 & verdict_is_answer(packets[i].verdict);
	return count;
}

struct burst_sent responder_sent(struct responder *r, struct packet *packets, unsigned n,
	unsigned sent, const struct ntp_time *left)
{
	bool is_all = sent == r->answers;
	if (!is_all)
		answers_refuse(packets, n, r->answers - sent);
	struct burst_sent s = {
		.replies = sent,
		.ip6 = ip6_count(r, packets, n, sent),
		.codes = r->auth.count,
	};
	if (!responder_is_interleaved(r))
		return s;
	if (left != NULL)
		interleave_burst_sent(&r->interleave, sent, *left);
	struct interleave_burst_tally t =
		interleave_burst_count(&r->interleave, &r->fastpath, packets, is_all);
	s.interleaved = t.told;
	s.missed = t.missed;
	return s;
}

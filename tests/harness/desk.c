// SPDX-License-Identifier: BSD-3-Clause
#include "harness/desk.h"

#include <string.h>

#include "harness/reply_check.h"
#include "harness/table.h"

#define SEED 0x6e7470

static void fill_service(struct service *s)
{
	static const struct mac mac = {{0x02, 0, 0, 0, 0, 0x01}};
	static const struct be32 ip4[2] = {{{10, 123, 0, 1}}, {{10, 200, 0, 4}}};
	static const struct ip6 ip6[2] = {
		{{0xfd, 0, 0x01, 0x23, [15] = 1}}, {{0xfd, 0, 0x01, 0x23, [15] = 0x53}}};
	service_init(s, mac);
	assert_true(service_add_ip4(s, ip4[0], 24));
	assert_true(service_add_ip4(s, ip4[1], 31));
	assert_true(service_add_ip6(s, ip6[0]));
	assert_true(service_add_ip6(s, ip6[1]));
}

// A counter of 2.5 GHz, last set one second before the line's reference, ten ms ago.
static void fill_clock(struct desk *d)
{
	struct ntp_time ref = {0xeb9a5f0012345678u};
	d->view = (struct clock_view){
		.ref_cycles = {1000000000000u},
		.ref_time = ref,
		.mult = 483571800516550u, // 2^80 / 2.5e9
		.reference_time = ntp_time_add(ref, -(1ll << 32)),
		.root_dispersion = 1u << 20,
		.dispersion_rate = 64425,
		.valid_cycles = {750000000000u},
		.root_delay = 0x0123,
		.reference_id = 0xc0000201,
		.leap = LEAP_NONE,
		.stratum = 2,
		.precision = -20,
	};
	d->now = (struct cycles){1000000000000u + 25000000};
	d->times.receive = clock_view_time(&d->view, d->now);
	d->times.transmit = ntp_time_add(d->times.receive, 30000);
}

void desk_open(struct desk *d)
{
	memset(d, 0, sizeof(*d));
	fill_service(&d->service);
	fill_clock(d);
	guard_make(&d->guard, FRAME_ROOM);
	desk_arrange(d);
}

void desk_arrange(struct desk *d)
{
	static const struct service nothing;
	ntp_answer_prepare(&d->view, d->now, d->extra_dispersion, &d->answer);
	responder_init(&d->fast_path, &d->service, SEED);
	responder_init(&d->slow_path, &d->service, SEED);
	fastpath_init(&d->slow_path.fastpath, &nothing);
}

void desk_close(struct desk *d)
{
	guard_free(&d->guard);
}

// the fast path finishes the checksums itself, whatever the port could do: checked, and replaced by
// what it would have left to the port, so that both ways' replies can be compared.
static void leave_sums_to_the_port(const struct desk *d, struct packet *p)
{
	static struct desk finished;
	uint8_t want[FRAME_ROOM];
	const uint8_t *ntp = p->data + p->length - NTP_LENGTH;
	uint64_t receive = reply_u64(ntp + 32);
	uint64_t transmit = reply_u64(ntp + 40);
	finished = *d;
	finished.service.offload = false;
	assert_int_equal(reply_expect(&finished, receive, transmit, want), p->length);
	assert_int_equal(memcmp(p->data, want, p->length), 0);
	memcpy(p->data, want, reply_expect(d, receive, transmit, want));
}

// One of the four times. The random state is not kept, so that all four draw the same.
static struct packet ask(const struct desk *d, const struct responder *how, uint8_t *data)
{
	static struct responder r;
	r = *how;
	struct packet p = {
		.data = data,
		.length = (uint16_t)d->request_length,
		.checksums = d->port_says,
		.is_whole = true,
		.has_rx_time = d->has_rx_time,
		.rx_time = d->rx_time,
		.verdict = VERDICT_COUNT,
	};
	unsigned answers = responder_open(&r, &p, 1);
	assert_in_range(p.verdict, 0, VERDICT_COUNT - 1);
	assert_int_equal(answers, verdict_is_answer(p.verdict));
	assert_int_equal(memcmp(data, d->request, d->request_length), 0);
	responder_answer(&r, &p, 1, &d->answer, &d->times);
	if (p.way == PATH_FAST && d->service.offload)
		leave_sums_to_the_port(d, &p);
	guard_check(&d->guard);
	return p;
}

static void check_outcome(const struct desk *d, const struct packet *p)
{
	if (verdict_is_answer(p->verdict)) {
		assert_in_range(p->length, 1, d->request_length);
		return;
	}
	assert_int_equal(p->length, d->request_length);
	assert_int_equal(memcmp(p->data, d->request, d->request_length), 0);
}

static void keep(struct desk *d, const struct packet *p)
{
	d->reply_length = verdict_is_answer(p->verdict) ? p->length : 0;
	memcpy(d->reply, p->data, d->reply_length);
}

static void agree(const struct desk *d, enum verdict first, const struct packet *p)
{
	check_outcome(d, p);
	assert_int_equal(p->verdict, first);
	if (d->reply_length > 0) {
		assert_int_equal(p->length, d->reply_length);
		assert_int_equal(memcmp(p->data, d->reply, d->reply_length), 0);
	}
}

enum verdict desk_ask(struct desk *d, const uint8_t *frame, size_t length)
{
	assert_true(length <= sizeof(d->request));
	memmove(d->request, frame, length);
	d->request_length = length;
	uint8_t *at = guard_place_end(&d->guard, d->request, length);
	struct packet first = ask(d, &d->fast_path, at);
	check_outcome(d, &first);
	keep(d, &first);
	at = guard_place_begin(&d->guard, d->request, length);
	struct packet p = ask(d, &d->fast_path, at);
	agree(d, first.verdict, &p);
	at = guard_place_end(&d->guard, d->request, length);
	p = ask(d, &d->slow_path, at);
	agree(d, first.verdict, &p);
	d->frame = p.frame;
	at = guard_place_begin(&d->guard, d->request, length);
	p = ask(d, &d->slow_path, at);
	agree(d, first.verdict, &p);
	return first.verdict;
}

enum verdict desk_ask_spec(struct desk *d, const struct frame_spec *s)
{
	uint8_t frame[FRAME_ROOM];
	size_t length = frame_build(s, frame);
	return desk_ask(d, frame, length);
}

const uint8_t *desk_reply_ntp(const struct desk *d)
{
	return d->reply_length == 0 ? NULL : d->reply + reply_ntp_offset(d->reply);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "request.h"

#include <string.h>

#include "core/responder.h"
#include "harness/table.h"

// What must be found in a reply when this byte of it is changed.
struct spoiled {
	const char *name;
	size_t offset;
	bool by_sums_only; // no comparison knows of it: the checksums do
};

static const struct spoiled spoiled[] = {
	{"destination_mac", 0, false},
	{"source_mac", 6, false},
	{"ip_length", 17, true},
	{"ip_checksum", 24, true},
	{"source_address", 29, false},
	{"destination_address", 33, false},
	{"source_port", 35, false},
	{"destination_port", 36, false},
	{"udp_length", 39, true},
	{"udp_checksum", 40, true},
	{"mode", 42, false},
	{"reference_id", 54, true},
	{"origin_time", 66, false},
	{"origin_time_end", 73, false},
};

static struct service service;

// Answers `frame` in place as a worker would, with a T3 so much later than T2.
static size_t answer(uint8_t *frame, int64_t later)
{
	static const struct mac mac = {REQUEST_SERVER_MAC};
	static const struct be32 address = {REQUEST_SERVER_IP4};
	const struct clock_view view = {
		.mult = 1, .valid_cycles = {1000}, .stratum = 2, .precision = -32};
	struct ntp_answer a;
	const struct burst_times t = {
		.receive = {1ull << 40}, .transmit = {(1ull << 40) + (uint64_t)later}};
	static struct responder r;
	struct packet p = {.data = frame, .length = REQUEST_LENGTH, .is_whole = true};
	ntp_answer_prepare(&view, (struct cycles){1}, 0, &a);
	service_init(&service, mac);
	assert_true(service_add_ip4(&service, address, 24));
	responder_init(&r, &service, 1);
	assert_int_equal(responder_open(&r, &p, 1), 1);
	responder_answer(&r, &p, 1, &a, &t);
	return p.length;
}

static void every_request_is_answered_and_fits_no_other(void **state)
{
	uint8_t request[REQUEST_ROOM];
	uint8_t other[REQUEST_ROOM];
	uint8_t frame[REQUEST_ROOM];
	(void)state;
	for (unsigned n = 0; n < 65534; n += 257) {
		request_make(n, request);
		request_make((n + 1) % 65534, other);
		memcpy(frame, request, sizeof(frame));
		assert_true(request_reply_sums(request));
		assert_false(request_reply_fits(request, frame, REQUEST_LENGTH));
		size_t length = answer(frame, 1000);
		assert_true(request_reply_fits(request, frame, length));
		assert_true(request_reply_sums(frame));
		assert_false(request_reply_fits(other, frame, length));
	}
}

static void a_spoiled_byte_is_found(void **state)
{
	const struct spoiled *s = *state;
	uint8_t request[REQUEST_ROOM];
	uint8_t frame[REQUEST_ROOM];
	request_make(7, request);
	memcpy(frame, request, sizeof(frame));
	size_t length = answer(frame, 1000);
	frame[s->offset] ^= 1;
	assert_int_equal(request_reply_fits(request, frame, length), s->by_sums_only);
	if (s->offset >= 14)
		assert_false(request_reply_sums(frame));
}

static void a_reply_of_another_length_or_stratum_0_does_not_fit(void **state)
{
	uint8_t request[REQUEST_ROOM];
	uint8_t frame[REQUEST_ROOM];
	(void)state;
	request_make(7, request);
	memcpy(frame, request, sizeof(frame));
	size_t length = answer(frame, 1000);
	assert_false(request_reply_fits(request, frame, length - 1));
	assert_false(request_reply_fits(request, frame, length + 4));
	frame[43] = 0;
	assert_false(request_reply_fits(request, frame, length));
}

static void t3_before_t2_does_not_fit(void **state)
{
	uint8_t request[REQUEST_ROOM];
	uint8_t frame[REQUEST_ROOM];
	uint8_t held[8];
	(void)state;
	request_make(7, request);
	memcpy(frame, request, sizeof(frame));
	size_t length = answer(frame, 1000);
	memcpy(held, frame + 74, 8);
	memcpy(frame + 74, frame + 82, 8);
	memcpy(frame + 82, held, 8);
	assert_true(request_reply_sums(frame));
	assert_false(request_reply_fits(request, frame, length));
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, every_request_is_answered_and_fits_no_other);
	for (size_t i = 0; i < TABLE_LENGTH(spoiled); i++)
		table_add(&t, spoiled[i].name, a_spoiled_byte_is_found, &spoiled[i]);
	TABLE_ADD(&t, a_reply_of_another_length_or_stratum_0_does_not_fit);
	TABLE_ADD(&t, t3_before_t2_does_not_fit);
	return table_run("scaling_request", &t);
}

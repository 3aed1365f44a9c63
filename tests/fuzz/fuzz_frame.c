// SPDX-License-Identifier: BSD-3-Clause
// Reaches: responder_open auth_add auth_check auth_sign frame_open layout_walk ntp_request_read
// responder_answer frame_reply A whole frame through the responder. The first two bytes are what
// the port said about checksums.
#include <string.h>

#include "core/responder.h"
#include "fuzz.h"
#include "fuzz_keys.h"

static const struct mac server_mac = {{0x02, 0, 0, 0, 0, 1}};
static const struct be32 server_ip4 = {{10, 123, 0, 1}};
static const struct ip6 server_ip6 = {{0xfd, 0, 0x01, 0x23, [15] = 1}};

static void make_responder(struct responder *r)
{
	static struct key_counters counters;
	struct service s;
	service_init(&s, server_mac);
	service_add_ip4(&s, server_ip4, 24);
	service_add_ip6(&s, server_ip6);
	responder_init(r, &s, 1);
	r->auth.keys = fuzz_keys();
	r->auth.counters = &counters;
}

static uint64_t time_at(const uint8_t *at)
{
	struct be64 wire;
	memcpy(wire.byte, at, sizeof(wire));
	return be64_get(wire);
}

// A reply is not longer than its request, its times are in order, and nobody answers it.
static void reply_judge(struct responder *r, struct packet *p, size_t length)
{
	const uint8_t *ntp = p->data + p->length - NTP_LENGTH;
	if (p->way == PATH_SLOW)
		ntp = p->frame.ntp;
	promise(p->length <= length);
	promise((int64_t)(time_at(ntp + 40) - time_at(ntp + 32)) > 0);
	promise(responder_open(r, p, 1) == 0);
	promise(!verdict_is_answer(ntp_request_read(ntp, NTP_LENGTH, 1024)));
}

static void frame_judge(const uint8_t *bytes, size_t length, struct checksum_report says)
{
	static const struct ntp_answer answer = {.stratum = 1, .precision = -26};
	const struct burst_times times = {{length << 32}, {(length << 32) + 9}};
	static struct responder r;
	make_responder(&r);
	uint8_t *data = malloc(length);
	promise(data != NULL || length == 0);
	if (length > 0)
		memcpy(data, bytes, length);
	struct packet p = {
		.data = data, .length = (uint16_t)length, .checksums = says, .is_whole = true};
	if (responder_open(&r, &p, 1) == 1) {
		responder_answer(&r, &p, 1, &answer, &times);
		reply_judge(&r, &p, length);
	} else {
		responder_answer(&r, &p, 1, &answer, &times);
		promise(length == 0 || memcmp(data, bytes, length) == 0);
	}
	free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length < 2 || length > 9002)
		return 0;
	struct checksum_report says = {bytes[0] & 3, bytes[1] & 3};
	frame_judge(bytes + 2, length - 2, says);
	return 0;
}

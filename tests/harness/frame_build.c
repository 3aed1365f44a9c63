// SPDX-License-Identifier: BSD-3-Clause
#include "harness/frame_build.h"

#include <assert.h>
#include <string.h>

#include "harness/slow_checksum.h"

static const struct frame_spec common = {
	.destination = {0x02, 0, 0, 0, 0, 0x01},
	.source = {0x02, 0, 0, 0, 0, 0x02},
	.ether_type = FRAME_AUTO,
	.ttl = 57,
	.protocol = 17,
	.ip_length = FRAME_AUTO,
	.source_port = 40123,
	.destination_port = 123,
	.udp_length = FRAME_AUTO,
	.cut = FRAME_AUTO,
};

void frame_spec_ip4(struct frame_spec *s)
{
	static const uint8_t source[4] = {10, 123, 0, 2};
	static const uint8_t destination[4] = {10, 123, 0, 1};
	*s = common;
	s->version = 4;
	s->ihl = 5;
	s->id = 0x1234;
	memcpy(s->ip_source, source, sizeof(source));
	memcpy(s->ip_destination, destination, sizeof(destination));
	frame_spec_ntp(s, 4, 3, 48);
}

void frame_spec_ip6(struct frame_spec *s)
{
	static const uint8_t source[16] = {0xfd, 0, 0x01, 0x23, [15] = 2};
	static const uint8_t destination[16] = {0xfd, 0, 0x01, 0x23, [15] = 1};
	*s = common;
	s->is_ip6 = true;
	s->version = 6;
	memcpy(s->ip_source, source, sizeof(source));
	memcpy(s->ip_destination, destination, sizeof(destination));
	frame_spec_ntp(s, 4, 3, 48);
}

void frame_spec_ntp(struct frame_spec *s, unsigned version, unsigned mode, size_t length)
{
	assert(length <= FRAME_PAYLOAD);
	memset(s->payload, 0, sizeof(s->payload));
	for (size_t i = 1; i < 48; i++)
		s->payload[i] = (uint8_t)(0x11 + 5 * i);
	s->payload[0] = (uint8_t)(version << 3 | mode);
	s->payload[2] = 6;
	if (length < 48)
		memset(s->payload + length, 0, 48 - length);
	s->payload_length = length;
}

void frame_spec_extension(struct frame_spec *s, uint16_t type, uint16_t length)
{
	size_t body = length < 4 ? 4 : length;
	assert(s->payload_length + body <= FRAME_PAYLOAD);
	uint8_t *at = s->payload + s->payload_length;
	for (size_t i = 4; i < body; i++)
		at[i] = (uint8_t)(0x80 | i);
	at[0] = (uint8_t)(type >> 8);
	at[1] = (uint8_t)type;
	at[2] = (uint8_t)(length >> 8);
	at[3] = (uint8_t)length;
	s->payload_length += body;
}

void frame_spec_append(struct frame_spec *s, uint8_t value, size_t n)
{
	assert(s->payload_length + n <= FRAME_PAYLOAD);
	memset(s->payload + s->payload_length, value, n);
	s->payload_length += n;
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] * 256 + p[1]);
}

static uint8_t *put16(uint8_t *at, unsigned n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
	return at + 2;
}

static uint8_t *put(uint8_t *at, const uint8_t *bytes, size_t n)
{
	memcpy(at, bytes, n);
	return at + n;
}

static size_t udp_bytes(const struct frame_spec *s)
{
	return 8 + s->payload_length;
}

static unsigned udp_length(const struct frame_spec *s)
{
	return s->udp_length == FRAME_AUTO ? (unsigned)udp_bytes(s) : (unsigned)s->udp_length;
}

// A field for the sum over everything else.
static uint16_t sum_field(enum sum_kind kind, uint16_t sum)
{
	uint16_t right = (uint16_t)~sum;
	switch (kind) {
	case SUM_ZERO:
		return 0;
	case SUM_ONES:
		return 0xffff;
	case SUM_WRONG:
		// Neither the right field nor its other zero, and not "none".
		right ^= 0x0100;
		return right == 0 || right == 0xffff ? 0x1235 : right;
	case SUM_RIGHT:
	case SUM_PSEUDO:
	case SUM_KINDS:
		break;
	}
	return right;
}

static uint8_t *put_ether(uint8_t *at, const struct frame_spec *s)
{
	at = put(at, s->destination, 6);
	at = put(at, s->source, 6);
	for (unsigned i = 0; i < s->vlan_count; i++) {
		at = put16(at, s->vlan_type[i]);
		at = put16(at, s->vlan_tag[i]);
	}
	unsigned type = s->is_ip6 ? 0x86dd : 0x0800;
	return put16(at, s->ether_type == FRAME_AUTO ? type : (unsigned)s->ether_type);
}

static uint8_t *put_ip4(uint8_t *at, const struct frame_spec *s)
{
	uint8_t *header = at;
	size_t header_length = 20 + s->extra_length;
	unsigned total = (unsigned)(header_length + udp_bytes(s));
	*at++ = (uint8_t)(s->version << 4 | s->ihl);
	*at++ = s->traffic_class;
	at = put16(at, s->ip_length == FRAME_AUTO ? total : (unsigned)s->ip_length);
	at = put16(at, s->id);
	at = put16(at, s->fragment);
	*at++ = s->ttl;
	*at++ = s->protocol;
	at = put16(at, 0);
	at = put(at, s->ip_source, 4);
	at = put(at, s->ip_destination, 4);
	at = put(at, s->extra, s->extra_length);
	put16(header + 10, sum_field(s->ip_sum, slow_sum(0, header, header_length)));
	return at;
}

static uint8_t *put_ip6(uint8_t *at, const struct frame_spec *s)
{
	unsigned payload = (unsigned)(s->extra_length + udp_bytes(s));
	at = put16(at, s->version << 12 | (unsigned)s->traffic_class << 4 | s->flow >> 16);
	at = put16(at, s->flow & 0xffff);
	at = put16(at, s->ip_length == FRAME_AUTO ? payload : (unsigned)s->ip_length);
	*at++ = s->protocol;
	*at++ = s->ttl;
	at = put(at, s->ip_source, 16);
	at = put(at, s->ip_destination, 16);
	return put(at, s->extra, s->extra_length);
}

static uint16_t pseudo_sum(const struct frame_spec *s)
{
	return slow_pseudo_sum(s->is_ip6, s->ip_source, s->ip_destination, udp_length(s));
}

static uint8_t *put_udp(uint8_t *at, const struct frame_spec *s)
{
	uint8_t *header = at;
	at = put16(at, s->source_port);
	at = put16(at, s->destination_port);
	at = put16(at, udp_length(s));
	at = put16(at, 0);
	at = put(at, s->payload, s->payload_length);
	// A length that lies is still what sender and receiver sum over, as far as there are bytes.
	size_t summed = udp_length(s) < udp_bytes(s) ? udp_length(s) : udp_bytes(s);
	uint16_t sum = slow_sum(pseudo_sum(s), header, summed < 8 ? 8 : summed);
	uint16_t field = sum_field(s->udp_sum, sum);
	if (s->udp_sum == SUM_RIGHT && field == 0)
		field = 0xffff;
	if (s->udp_sum == SUM_PSEUDO)
		field = pseudo_sum(s);
	put16(header + 6, field);
	return at;
}

void frame_spec_tune_zero_sum(struct frame_spec *s)
{
	uint8_t frame[FRAME_ROOM];
	uint8_t *last = s->payload + s->payload_length - 2;
	put16(last, 0);
	s->udp_sum = SUM_RIGHT;
	frame_build(s, frame);
	// The right field for zeros there is what makes the sum all ones when it stands there.
	put16(last, get16(frame + frame_ntp_offset(s) - 2));
}

size_t frame_build(const struct frame_spec *s, uint8_t to[static FRAME_ROOM])
{
	uint8_t *at = put_ether(to, s);
	at = s->is_ip6 ? put_ip6(at, s) : put_ip4(at, s);
	at = put_udp(at, s);
	memset(at, 0xee, s->padding);
	size_t length = (size_t)(at - to) + s->padding;
	assert(length <= FRAME_ROOM);
	return s->cut == FRAME_AUTO ? length : (size_t)s->cut;
}

size_t frame_ip_offset(const struct frame_spec *s)
{
	return 14 + 4 * s->vlan_count;
}

size_t frame_ntp_offset(const struct frame_spec *s)
{
	return frame_ip_offset(s) + (s->is_ip6 ? 40 : 20) + s->extra_length + 8;
}

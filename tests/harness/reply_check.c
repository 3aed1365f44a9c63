// SPDX-License-Identifier: BSD-3-Clause
#include "harness/reply_check.h"

#include <string.h>

#include "harness/slow_checksum.h"
#include "harness/table.h"

uint64_t reply_u64(const uint8_t *p)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < 8; i++)
		n = n << 8 | p[i];
	return n;
}

static void put64(uint8_t *at, uint64_t n)
{
	for (unsigned i = 0; i < 8; i++)
		at[i] = (uint8_t)(n >> (56 - 8 * i));
}

static void put16(uint8_t *at, unsigned n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

// Bytes in front of the IP header.
static size_t ether_length(const uint8_t *frame)
{
	size_t length = 14;
	while ((frame[length - 2] == 0x81 && frame[length - 1] == 0x00) ||
		(frame[length - 2] == 0x88 && frame[length - 1] == 0xa8))
		length += 4;
	return length;
}

size_t reply_ntp_offset(const uint8_t *frame)
{
	size_t ether = ether_length(frame);
	size_t ip = frame[ether] >> 4 == 6 ? 40 : 4 * (size_t)(frame[ether] & 15);
	return ether + ip + 8;
}

static void expect_ether(const struct desk *d, uint8_t *to, size_t length)
{
	memcpy(to, d->request, length);
	memcpy(to, d->service.has_gateway ? d->service.gateway.byte : d->request + 6, 6);
	memcpy(to + 6, d->request, 6);
}

static void expect_ip4(const struct desk *d, const uint8_t *in, uint8_t *ip)
{
	static const uint8_t begin[8] = {0x45, 0, 0, 76, 0, 0, 0x40, 0};
	memcpy(ip, begin, sizeof(begin));
	ip[1] = d->service.traffic_class;
	ip[8] = d->service.ttl;
	ip[9] = 17;
	put16(ip + 10, 0);
	memcpy(ip + 12, in + 16, 4);
	memcpy(ip + 16, in + 12, 4);
	if (!d->service.offload)
		put16(ip + 10, (uint16_t)~slow_sum(0, ip, 20));
}

static void expect_ip6(const struct desk *d, const uint8_t *in, uint8_t *ip)
{
	static const uint8_t begin[8] = {0x60, 0, 0, 0, 0, 56, 17, 0};
	memcpy(ip, begin, sizeof(begin));
	put16(ip, 0x6000u | (unsigned)d->service.traffic_class << 4);
	ip[7] = d->service.ttl;
	memcpy(ip + 8, in + 24, 16);
	memcpy(ip + 24, in + 8, 16);
}

static void expect_ntp(const struct desk *d, const uint8_t *in, uint8_t *ntp)
{
	const struct ntp_answer *a = &d->answer;
	unsigned mode = (in[0] & 7) == 1 ? 2 : 4;
	ntp[0] = (uint8_t)((unsigned)a->leap << 6 | (in[0] & 0x38u) | mode);
	ntp[1] = a->stratum;
	ntp[2] = in[2];
	ntp[3] = (uint8_t)a->precision;
	memcpy(ntp + 4, a->root_delay.byte, 4);
	memcpy(ntp + 8, a->root_dispersion.byte, 4);
	memcpy(ntp + 12, a->reference_id.byte, 4);
	memcpy(ntp + 16, a->reference_time.byte, 8);
	memcpy(ntp + 24, in + 40, 8);
}

static void expect_udp(const struct desk *d, const uint8_t *in, uint8_t *udp, uint16_t pseudo)
{
	memcpy(udp, in + 2, 2);
	memcpy(udp + 2, in, 2);
	put16(udp + 4, 56);
	put16(udp + 6, 0);
	uint16_t field = (uint16_t)~slow_sum(pseudo, udp, 56);
	if (field == 0)
		field = 0xffff;
	put16(udp + 6, d->service.offload ? pseudo : field);
}

size_t reply_expect(
	const struct desk *d, uint64_t receive, uint64_t transmit, uint8_t to[static FRAME_ROOM])
{
	size_t ether = ether_length(d->request);
	int is_ip6 = d->request[ether] >> 4 == 6;
	size_t ip = is_ip6 ? 40 : 20;
	const uint8_t *in = d->request + ether;
	uint8_t *out = to + ether;
	expect_ether(d, to, ether);
	if (is_ip6)
		expect_ip6(d, in, out);
	else
		expect_ip4(d, in, out);
	expect_ntp(d, in + ip + 8, out + ip + 8);
	put64(out + ip + 40, receive);
	put64(out + ip + 48, transmit);
	const uint8_t *source = is_ip6 ? out + 8 : out + 12;
	const uint8_t *destination = is_ip6 ? out + 24 : out + 16;
	expect_udp(d, in + ip, out + ip, slow_pseudo_sum(is_ip6, source, destination, 56));
	return ether + ip + 56;
}

// a and b differ in bits below the precision only.
static void check_near(uint64_t a, uint64_t b, int8_t precision)
{
	int noise = 32 + precision;
	assert_int_equal(a >> noise, b >> noise);
}

void reply_check(const struct desk *d)
{
	uint8_t want[FRAME_ROOM];
	assert_true(d->reply_length >= 90);
	const uint8_t *ntp = desk_reply_ntp(d);
	uint64_t origin = reply_u64(ntp + 24);
	uint64_t receive = reply_u64(ntp + 32);
	uint64_t transmit = reply_u64(ntp + 40);
	size_t length = reply_expect(d, receive, transmit, want);
	assert_int_equal(d->reply_length, length);
	assert_memory_equal(d->reply, want, length);
	uint64_t stamp = d->has_rx_time ? d->rx_time.raw : d->times.receive.raw;
	check_near(receive, stamp, d->view.precision);
	assert_true((int64_t)(transmit - receive) > 0);
	assert_true(transmit != origin);
	if (transmit - receive > 3)
		check_near(transmit - (transmit - 1 == origin), d->times.transmit.raw,
			d->view.precision);
}

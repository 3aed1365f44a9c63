// SPDX-License-Identifier: BSD-3-Clause
#include "frames.h"

#include <string.h>

#include "core/checksum.h"
#include "traffic/plan.h"

static const struct mac server_mac = {{0x02, 0, 0, 0, 0, 1}};
static const struct mac client_mac = {{0x02, 0, 0, 0, 0, 2}};
static const struct be32 server_ip4 = {{10, 123, 0, 1}};
static const struct ip6 server_ip6 = {{0xfd, 0, 0x01, 0x23, [15] = 1}};

static uint8_t pristine[FRAMES][PLAN_FRAME_ROOM];
static alignas(64) uint8_t working[FRAMES * FRAME_STRIDE];
static uint16_t length[FRAMES];

const struct service *frames_service(void)
{
	static struct service s;
	service_init(&s, server_mac);
	service_add_ip4(&s, server_ip4, 24);
	service_add_ip6(&s, server_ip6);
	return &s;
}

static uint8_t *put(uint8_t *at, const void *bytes, size_t n)
{
	memcpy(at, bytes, n);
	return at + n;
}

static uint8_t *put16(uint8_t *at, unsigned n)
{
	struct be16 wire = be16_put((uint16_t)n);
	return put(at, wire.byte, sizeof(wire));
}

static uint8_t *put_ether(uint8_t *at, enum frames_kind kind)
{
	at = put(at, server_mac.byte, sizeof(server_mac));
	at = put(at, client_mac.byte, sizeof(client_mac));
	if (kind == FRAMES_VLAN) {
		at = put16(at, 0x8100);
		at = put16(at, 5);
	}
	if (kind == FRAMES_ARP)
		return put16(at, 0x0806);
	return put16(at, kind == FRAMES_IP6 ? 0x86dd : 0x0800);
}

// Returns the sum of the pseudo-header's addresses through ret_sum.
static uint8_t *put_ip4(uint8_t *at, unsigned client, enum frames_kind kind, uint64_t *ret_sum)
{
	static const uint8_t begin[12] = {0x45, 0, 0, 76, 0, 0, 0x40, 0, 64, 17};
	uint8_t source[4] = {10, 200, (uint8_t)(client >> 8), (uint8_t)client};
	uint8_t *ip = at;
	at = put(at, begin, sizeof(begin));
	at = put(at, source, sizeof(source));
	at = put(at, server_ip4.byte, sizeof(server_ip4));
	if (kind == FRAMES_NOT_OURS)
		at[-1] = 99;
	struct be16 sum = checksum_field(checksum_bytes(ip, 20));
	put(ip + 10, sum.byte, sizeof(sum));
	*ret_sum = checksum_bytes(ip + 12, 8);
	return at;
}

static uint8_t *put_ip6(uint8_t *at, unsigned client, uint64_t *ret_sum)
{
	static const uint8_t begin[8] = {0x60, 0, 0, 0, 0, 56, 17, 64};
	uint8_t source[16] = {0xfd, 0, 0x02, [14] = (uint8_t)(client >> 8), [15] = (uint8_t)client};
	at = put(at, begin, sizeof(begin));
	at = put(at, source, sizeof(source));
	at = put(at, server_ip6.byte, sizeof(server_ip6));
	*ret_sum = checksum_bytes(at - 32, 32);
	return at;
}

static uint8_t *put_udp_ntp(uint8_t *at, unsigned client, enum frames_kind kind, uint64_t sum)
{
	uint8_t *udp = at;
	at = put16(at, 40000 + client % 20000);
	at = put16(at, NTP_PORT);
	at = put16(at, 56);
	at = put16(at, 0);
	memset(at, 0, NTP_LENGTH);
	at[0] = kind == FRAMES_MODE6 ? 0x26 : 0x23;
	at[2] = 6;
	put16(at + 40, client * 7 + 1);
	put16(at + 46, client);
	sum = checksum_join(sum, checksum_term16(17) + checksum_term16(56));
	struct be16 field = checksum_field_udp(checksum_join(sum, checksum_bytes(udp, 56)));
	put(udp + 6, field.byte, sizeof(field));
	udp[7] ^= kind == FRAMES_BAD_CHECKSUM;
	return at + NTP_LENGTH;
}

static struct profile junk_profile(void)
{
	struct profile d = {.source = client_mac,
		.destination = server_mac,
		.ip4 = {.is_used = true,
			.server = {10, 123, 0, 1},
			.net = {10, 200},
			.net_bits = 16},
		.clients = FRAMES,
		.weight[REQUEST_V4] = 1,
		.junk_percent = 99};
	memset(d.junk, true, sizeof(d.junk));
	return d;
}

// A processor that knows the order foresees what becomes of each.
static void junk_build(void)
{
	static struct plan plan;
	static uint64_t random = 1;
	struct profile profile = junk_profile();
	if (plan.clients == 0)
		plan_make(&profile, 1, &plan);
	for (unsigned i = 0; i < FRAMES;) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		uint64_t sequence = random >> 40;
		if (plan_template_of(&plan, sequence)->is_junk) {
			length[i] = plan_write(&plan, sequence, i, pristine[i]);
			i++;
		}
	}
}

void frames_build(enum frames_kind kind)
{
	static int built = -1;
	if (kind == FRAMES_JUNK)
		junk_build();
	for (unsigned i = 0; i < FRAMES && built != (int)kind && kind != FRAMES_JUNK; i++) {
		uint64_t sum;
		uint8_t *at = put_ether(pristine[i], kind);
		at = kind == FRAMES_IP6 ? put_ip6(at, i, &sum) : put_ip4(at, i, kind, &sum);
		at = put_udp_ntp(at, i, kind, sum);
		length[i] = (uint16_t)(at - pristine[i]);
	}
	built = (int)kind;
}

void frames_restore(void)
{
	for (unsigned i = 0; i < FRAMES; i++)
		memcpy(frames_at(i), pristine[i], length[i]);
}

void frames_load(struct packet *packets, unsigned first)
{
	for (unsigned i = 0; i < FRAMES_BURST; i++) {
		packets[i].data = frames_at(first + i);
		packets[i].length = length[first + i];
		packets[i].checksums = (struct checksum_report){0};
		packets[i].is_whole = true;
		packets[i].has_rx_time = false;
	}
}

void frames_ask(unsigned i, uint64_t origin, uint64_t receive)
{
	uint8_t *udp = frames_at(i) + length[i] - NTP_LENGTH - 8;
	for (unsigned b = 0; b < 8; b++) {
		udp[8 + 24 + b] = (uint8_t)(origin >> (56 - 8 * b));
		udp[8 + 32 + b] = (uint8_t)(receive >> (56 - 8 * b));
	}
	put16(udp + 6, 0);
	uint64_t sum = checksum_join(checksum_bytes(udp - 8, 8), checksum_bytes(udp, 56));
	sum = checksum_join(sum, checksum_term16(17) + checksum_term16(56));
	struct be16 field = checksum_field_udp(sum);
	put(udp + 6, field.byte, sizeof(field));
}

uint8_t *frames_at(unsigned i)
{
	return working + (size_t)i * FRAME_STRIDE;
}

bool frames_is_pristine(unsigned i)
{
	return memcmp(frames_at(i), pristine[i], length[i]) == 0;
}

uint16_t frames_length(void)
{
	return length[0];
}

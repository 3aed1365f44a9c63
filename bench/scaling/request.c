// SPDX-License-Identifier: BSD-3-Clause
#include "request.h"

#include <string.h>

// Offsets in the frame.
#define ETHER_SOURCE   6
#define IP             14
#define IP_SUM         (IP + 10)
#define IP_SOURCE      (IP + 12)
#define IP_DESTINATION (IP + 16)
#define UDP            34
#define UDP_SUM        (UDP + 6)
#define NTP            42
#define NTP_ORIGIN     (NTP + 24)
#define NTP_RECEIVE    (NTP + 32)
#define NTP_TRANSMIT   (NTP + 40)

static uint64_t load64(const uint8_t *p)
{
	uint64_t n;
	memcpy(&n, p, sizeof(n));
	return n;
}

static uint32_t load32(const uint8_t *p)
{
	uint32_t n;
	memcpy(&n, p, sizeof(n));
	return n;
}

static void put16(uint8_t *at, unsigned n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

// RFC 1071, two bytes at a time; length is even.
static uint32_t sum_add(uint32_t sum, const uint8_t *p, size_t length)
{
	for (size_t i = 0; i < length; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	return sum;
}

static uint16_t sum_fold(uint32_t sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static uint16_t udp_sum(const uint8_t *frame)
{
	uint32_t sum = 17 + REQUEST_LENGTH - UDP; // the pseudo-header: protocol and length
	sum = sum_add(sum, frame + IP_SOURCE, 8);
	return sum_fold(sum_add(sum, frame + UDP, REQUEST_LENGTH - UDP));
}

void request_make(unsigned n, uint8_t to[static REQUEST_ROOM])
{
	static const uint8_t head[] = {
		0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x08, 0x00, // Ethernet
		0x45, 0, 0, 76, 0, 0, 0x40, 0, 64, 17, 0, 0,          // IPv4
		10, 200, 0, 0, 10, 123, 0, 1,                         //
		0x80, 0, 0, 123, 0, 56, 0, 0,                         // UDP
		0x23, 0, 6, 0xec,                                     // NTPv4, mode 3
	};
	memset(to, 0, REQUEST_ROOM);
	memcpy(to, head, sizeof(head));
	put16(to + IP_SOURCE + 2, n + 1);
	put16(to + NTP_TRANSMIT, 0xeb9a);
	put16(to + NTP_TRANSMIT + 4, n);
	put16(to + NTP_TRANSMIT + 6, n ^ 0x5a5a);
	put16(to + IP_SUM, 0xffffu ^ sum_fold(sum_add(0, to + IP, UDP - IP)));
	put16(to + UDP_SUM, 0xffffu ^ udp_sum(to));
}

static bool is_turned(const uint8_t *request, const uint8_t *reply)
{
	return memcmp(reply, request + ETHER_SOURCE, 6) == 0 &&
	       memcmp(reply + ETHER_SOURCE, request, 6) == 0 &&
	       load32(reply + IP_SOURCE) == load32(request + IP_DESTINATION) &&
	       load32(reply + IP_DESTINATION) == load32(request + IP_SOURCE) &&
	       memcmp(reply + UDP, request + UDP + 2, 2) == 0 &&
	       memcmp(reply + UDP + 2, request + UDP, 2) == 0;
}

bool request_reply_fits(const uint8_t *request, const uint8_t *reply, size_t length)
{
	return length == REQUEST_LENGTH && is_turned(request, reply) &&
	       (reply[NTP] & 0x3f) == ((request[NTP] & 0x38) | 4) && reply[NTP + 1] != 0 &&
	       load64(reply + NTP_ORIGIN) == load64(request + NTP_TRANSMIT) &&
	       memcmp(reply + NTP_RECEIVE, reply + NTP_TRANSMIT, 8) <= 0;
}

bool request_reply_sums(const uint8_t *reply)
{
	return sum_fold(sum_add(0, reply + IP, UDP - IP)) == 0xffff && udp_sum(reply) == 0xffff;
}

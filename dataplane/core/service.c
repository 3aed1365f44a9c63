// SPDX-License-Identifier: BSD-3-Clause
#include "core/service.h"

#include <string.h>

void service_init(struct service *s, struct mac mac)
{
	*s = (struct service){.mac = mac, .ttl = 64};
}

bool service_add_ip4(struct service *s, struct be32 address, unsigned prefix_length)
{
	if (s->ip4_count == SERVICE_ADDRESSES)
		return false;
	uint32_t host_bits = prefix_length >= 31 ? 0 : UINT32_MAX >> prefix_length;
	s->ip4[s->ip4_count] = address;
	s->ip4_broadcast[s->ip4_count] = be32_put(be32_get(address) | host_bits);
	s->ip4_count++;
	return true;
}

bool service_add_ip6(struct service *s, struct ip6 address)
{
	if (s->ip6_count == SERVICE_ADDRESSES)
		return false;
	s->ip6[s->ip6_count++] = address;
	return true;
}

static bool ip4_is_among(const struct be32 *list, unsigned n, const uint8_t *address)
{
	for (unsigned i = 0; i < n; i++)
		if (memcmp(list[i].byte, address, sizeof(list[i])) == 0)
			return true;
	return false;
}

bool service_has_ip4(const struct service *s, const uint8_t address[static 4])
{
	return ip4_is_among(s->ip4, s->ip4_count, address);
}

bool service_has_ip6(const struct service *s, const uint8_t address[static 16])
{
	for (unsigned i = 0; i < s->ip6_count; i++)
		if (memcmp(s->ip6[i].byte, address, sizeof(s->ip6[i])) == 0)
			return true;
	return false;
}

// RFC 6890 and RFC 5737: 0/8, 127/8, 192.0.2/24, 198.51.100/24, 203.0.113/24, 224/4 and up.
static bool ip4_is_never_a_client(uint32_t source)
{
	uint32_t top = source >> 24;
	uint32_t net24 = source >> 8;
	return top == 0 || top == 127 || top >= 224 || net24 == 0xc00002 || net24 == 0xc63364 ||
		net24 == 0xcb0071;
}

bool service_answers_ip4(const struct service *s, const uint8_t source[static 4])
{
	struct be32 wire;
	memcpy(wire.byte, source, sizeof(wire.byte));
	if (ip4_is_never_a_client(be32_get(wire)))
		return false;
	return !ip4_is_among(s->ip4, s->ip4_count, source) &&
		!ip4_is_among(s->ip4_broadcast, s->ip4_count, source);
}

// ::/96 (unspecified, loopback, "compatible"), ::ffff:0:0/96: first 80 bits zero.
static bool ip6_is_embedded(const uint8_t *source)
{
	static const uint8_t zero[10];
	if (memcmp(source, zero, sizeof(zero)) != 0)
		return false;
	return (source[10] == 0 && source[11] == 0) || (source[10] == 0xff && source[11] == 0xff);
}

// RFC 6890, 6666, 3849 and 9637: ff00::/8, 100::/64, 2001:db8::/32, 3fff::/20 beside the embedded.
static bool ip6_is_never_a_client(const uint8_t *source)
{
	static const uint8_t discard[8] = {0x01};
	static const uint8_t documentation[4] = {0x20, 0x01, 0x0d, 0xb8};
	if (source[0] == 0xff)
		return true;
	if (source[0] == 0x20)
		return memcmp(source, documentation, sizeof(documentation)) == 0;
	if (source[0] == 0x3f)
		return source[1] == 0xff && (source[2] & 0xf0) == 0;
	return memcmp(source, discard, sizeof(discard)) == 0 || ip6_is_embedded(source);
}

bool service_answers_ip6(const struct service *s, const uint8_t source[static 16])
{
	return !ip6_is_never_a_client(source) && !service_has_ip6(s, source);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "core/service.h"

#include <assert.h>
#include <string.h>

void service_init(struct service *s, struct mac mac)
{
	*s = (struct service){.mac = mac, .ttl = 64};
}

static uint64_t byte_bit(uint8_t byte)
{
	return 1ull << (byte % 64);
}

bool service_add_ip4(struct service *s, struct be32 address, unsigned prefix_length)
{
	if (s->ip4_count == SERVICE_ADDRESSES)
		return false;
	uint32_t host_bits = prefix_length >= 31 ? 0 : UINT32_MAX >> prefix_length;
	struct be32 broadcast = be32_put(be32_get(address) | host_bits);
	s->ip4[s->ip4_count] = address;
	s->ip4_broadcast[s->ip4_count] = broadcast;
	s->ip4_last |= byte_bit(address.byte[3]) | byte_bit(broadcast.byte[3]);
	s->ip4_third |= byte_bit(address.byte[2]) | byte_bit(broadcast.byte[2]);
	s->ip4_count++;
	return true;
}

bool service_add_ip6(struct service *s, struct ip6 address)
{
	if (s->ip6_count == SERVICE_ADDRESSES)
		return false;
	s->ip6[s->ip6_count++] = address;
	s->ip6_last |= byte_bit(address.byte[15]);
	s->ip6_net |= byte_bit(address.byte[7]);
	return true;
}

static_assert(SERVICE_ADDRESSES <= 64, "a bit for each in ip4_smeared and ip6_smeared");

// The bit of an address of ours; 0: it is none.
static uint64_t ip4_bit(const struct service *s, const uint8_t *address)
{
	for (unsigned i = 0; i < s->ip4_count; i++)
		if (memcmp(s->ip4[i].byte, address, sizeof(s->ip4[i])) == 0)
			return 1ull << i;
	return 0;
}

static uint64_t ip6_bit(const struct service *s, const uint8_t *address)
{
	for (unsigned i = 0; i < s->ip6_count; i++)
		if (memcmp(s->ip6[i].byte, address, sizeof(s->ip6[i])) == 0)
			return 1ull << i;
	return 0;
}

bool service_smear_ip4(struct service *s, struct be32 address)
{
	uint64_t bit = ip4_bit(s, address.byte);
	s->ip4_smeared |= bit;
	return bit != 0;
}

bool service_smear_ip6(struct service *s, struct ip6 address)
{
	uint64_t bit = ip6_bit(s, address.byte);
	s->ip6_smeared |= bit;
	return bit != 0;
}

bool service_smears_ip4(const struct service *s, const uint8_t address[static 4])
{
	return s->ip4_smeared != 0 && (s->ip4_smeared & ip4_bit(s, address)) != 0;
}

bool service_smears_ip6(const struct service *s, const uint8_t address[static 16])
{
	return s->ip6_smeared != 0 && (s->ip6_smeared & ip6_bit(s, address)) != 0;
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

// By first byte: most are never or always clients; in three /8s it takes a closer look.
enum octet { OCTET_CLIENT, OCTET_LOOK, OCTET_NEVER };

static const uint8_t first_octet[224] = {
	[0] = OCTET_NEVER,   // "this network"
	[127] = OCTET_NEVER, // loopback
	[192] = OCTET_LOOK,  // 192.0.2.0/24, RFC 5737
	[198] = OCTET_LOOK,  // 198.51.100.0/24, RFC 5737
	[203] = OCTET_LOOK,  // 203.0.113.0/24, RFC 5737
};

static bool ip4_is_documentation(const uint8_t *source)
{
	static const uint8_t nets[3][3] = {{192, 0, 2}, {198, 51, 100}, {203, 0, 113}};
	for (unsigned i = 0; i < 3; i++)
		if (memcmp(source, nets[i], sizeof(nets[i])) == 0)
			return true;
	return false;
}

// From 224 up: multicast, reserved, broadcast.
static bool ip4_is_never_a_client(const uint8_t *source)
{
	if (source[0] >= 224)
		return true;
	uint8_t kind = first_octet[source[0]];
	return kind != OCTET_CLIENT && (kind == OCTET_NEVER || ip4_is_documentation(source));
}

bool service_answers_ip4(const struct service *s, const uint8_t source[static 4])
{
	if (ip4_is_never_a_client(source))
		return false;
	if ((s->ip4_last & byte_bit(source[3])) == 0)
		return true;
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
	if (ip6_is_never_a_client(source))
		return false;
	return (s->ip6_last & byte_bit(source[15])) == 0 || !service_has_ip6(s, source);
}

// SPDX-License-Identifier: BSD-3-Clause
#include "verify/verify_check.h"

#include <string.h>

#include "core/checksum.h"
#include "core/wire.h"

#define TTL_LEAST 32
#define ECN       0x03

static const uint8_t *in_ip(const struct verify_exchange *x)
{
	return x->request + x->in.ip;
}

static const uint8_t *out_ip(const struct verify_exchange *x)
{
	return x->reply + x->out.ip;
}

static unsigned verify_check_frame_get16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

enum verify_verdict verify_check_length(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	bool good = x->out.ntp_length <= x->message && x->out.ntp_length >= NTP_LENGTH;
	return verify_say(good ? VERIFY_PASS : VERIFY_FAIL, why, "%u bytes to a request of %u%s",
		x->out.ntp_length, x->message,
		good ? "" : ", wanted 48 or more and not more than asked");
}

enum verify_verdict verify_check_once(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	return verify_say(x->replies == 1 ? VERIFY_PASS : VERIFY_FAIL, why,
		"%u repl%s to one request", x->replies, x->replies == 1 ? "y" : "ies");
}

enum verify_verdict verify_check_plain_length(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	bool good = x->out.ntp_length == NTP_LENGTH;
	return verify_say(good ? VERIFY_PASS : VERIFY_FAIL, why, "answered with %u bytes%s",
		x->out.ntp_length, good ? "" : ", wanted 48");
}

// Addresses and ports turned round. The families must be the same for that.
enum verify_verdict verify_check_addresses(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (x->is_ip6 != x->out.is_ip6)
		return verify_say(VERIFY_FAIL, why, "answered over the other family");
	size_t size = x->is_ip6 ? sizeof(struct ip6) : sizeof(struct be32);
	size_t at =
		x->is_ip6 ? offsetof(struct ip6_wire, source) : offsetof(struct ip4_wire, source);
	const uint8_t *asked = in_ip(x) + at;
	const uint8_t *answered = out_ip(x) + at;
	if (memcmp(asked, answered + size, size) != 0)
		return verify_say(VERIFY_FAIL, why, "sent to another address than the client's");
	if (memcmp(asked + size, answered, size) != 0)
		return verify_say(VERIFY_FAIL, why, "sent from another address than the asked one");
	unsigned from = verify_check_frame_get16(x->reply + x->out.udp);
	unsigned to = verify_check_frame_get16(x->reply + x->out.udp + 2);
	return verify_say(from == NTP_PORT && to == x->port ? VERIFY_PASS : VERIFY_FAIL, why,
		"from port %u to port %u, wanted 123 to %u", from, to, x->port);
}

enum verify_verdict verify_check_tags(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	unsigned in = (x->in.type - 12u) / sizeof(struct vlan_wire);
	unsigned out = (x->out.type - 12u) / sizeof(struct vlan_wire);
	if (in != out)
		return verify_say(
			VERIFY_FAIL, why, "%u VLAN tags, wanted the request's %u", out, in);
	for (unsigned i = 0; i < in; i++) {
		unsigned at = 12 + 4 * i;
		unsigned asked = verify_check_frame_get16(x->request + at + 2) & 0xfff;
		unsigned have = verify_check_frame_get16(x->reply + at + 2) & 0xfff;
		if (asked != have || verify_check_frame_get16(x->request + at) !=
					     verify_check_frame_get16(x->reply + at))
			return verify_say(VERIFY_FAIL, why, "VLAN %u, wanted %u", have, asked);
	}
	return verify_say(VERIFY_PASS, why, "%u VLAN tags, as in the request", in);
}

enum verify_verdict verify_check_macs(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	bool to_us = memcmp(x->reply, x->request + 6, 6) == 0;
	bool from_it = memcmp(x->reply + 6, x->request, 6) == 0;
	if (to_us && from_it)
		return verify_say(VERIFY_PASS, why, "the request's, turned round");
	return verify_say(VERIFY_FAIL, why, "%s, wanted the request's turned round",
		to_us ? "from another MAC address" : "to another MAC address");
}

static unsigned ip_declared(const struct verify_exchange *x)
{
	return x->out.is_ip6 ?
	               verify_check_frame_get16(out_ip(x) + 4) + (unsigned)sizeof(struct ip6_wire) :
	               verify_check_frame_get16(out_ip(x) + 2);
}

enum verify_verdict verify_check_header_lengths(
	const struct verify_exchange *x, char why[VERIFY_WHY])
{
	unsigned ip = ip_declared(x);
	unsigned udp = verify_check_frame_get16(x->reply + x->out.udp + 4);
	unsigned header = (unsigned)(x->out.udp - x->out.ip);
	bool good = ip == header + udp && ip + x->out.ip <= x->reply_length && udp >= 8;
	return verify_say(good ? VERIFY_PASS : VERIFY_FAIL, why,
		"IP says %u bytes, UDP says %u, %u came%s", ip, udp, x->reply_length - x->out.ip,
		good ? "" : "; wanted lengths that fit one another");
}

enum verify_verdict verify_check_ip_sum(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (x->out.is_ip6)
		return verify_say(VERIFY_SKIP, why, "IPv6 has none");
	uint64_t sum = checksum_bytes(out_ip(x), (size_t)(x->out.udp - x->out.ip));
	bool good = checksum_fold(sum) == UINT16_MAX;
	return verify_say(good ? VERIFY_PASS : VERIFY_FAIL, why, "the sum %s",
		good ? "is right" : "is wrong");
}

enum verify_verdict verify_check_udp_sum(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	const uint8_t *udp = x->reply + x->out.udp;
	size_t address = x->out.is_ip6 ? sizeof(struct ip6) : sizeof(struct be32);
	const uint8_t *source = out_ip(x) + (x->out.is_ip6 ? 8 : 12);
	if (checksum_load16(udp + 6) == 0)
		return verify_say(VERIFY_FAIL, why, "there is none, wanted one");
	uint64_t sum = checksum_bytes(source, 2 * address);
	sum = checksum_join(sum, checksum_term16(PROTOCOL_UDP));
	sum = checksum_join(sum, checksum_term16((uint16_t)(x->out.ntp_length + 8)));
	sum = checksum_join(sum, checksum_bytes(udp, x->out.ntp_length + 8u));
	bool good = checksum_fold(sum) == UINT16_MAX;
	return verify_say(good ? VERIFY_PASS : VERIFY_FAIL, why, "the sum %s",
		good ? "is right" : "is wrong");
}

enum verify_verdict verify_check_lifetime(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	unsigned have = out_ip(x)[x->out.is_ip6 ? 7 : 8];
	return verify_say(have >= TTL_LEAST ? VERIFY_PASS : VERIFY_FAIL, why,
		"%u to a request with %u%s", have, in_ip(x)[x->is_ip6 ? 7 : 8],
		have >= TTL_LEAST ? "" : "; wanted the server's own, 64 or more at its source");
}

enum verify_verdict verify_check_congestion(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	const uint8_t *ip = out_ip(x);
	unsigned class = x->out.is_ip6 ? verify_check_frame_get16(ip) >> 4 & 0xff : ip[1];
	unsigned have = class & ECN;
	return verify_say(have == 0 ? VERIFY_PASS : VERIFY_FAIL, why, "ECN bits %u%s", have,
		have == 0 ? "" : ", wanted 0: NTP has no congestion control");
}

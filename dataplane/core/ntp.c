// SPDX-License-Identifier: BSD-3-Clause
#include "core/ntp.h"

#include <stdbool.h>
#include <string.h>

#include "core/checksum.h"
#include "core/span.h"

// RFC 7822 section 7.5: type and length of the whole field, at least 16 bytes.
struct extension_wire {
	struct be16 type;
	struct be16 length;
};

static_assert(sizeof(struct extension_wire) == 4, "RFC 7822 section 7.5");

#define EXTENSION_MIN 16
#define MAC_MAX       24 // key id and a SHA-1 digest; more than this must be extension fields
#define MAC_SHA256    36 // this and the next two whole: only where there are no extension fields
#define MAC_SHA384    52
#define MAC_SHA512    68

// RFC 8915 section 5: what only NTS requests hold.
#define EXTENSION_NTS_COOKIE        0x0204
#define EXTENSION_NTS_AUTHENTICATOR 0x0404

// MS-SNTP: key id and 16 bytes, which are zero in a request; or the extended authenticator.
#define MS_SNTP_MAC          20
#define MS_SNTP_EXTENDED_MAC 72

static bool is_ms_sntp(struct span rest)
{
	static const uint8_t zero[16];
	if (rest.len == MS_SNTP_EXTENDED_MAC)
		return true;
	return rest.len == MS_SNTP_MAC && memcmp(rest.at + 4, zero, sizeof(zero)) == 0;
}

// What stands behind the header and the extension fields: nothing, or authentication.
static enum verdict authentication_read(struct span rest, enum verdict answer)
{
	switch (rest.len) {
	case 0:
		return answer;
	case 4:
		return V_NTP_CRYPTO_NAK;
	case 20:
	case MAC_MAX:
		return is_ms_sntp(rest) ? V_NTP_MS_SNTP : V_NTP_MAC;
	}
	return V_NTP_LENGTH;
}

// Versions up to 3 have no extension fields: all that follows the header is a MAC.
static enum verdict mac_read(struct span rest, enum verdict answer)
{
	if (rest.len == MAC_SHA256 || rest.len == MAC_SHA384 || rest.len == MAC_SHA512)
		return V_NTP_MAC;
	return is_ms_sntp(rest) ? V_NTP_MS_SNTP : authentication_read(rest, answer);
}

// RFC 7822: while more than the longest MAC is left, an extension field must follow. False if one
// is malformed.
static bool extensions_take(struct span *rest, bool *ret_has_nts)
{
	bool has_nts = false;
	while (rest->len > MAC_MAX) {
		const struct extension_wire *field = (const struct extension_wire *)rest->at;
		uint16_t type = be16_get(field->type);
		uint16_t length = be16_get(field->length);
		if (length < EXTENSION_MIN || length % 4 != 0 || span_take(rest, length) == NULL)
			return false;
		has_nts |= type == EXTENSION_NTS_COOKIE || type == EXTENSION_NTS_AUTHENTICATOR;
	}
	*ret_has_nts = has_nts;
	return true;
}

static enum verdict extensions_read(struct span rest, enum verdict answer)
{
	bool has_nts;
	if (!extensions_take(&rest, &has_nts))
		return V_NTP_EXTENSION;
	enum verdict v = authentication_read(rest, answer);
	return v == answer && has_nts ? V_NTP_NTS : v;
}

// RFC 1059 had no mode field: the port told clients from peers.
static enum verdict mode0_read(size_t length, uint16_t source_port)
{
	bool is_client = source_port != NTP_PORT && length == NTP_LENGTH;
	return is_client ? V_ANSWER_V1_MODE0 : V_NTP_MODE_RESERVED;
}

// What the first byte alone decides, by its lower six bits: version, then mode.
#define MODES_OF(mode0, client)                                                                    \
	mode0, V_ANSWER_SYMMETRIC, V_NTP_MODE_REPLY, client, V_NTP_MODE_REPLY, V_NTP_MODE_REPLY,   \
		V_NTP_MODE_CONTROL, V_NTP_MODE_CONTROL
#define EVERY_MODE(v) v, v, v, v, v, v, v, v

static const uint8_t first_verdict[64] = {
	EVERY_MODE(V_NTP_VERSION),
	MODES_OF(V_ANSWER_V1_MODE0, V_ANSWER_V1),
	MODES_OF(V_NTP_MODE_RESERVED, V_ANSWER_V2),
	MODES_OF(V_NTP_MODE_RESERVED, V_ANSWER_V3),
	MODES_OF(V_NTP_MODE_RESERVED, V_ANSWER_V4),
	EVERY_MODE(V_NTP_VERSION5),
	EVERY_MODE(V_NTP_VERSION),
	EVERY_MODE(V_NTP_VERSION),
};

static_assert(VERDICT_COUNT <= UINT8_MAX, "a verdict fits the table");

// What a message has behind its 48 bytes.
static enum verdict ntp_rest_read(struct span rest, unsigned version, enum verdict answer)
{
	return version == 4 ? extensions_read(rest, answer) : mac_read(rest, answer);
}

enum verdict ntp_verdict_first(uint8_t first)
{
	return (enum verdict)first_verdict[first & 63];
}

enum verdict ntp_request_read(const uint8_t *message, size_t length, uint16_t source_port)
{
	if (length < 1)
		return V_NTP_SHORT;
	unsigned version = message[0] >> 3 & 7;
	enum verdict v = ntp_verdict_first(message[0]);
	if (v == V_ANSWER_V1_MODE0)
		v = mode0_read(length, source_port);
	if (!verdict_is_answer(v) || length == NTP_LENGTH)
		return v;
	if (length < NTP_LENGTH)
		return V_NTP_SHORT;
	if (length % 4 != 0)
		return V_NTP_LENGTH;
	struct span rest = {message + NTP_LENGTH, length - NTP_LENGTH};
	return ntp_rest_read(rest, version, v);
}

size_t ntp_mac_length(const uint8_t *message, size_t length)
{
	struct span rest = {message + NTP_LENGTH, length - NTP_LENGTH};
	bool has_nts;
	if ((message[0] >> 3 & 7) == 4)
		(void)extensions_take(&rest, &has_nts);
	return rest.len;
}

// RFC 5905 7.3 lets an unsynchronised server say nothing about its error but that it is large.
#define UNSYNCHRONISED_DISPERSION (1u << 16)

static void answer_finish(struct ntp_answer *a)
{
	a->head = (uint64_t)a->leap << 62 | (uint64_t)a->stratum << 48 |
	          (uint64_t)(uint8_t)a->precision << 32 | be32_get(a->root_delay);
	a->middle = checksum_term64(
		(uint64_t)be32_get(a->root_dispersion) << 32 | be32_get(a->reference_id));
	a->sum = checksum_join(a->middle, checksum_load64(a->reference_time.byte));
}

// Nothing is told but that the time is not known; the dispersion is at least 1 s.
static void answer_unsynchronise(struct ntp_answer *a)
{
	a->leap = LEAP_UNKNOWN;
	a->stratum = 0;
	a->reference_id = be32_put(0);
	a->reference_time = be64_put(0);
	if (be32_get(a->root_dispersion) < UNSYNCHRONISED_DISPERSION)
		a->root_dispersion = be32_put(UNSYNCHRONISED_DISPERSION);
}

// T3 has noise below the precision; the time before it has zeros, to stay before it.
static struct be64 reference_put(const struct clock_view *v, struct ntp_time t)
{
	return be64_put(t.raw & ~ntp_time_noise_mask(v->precision));
}

// Around a leap UTC is told twice or jumps: a reference time of before it may seem later than now.
static struct ntp_time reference_not_after(struct ntp_time reference, struct ntp_time now)
{
	return ntp_time_before(now, reference) ? now : reference;
}

// What does not depend on the scale of time.
static struct ntp_answer answer_begin(
	const struct clock_view *v, struct cycles now, uint64_t extra_dispersion)
{
	uint64_t dispersion = clock_view_dispersion(v, now);
	if (extra_dispersion > UINT64_MAX - dispersion)
		extra_dispersion = UINT64_MAX - dispersion;
	dispersion += extra_dispersion;
	return (struct ntp_answer){
		.stratum = v->stratum,
		.precision = v->precision,
		.root_delay = be32_put(v->root_delay),
		.root_dispersion = be32_put(ntp_short_from_units(dispersion)),
		.reference_id = be32_put(v->reference_id),
	};
}

void ntp_answer_prepare(const struct clock_view *v, struct cycles now, uint64_t extra_dispersion,
	struct ntp_answer *ret_answer)
{
	struct ntp_answer a = answer_begin(v, now, extra_dispersion);
	struct ntp_time reference = v->reference_time;
	if (v->leap_step != 0)
		reference = reference_not_after(reference, clock_view_time(v, now));
	a.leap = clock_view_leap(v, now);
	a.reference_time = reference_put(v, reference);
	if (a.leap == LEAP_UNKNOWN || !clock_view_is_good(v, now))
		answer_unsynchronise(&a);
	answer_finish(&a);
	*ret_answer = a;
}

void ntp_answer_smear(const struct clock_view *v, struct cycles now, uint64_t extra_dispersion,
	const struct smear_line *s, struct ntp_answer *ret_answer)
{
	struct ntp_answer a = answer_begin(v, now, extra_dispersion);
	struct ntp_time time = clock_view_time(v, now);
	struct ntp_time smeared = smear_time(s, time);
	struct ntp_time reference = smear_past_time(s, v->reference_time);
	a.reference_time = reference_put(v, reference_not_after(reference, smeared));
	if (smear_is_on(s, time))
		a.reference_id = be32_put(smear_reference_id(ntp_time_diff(smeared, time)));
	if ((v->leap_flags & LEAP_NO_SMEAR) != 0 || !clock_view_is_good(v, now))
		answer_unsynchronise(&a);
	answer_finish(&a);
	*ret_answer = a;
}

static enum ntp_mode reply_mode(enum verdict v)
{
	return v == V_ANSWER_SYMMETRIC ? NTP_MODE_SYMMETRIC_PASSIVE : NTP_MODE_SERVER;
}

// Every word is built in a register and stored once: loading back what was stored in smaller
// pieces, to sum it, would wait for the store buffer.
uint64_t ntp_reply_write(uint8_t *message, enum verdict v, const struct ntp_answer *a,
	struct ntp_time receive_time, struct ntp_time transmit_time)
{
	struct ntp_wire *m = (struct ntp_wire *)message;
	uint64_t version_mode = (message[0] & 0x38u) | (uint64_t)reply_mode(v);
	uint64_t head = checksum_term64(a->head | version_mode << 56 | (uint64_t)m->poll << 40);
	uint64_t origin = checksum_load64(m->transmit_time.byte);
	uint64_t receive = checksum_term64(receive_time.raw);
	uint64_t transmit = checksum_term64(transmit_time.raw);
	memcpy(message, &head, sizeof(head));
	memcpy(message + 8, &a->middle, sizeof(a->middle));
	m->reference_time = a->reference_time;
	memcpy(m->origin_time.byte, &origin, sizeof(origin));
	memcpy(m->receive_time.byte, &receive, sizeof(receive));
	memcpy(m->transmit_time.byte, &transmit, sizeof(transmit));
	uint64_t sum = checksum_join(checksum_join(head, a->sum), origin);
	return checksum_join(sum, checksum_join(receive, transmit));
}

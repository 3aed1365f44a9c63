// SPDX-License-Identifier: BSD-3-Clause
#include "verify/verify_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/wire_int.h"

#define STRATUM_MAX       15
#define LEAP_UNKNOWN_BITS 3
#define POLL_AT           2
#define UNIX_EPOCH        2208988800 // in NTP seconds
#define ERA               (1ll << 32)
#define SHORT_UNIT        65536.0
#define REFERENCE_OLD     (36 * 3600)
#define DISTANCE_HARD     16.0
#define DISTANCE_SMALL    1.5
#define CRYPTO_NAK        52

enum verify_verdict verify_say(enum verify_verdict v, char why[VERIFY_WHY], const char *format, ...)
{
	va_list list;
	va_start(list, format);
	(void)vsnprintf(why, VERIFY_WHY, format, list);
	va_end(list);
	return v;
}

static unsigned leap_of(const struct ntp_wire *m)
{
	return m->leap_version_mode >> 6;
}

static unsigned version_of(const struct ntp_wire *m)
{
	return m->leap_version_mode >> 3 & 7;
}

static unsigned verify_check_mode_of(const struct ntp_wire *m)
{
	return m->leap_version_mode & 7;
}

static bool is_whole(const struct verify_exchange *x)
{
	return x->out.ntp_length >= NTP_LENGTH;
}

// A reply that has time to give. What it says of its time is looked at in no other.
static bool is_synchronised(const struct verify_exchange *x)
{
	const struct ntp_wire *m = verify_reply(x);
	return is_whole(x) && leap_of(m) != LEAP_UNKNOWN_BITS && m->stratum != 0;
}

static bool has_times(const struct verify_exchange *x)
{
	const struct ntp_wire *m = verify_reply(x);
	return is_whole(x) && be64_get(m->receive_time) != 0 && be64_get(m->transmit_time) != 0;
}

static enum verify_verdict short_skip(char why[VERIFY_WHY])
{
	return verify_say(VERIFY_SKIP, why, "no reply had 48 bytes");
}

static enum verify_verdict unsynchronised_skip(char why[VERIFY_WHY])
{
	return verify_say(VERIFY_SKIP, why, "the server says it is not synchronised");
}

static double verify_check_seconds_of(struct be32 wire)
{
	return be32_get(wire) / SHORT_UNIT;
}

enum verify_verdict verify_check_version(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!is_whole(x))
		return short_skip(why);
	unsigned want = version_of(verify_request(x));
	unsigned have = version_of(verify_reply(x));
	return verify_say(have == want ? VERIFY_PASS : VERIFY_FAIL, why,
		"version %u to a request of version %u", have, want);
}

static enum verify_verdict mode_check(
	const struct verify_exchange *x, unsigned want, char why[VERIFY_WHY])
{
	if (!is_whole(x))
		return short_skip(why);
	unsigned have = verify_check_mode_of(verify_reply(x));
	return verify_say(have == want ? VERIFY_PASS : VERIFY_FAIL, why,
		"replied in mode %u, wanted mode %u", have, want);
}

enum verify_verdict verify_check_mode_server(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	return mode_check(x, NTP_MODE_SERVER, why);
}

enum verify_verdict verify_check_mode_passive(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	return mode_check(x, NTP_MODE_SYMMETRIC_PASSIVE, why);
}

enum verify_verdict verify_check_mode_passive_or_server(
	const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (is_whole(x) && verify_check_mode_of(verify_reply(x)) == NTP_MODE_SERVER)
		return mode_check(x, NTP_MODE_SERVER, why);
	return mode_check(x, NTP_MODE_SYMMETRIC_PASSIVE, why);
}

enum verify_verdict verify_check_origin(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!is_whole(x))
		return short_skip(why);
	uint64_t want = be64_get(verify_request(x)->transmit_time);
	uint64_t have = be64_get(verify_reply(x)->origin_time);
	if (have == want)
		return verify_say(
			VERIFY_PASS, why, "the request's transmit timestamp, bit for bit");
	return verify_say(VERIFY_FAIL, why,
		"origin %016" PRIx64 ", wanted the request's transmit timestamp %016" PRIx64, have,
		want);
}

enum verify_verdict verify_check_no_interleaving(
	const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!is_whole(x))
		return short_skip(why);
	if (be64_get(verify_reply(x)->origin_time) != be64_get(verify_request(x)->receive_time))
		return verify_say(VERIFY_PASS, why, "answered in basic mode");
	return verify_say(VERIFY_FAIL, why,
		"origin is the request's receive timestamp: answered in interleaved mode, wanted "
		"basic");
}

enum verify_verdict verify_check_times_present(
	const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!is_whole(x))
		return short_skip(why);
	if (has_times(x))
		return verify_say(VERIFY_PASS, why, "both are there");
	return verify_say(VERIFY_FAIL, why, "a %s timestamp of zero, wanted the time",
		be64_get(verify_reply(x)->receive_time) == 0 ? "receive" : "transmit");
}

enum verify_verdict verify_check_times_order(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!has_times(x))
		return verify_say(VERIFY_SKIP, why, "a timestamp is zero");
	const struct ntp_wire *m = verify_reply(x);
	int64_t residency = (int64_t)(be64_get(m->transmit_time) - be64_get(m->receive_time));
	double us = (double)residency / 4294967296.0 * 1e6;
	return verify_say(residency >= 0 ? VERIFY_PASS : VERIFY_FAIL, why,
		"transmit timestamp %.3f us after the receive timestamp%s", us,
		residency >= 0 ? "" : ", wanted 0 or more");
}

enum verify_verdict verify_check_times_differ(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	const struct ntp_wire *m = verify_reply(x);
	if (!has_times(x))
		return verify_say(VERIFY_SKIP, why, "a timestamp is zero");
	if (be64_get(m->transmit_time) != be64_get(m->receive_time))
		return verify_say(VERIFY_PASS, why, "they differ");
	return verify_say(VERIFY_FAIL, why, "both are %016" PRIx64, be64_get(m->transmit_time));
}

enum verify_verdict verify_check_transmit_fresh(
	const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!has_times(x))
		return verify_say(VERIFY_SKIP, why, "a timestamp is zero");
	uint64_t asked = be64_get(verify_request(x)->transmit_time);
	if (be64_get(verify_reply(x)->transmit_time) != asked)
		return verify_say(VERIFY_PASS, why, "the server's own");
	return verify_say(
		VERIFY_FAIL, why, "transmit timestamp %016" PRIx64 " is the request's", asked);
}

enum verify_verdict verify_check_stratum(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!is_whole(x))
		return short_skip(why);
	unsigned have = verify_reply(x)->stratum;
	return verify_say(have <= STRATUM_MAX ? VERIFY_PASS : VERIFY_FAIL, why, "stratum %u%s",
		have, have <= STRATUM_MAX ? "" : ", wanted 0 to 15");
}

enum verify_verdict verify_check_unsynchronised(
	const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!is_whole(x))
		return short_skip(why);
	const struct ntp_wire *m = verify_reply(x);
	bool agree = (leap_of(m) == LEAP_UNKNOWN_BITS) == (m->stratum == 0);
	return verify_say(agree ? VERIFY_PASS : VERIFY_FAIL, why, "leap %u with stratum %u%s",
		leap_of(m), m->stratum, agree ? "" : ", wanted leap 3 with stratum 0 and no other");
}

enum verify_verdict verify_check_unsynchronised_fields(
	const struct verify_exchange *x, char why[VERIFY_WHY])
{
	const struct ntp_wire *m = verify_reply(x);
	if (!is_whole(x) || leap_of(m) != LEAP_UNKNOWN_BITS || m->stratum != 0)
		return verify_say(VERIFY_SKIP, why, "the server is synchronised");
	double dispersion = verify_check_seconds_of(m->root_dispersion);
	bool good = be64_get(m->reference_time) == 0 && dispersion >= 1;
	return verify_say(good ? VERIFY_PASS : VERIFY_FAIL, why,
		"root dispersion %.3f s, reference time %s zero; wanted 1 s or more, and zero",
		dispersion, be64_get(m->reference_time) == 0 ? "is" : "is not");
}

// An NTP timestamp in seconds of 1970; the first bit says which era it is nearest to.
static time_t unix_seconds(struct be64 wire)
{
	int64_t seconds = (int64_t)(be64_get(wire) >> 32);
	return (time_t)(seconds - UNIX_EPOCH + (seconds < ERA / 2 ? ERA : 0));
}

enum verify_verdict verify_check_leap(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	struct tm date;
	if (!is_synchronised(x))
		return unsynchronised_skip(why);
	unsigned leap = leap_of(verify_reply(x));
	time_t now = unix_seconds(verify_reply(x)->transmit_time);
	if (leap == 0)
		return verify_say(VERIFY_PASS, why, "no leap second is announced");
	bool possible = gmtime_r(&now, &date) != NULL && date.tm_mon % 6 == 5;
	return verify_say(possible ? VERIFY_PASS : VERIFY_FAIL, why,
		"leap %u; leap seconds are at the end of June or December", leap);
}

enum verify_verdict verify_check_poll(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!is_whole(x))
		return short_skip(why);
	int asked = (int8_t)verify_request(x)->poll;
	int have = (int8_t)verify_reply(x)->poll;
	return verify_say(have >= asked ? VERIFY_PASS : VERIFY_FAIL, why,
		"poll %d to a request with %d%s", have, asked,
		have >= asked ? "" : ", wanted the same or a longer interval");
}

enum verify_verdict verify_check_precision(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!is_whole(x))
		return short_skip(why);
	int have = (int8_t)verify_reply(x)->precision;
	bool good = have < 0 && have > -32;
	return verify_say(good ? VERIFY_PASS : VERIFY_FAIL, why, "precision %d%s", have,
		good ? "" : ", wanted -31 to -1");
}

static enum verify_verdict distance_check(
	const struct verify_exchange *x, double limit, char why[VERIFY_WHY])
{
	const struct ntp_wire *m = verify_reply(x);
	if (!is_synchronised(x))
		return unsynchronised_skip(why);
	double distance = verify_check_seconds_of(m->root_delay) / 2 +
	                  verify_check_seconds_of(m->root_dispersion);
	return verify_say(distance < limit ? VERIFY_PASS : VERIFY_FAIL, why,
		"root distance %.6f s, wanted under %.1f s", distance, limit);
}

enum verify_verdict verify_check_distance(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	return distance_check(x, DISTANCE_HARD, why);
}

enum verify_verdict verify_check_distance_small(
	const struct verify_exchange *x, char why[VERIFY_WHY])
{
	return distance_check(x, DISTANCE_SMALL, why);
}

// Four characters, or fewer with zeros behind them.
static bool is_name(struct be32 id)
{
	unsigned end = 0;
	while (end < sizeof(id) && id.byte[end] > ' ' && id.byte[end] < 0x7f)
		end++;
	for (unsigned i = end; i < sizeof(id); i++)
		if (id.byte[i] != 0)
			return false;
	return end > 0;
}

enum verify_verdict verify_check_reference_id(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!is_whole(x))
		return short_skip(why);
	const struct ntp_wire *m = verify_reply(x);
	uint32_t id = be32_get(m->reference_id);
	bool good = is_name(m->reference_id) || (m->stratum == 0 && id == 0);
	if (m->stratum > 1)
		good = id != 0;
	return verify_say(good ? VERIFY_PASS : VERIFY_FAIL, why, "%08" PRIx32 " at stratum %u%s",
		id, m->stratum,
		good ? "" :
		       "; wanted four characters at stratum 1, not zero above, a code or zero "
		       "at 0");
}

enum verify_verdict verify_check_reference_order(
	const struct verify_exchange *x, char why[VERIFY_WHY])
{
	const struct ntp_wire *m = verify_reply(x);
	if (!is_synchronised(x))
		return unsynchronised_skip(why);
	if (be64_get(m->transmit_time) == 0)
		return verify_say(VERIFY_SKIP, why, "the transmit timestamp is zero");
	if (be64_get(m->reference_time) == 0)
		return verify_say(VERIFY_FAIL, why, "zero in a server that is synchronised");
	int64_t age = (int64_t)(be64_get(m->transmit_time) - be64_get(m->reference_time));
	return verify_say(age >= 0 ? VERIFY_PASS : VERIFY_FAIL, why,
		"%.6f s before the transmit timestamp%s", (double)age / 4294967296.0,
		age >= 0 ? "" : ", wanted 0 or more");
}

enum verify_verdict verify_check_reference_age(
	const struct verify_exchange *x, char why[VERIFY_WHY])
{
	const struct ntp_wire *m = verify_reply(x);
	if (!is_synchronised(x))
		return unsynchronised_skip(why);
	if (be64_get(m->transmit_time) == 0 || be64_get(m->reference_time) == 0)
		return verify_say(VERIFY_SKIP, why, "a timestamp is zero");
	int64_t age = (int64_t)(be64_get(m->transmit_time) - be64_get(m->reference_time)) >> 32;
	return verify_say(age <= REFERENCE_OLD ? VERIFY_PASS : VERIFY_FAIL, why,
		"%" PRId64 " s old; clients reject what is older than 36 h", age);
}

enum verify_verdict verify_check_kiss(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	static const char *const codes[] = {"RATE", "DENY", "RSTR", "NTSN", "INIT", "STEP", "ACST",
		"AUTH", "AUTO", "BCST", "CRYP", "DROP", "MCST", "NKEY", "RMOT"};
	const struct ntp_wire *m = verify_reply(x);
	if (!is_whole(x) || m->stratum != 0 || !is_name(m->reference_id))
		return verify_say(VERIFY_SKIP, why, "no kiss code came");
	bool is_known = m->reference_id.byte[0] == 'X';
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		is_known |= memcmp(codes[i], m->reference_id.byte, 4) == 0;
	return verify_say(is_known ? VERIFY_PASS : VERIFY_FAIL, why, "code %.4s",
		(const char *)m->reference_id.byte);
}

// A version 5 reply has the client's cookie where version 4 has the origin.
enum verify_verdict verify_check_not_version5(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!is_whole(x) || version_of(verify_reply(x)) != 5)
		return verify_say(VERIFY_FAIL, why, "a reply of another version, wanted none");
	struct be64 cookie = verify_request(x)->origin_time;
	if (memcmp(&cookie, &verify_reply(x)->origin_time, sizeof(cookie)) == 0)
		return verify_say(VERIFY_PASS, why, "answered with a version 5 message");
	return verify_say(VERIFY_FAIL, why,
		"a version 4 message that says 5, wanted silence or a version 5 message");
}

// What cannot be authenticated must not be answered as if nobody had asked for that.
enum verify_verdict verify_check_no_plain_time(
	const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (is_whole(x) && verify_reply(x)->stratum == 0 &&
		memcmp(verify_reply(x)->reference_id.byte, "NTSN", 4) == 0)
		return verify_say(VERIFY_PASS, why, "answered with the code NTSN");
	return verify_say(VERIFY_FAIL, why,
		"answered with %u bytes of unauthenticated time, wanted silence or the code NTSN",
		x->out.ntp_length);
}

enum verify_verdict verify_check_crypto_nak(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	static const uint8_t nak[4];
	const uint8_t *key = x->reply + x->out.ntp + NTP_LENGTH;
	if (x->out.ntp_length == CRYPTO_NAK && memcmp(key, nak, sizeof(nak)) == 0)
		return verify_say(VERIFY_PASS, why, "answered with a crypto-NAK");
	return verify_say(VERIFY_FAIL, why,
		"answered with %u bytes, wanted silence or a crypto-NAK of 52", x->out.ntp_length);
}

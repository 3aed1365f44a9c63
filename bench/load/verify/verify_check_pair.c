// SPDX-License-Identifier: BSD-3-Clause
#include "core/wire_int.h"
#include "verify/verify_check.h"

#include <inttypes.h>
#include <string.h>

#include "traffic/key.h"
#include "verify/verify_frame.h"

// A unit of NTP time, of which a second has 2^32.
#define UNIT_US (1e6 / 4294967296.0)

static uint64_t receive_of(const struct verify_exchange *x)
{
	return be64_get(verify_reply(x)->receive_time);
}

static uint64_t transmit_of(const struct verify_exchange *x)
{
	return be64_get(verify_reply(x)->transmit_time);
}

static bool is_basic(const struct verify_exchange *x)
{
	return x->out.ntp_length >= NTP_LENGTH &&
	       be64_get(verify_reply(x)->origin_time) == be64_get(verify_request(x)->transmit_time);
}

bool verify_is_interleaved(const struct verify_exchange *x)
{
	return x->out.ntp_length >= NTP_LENGTH && !is_basic(x) &&
	       be64_get(verify_reply(x)->origin_time) == be64_get(verify_request(x)->receive_time);
}

static enum verify_verdict basic_skip(char why[VERIFY_WHY])
{
	return verify_say(VERIFY_SKIP, why, VERIFY_BASIC_ONLY);
}

enum verify_verdict verify_check_pair_origin(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (is_basic(x))
		return basic_skip(why);
	if (verify_is_interleaved(x))
		return verify_say(VERIFY_PASS, why, "the request's receive timestamp");
	return verify_say(VERIFY_FAIL, why,
		"origin is neither the request's transmit timestamp, as in basic mode, nor its "
		"receive timestamp, as in interleaved mode");
}

enum verify_verdict verify_check_pair_receive(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!verify_is_interleaved(x))
		return basic_skip(why);
	int64_t since = (int64_t)(receive_of(x) - x->named);
	return verify_say(since > 0 ? VERIFY_PASS : VERIFY_FAIL, why,
		"receive timestamp %.3f us after the earlier reply's%s", (double)since * UNIT_US,
		since > 0 ? "" : ", wanted this request's own");
}

// By the server's own clock the earlier reply left after its request came and before this one did.
enum verify_verdict verify_check_pair_transmit(
	const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!verify_is_interleaved(x))
		return basic_skip(why);
	int64_t between = (int64_t)(receive_of(x) - x->named);
	if (between <= 0)
		return verify_say(VERIFY_SKIP, why, "the receive timestamp is not this request's");
	int64_t since = (int64_t)(transmit_of(x) - x->named);
	bool good = since > 0 && since < between;
	return verify_say(good ? VERIFY_PASS : VERIFY_FAIL, why,
		"transmit timestamp %.3f us after the earlier reply's receive timestamp%s",
		(double)since * UNIT_US,
		good ? "" :
		       ", wanted when that reply left: after it, and before this request came");
}

enum verify_verdict verify_check_pair_basic(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!is_basic(x))
		return verify_say(VERIFY_SKIP, why, "not answered in basic mode");
	int64_t residency = (int64_t)(transmit_of(x) - receive_of(x));
	return verify_say(residency >= 0 ? VERIFY_PASS : VERIFY_FAIL, why,
		"answered in basic mode, transmit timestamp %.3f us after the receive timestamp%s",
		(double)residency * UNIT_US,
		residency >= 0 ? "" : ": an earlier reply's, wanted this one's own");
}

enum verify_verdict verify_check_pair_once(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!x->was_told)
		return basic_skip(why);
	return verify_say(verify_is_interleaved(x) ? VERIFY_FAIL : VERIFY_PASS, why, "%s",
		verify_is_interleaved(x) ? "the transmit timestamp of one reply was told twice" :
					   "answered in basic mode");
}

// The origin is the same in both modes: only the transmit timestamp tells them apart.
enum verify_verdict verify_check_pair_equal(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	if (!x->was_told || !is_basic(x))
		return basic_skip(why);
	int64_t residency = (int64_t)(transmit_of(x) - receive_of(x));
	return verify_say(residency >= 0 ? VERIFY_PASS : VERIFY_FAIL, why, "%s",
		residency >= 0 ?
			"answered in basic mode" :
			"the transmit timestamp is an earlier reply's: answered in interleaved "
			"mode, wanted basic");
}

enum verify_verdict verify_check_authentic(const struct verify_exchange *x, char why[VERIFY_WHY])
{
	uint8_t want[KEY_CODE_MAX];
	unsigned length = key_code_length(x->key);
	if (x->out.ntp_length < NTP_LENGTH + length)
		return verify_say(VERIFY_FAIL, why,
			"answered with %u bytes, wanted 48 and %u of code", x->out.ntp_length,
			length);
	const uint8_t *message = x->reply + x->out.ntp;
	size_t signed_length = x->out.ntp_length - length;
	key_code_write(x->key, message, signed_length, want);
	if (memcmp(message + signed_length, want, KEY_ID_LENGTH) != 0)
		return verify_say(
			VERIFY_FAIL, why, "a code of another key, wanted key %" PRIu32, x->key->id);
	bool good = memcmp(message + signed_length, want, length) == 0;
	return verify_say(good ? VERIFY_PASS : VERIFY_FAIL, why,
		"the code of key %" PRIu32 " is %s", x->key->id, good ? "right" : "wrong");
}

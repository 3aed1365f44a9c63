// SPDX-License-Identifier: BSD-3-Clause
// Reaches: mode6_ask mode6_take ntpd_reference
// Hostile control messages: two bytes of length before each datagram. Refused with a reason, passed
// over, or a reference that may be served. And the text alone, without the way it comes.
#include <string.h>

#include "fuzz.h"
#include "reference/mode6.h"
#include "reference/ntpd.h"

// 2026-11-24.
static const struct nanos now = {1795487222LL * 1000000000};
static struct mode6 m;

static void text_read(const char *text, size_t length)
{
	struct reference r;
	const char *why = NULL;
	if (ntpd_reference(text, length, now, &r, &why) < 0) {
		promise(why != NULL && why[0] != '\0');
		return;
	}
	promise(r.answered && r.stratum < 16);
	promise((r.leap == LEAP_UNKNOWN) == (r.stratum == 0));
	promise(r.reference_time.n <= now.n && r.update_interval.n >= 0);
	promise(r.root_dispersion < (uint64_t)1 << 62);
}

static enum mode6_take datagram_take(const uint8_t *bytes, size_t length)
{
	const char *why = NULL;
	enum mode6_take take = mode6_take(&m, bytes, length, &why);
	promise((take == MODE6_BAD) == (why != NULL));
	if (take == MODE6_WHOLE) {
		promise(m.total <= MODE6_TEXT_MAX && m.gotten == m.total);
		text_read(m.text, m.total);
	}
	return take;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	uint8_t question[MODE6_HEADER];
	enum mode6_take take = MODE6_MORE;
	text_read((const char *)bytes, length);
	mode6_ask(&m, 7, question);
	while (length > 2 && (take == MODE6_MORE || take == MODE6_OTHERS)) {
		size_t size = (size_t)bytes[0] << 8 | bytes[1];
		bytes += 2;
		length -= 2;
		if (size > length)
			size = length;
		take = datagram_take(bytes, size);
		bytes += size;
		length -= size;
	}
	return 0;
}

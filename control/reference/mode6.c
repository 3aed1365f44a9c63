// SPDX-License-Identifier: BSD-3-Clause
#include "reference/mode6.h"

#include <string.h>

#include "core/ntp.h"
#include "core/wire_int.h"

#define VERSION        2 // what ntpq speaks; every daemon answers it
#define BIT_RESPONSE   0x80
#define BIT_ERROR      0x40
#define BIT_MORE       0x20
#define OPCODE         0x1f
#define READ_VARIABLES 2

struct header {
	uint8_t leap_version_mode;
	uint8_t bits_opcode;
	struct be16 sequence;
	struct be16 status;
	struct be16 association;
	struct be16 offset;
	struct be16 count;
};

static_assert(sizeof(struct header) == MODE6_HEADER, "RFC 9327 figure 1");

void mode6_ask(struct mode6 *m, uint16_t sequence, uint8_t *ret_message)
{
	struct header h = {
		.leap_version_mode = VERSION << 3 | NTP_MODE_CONTROL,
		.bits_opcode = READ_VARIABLES,
		.sequence = be16_put(sequence),
	};
	memcpy(ret_message, &h, sizeof(h));
	m->sequence = sequence;
	m->has_last = false;
	m->total = 0;
	m->gotten = 0;
	m->count = 0;
}

// A late answer to an earlier question, or no answer at all, says nothing about this one.
static bool is_answer(const struct mode6 *m, const struct header *h)
{
	return (h->leap_version_mode & 7) == NTP_MODE_CONTROL &&
	       (h->leap_version_mode >> 3 & 7) == VERSION && (h->bits_opcode & BIT_RESPONSE) != 0 &&
	       (h->bits_opcode & OPCODE) == READ_VARIABLES && be16_get(h->sequence) == m->sequence;
}

static const char *header_wrong(const struct header *h, size_t length)
{
	unsigned offset = be16_get(h->offset);
	unsigned count = be16_get(h->count);
	if (h->bits_opcode & BIT_ERROR)
		return "it refuses to tell its variables";
	if (be16_get(h->association) != 0)
		return "it answers for an association, not for the system";
	if (count > MODE6_DATA_MAX || count > length - MODE6_HEADER)
		return "a fragment is shorter than it says";
	if (length - MODE6_HEADER > MODE6_DATA_MAX + 3)
		return "a fragment is longer than the protocol allows";
	if (count == 0)
		return "a fragment is empty";
	return offset + count > MODE6_TEXT_MAX ? "the answer is too long" : NULL;
}

static const char *span_wrong(const struct mode6 *m, struct mode6_span s, bool is_last)
{
	if (m->count == MODE6_FRAGMENTS)
		return "the answer is in too many fragments";
	if (is_last && m->has_last)
		return "there are two last fragments";
	for (unsigned i = 0; i < m->count; i++) {
		if (s.from < m->span[i].to && m->span[i].from < s.to)
			return "fragments overlap";
		if (is_last && m->span[i].to > s.to)
			return "a fragment lies behind the last one";
	}
	return m->has_last && s.to > m->total ? "a fragment lies behind the last one" : NULL;
}

static void mode6_span_take(struct mode6 *m, struct mode6_span s, const uint8_t *data)
{
	memcpy(m->text + s.from, data, (size_t)(s.to - s.from));
	m->span[m->count++] = s;
	m->gotten = (uint16_t)(m->gotten + s.to - s.from);
}

enum mode6_take mode6_take(
	struct mode6 *m, const uint8_t *message, size_t length, const char **ret_why)
{
	struct header h;
	if (length < MODE6_HEADER)
		return MODE6_OTHERS;
	memcpy(&h, message, sizeof(h));
	if (!is_answer(m, &h))
		return MODE6_OTHERS;
	bool is_last = (h.bits_opcode & BIT_MORE) == 0;
	const char *why = header_wrong(&h, length);
	struct mode6_span s = {be16_get(h.offset), 0};
	s.to = (uint16_t)(s.from + be16_get(h.count));
	if (why == NULL)
		why = span_wrong(m, s, is_last);
	if (why != NULL) {
		*ret_why = why;
		return MODE6_BAD;
	}
	mode6_span_take(m, s, message + MODE6_HEADER);
	if (is_last) {
		m->has_last = true;
		m->total = s.to;
	}
	if (!m->has_last || m->gotten < m->total)
		return MODE6_MORE;
	m->text[m->total] = '\0';
	return MODE6_WHOLE;
}

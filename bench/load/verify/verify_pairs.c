// SPDX-License-Identifier: BSD-3-Clause
#include "verify/verify_pairs.h"

#include <inttypes.h>
#include <string.h>

#include "core/wire_int.h"
#include "verify/verify_frame.h"

// Each client: a first request, two that name the reply before, the last of these named again, and
// one that could not tell the modes apart. Some servers begin to save with the second request.
static const struct {
	struct verify_case ask;
	const char *rules;
} steps[VERIFY_PAIR_STEPS] = {
	{{.rule = VERIFY_PAIRS, .words = "a client's first request"}, "I3"},
	{{.rule = VERIFY_PAIRS, .words = "its second", .pair = VERIFY_PAIR_NEXT}, "I2a I2b I2c I3"},
	{{.rule = VERIFY_PAIRS, .words = "its third", .pair = VERIFY_PAIR_NEXT}, "I2a I2b I2c I3"},
	{{.rule = VERIFY_PAIRS, .words = "the third once more", .pair = VERIFY_PAIR_AGAIN},
		"I3 I4"},
	{{.rule = VERIFY_PAIRS,
		 .words = "receive and transmit timestamp the same",
		 .pair = VERIFY_PAIR_EQUAL},
		"I1b"},
};

const struct verify_case *verify_pairs_case(unsigned step)
{
	return &steps[step].ask;
}

bool verify_pairs_concern(unsigned step, const char *rule)
{
	return strstr(steps[step].rules, rule) != NULL;
}

bool verify_pairs_follow(struct verify_exchange *x, unsigned step)
{
	if (x->replies == 0 || x->out.ntp_length < NTP_LENGTH)
		return false;
	x->what = &steps[step].ask;
	x->was_told |= x->named != 0 && verify_is_interleaved(x);
	if (x->what->pair != VERIFY_PAIR_AGAIN)
		x->named = be64_get(verify_reply(x)->receive_time);
	return x->named != 0;
}

void verify_stamps_add(struct verify_stamps *t, const struct verify_exchange *x)
{
	if (x->replies == 0 || x->out.ntp_length < NTP_LENGTH || t->count == VERIFY_STAMPS)
		return;
	bool is_interleaved = x->named != 0 && verify_is_interleaved(x);
	t->has_interleaved |= is_interleaved;
	t->receive[t->count] = be64_get(verify_reply(x)->receive_time);
	t->transmit[t->count++] = is_interleaved ? 0 : be64_get(verify_reply(x)->transmit_time);
}

// RFC 9769 section 2: clients behind one address would be told one another's.
enum verify_verdict verify_stamps_judge(const struct verify_stamps *t, char why[VERIFY_WHY])
{
	if (!t->has_interleaved)
		return verify_say(VERIFY_SKIP, why, VERIFY_BASIC_ONLY);
	for (unsigned i = 0; i < t->count; i++) {
		for (unsigned n = 0; n < t->count; n++) {
			bool is_twice = n < i && t->receive[n] == t->receive[i];
			if (!is_twice && t->transmit[n] != t->receive[i])
				continue;
			return verify_say(VERIFY_FAIL, why,
				"%016" PRIx64 " is a receive timestamp and %s of another, wanted "
				"it once",
				t->receive[i], is_twice ? "that" : "the transmit timestamp");
		}
	}
	return verify_say(VERIFY_PASS, why,
		"%u replies, every receive timestamp another and none a transmit timestamp",
		t->count);
}

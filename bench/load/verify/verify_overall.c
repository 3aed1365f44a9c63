// SPDX-License-Identifier: BSD-3-Clause
#include "verify/verify_overall.h"

#include "core/wire_int.h"
#include "verify/verify_frame.h"

#define NOISE_BITS  3 // below the precision, from which on randomness can be told
#define NOISE_LEAST 4 // replies that it takes

static bool is_answered(const struct verify_exchange *x)
{
	return x->replies > 0 && x->out.ntp_length >= NTP_LENGTH;
}

// RFC 5905 section 6 wants the bits below the precision random.
void verify_overall_noise(const struct verify_volley *plain, struct verify_finding *f)
{
	uint64_t first = 0;
	uint64_t differ = 0;
	unsigned n = 0;
	int precision = 0;
	for (unsigned i = 0; i < plain->count; i++) {
		const struct verify_exchange *x = &plain->exchange[i];
		if (!is_answered(x))
			continue;
		uint64_t transmit = be64_get(verify_reply(x)->transmit_time);
		precision = (int8_t)verify_reply(x)->precision;
		first = n++ == 0 ? transmit : first;
		differ |= transmit ^ first;
	}
	int bits = 32 + precision;
	if (n < NOISE_LEAST || bits < NOISE_BITS || bits > 32 || first == 0) {
		f->verdict =
			verify_say(VERIFY_SKIP, f->why, "too few replies, or too few such bits");
		return;
	}
	bool is_random = (differ & ((1ull << bits) - 1)) != 0;
	f->verdict = verify_say(is_random ? VERIFY_PASS : VERIFY_FAIL, f->why,
		"the last %d bits of %u transmit timestamps %s", bits, n,
		is_random ? "differ" : "are all the same");
}

// The dispersion of one update grows with its age (RFC 5905 section 11.1); what the server
// estimates of its jitter goes up and down within it, so only a collapse is seen for sure.
void verify_overall_growth(const struct verify_exchange *first, const struct verify_exchange *last,
	struct verify_finding *f)
{
	const struct ntp_wire *a = verify_reply(first);
	const struct ntp_wire *b = verify_reply(last);
	bool is_one = is_answered(first) && is_answered(last) && a->stratum != 0 &&
	              be64_get(a->reference_time) == be64_get(b->reference_time);
	if (!is_one) {
		f->verdict = verify_say(VERIFY_SKIP, f->why, "the reference time did not stay");
		return;
	}
	double before = be32_get(a->root_dispersion) / 65536.0;
	double after = be32_get(b->root_dispersion) / 65536.0;
	f->verdict = verify_say(after >= before / 2 ? VERIFY_PASS : VERIFY_FAIL, f->why,
		"%.6f s in the first reply, %.6f s in the last", before, after);
}

void verify_overall_broadcast(unsigned broadcasts, struct verify_finding *f)
{
	f->verdict = verify_say(
		broadcasts == 0 ? VERIFY_PASS : VERIFY_FAIL, f->why, "%u came", broadcasts);
}

void verify_overall_unique(const struct verify_stamps *t, struct verify_finding *f)
{
	if (t->count > 0)
		f->verdict = verify_stamps_judge(t, f->why);
}

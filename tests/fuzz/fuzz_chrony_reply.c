// SPDX-License-Identifier: BSD-3-Clause
// Reaches: chrony_take
// Hostile tracking reports: passed over, refused with a reason, or a reference that may be served.
#include "reference/chrony.h"
#include "fuzz.h"

// 2026-11-24.
static const struct nanos now = {1795487222LL * 1000000000};

static const struct chrony_question question = {7, {1795487222LL * 1000000000}};

static void reference_judge(const struct reference *r)
{
	promise(r->answered && r->source == REFERENCE_CHRONY);
	promise(r->stratum < 16 && r->leap <= LEAP_UNKNOWN);
	promise((r->leap == LEAP_UNKNOWN) == (r->stratum == 0));
	promise(r->reference_time.n <= now.n && r->reference_time.n > 0);
	promise(r->update_interval.n >= 0);
	promise(r->root_dispersion < (uint64_t)1 << 49 && r->dispersion_rate < (uint64_t)1 << 34);
	promise(r->correction.n > -65536000000000 && r->correction.n < 65536000000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct reference r;
	const char *why = NULL;
	enum chrony_take take = chrony_take(bytes, length, &question, &r, &why);
	promise((take == CHRONY_BAD) == (why != NULL));
	if (take == CHRONY_TOLD) {
		promise(length == CHRONY_MESSAGE);
		reference_judge(&r);
	}
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
// Reaches: ntpd_rs_length ntpd_rs_parse ntpd_rs_reference
// A hostile document of ntpd-rs: refused with a reason, or a reference that may be served.
#include <string.h>

#include "fuzz.h"
#include "reference/ntpd_rs.h"

// 2026-11-24.
static const struct nanos now = {1795487222LL * 1000000000};

static void reference_promise(const struct reference *r)
{
	promise(r->answered && r->stratum < 16);
	promise((r->leap == LEAP_UNKNOWN) == (r->stratum == 0));
	promise(r->reference_time.n <= r->as_of.n && r->as_of.n >= now.n);
	promise(r->root_dispersion <= (uint64_t)1 << 62 && r->dispersion_rate <= (uint64_t)1 << 62);
	promise(r->update_interval.n >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct ntpd_rs_memory m = {0};
	struct ntpd_rs_report report;
	struct reference r;
	const char *why = NULL;
	size_t told;
	if (length >= NTPD_RS_HEADER && ntpd_rs_length(bytes, &told) == 0)
		promise(told > 0 && told <= NTPD_RS_DOCUMENT_MAX);
	if (ntpd_rs_parse((const char *)bytes, length, &report, &why) < 0) {
		promise(why != NULL && why[0] != '\0');
		return 0;
	}
	// The second time the same, the third time with news.
	for (int i = 0; i < 3; i++) {
		report.root_delay += i / 2;
		struct nanos at = {now.n + i * 1000000000LL};
		if (ntpd_rs_reference(&m, &report, at, &r, &why) == 0)
			reference_promise(&r);
		else
			promise(why != NULL && why[0] != '\0');
	}
	return 0;
}

// SPDX-License-Identifier: BSD-3-Clause
// What ntpd, of ntpsec or of ntp.org, says of itself: the list of its system variables as text, as
// mode6.h gathers it.
//
// "leap=0, stratum=2, rootdelay=0.381, refid=192.0.2.1, reftime=0xeeaf7400.1b95b57d, ...": names in
// any order, values bare or in quotes. Variables that are not known are passed over; one that is
// missing, written otherwise or out of range makes the answer useless, and the reason is told.
// Pure; one thread; no DPDK.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/ntp_time.h"
#include "reference/reference.h"

// What the variables in text mean for a server that asked for them at `now` (since 1970). -EBADMSG,
// *ret_reference untouched and *ret_why (in a buffer that the next call overwrites) set, if they
// cannot be used.
int ntpd_reference(const char *text, size_t length, struct nanos now,
	struct reference *ret_reference, const char **ret_why);

// SPDX-License-Identifier: BSD-3-Clause
// What ntpd-rs says on its observation socket: eight bytes of length, then one JSON document.
//
// Versions 1.4 to 1.7 are understood: 1.4 tells its error as one number, later ones as the variance
// at a base time and its growth. Fields that are not known are passed over; one that is missing, of
// another type or out of range makes the document useless, and the reason is told. Pure; one
// thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ntp_time.h"
#include "core/snapshot.h"
#include "reference/reference.h"

#define NTPD_RS_HEADER 8
// A source takes less than 1 KiB. The worst of this length, [{},{},...], takes json-c 16 MiB and 20
// ms.
#define NTPD_RS_DOCUMENT_MAX (1u << 16)
#define NTPD_RS_DEPTH        8 // of brackets

// The document's `system`, and what of `sources` tells its age. Seconds are as they stand there.
struct ntpd_rs_report {
	enum leap leap;
	uint8_t stratum; // 16: not synchronised
	uint32_t reference_id;
	double root_delay;
	double accumulated_steps;
	double root_dispersion; // without a base time
	bool has_base_time;
	struct ntp_time base_time;
	double variance[4]; // s^2, and the growth of that with the first to third power of s
	bool has_update;
	struct ntp_time last_update; // of any source
	int8_t poll_interval;        // log2 s, of that source
};

// What is kept from one poll to the next. Zero it at the start.
struct ntpd_rs_memory {
	bool has_last;
	struct ntpd_rs_report last;
	struct nanos polled_at;  // since 1970
	bool has_update;         // updated_at is known
	struct nanos updated_at; // since 1970: when `last` became true, or before
};

// The length that the eight bytes announce. -EMSGSIZE if that is none, or over the limit.
int ntpd_rs_length(const uint8_t *header, size_t *ret_length);

// Reads a document. -EBADMSG, *ret_report untouched and *ret_why (static storage, or in a buffer
// that the next call overwrites) set, if it cannot be used.
int ntpd_rs_parse(const char *document, size_t length, struct ntpd_rs_report *ret_report,
	const char **ret_why);

// What report, asked for at `now` (since 1970), means for this server. -EBADMSG as above if its
// times cannot be; -EAGAIN while nobody can know how old it is. Notes it in m.
int ntpd_rs_reference(struct ntpd_rs_memory *m, const struct ntpd_rs_report *report,
	struct nanos now, struct reference *ret_reference, const char **ret_why);

// SPDX-License-Identifier: BSD-3-Clause
// leap-seconds.list: the leap seconds there were and the next one, as IERS writes them.
//
// A list is believed whole or not at all: its SHA-1 sum is right, its lines rise in time and by one
// second each, every leap is at the end of June or December, and it knows what everybody knows (34
// s became 35 s after 30 June 2012, nothing happened after 31 December 2012, 37 s since 2017). One
// past its expiry says nothing of the future. Times are seconds since 1970. Main thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/diagnostic.h"

#define LEAP_LIST_SYSTEM  "/usr/share/zoneinfo/leap-seconds.list"
#define LEAP_LIST_ENTRIES 64
#define LEAP_LIST_SIZE    65536 // bytes of a file; IERS's has 5,000
#define LEAP_LIST_LINE    512   // bytes of a line

struct leap_list_entry {
	int64_t at;     // since 1970: UTC's offset is this from here on
	int tai_offset; // TAI - UTC
};

struct leap_list {
	int64_t updated;
	int64_t expires;
	unsigned count; // at least 2
	struct leap_list_entry entry[LEAP_LIST_ENTRIES];
};

// Reads the text of a list. -EBADMSG if it is not to be believed: d says why, as the end of a
// sentence that begins with the file's name; ret_list is then untouched.
int leap_list_parse(
	const char *text, size_t size, struct leap_list *ret_list, struct diagnostic *d);

// Reads the file at path. -EBADMSG as above, -EFBIG for more than LEAP_LIST_SIZE bytes, -EAGAIN for
// one that changed its length meanwhile, or another negative errno; d always says why.
int leap_list_read(const char *path, struct leap_list *ret_list, struct diagnostic *d);

// TAI - UTC at `now`; 0 before 1972.
int leap_list_tai_offset(const struct leap_list *l, int64_t now);

// The first leap after `now`: its midnight, and 1 or -1. False if the list knows none.
bool leap_list_next(const struct leap_list *l, int64_t now, int64_t *ret_at, int *ret_step);

// The last leap at or before `now`. False if there is none.
bool leap_list_last(const struct leap_list *l, int64_t now, int64_t *ret_at, int *ret_step);

// Whether the list says nothing of what comes any more.
static inline bool leap_list_has_expired(const struct leap_list *l, int64_t now)
{
	return now >= l->expires;
}

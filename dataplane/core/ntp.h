// SPDX-License-Identifier: BSD-3-Clause
// The NTP message: which requests are answered, and the answer's bytes (RFC 5905 7.3, RFC 7822).
//
// Versions 1 to 4, mode 3 answered as 4, mode 1 as 2, NTPv1 without a mode field as 4. Extension
// fields are walked and ignored. A request that carries authentication this server cannot check is
// never answered without it: silence, unless auth.h knows its key. Pure, any thread.
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ntp_time.h"
#include "core/smear.h"
#include "core/snapshot.h"
#include "core/verdict.h"
#include "core/wire_int.h"

#define NTP_PORT   123
#define NTP_LENGTH 48

enum ntp_mode {
	NTP_MODE_RESERVED = 0,
	NTP_MODE_SYMMETRIC_ACTIVE = 1,
	NTP_MODE_SYMMETRIC_PASSIVE = 2,
	NTP_MODE_CLIENT = 3,
	NTP_MODE_SERVER = 4,
	NTP_MODE_BROADCAST = 5,
	NTP_MODE_CONTROL = 6,
	NTP_MODE_PRIVATE = 7,
};

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// |LI | VN  |Mode |    Stratum    |     Poll      |   Precision   |
struct ntp_wire {
	uint8_t leap_version_mode;
	uint8_t stratum;
	uint8_t poll;
	uint8_t precision;
	struct be32 root_delay;
	struct be32 root_dispersion;
	struct be32 reference_id;
	struct be64 reference_time;
	struct be64 origin_time;
	struct be64 receive_time;
	struct be64 transmit_time;
};

static_assert(sizeof(struct ntp_wire) == NTP_LENGTH, "RFC 5905 figure 8");

// What all replies of one burst have in common. The second part is the first once more, as
// ntp_reply_write wants it; only ntp_answer_prepare fills either.
struct ntp_answer {
	uint8_t leap;    // enum leap
	uint8_t stratum; // 0: not synchronised
	int8_t precision;
	struct be32 root_delay;
	struct be32 root_dispersion;
	struct be32 reference_id;
	struct be64 reference_time;

	uint64_t head;   // bytes 0 to 7 of the message as a number, version, mode and poll zero
	uint64_t middle; // bytes 8 to 15 in memory order
	uint64_t sum;    // one's complement sum of bytes 8 to 23
};

// The answer that v allows at the counter reading `now`. extra_dispersion, in NTP units, is what
// the caller adds to the error of the times it will stamp. The reference time loses the bits below
// the precision, so that it is not after a T3 whose bits there are random. Not synchronised, void
// or too old, or in the seconds around a leap: leap 3, stratum 0, reference id and time 0,
// dispersion saturating upwards from 1 s. v has been crossed (clock_view_cross).
void ntp_answer_prepare(const struct clock_view *v, struct cycles now, uint64_t extra_dispersion,
	struct ntp_answer *ret_answer);

// The same for addresses that serve smeared time: no leap is told, and between the noons the
// reference id is smear_reference_id. Not synchronised where smeared time cannot be told.
void ntp_answer_smear(const struct clock_view *v, struct cycles now, uint64_t extra_dispersion,
	const struct smear_line *s, struct ntp_answer *ret_answer);

// What the first byte of a message says by itself: an answered verdict (V_ANSWER_V1_MODE0 only if
// port and length are an NTPv1 client's, ntp_request_read) or the reason for silence.
enum verdict ntp_verdict_first(uint8_t first);

// Judges the `length` bytes at `message`, which came from UDP port source_port: one of the answered
// verdicts, or the reason for silence. Never reads outside message[0..length).
enum verdict ntp_request_read(const uint8_t *message, size_t length, uint16_t source_port);

// Bytes of the message authentication code, key id and digest, at the end of a message that
// ntp_request_read judged V_NTP_MAC: 20 or 24, and 36, 52 or 68 before NTPv4.
size_t ntp_mac_length(const uint8_t *message, size_t length);

// Writes the reply over the request at `message` (48 bytes, whatever the request had beyond): same
// version, mode by verdict v, poll copied, origin = the request's transmit time bit for bit.
// Returns the one's complement sum of the 48 bytes (checksum.h).
uint64_t ntp_reply_write(uint8_t *message, enum verdict v, const struct ntp_answer *a,
	struct ntp_time receive_time, struct ntp_time transmit_time);

// SPDX-License-Identifier: BSD-3-Clause
// What is asked of one reply. Each check looks at one thing only, so that a server that is wrong in
// one thing fails one rule; where another check has to speak first it says skip. Pure, any thread.
#pragma once

#include "verify/verify_frame.h"

enum verify_verdict { VERIFY_PASS, VERIFY_FAIL, VERIFY_SKIP };

#define VERIFY_WHY 240 // bytes of a sentence

// The verdict on x, which has a reply, and what was seen in `why`.
typedef enum verify_verdict verify_check(const struct verify_exchange *x, char why[VERIFY_WHY]);

// X(name of the check): fields of the message.
#define VERIFY_MESSAGE_CHECKS(X)                                                                   \
	X(version)                                                                                 \
	X(mode_server)                                                                             \
	X(mode_passive)                                                                            \
	X(mode_passive_or_server)                                                                  \
	X(origin)                                                                                  \
	X(no_interleaving)                                                                         \
	X(times_present)                                                                           \
	X(times_order)                                                                             \
	X(times_differ)                                                                            \
	X(transmit_fresh)                                                                          \
	X(stratum)                                                                                 \
	X(unsynchronised)                                                                          \
	X(unsynchronised_fields)                                                                   \
	X(leap)                                                                                    \
	X(poll)                                                                                    \
	X(precision)                                                                               \
	X(distance)                                                                                \
	X(distance_small)                                                                          \
	X(reference_id)                                                                            \
	X(reference_order)                                                                         \
	X(reference_age)                                                                           \
	X(kiss)                                                                                    \
	X(not_version5)                                                                            \
	X(no_plain_time)                                                                           \
	X(crypto_nak)                                                                              \
	X(authentic)

// X(name of the check): replies to requests that name an earlier reply.
#define VERIFY_PAIR_CHECKS(X)                                                                      \
	X(pair_origin)                                                                             \
	X(pair_receive)                                                                            \
	X(pair_transmit)                                                                           \
	X(pair_basic)                                                                              \
	X(pair_once)                                                                               \
	X(pair_equal)

// X(name of the check): the frame around it.
#define VERIFY_FRAME_CHECKS(X)                                                                     \
	X(length)                                                                                  \
	X(once)                                                                                    \
	X(plain_length)                                                                            \
	X(addresses)                                                                               \
	X(tags)                                                                                    \
	X(macs)                                                                                    \
	X(header_lengths)                                                                          \
	X(ip_sum)                                                                                  \
	X(udp_sum)                                                                                 \
	X(lifetime)                                                                                \
	X(congestion)

// verify_check_version and so on: the checks by these names.
#define X(name) verify_check verify_check_##name;
VERIFY_MESSAGE_CHECKS(X)
VERIFY_PAIR_CHECKS(X)
VERIFY_FRAME_CHECKS(X)
#undef X

// Why what only a server in interleaved mode shows was not seen.
#define VERIFY_BASIC_ONLY "answered in basic mode, which is a server's choice"

// Whether x's reply has the origin of interleaved mode and not that of basic mode.
bool verify_is_interleaved(const struct verify_exchange *x);

// Writes the sentence and returns v.
__attribute__((format(printf, 3, 4))) enum verify_verdict verify_say(
	enum verify_verdict v, char why[VERIFY_WHY], const char *format, ...);

// SPDX-License-Identifier: BSD-3-Clause
// Why a port's receive stamps are used, or not, by name: what the server says and ntpwirectl shows.
#pragma once

// X(symbol, stable text, sentence)
#define STAMP_REASONS(X)                                                                           \
	X(GOOD, good, "the port stamps packets")                                                   \
	X(OFF, off, "rx_timestamps: off")                                                          \
	X(DRIVER, driver, "its driver is not known to stamp every packet")                         \
	X(OFFLOAD, offload, "it does not offer to stamp packets")                                  \
	X(FITTING, fitting, "its clock is being measured")                                         \
	X(UNREADABLE, unreadable, "its clock cannot be read")                                      \
	X(JUMPED, jumped, "its clock jumped")                                                      \
	X(STOPPED, stopped, "its clock stands still")                                              \
	X(ROUGH, rough, "its clock does not run evenly")                                           \
	X(SLOPE, slope, "its clock changed its rate by over 1000 ppm")                             \
	X(REFUSED, refused, "over 1 % of its stamps could not be believed")

enum stamp_reason {
#define X(symbol, text, sentence) STAMP_REASON_##symbol,
	STAMP_REASONS(X)
#undef X
		STAMP_REASON_COUNT
};

// The reason's stable text and sentence. Static storage.
const char *stamp_reason_text(enum stamp_reason r);
const char *stamp_reason_sentence(enum stamp_reason r);

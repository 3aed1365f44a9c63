// SPDX-License-Identifier: BSD-3-Clause
// The core's own header, but for the sum of a whole datagram: found before it where a proof is
// about something else than sums.
#pragma once

#define checksum_56_bytes checksum_56_bytes_in_full
#include "../../../../dataplane/core/checksum.h"
#undef checksum_56_bytes

uint64_t checksum_56_bytes(const uint8_t *p);

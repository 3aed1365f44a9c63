// SPDX-License-Identifier: BSD-3-Clause
// SHA-1 (RFC 3174), as NTP's symmetric keys use it: over key and message. See hash.h. Pure, any thread.
#pragma once

#include <stdint.h>

#include "core/span.h"

#define SHA1_LENGTH 20

// The digest of `first` followed by `second`.
void sha1_digest(struct span first, struct span second, uint8_t ret_digest[static SHA1_LENGTH]);

// SPDX-License-Identifier: BSD-3-Clause
// SHA-256 (RFC 6234), as NTP's symmetric keys use it: over key and message. See hash.h. Pure, any thread.
#pragma once

#include <stdint.h>

#include "core/span.h"

#define SHA256_LENGTH 32

// The digest of `first` followed by `second`.
void sha256_digest(struct span first, struct span second, uint8_t ret_digest[static SHA256_LENGTH]);

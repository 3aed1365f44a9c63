// SPDX-License-Identifier: BSD-3-Clause
// MD5 (RFC 1321), as NTP's symmetric keys use it: over key and message. See hash.h. Pure, any thread.
#pragma once

#include <stdint.h>

#include "core/span.h"

#define MD5_LENGTH 16

// The digest of `first` followed by `second`.
void md5_digest(struct span first, struct span second, uint8_t ret_digest[static MD5_LENGTH]);

// SPDX-License-Identifier: BSD-3-Clause
// A symmetric key that the user gave, and the codes that are made with it: the key's number and as
// much of a digest as NTPv4 has room for (protocol rules E5, E6). Pure, any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/auth/keys.h"

#define KEY_CODE_MAX 24

// ID:TYPE:HEX, as 7:SHA1:6f70656e; types as in a keys file. False, with ret_key untouched, if text
// is none.
bool key_read(const char *text, struct key *ret_key);

// Bytes of number and digest.
unsigned key_code_length(const struct key *k);

// The code of the `length` bytes at message: as many at ret_code as key_code_length says.
void key_code_write(const struct key *k, const uint8_t *message, size_t length, uint8_t *ret_code);

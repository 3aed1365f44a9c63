// SPDX-License-Identifier: BSD-3-Clause
// One line of a keys file. See keys_file.h for what it may hold. Pure, any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/auth/keys.h"

// Reads the line, which ends with NUL and is taken apart in place. NULL: *ret_is_key says whether
// there was a key on it, or nothing but a comment; then *ret_key is filled, but for its slot. Else
// the reason and the remedy, as the end of a sentence that names the line; static storage, nothing
// of the line in it.
const char *keys_line_read(char *line, bool *ret_is_key, struct key *ret_key);

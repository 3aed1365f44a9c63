// SPDX-License-Identifier: BSD-3-Clause
// The file with symmetric keys, in chrony's format or in ntpd's, read whole and strictly.
//
// A line is `ID TYPE KEY`, or `ID KEY` for MD5. Types: MD5 (or M), SHA1 (or SHA), SHA256, SHA384,
// SHA512, AES128 (or AES, AES-128, AES128CMAC, AES-128-CMAC) and AES256 (or AES-256, AES256CMAC,
// AES-256-CMAC). KEY is ASCII:text, HEX:digits, or bare: then up to 20 characters are
// text; more are hex digits if they can be, else text. What is wrong is one sentence with file and
// line that never holds any of a key. Main thread only; no DPDK.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/diagnostic.h"
#include "core/auth/keys.h"

// Reads the file. On success *ret_keys is a new table, sorted, each key's slot its place, freed
// with keys_file_free, and *ret_is_exposed says whether others than owner and group may read the
// file. Else -errno with the sentence in d.
int keys_file_load(
	const char *path, struct keys **ret_keys, bool *ret_is_exposed, struct diagnostic *d);

// Wipes and frees; NULL is fine.
void keys_file_free(struct keys *keys);

// SPDX-License-Identifier: BSD-3-Clause
// The keys that fuzz targets know.
#pragma once

#include "core/auth/keys.h"

// Of every type, numbered from 1, with empty secrets, or zeros where a type wants some.
static inline const struct keys *fuzz_keys(void)
{
	static struct keys keys;
	static const uint8_t secret[KEY_SECRET_MAX];
	if (keys.count > 0)
		return &keys;
	keys.count = KEY_TYPES;
	keys.unit = aes_unit_best();
	for (unsigned t = 0; t < KEY_TYPES; t++) {
		enum key_type type = (enum key_type)t;
		keys.id[t] = t + 1;
		keys.key[t] = (struct key){.id = t + 1, .slot = (uint16_t)t};
		key_prepare(&keys.key[t], type, (struct span){secret, key_secret_length(type)});
	}
	return &keys;
}

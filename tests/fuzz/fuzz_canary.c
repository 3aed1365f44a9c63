// SPDX-License-Identifier: BSD-3-Clause
// Reaches: extensions_read
// The canary: a reader of extension fields that believes a declared length. The fuzzer must find
// it.
#include <string.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length < 52)
		return 0;
	uint8_t *message = malloc(length);
	promise(message != NULL);
	memcpy(message, bytes, length);
	size_t declared = (size_t)(message[50] << 8 | message[51]);
	volatile uint8_t last = declared >= 16 ? message[48 + declared - 1] : 0;
	(void)last;
	free(message);
	return 0;
}

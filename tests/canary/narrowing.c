// SPDX-License-Identifier: BSD-3-Clause
// Must not compile with the build's warnings: a length loses its upper half without a word.
#include <stddef.h>
#include <stdint.h>

uint16_t narrow(size_t length);

uint16_t narrow(size_t length)
{
	return length;
}

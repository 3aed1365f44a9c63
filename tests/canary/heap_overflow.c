// SPDX-License-Identifier: BSD-3-Clause
// Reads one byte behind an allocation.
#include <stdlib.h>

int main(int argc, char **argv)
{
	(void)argv;
	volatile unsigned char *bytes = calloc((size_t)argc, 48);
	int last = bytes[48 * argc];
	free((void *)bytes);
	return last == 1000;
}

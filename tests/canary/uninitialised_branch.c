// SPDX-License-Identifier: BSD-3-Clause
// Decides by a byte that nobody wrote.
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	volatile unsigned char *bytes = malloc(48);
	if (bytes[47] > 3)
		puts("more than three");
	free((void *)bytes);
	return 0;
}

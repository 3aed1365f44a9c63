// SPDX-License-Identifier: BSD-3-Clause
// Decides by a byte that nobody wrote.
#include <stdlib.h>

int main(void)
{
	unsigned char *bytes = malloc(48);
	int code = 0;
	if (bytes[47] > 3)
		code = bytes[46] > 250;
	free(bytes);
	return code && code == 7;
}

// SPDX-License-Identifier: BSD-3-Clause
// Built without any hardening: the check of binaries must say so.
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	char text[16];
	strncpy(text, argv[argc - 1], sizeof(text));
	return printf("%s\n", text) < 0;
}

// SPDX-License-Identifier: BSD-3-Clause
// Adds past the largest int.
#include <limits.h>

int main(int argc, char **argv)
{
	(void)argv;
	volatile int n = INT_MAX;
	n = n + argc;
	return n == 7;
}

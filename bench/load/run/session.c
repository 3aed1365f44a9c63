// SPDX-License-Identifier: BSD-3-Clause
#include "run/session.h"

#include <stdio.h>
#include <stdlib.h>

int session_complain(const char *sentence)
{
	fprintf(stderr, "ntpwire-load: %s\n", sentence);
	return EXIT_FAILURE;
}
